"""Where a policy's statements stand in its text, as the policy simulator counts.

A position is the line and column right after a character, both from 1. A statement in a list begins right after the
bracket or the statement before it, a statement without a list right after its own opening brace; it ends right after
its closing brace.
"""

import json
import re
from bisect import bisect_left
from typing import NamedTuple

_DECODER = json.JSONDecoder()
_SPACE = " \t\n\r"


class Position(NamedTuple):
    line: int
    column: int


Span = tuple[Position, Position]


def statements(text: str) -> tuple[Span, ...]:
    """The spans of the statements of a text that is a policy."""
    found = _statement(text)
    lines = [match.start() for match in re.finditer("\n", text)]

    def position(index: int) -> Position:
        line = bisect_left(lines, index)
        return Position(line + 1, index - (lines[line - 1] if line else -1))

    if text[found] == "{":
        return ((position(found + 1), position(_after(text, found))),)
    spans, end = [], found + 1
    while text[start := _skip(text, end)] != "]":
        begin = end
        end = _after(text, _skip(text, start + 1) if text[start] == "," else start)
        spans.append((position(begin), position(end)))
    return tuple(spans)


def _statement(text: str) -> int:
    """Where the value of the member `Statement` begins."""
    index = _skip(text, _skip(text, 0) + 1)
    while True:
        name, index = _DECODER.raw_decode(text, index)
        index = _skip(text, _skip(text, index) + 1)
        if name == "Statement":
            return index
        index = _skip(text, _skip(text, _after(text, index)) + 1)


def _skip(text: str, index: int) -> int:
    while text[index] in _SPACE:
        index += 1
    return index


def _after(text: str, index: int) -> int:
    """Where the value that begins here is over."""
    end: int = _DECODER.raw_decode(text, index)[1]
    return end
