"""The least policy that allows routes: what to write for each, what can be left out, and how much fits into a policy.

A route is written as its template with `*` for each parameter. `*` spans slashes, so `GET/pets/*` is also
`GET/pets/1/toys` and `GET/pets/`. A slash at the end of a path makes another ARN, which API Gateway serves all the
same; the least policy does not name it, because nobody is given paths like that.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gatepass.advice.languages import contains
from gatepass.arn import ANY

MANAGED_POLICY = 6144
"""Characters of a managed policy, without white space."""
MOST_ATTACHED = 10
"""Managed policies that a role may have, unless AWS raised it."""

_PARAMETER = re.compile(r"\{[^}]*\}")
_WILD = re.compile(r"[*?]")


def pattern_of(method: str, path: str) -> str:
    """What stands for a route in an ARN after the stage: `GET/pets/*`."""
    return f"{'*' if method == ANY else method}{_PARAMETER.sub('*', path)}"


def least(patterns: Iterable[str]) -> list[str]:
    """Those that no other one contains, in order; of two that say the same, the first."""
    every = sorted(set(patterns))
    runs = {each: set(_WILD.split(each)) for each in every}
    often = Counter(run for each in every for run in runs[each])
    by_run: dict[str, list[str]] = {}
    for each in every:
        by_run.setdefault(min(runs[each] - {""} or {""}, key=lambda run: (often[run], run)), []).append(each)
    return [
        each
        for each in every
        if not any(
            contains(other, each) and (other < each or not contains(each, other))
            for run in _within(runs[each], by_run)
            for other in by_run[run]
            if other != each
        )
    ]


def _within(runs: set[str], known: Mapping[str, object]) -> Iterator[str]:
    """The known runs that stand in one of these: what a pattern writes, a wildcard of one in it does not.

    So of thousands of patterns, a few are compared with each.
    """
    if sum(len(run) ** 2 for run in runs) > 2 * len(known):
        return (each for each in known if any(each in run for run in runs))
    parts = {run[begin:end] for run in runs for begin in range(len(run)) for end in range(begin, len(run) + 1)}
    return (each for each in {"", *parts} if each in known)


def documents(arns: Sequence[str], limit: int = MANAGED_POLICY) -> list[dict[str, Any]]:
    """Policies that allow to invoke these methods, as few as have room for them. In order: the same every time."""
    empty = len(_compact(_document([])))
    groups: list[list[str]] = []
    room = 0
    for arn in arns:
        needed = len(_compact(arn)) + 1
        if not groups or needed > room:
            groups.append([])
            room = limit - empty + 1
        groups[-1].append(arn)
        room -= needed
    return [_document(group) for group in groups]


def _document(arns: list[str]) -> dict[str, Any]:
    statement = {"Sid": "IamRoutes", "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arns}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
