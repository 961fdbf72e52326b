"""What is wrong with a policy: what AWS refuses to save, and what goes wrong with identity pools."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from gatepass.advice.settled import PLACEHOLDER
from gatepass.advice.stack import Found, listed, statements
from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import COGNITO, SIZE_LIMITS, parse, size
from gatepass.policy.compile import names_audience
from gatepass.policy.document import Statement, load

Level = Literal["error", "warning"]
_VERB = re.compile(r"[^/]*/[^/]*/([^/]*)(/.*)?", re.DOTALL)
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_AMR = f"{COGNITO.arn}:amr"

#: What each rule says, by its id.
RULES: Mapping[str, str] = {
    "syntax": "AWS refuses to save the policy",
    "doubled-member": "a member name stands twice in one object",
    "too-long": "the policy is longer than AWS takes",
    "every-resource": "the role may call every API of the account",
    "guests-beyond-the-api": "guests may do more than call the API",
    "trust-without-pool": "any identity pool may use the role",
    "trust-without-kind": "guests and users who logged in may use the role",
    "template-path": "a route's template stands where the request's path is compared",
    "verb-any": "no request has the verb ANY",
    "slash-before-path": "a path begins with two slashes",
    "root-without-slash": "the ARN of the root path ends with a slash",
    "stage-without-verb": "the ARN ends before the verb",
    "never-needed": "an earlier statement says as much",
}


class Finding(NamedTuple):
    """One thing that is wrong.

    Attributes:
        statement: its position, from 0; None for the whole document.
        fix: the next step.
    """

    rule: str
    level: Level
    line: int
    policy: str
    statement: int | None
    message: str
    fix: str


def findings_about(found: Found, *, for_guests: bool = False) -> list[Finding]:
    """`for_guests`: the policy is a guest role's, though the file does not say so."""
    refused = list(_refused(found))
    if any(each.rule == "syntax" for each in refused):
        return refused
    document = load(json.dumps(found.document))
    about = list(refused)
    for index, statement in enumerate(document.statements):
        if found.kind == "trust":
            about += _about_trust(found, index, statement)
        elif statement.effect == "Allow":
            about += _about_allow(found, index, statement, for_guests or found.for_guests)
        about += _about_resources(found, index, statement)
    return [*about, *_never_needed(found)]


def _at(found: Found, index: int, *path: str | int) -> int:
    """The line of a part of a statement; a single one may stand without a list."""
    single = not isinstance(found.document.get("Statement"), list)
    return found.line("Statement", *(() if single else (index,)), *path)


def _refused(found: Found) -> Iterator[Finding]:
    for path in found.reading.doubled:
        if path[: len(found.path)] == found.path:
            message = f"`{path[-1]}` stands twice: AWS refuses to save the policy"
            yield Finding(
                "doubled-member", "error", found.reading.line(path), found.name, None, message, "merge the two"
            )
    text = json.dumps(found.document, ensure_ascii=False)
    try:
        parse(text, found.kind)
    except MalformedPolicyDocument as error:
        rule = "trust-without-pool" if "Cognito provider" in error.message else "syntax"
        message = error.message + (f" ({error.detail})" if error.detail else "")
        fix = "write it as AWS's grammar of policies has it"
        if rule == "trust-without-pool":
            fix = f'add the condition "StringEquals": {{"{COGNITO.arn}:aud": "REGION:POOL_ID"}}'
        line, index = _refused_statement(found)
        yield Finding(rule, "error", line, found.name, index, message, fix)
    if size(text) > SIZE_LIMITS[found.kind]:
        message = f"{size(text)} characters, white space not counted; AWS takes {SIZE_LIMITS[found.kind]}"
        yield Finding("too-long", "error", found.line(), found.name, None, message, "merge statements, or split it up")


def _refused_statement(found: Found) -> tuple[int, int | None]:
    """The first statement that AWS would refuse by itself; else the document."""
    version = {"Version": found.document["Version"]} if "Version" in found.document else {}
    for index, statement in enumerate(statements(found.document)):
        try:
            parse(json.dumps({**version, "Statement": [statement]}), found.kind)
        except MalformedPolicyDocument:
            return _at(found, index), index
    return found.line(), None


