"""What AWS refuses to save."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from gatepass.advice.findings.rules import RULES
from gatepass.advice.findings.subject import Finding, statement_line
from gatepass.advice.known import nearest
from gatepass.advice.settled import shown
from gatepass.advice.stack import Found, statements
from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import SIZE_LIMITS, parse, size
from gatepass.policy.document import ELEMENTS
from gatepass.policy.operators import OPERATORS, is_known

_TOP = ("Version", "Id", "Statement")
_MOST_DOUBLED = 100
_UNREADABLE = re.compile(r"`(\w+)` cannot read")


def about_saving(found: Found) -> Iterator[Finding]:
    if found.borrowed:
        return
    for path in found.reading.doubled[:_MOST_DOUBLED]:
        if path[: len(found.path)] == found.path:
            message = f"`{path[-1]}` stands twice: AWS refuses to save the policy"
            line = found.reading.line(path)
            yield Finding("doubled-member", "error", line, found.name, None, message, RULES["doubled-member"].fix)
    text = json.dumps(found.document, ensure_ascii=False)
    try:
        parse(text, found.kind)
    except MalformedPolicyDocument as error:
        rule = "trust-without-pool" if "Cognito provider" in error.message else "syntax"
        message = error.message + (f" ({error.detail})" if error.detail else "")
        line, index = _statement(found)
        fix = (_fix(found, error) if rule == "syntax" else "") or RULES[rule].fix
        yield Finding(rule, "error", line, found.name, index, shown(message), fix)
    if size(text) > SIZE_LIMITS[found.kind]:
        message = f"{size(text)} characters, white space not counted; AWS takes {SIZE_LIMITS[found.kind]}"
        yield Finding("too-long", "error", found.line(), found.name, None, message, RULES["too-long"].fix)


def _statement(found: Found) -> tuple[int, int | None]:
    """The first statement that AWS would refuse by itself; else the document."""
    version = {"Version": found.document["Version"]} if "Version" in found.document else {}
    for index, statement in enumerate(statements(found.document)):
        try:
            parse(json.dumps({**version, "Statement": [statement]}), found.kind)
        except MalformedPolicyDocument:
            return statement_line(found, index), index
    return found.line(), None


def _fix(found: Found, error: MalformedPolicyDocument) -> str:
    """What was probably meant; empty if that is not known."""
    for statement in statements(found.document):
        for name in statement:
            if name not in ELEMENTS and (meant := nearest(name, ELEMENTS)):
                return f"write `{meant}`"
        for operator in _members(statement.get("Condition")):
            if not is_known(operator):
                return _operator(operator)
    for name in found.document:
        if name not in _TOP and (meant := nearest(name, _TOP)):
            return f"write `{meant}`"
    unreadable = _UNREADABLE.search(error.detail or "")
    return _READ.get(_family(unreadable[1]), "") if unreadable else ""


_READ = {
    "Date": "write the date as 2026-11-23T00:00:00Z, or as seconds since 1970",
    "Numeric": "write the number in digits",
    "Ip": "write an address or a CIDR block: 203.0.113.0/24",
    "Binary": "write the bytes in base64",
    "Null": 'write "true" for an absent key, or "false"',
}


def _family(operator: str) -> str:
    return next((family for family in _READ if operator.removeprefix("Not").startswith(family)), "")


def _members(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _operator(given: str) -> str:
    """The operator that a misspelt one stands for, with its prefix and `IfExists`."""
    prefix, colon, name = given.rpartition(":")
    bare = name.removesuffix("IfExists")
    # Never one that says the opposite: `StringMatches` is no `StringNotEquals`.
    negated = "not" in bare.lower()
    folded = {each.lower(): each for each in (*OPERATORS, "Null") if ("Not" in each) is negated}
    meant = folded.get(nearest(bare.lower(), folded) or "")
    if meant is None:
        return ""
    sets = ("ForAllValues", "ForAnyValue")
    before = f"{nearest(prefix, sets) or sets[1]}:" if colon else ""
    after = "IfExists" if name != bare and meant != "Null" else ""
    return f"write `{before}{meant}{after}`"
