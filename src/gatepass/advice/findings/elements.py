"""Version, Sid, actions, and the elements that say everything but something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gatepass.advice.findings.subject import Finding, Subject, element
from gatepass.advice.known import ACTIONS, meant_service, nearest
from gatepass.advice.languages import contain
from gatepass.advice.patterns import literal, of_resource
from gatepass.policy.document import Statement
from gatepass.policy.globs import compiled

_SID = re.compile(r"[A-Za-z0-9]*")
_PASS = "iam:passrole"
# Steps that it takes to find what a name may have meant.
_GUESS = 100


def about_elements(subject: Subject) -> Iterator[Finding]:
    if not subject.document.has_variables:
        said = "Version is 2008-10-17" if subject.document.version else "there is no Version"
        yield subject.finding("old-version", f"{said}: policy variables are plain text", None)
    for index, statement in subject.statements:
        sid = statement.sid
        if sid is not None and subject.found.kind != "resource" and _SID.fullmatch(sid) is None:
            yield subject.finding(
                "sid-characters", f"`{sid}` has other characters than letters and digits", index, "Sid"
            )
        for action, path in subject.entries(index, element(statement, "Action")):
            yield from _about_action(subject, index, action, path)
        if statement.effect == "Allow":
            yield from _about_allow(subject, index, statement)
        yield from _about_empty(subject, index, statement)


def _about_action(subject: Subject, index: int, action: str, path: tuple[str | int, ...]) -> Iterator[Finding]:
    service, _, name = action.partition(":")
    if action in ("*", "*:*"):
        return
    if "*" in service or "?" in service:
        message = f"`{action}`: AWS documents no wildcard there, so it allows nothing"
        yield subject.finding("wildcard-in-service", message, index, *path)
        return
    meant = meant_service(service) if subject.effort.spend(_GUESS) else None
    if meant is not None:
        yield subject.finding(
            "unknown-service",
            f"`{action}`: there is no service `{service}`",
            index,
            *path,
            fix=f"write `{meant}:{name}`",
        )
    known = ACTIONS.get(service.lower())
    if known is not None and not any(compiled(name.lower()).matches(each.lower()) for each in known):
        near = nearest(name.lower(), [each.lower() for each in known] if subject.effort.spend(_GUESS) else ())
        right = next((each for each in known if each.lower() == near), None)
        fix = (
            f"write `{service.lower()}:{right}`"
            if right
            else f"the actions are {', '.join(known)}"
            if len(known) < 5
            else ""
        )
        yield subject.finding("unknown-action", f"`{action}`: there is no such action", index, *path, fix=fix)


def _about_allow(subject: Subject, index: int, statement: Statement) -> Iterator[Finding]:
    for name, negated in (
        ("NotPrincipal", statement.not_principal),
        ("NotAction", statement.not_action),
        ("NotResource", statement.not_resource),
    ):
        if negated:
            yield subject.finding("allow-all-but", f"{name} with Allow allows all that it does not name", index, name)
    passes = any(compiled(action.lower()).matches(_PASS) for action in statement.actions or () if action != "*")
    roles = [of_resource(resource) for resource in statement.resources or ()]
    some = literal("arn:aws:iam::000000000000:role/some")
    keys = {condition.key.lower() for condition in statement.conditions}
    if (
        passes
        and not statement.not_action
        and not statement.not_resource
        and "iam:passedtoservice" not in keys
        and contain(roles, some)
    ):
        yield subject.finding("pass-any-role", "iam:PassRole is allowed for every role", index, "Resource")


def _about_empty(subject: Subject, index: int, statement: Statement) -> Iterator[Finding]:
    for name in ("Sid", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"):
        for path in _empty(statement.raw.get(name, 0), (name,)):
            where = " of ".join(f"`{part}`" for part in reversed(path))
            yield subject.finding("empty-list", f"{where} is empty", index, *path)


def _empty(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if value in ([], {}, "") and (value != "" or path == ("Sid",)):
        yield path
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _empty(each, (*path, name))