def _about_trust(found: Found, index: int, statement: Statement) -> Iterator[Finding]:
    """Only of statements that trust identity pools. What AWS itself refuses is found before."""
    if statement.effect != "Allow" or COGNITO.arn not in (statement.principals or {}).get("Federated", ()):
        return
    if names_audience(statement) and not any(each.key.lower() == _AMR for each in statement.conditions):
        fix = f'add "ForAnyValue:StringLike": {{"{_AMR}": "authenticated"}}, or "unauthenticated"'
        yield Finding(
            "trust-without-kind",
            "warning",
            _at(found, index),
            found.name,
            index,
            "guests and users who logged in may both use the role: no condition on `amr`",
            fix,
        )


def _about_allow(found: Found, index: int, statement: Statement, guests: bool) -> Iterator[Finding]:
    if found.kind == "resource":
        return
    actions, level = statement.actions or (), "error" if guests else "warning"
    of_apis = [each for each in actions if each in ("*", "*:*") or each.lower().startswith("execute-api:")]
    if "*" in (statement.resources or ()) and not statement.not_resource and (of_apis or guests):
        who = "guests, who are anybody, may" if guests else "whoever has the role may"
        yield Finding(
            "every-resource",
            "error" if level == "error" else "warning",
            _at(found, index, "Resource"),
            found.name,
            index,
            f'{who} call every route of every API of the account: Resource is "*"',
            "name the routes: arn:aws:execute-api:REGION:ACCOUNT:API_ID/STAGE/VERB/path",
        )
    beyond = [each for each in actions if not each.lower().startswith("execute-api:")]
    if guests and (beyond or statement.not_action):
        what = "everything but some actions" if statement.not_action else ", ".join(f"`{each}`" for each in beyond)
        yield Finding(
            "guests-beyond-the-api",
            "error",
            _at(found, index, "NotAction" if statement.not_action else "Action"),
            found.name,
            index,
            f"guests, who are anybody, may do {what}",
            "allow execute-api:Invoke only, and let the app do the rest",
        )


def _about_resources(found: Found, index: int, statement: Statement) -> Iterator[Finding]:
    name = "NotResource" if statement.not_resource else "Resource"
    several = isinstance(statement.raw.get(name), list)
    for number, resource in enumerate(statement.resources or ()):
        wrong = _wrong_route(resource)
        if wrong is not None:
            rule, message, fix = wrong
            line = _at(found, index, name, *((number,) if several else ()))
            yield Finding(rule, "error", line, found.name, index, f"`{resource}`: {message}", fix)


def _wrong_route(resource: str) -> tuple[str, str, str] | None:
    """What is wrong with the ARN of a REST API's method: rule, message and fix."""
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[2] != "execute-api" or "@connections" in parts[5]:
        return None
    bare = _VARIABLE.sub(PLACEHOLDER, parts[5])
    route = _VERB.fullmatch(bare)
    if re.search(r"\{[^}/]*\}", bare):
        return "template-path", "the request's own path is compared, and never has braces", "write * for the parameter"
    if route is None:
        if "*" in bare or PLACEHOLDER in bare:
            return None
        return "stage-without-verb", "it names no verb, so it matches no request", "end it with /VERB/path, or with /*"
    verb, path = route.groups()
    if verb.upper() == "ANY":
        return "verb-any", "no request has the verb ANY", "write * for the verb"
    if path is None and "*" not in verb:
        return "root-without-slash", "it has no path, so it matches no request", "end it with a slash for the root path"
    if path is not None and path.startswith("//"):
        return "slash-before-path", "after the verb stands one slash", "take one slash out"
    return None


def _never_needed(found: Found) -> Iterator[Finding]:
    """Statements that stand twice but for their Sid."""
    seen: dict[str, int] = {}
    for index, statement in enumerate(statements(found.document)):
        plain: dict[str, Any] = {
            key: sorted(map(json.dumps, listed(value))) if key in ("Action", "Resource") else value
            for key, value in statement.items()
            if key != "Sid"
        }
        text = json.dumps(plain, sort_keys=True)
        first = seen.setdefault(text, index)
        if first != index:
            message = f"statement number {first + 1} says the same"
            yield Finding("never-needed", "warning", _at(found, index), found.name, index, message, "take it out")
