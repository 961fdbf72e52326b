"""What is wrong with the ARNs in a policy, whatever app they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatepass.advice.findings.subject import Finding, Subject, element
from gatepass.advice.settled import is_open, opened
from gatepass.policy.document import Statement

_VERB = re.compile(r"[^/]*/[^/]*/([^/]*)(/.*)?", re.DOTALL)
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,3}-[0-9]{1,2}")
_ACCOUNT = re.compile(r"[0-9]{12}")
#: Services whose resources are of a region and an account; elsewhere one of the two may be empty.
_REGIONAL = ("execute-api", "cognito-identity", "cognito-idp", "dynamodb", "lambda")
_OWN = ("execute-api", "cognito-identity")


def about_arns(subject: Subject) -> Iterator[Finding]:
    for index, statement in subject.statements:
        for resource, path in subject.entries(index, element(statement, "Resource")):
            wrong = _wrong_head(resource) or _wrong_route(resource)
            if wrong is not None:
                rule, message = wrong
                yield subject.finding(rule, f"`{resource}`: {message}", index, *path)
        yield from _about_service(subject, index, statement)


def _wrong_head(resource: str) -> tuple[str, str] | None:
    """What is wrong with service, region or account: rule and message."""
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return None
    _, _, service, region, account, _ = parts
    if service != service.lower():
        return "arn-service-case", f"no service is called `{service}`"
    regional = service in _REGIONAL
    if (region or regional) and not _open(region) and _REGION.fullmatch(region) is None:
        return "arn-region", f"`{region}` is no region" if region else "it names no region, so it matches nothing"
    if regional and not _open(account) and _ACCOUNT.fullmatch(account) is None:
        return "arn-account", f"`{account}` is no account" if account else "it names no account, so it matches nothing"
    return None


def _open(segment: str) -> bool:
    return any(part in segment for part in "*?") or is_open(segment)


def _wrong_route(resource: str) -> tuple[str, str] | None:
    """What is wrong with the ARN of a REST API's method: rule and message."""
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[2] != "execute-api" or "@connections" in parts[5]:
        return None
    # Up to the last brace: a search for one that never comes would be made again for each beginning.
    text = opened(parts[5])
    end = text.rfind("}") + 1
    bare = _VARIABLE.sub("*", text[:end]) + text[end:]
    route = _VERB.fullmatch(bare)
    if re.search(r"\{[^{}/]*\}", bare):
        return "template-path", "the request's own path is compared, and never has braces"
    if route is None:
        if "*" in bare:
            return None
        return "stage-without-verb", "it names no verb, so it matches no request"
    verb, path = route.groups()
    if verb.upper() == "ANY":
        return "verb-any", "no request has the verb ANY"
    if path is None and "*" not in verb:
        return "root-without-slash", "it has no path, so it matches no request"
    if path is not None and path.startswith("//"):
        return "slash-before-path", "after the verb stands one slash"
    return None


def _about_service(subject: Subject, index: int, statement: Statement) -> Iterator[Finding]:
    """Actions of one service on resources of another. Only of services whose actions are on their own resources."""
    services = {action.lower().partition(":")[0] for action in statement.actions or ()}
    if statement.not_action or statement.not_resource or any("*" in service for service in services):
        return
    for resource, path in subject.entries(index, "Resource"):
        parts = resource.split(":", 5)
        if len(parts) < 6 or parts[2] in (*services, "unknown") or "*" in parts[2]:
            continue
        if services <= set(_OWN) or parts[2] in _OWN:
            named = ", ".join(f"`{each}`" for each in sorted(services))
            message = f"`{resource}`: no action of {named} is on such a resource"
            yield subject.finding("resource-of-another-service", message, index, *path)
