"""JSON as tokens and keys are read: what two readers could read differently is refused.

Source: https://www.rfc-editor.org/rfc/rfc8725#section-2.6 (two parsers, two meanings)
"""

import json
import math
from typing import Any, NoReturn

DEEPEST = 16
LONGEST_NUMBER = 32


def read_object(text: bytes) -> dict[str, Any]:
    """The object in this JSON text.

    Raises:
        ValueError: not UTF-8 or not JSON; a member twice in one object; nested deeper than 16; a number that is none,
            or too long; half of a surrogate pair; not an object.
    """
    try:
        value = _DECODER.decode(text.decode("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError("it is not an object")
    if text.count(b"{") + text.count(b"[") > DEEPEST:
        _check_depth(value)
    if b"\\u" in text:
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate cannot be encoded
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("a number is too long")
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    if len(digits) > LONGEST_NUMBER or not math.isfinite(number):
        raise ValueError("a number is too long")
    return number


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check_depth(value: object) -> None:
    """Level by level, so that depth costs no stack."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise ValueError("it is nested too deep")


def _inside(value: object) -> list[object]:
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [inner for inner in values if isinstance(inner, dict | list)]


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_fraction, parse_constant=_no_number
)
