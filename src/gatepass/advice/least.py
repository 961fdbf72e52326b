"""The least policy that allows routes: what to write for each, what can be left out, and how much fits into a policy.

A route is written as its template with `*` for each parameter. `*` spans slashes, so `GET/pets/*` is also
`GET/pets/1/toys` and `GET/pets/`. A slash at the end of a path makes another ARN, which API Gateway serves all the
same; the least policy does not name it, because nobody is given paths like that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from gatepass.advice.languages import contains
from gatepass.arn import ANY

MANAGED_POLICY = 6144
"""Characters of a managed policy, without white space."""
MOST_ATTACHED = 10
"""Managed policies that a role may have, unless AWS raised it."""

_PARAMETER = re.compile(r"\{[^}]*\}")


def pattern_of(method: str, path: str) -> str:
    """What stands for a route in an ARN after the stage: `GET/pets/*`."""
    return f"{'*' if method == ANY else method}{_PARAMETER.sub('*', path)}"


def least(patterns: Iterable[str]) -> list[str]:
    """Those that no other one contains, in order; of two that say the same, the first."""
    every = sorted(set(patterns))
    return [
        each
        for each in every
        if not any(
            contains(other, each) and (other < each or not contains(each, other)) for other in every if other != each
        )
    ]


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
