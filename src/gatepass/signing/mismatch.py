"""Reading a signature mismatch: AWS prints the canonical request it computed; beside ours, it shows what differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

_CANONICAL = "The Canonical String for this request should have been\n'"
_TO_SIGN = "The String-to-Sign should have been\n'"


class Mismatch(NamedTuple):
    """What the server computed."""

    canonical_request: bytes
    string_to_sign: bytes


class Difference(NamedTuple):
    """One part of the canonical request that the two sides see differently; None where a side lacks it."""

    part: str
    signed: str | None
    computed: str | None


def parse_mismatch(body: bytes) -> Mismatch | None:
    """The two strings in the body of a 403; None if it prints none, as many services do."""
    try:
        message = json.loads(body)["message"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(message, str):
        return None
    canonical = _quoted(message, _CANONICAL, end="'\n\nThe String-to-Sign")
    to_sign = _quoted(message, _TO_SIGN, end="'\n")
    if canonical is None or to_sign is None:
        return None
    return Mismatch(canonical.encode(), to_sign.encode())


def _quoted(message: str, start: str, *, end: str) -> str | None:
    _, found, rest = message.partition(start)
    text, closed, _ = rest.rpartition(end)
    return text if found and closed else None


def differences(signed: bytes, computed: bytes) -> list[Difference]:
    """What differs between two canonical requests, part by part; empty if they are the same: then the key differs."""
    ours, theirs = _parts(signed), _parts(computed)
    found = [
        Difference(part, ours.get(part), theirs.get(part))
        for part in dict.fromkeys((*ours, *theirs))
        if ours.get(part) != theirs.get(part)
    ]
    if not found and signed != computed:
        lines = zip_longest(_lines(signed), _lines(computed))
        found = [Difference(f"line {n}", a, b) for n, (a, b) in enumerate(lines, 1) if a != b]
    return found


def _lines(canonical: bytes) -> Iterator[str]:
    return iter(canonical.decode("utf-8", "backslashreplace").split("\n"))


def _parts(canonical: bytes) -> dict[str, str]:
    """The canonical request's lines by what they are: its order is fixed, only the number of headers varies."""
    lines = list(_lines(canonical))
    parts = dict(zip(("method", "path", "query string"), lines[:3], strict=False))
    for line in lines[3:-3]:
        name, _, value = line.partition(":")
        parts[f"header {name}"] = value
    if len(lines) >= 6:
        parts["signed headers"], parts["payload hash"] = lines[-2:]
    return parts
