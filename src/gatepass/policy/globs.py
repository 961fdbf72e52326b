"""Wildcards: `*` stands for any run of characters, `?` for exactly one.

Paths are written by callers, so no pattern becomes a backtracking regex: a match finds each piece between two stars
once, from left to right, and its time grows with the length of the text only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

Test = Callable[[str], bool]


class Wildcard(Enum):
    STAR = "*"
    ONE = "?"


STAR, ONE = Wildcard.STAR, Wildcard.ONE
Token = str | Wildcard


def tokens(text: str) -> tuple[Token, ...]:
    """The text as runs of literal characters and wildcards."""
    if "*" not in text and "?" not in text:
        return (text,) if text else ()
    found: list[Token] = []
    for index, part in enumerate(text.split("*")):
        if index:
            found.append(STAR)
        for position, run in enumerate(part.split("?")):
            if position:
                found.append(ONE)
            if run:
                found.append(run)
    return tuple(found)


class Glob(NamedTuple):
    """A compiled pattern.

    Attributes:
        prefix: what every match begins with.
        exact: nothing but the prefix itself matches.
        test: the whole check; None where beginning with the prefix (or being it) is all there is to check.
    """

    prefix: str
    exact: bool
    test: Test | None

    def matches(self, text: str) -> bool:
        if self.test is not None:
            return self.test(text)
        return text == self.prefix if self.exact else text.startswith(self.prefix)


def glob(pattern: Iterable[Token]) -> Glob:
    """Compile literal runs and wildcards."""
    pattern = tuple(pattern)
    pieces = [""]
    for token in pattern:
        if token is STAR:
            pieces.append("")
        elif isinstance(token, str):
            pieces[-1] += token
        else:
            return _mixed(pattern)
    return _literal(pieces)


@lru_cache(maxsize=1024)
def compiled(text: str) -> Glob:
    """`glob(tokens(text))`, remembered; for patterns out of policies only, never for a caller's text."""
    return glob(tokens(text))


def _literal(pieces: list[str]) -> Glob:
    """No question mark: the pieces between the stars are plain text."""
    first, last, middle = pieces[0], pieces[-1], [piece for piece in pieces[1:-1] if piece]
    if len(pieces) == 1:
        return Glob(first, True, None)
    if not middle and not last:
        return Glob(first, False, None)
    shortest = len(first) + len(last)
    start = len(first)
    if not middle:
        return Glob(
            first,
            False,
            lambda text: text.endswith(last) and len(text) >= shortest and text.startswith(first),
        )

    def test(text: str) -> bool:
        if not text.endswith(last) or not text.startswith(first):
            return False
        end = len(text) - len(last)
        position = start
        for piece in middle:
            position = text.find(piece, position, end)
            if position < 0:
                return False
            position += len(piece)
        return True

    return Glob(first, False, test)


class _Piece:
    """Literal runs and question marks between two stars: a fixed number of characters."""

    __slots__ = ("_blank", "_last", "_masks", "length", "runs")

    def __init__(self, piece: list[Token]) -> None:
        runs: list[tuple[int, str]] = []
        offset = 0
        for token in piece:
            if isinstance(token, str):
                runs.append((offset, token))
                offset += len(token)
            else:
                offset += 1
        self.runs = tuple(runs)
        self.length = offset
        self._last = 1 << offset - 1 if offset else 0
        self._masks: dict[str, int] | None = None
        self._blank = 0

    def at(self, text: str, position: int) -> bool:
        return all(text.startswith(run, position + offset) for offset, run in self.runs)

    def find(self, text: str, start: int, end: int) -> int:
        """The leftmost place of the piece within text[start:end], or -1."""
        if not self.runs:
            return start if start + self.length <= end else -1
        if len(self.runs) == 1:  # question marks around one run
            offset, run = self.runs[0]
            found = text.find(run, start + offset, end - (self.length - offset - len(run)))
            return found - offset if found >= 0 else -1
        return self._shift_and(text, start, end)

    def _shift_and(self, text: str, start: int, end: int) -> int:
        """Shift-And: bit i of `state` says that the i+1 characters up to here fit; one step a character."""
        masks = self._masks
        if masks is None:
            masks = self._masks = self._prepare()
        blank, last, state = self._blank, self._last, 0
        for position in range(start, end):
            state = (state << 1 | 1) & masks.get(text[position], blank)
            if state & last:
                return position - self.length + 1
        return -1

    def _prepare(self) -> dict[str, int]:
        blank = (1 << self.length) - 1
        masks: dict[str, int] = {}
        for offset, run in self.runs:
            blank &= ~((1 << len(run)) - 1 << offset)
            for index, character in enumerate(run, offset):
                masks[character] = masks.get(character, 0) | 1 << index
        self._blank = blank
        return {character: mask | blank for character, mask in masks.items()}


def _mixed(pattern: tuple[Token, ...]) -> Glob:
    """With question marks."""
    prefix = pattern[0] if isinstance(pattern[0], str) else ""
    given: list[list[Token]] = [[]]
    for token in pattern:
        if token is STAR:
            given.append([])
        else:
            given[-1].append(token)
    pieces = [_Piece(piece) for piece in given]
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        length = first.length
        return Glob(prefix, False, lambda text: len(text) == length and first.at(text, 0))
    middle = [piece for piece in pieces[1:-1] if piece.length]
    shortest = first.length + last.length

    def test(text: str) -> bool:
        end = len(text) - last.length
        if len(text) < shortest or not first.at(text, 0) or not last.at(text, end):
            return False
        position = first.length
        for piece in middle:
            position = piece.find(text, position, end)
            if position < 0:
                return False
            position += piece.length
        return True

    return Glob(prefix, False, test)
