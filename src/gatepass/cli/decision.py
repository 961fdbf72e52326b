"""A decision as lines a person reads: what the gate's JSON says, in the order of the stages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_STAGES = ("route", "authenticate", "authorize", "integrate", "respond")
_OUTCOMES = {"allowed": "allowed", "explicitDeny": "explicit deny", "implicitDeny": "implicit deny"}

Json = Mapping[str, Any]
Lines = Iterator[tuple[int, str, str]]


def told(decision: Json) -> Lines:
    """The decision as lines: (depth, name, text)."""
    rest = dict(decision)
    outcome, stage = rest.pop("outcome", "?"), rest.pop("stage", "?")
    asked = f"{rest.pop('method', '?')} {rest.pop('path', '?')}"
    yield 0, "", f"{outcome}: {asked} → {rest.pop('status', '?')}"
    yield 1, "request", str(rest.pop("request_id", "?"))
    yield 1, "time", _iso(rest.pop("time", None))
    yield 1, "from", str(rest.pop("source_ip", None) or "an unknown address")
    rest.pop("entrance", None)
    yield 1, "stage", " → ".join(_reached(str(stage)))
    yield from _principal(rest.pop("principal", None))
    for name in ("action", "resource"):
        if value := rest.pop(name, None):
            yield 1, name, str(value)
    yield from _verdict(rest.pop("verdict", None))
    yield from _explanation(rest.pop("explanation", None))
    yield from _error(rest.pop("error", None))
    yield from _texts("why", rest.pop("detail", None))
    canonical, to_sign = rest.pop("canonical_request", None), rest.pop("string_to_sign", None)
    hint = _read_here(str(rest.pop("hint", None) or ""))
    for name, value in rest.items():
        yield from _whatever(1, name.replace("_", " "), value)
    for name, text in (("canonical request", canonical), ("string to sign", to_sign)):
        if text:
            yield 1, f"{name}, as computed here", ""
            yield from ((2, "", line or "(empty line)") for line in str(text).split("\n"))
    if hint:
        yield 1, "hint", hint


def _read_here(hint: str) -> str:
    """What is left of a hint without what leads to where it is read."""
    return "; ".join(part for part in hint.split("; ") if "`gatepass explain`" not in part)


def _reached(stage: str) -> list[str]:
    """The stages up to the last one reached."""
    return list(_STAGES[: _STAGES.index(stage) + 1]) if stage in _STAGES else [stage]


def _principal(principal: Json | None) -> Lines:
    if not principal:
        yield 1, "principal", "nobody: no signature has proven one"
        return
    yield 1, "principal", str(principal.get("arn"))
    for name, value in principal.items():
        if name != "arn":
            yield from _whatever(2, name.replace("_", " "), value)


def _verdict(verdict: Json | None) -> Lines:
    """Which policy decided; an implicit deny is that none allows."""
    if not verdict:
        return
    outcome = _OUTCOMES.get(str(verdict.get("outcome")), str(verdict.get("outcome")))
    kind = str(verdict.get("policy_type") or "")
    if not verdict.get("policy"):
        yield 1, "verdict", f"{outcome}: no {kind} policy allows it" if kind else outcome
        return
    yield 1, "verdict", outcome
    yield 2, f"{kind} policy".strip(), str(verdict["policy"])
    yield from _whatever(2, "arn", verdict.get("policy_arn"))
    if verdict.get("statement") is not None:
        yield 2, "statement", _statement(verdict["statement"], verdict.get("sid"))


def _statement(index: Any, sid: Any) -> str:
    """Its place, counted as people do, and its Sid."""
    place = f"number {index + 1}" if isinstance(index, int) else "number ?"
    return f"{place} (Sid `{sid}`)" if sid else place


def _explanation(explanation: Json | None) -> Lines:
    """Every policy that was asked, how each statement came out, and what would allow the request."""
    if not explanation:
        return
    policies = explanation.get("policies") or []
    if policies:
        yield 1, "policies", ""
    for policy in policies:
        yield 2, "", f"{policy.get('name')} ({policy.get('type')}) {policy.get('says')}"
        for each in policy.get("statements") or []:
            outcome = "applies" if each.get("applies") else f"does not apply: {each.get('why_not')}"
            yield 3, f"{each.get('effect')}, {_statement(each.get('index'), each.get('sid'))}", outcome
    changes = explanation.get("changes") or []
    if changes:
        yield 1, "what would allow it", ""
    for change in changes:
        where = change.get("policy") or f"a policy of type {change.get('policy_type')}"
        what = f"{change.get('change')} in {where}"
        if change.get("index") is not None:
            what = f"{change.get('change')} statement {_statement(change['index'], None)} of {where}"
        yield 2, what, json.dumps(change["statement"]) if change.get("statement") else ""


def _error(error: Json | None) -> Lines:
    """What the caller was told; of a mismatch the first sentence, the rest follows below."""
    if error:
        yield 1, "answered", f"{error.get('code')}: {str(error.get('message')).partition(chr(10))[0]}"


def _texts(name: str, text: Any) -> Lines:
    if text:
        first, *others = str(text).split("; ")
        yield 1, name, first
        yield from ((2, "", other) for other in others)


def _whatever(depth: int, name: str, value: Any) -> Lines:
    """Anything a later gate may tell beside."""
    if value is None or value == [] or value == {}:
        return
    if isinstance(value, dict):
        yield depth, name, ""
        for inner, part in value.items():
            yield from _whatever(depth + 1, str(inner).replace("_", " "), part)
    elif isinstance(value, list):
        if all(isinstance(part, str) for part in value):
            yield depth, name, ", ".join(value)
            return
        yield depth, name, ""
        for number, part in enumerate(value, 1):
            yield from _whatever(depth + 1, str(number), part)
    else:
        yield depth, name, str(value)


def _iso(seconds: Any) -> str:
    if not isinstance(seconds, int | float):
        return "?"
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
