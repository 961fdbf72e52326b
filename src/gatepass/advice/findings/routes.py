"""A policy against the routes of the app: ARNs that no route meets, and routes that nobody may call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gatepass.advice.app_routes import AppRoute
from gatepass.advice.effort import Effort
from gatepass.advice.findings.subject import Api, Finding, Subject, element
from gatepass.advice.known import nearest
from gatepass.advice.languages import contain, meet
from gatepass.advice.patterns import Class, Pattern, Step, literal, of_glob, of_path
from gatepass.advice.settled import opened
from gatepass.arn import verbs
from gatepass.policy.document import Statement
from gatepass.policy.globs import compiled

_ACTION = "execute-api:invoke"
_SHORT = "execute-api:/"
_SEGMENT: Pattern = (Step(Class.BUT_SLASH), Step(Class.BUT_SLASH, True))


def about_routes(subject: Subject) -> Iterator[Finding]:
    """Of the statements about calls of APIs."""
    api = subject.api
    if subject.found.kind == "trust" or api is None:
        return
    effort = subject.effort
    covered = [text for index, statement in subject.statements for text in _resources(subject, index, statement)]
    for index, statement in subject.statements:
        if statement.not_resource or not _invokes(statement):
            continue
        for resource, path in subject.entries(index, "Resource"):
            tail = _tail(resource)
            if tail is None or _of_another_api(tail, api) or not effort.spend(len(api.routes)):
                continue
            why = _why_not(tail, api, effort)
            if why and not effort.is_over:
                yield subject.finding("no-such-route", f"`{resource}`: {why}", index, *path)
            elif _lacks_slash(tail, statement, covered, effort):
                yield _slash_finding(subject, index, statement, resource, path)


def about_callers(subjects: Sequence[Subject], api: Api) -> Iterator[Finding]:
    """Which IAM routes none of the policies allows. `subjects`: all the policies of those who call the app."""
    tails = [
        tail
        for subject in subjects
        for _, statement in subject.statements
        if statement.effect == "Allow" and _invokes(statement)
        for tail in _allowed(statement)
    ]
    for route in api.routes if subjects else ():
        if route.iam and not any(_meets(tail, route, api, subjects[0].effort) for tail in tails):
            message = f"the route `{route.method} {route.path}` cannot be called: no statement allows it"
            yield subjects[0].finding("route-not-allowed", message, None)


def _allowed(statement: Statement) -> Iterator[str]:
    """The tails of what an Allow is about; of one with NotResource everything, which may be too much."""
    if statement.not_resource:
        yield "*"
    for resource in statement.resources or ():
        tail = "*" if resource == "*" else _tail(resource)
        if tail is not None:
            yield tail


def _invokes(statement: Statement) -> bool:
    named = any(compiled(action.lower()).matches(_ACTION) for action in statement.actions or ())
    return named is not statement.not_action


def _tail(resource: str) -> str | None:
    """API, stage, verb and path; None if it is not about routes. What nobody knows may be anything."""
    if resource.startswith(_SHORT):
        return f"*/{opened(resource[len(_SHORT) :])}"
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[2] != "execute-api" or "@connections" in parts[5]:
        return None
    return opened(parts[5])


def _of_another_api(tail: str, api: Api) -> bool:
    return api.unnamed and "*" not in tail.partition("/")[0]


def _meets(tail: str, route: AppRoute, api: Api, effort: Effort) -> bool:
    """True too where the effort does not suffice."""
    if not effort.spend(len(tail) + len(route.path)):
        return True
    pattern = of_glob(tail, variables=True)
    return any(
        meet(pattern, (*_head(api), *literal(f"/{verb}"), *of_path(route.path)), effort) for verb in verbs(route.method)
    )


def _head(api: Api) -> Pattern:
    id_ = _SEGMENT if api.api_id is None else literal(api.api_id)
    return (*id_, Step("/"), *(_SEGMENT if api.stage is None else literal(api.stage)))


def _open_route(tail: str, api: Api) -> str:
    """The open route that takes exactly this path before any other; empty if there is none."""
    parts = tail.split("/", 3)
    if len(parts) < 4 or any(each in tail.partition("/")[2] for each in "*?$"):
        return ""
    for route in api.routes:
        if not route.iam and parts[2] in verbs(route.method) and route.path.strip("/") == parts[3].strip("/"):
            same = [other for other in api.routes if other.iam and other.path.strip("/") == route.path.strip("/")]
            if not any(parts[2] in verbs(other.method) for other in same):
                return f"{route.method} {route.path}"
    return ""


def _why_not(tail: str, api: Api, effort: Effort) -> str:
    """What keeps every IAM route from meeting it; empty if one does."""
    open_ = _open_route(tail, api)
    if not open_ and any(route.iam and _meets(tail, route, api, effort) for route in api.routes):
        return ""
    if not open_ and any(route.iam and _meets(tail, route, Api(api.routes), effort) for route in api.routes):
        return f"the app is `{api.api_id or '*'}/{api.stage or '*'}`"
    opened = [
        f"{route.method} {route.path}" for route in api.routes if not route.iam and _meets(tail, route, api, effort)
    ]
    if open_ or opened:
        return f"the route `{open_ or opened[0]}` is open, and asks no policy"
    parts = tail.split("/", 3)
    path = f"/{parts[3]}" if len(parts) == 4 else "/"
    guarded = [route for route in api.routes if route.iam]
    if not effort.spend(sum(len(path) + len(route.path) for route in guarded)):
        return ""
    methods = [route.method for route in guarded if meet(of_glob(path, variables=True), of_path(route.path), effort)]
    if methods:
        return f"the app has this path with {', '.join(dict.fromkeys(methods))} only"
    like = guarded if effort.spend(20 * len(guarded)) else []
    near = nearest(re.sub(r"[*?]", "", path), [route.path for route in like])
    return "no IAM route of the app meets it" + (f"; did you mean `{near}`?" if near else "")


def _resources(subject: Subject, index: int, statement: Statement) -> Iterator[tuple[str, str]]:
    """Effect and tail of every resource, to see what else covers a path."""
    for resource, _ in subject.entries(index, element(statement, "Resource")):
        tail = "*" if resource == "*" else _tail(resource)
        if tail is not None and not statement.not_resource and _invokes(statement):
            yield statement.effect, tail


def _lacks_slash(tail: str, statement: Statement, covered: Sequence[tuple[str, str]], effort: Effort) -> bool:
    """Whether it names one path, and nothing of the same effect names that path with a slash at the end."""
    path = tail.split("/", 3)[3:]
    if not path or path == [""] or path[0].endswith(("*", "/")):
        return False
    if not effort.spend(sum(len(other) for _, other in covered)):
        return False
    same = [of_glob(other, variables=True) for effect, other in covered if effect == statement.effect]
    return not contain(same, of_glob(f"{tail}/", variables=True), effort) and not effort.is_over


def _slash_finding(
    subject: Subject, index: int, statement: Statement, resource: str, path: tuple[str | int, ...]
) -> Finding:
    if statement.effect == "Deny":
        message = f"`{resource}`: the path with a slash at the end is another ARN on AWS, and is not denied"
    else:
        message = f"`{resource}`: the path with a slash at the end is served too, and is not allowed"
    return subject.finding(
        "no-trailing-slash",
        message,
        index,
        *path,
        fix=f"add `{resource}/`",
        level="error" if statement.effect == "Deny" else None,
    )
