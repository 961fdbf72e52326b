"""Wildcard patterns compared with each other: does one match all that another does, and which texts tell them apart.

All of it is exact. A character that no pattern writes is met by wildcards only, and all such characters alike. So of
what a pattern matches it is enough to look at the texts in which one such character stands for its wildcards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache

from gatepass.policy.globs import ONE, STAR, Token, Wildcard, tokens


class Part(Enum):
    """Wildcards of a route's template, which stop at a slash."""

    ONE = "one character of a segment"
    RUN = "any run of them"


Symbol = str | Wildcard | Part
"""One character, or a wildcard."""

_RUNS = (STAR, Part.RUN)
_OTHER = ""  # a character that no pattern writes


def contains(wider: str, narrower: str) -> bool:
    """Whether `wider` matches all that `narrower` does: texts with `*` for any run and `?` for one character."""
    if not narrower.startswith(wider.partition("*")[0].partition("?")[0]):
        return False
    pattern, others = _alone(wider), symbols(tokens(narrower))
    seen: set[tuple[int, int]] = set()
    waiting = [(0, pattern.start)]
    while waiting:
        here = position, places = waiting.pop()
        if not places:
            return False
        if here in seen:
            continue
        seen.add(here)
        if position == len(others):
            if not places & pattern.ends:
                return False
            continue
        symbol = others[position]
        if symbol is STAR:
            waiting.append((position + 1, places))
            waiting.append((position, pattern.after(places, _OTHER)))
        else:
            waiting.append((position + 1, pattern.after(places, symbol if isinstance(symbol, str) else _OTHER)))
    return True


@lru_cache(maxsize=1024)
def _alone(text: str) -> Patterns:
    return Patterns([symbols(tokens(text))])


def overlap(first: Sequence[Symbol], second: Sequence[Symbol]) -> bool:
    """Whether some text matches both."""
    seen: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        here = one, two = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        if one == len(first) and two == len(second):
            return True
        a, b = first[one] if one < len(first) else None, second[two] if two < len(second) else None
        if a in _RUNS:
            waiting.append((one + 1, two))
        if b in _RUNS:
            waiting.append((one, two + 1))
        if a is not None and b is not None and _fit(a, b):
            waiting.append((one + (a not in _RUNS), two + (b not in _RUNS)))
    return False


def _fit(a: Symbol, b: Symbol) -> bool:
    """Whether some character is met by both."""
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    return not ("/" in (a, b) and (isinstance(a, Part) or isinstance(b, Part)))


def symbols(given: Iterable[Token]) -> list[Symbol]:
    """Runs of characters taken apart."""
    found: list[Symbol] = []
    for token in given:
        found.extend(token if isinstance(token, str) else [token])
    return found


class Patterns:
    """Patterns that are followed together, character by character. A set of places in them is the bits of a number.

    Attributes:
        start: where each begins.
        end_of: where each has matched, in order.
        ends: all of these places.
    """

    def __init__(self, given: Sequence[Sequence[Symbol]]) -> None:
        self.start = self.ends = 0
        self.end_of: list[int] = []
        self._masks: dict[str, int] = {}
        self._one = self._stays = 0
        self._one_part = self._stays_part = 0
        place = 1
        for pattern in given:
            self.start |= place
            for symbol in pattern:
                if symbol is STAR:
                    self._stays |= place
                    continue
                if symbol is Part.RUN:
                    self._stays_part |= place
                    continue
                if symbol is ONE:
                    self._one |= place
                elif symbol is Part.ONE:
                    self._one_part |= place
                elif isinstance(symbol, str):
                    self._masks[symbol] = self._masks.get(symbol, 0) | place
                place <<= 1
            self.end_of.append(place)
            self.ends |= place
            place <<= 1

    def after(self, places: int, character: str) -> int:
        """The places after one more character: a run keeps its place, what fits goes on."""
        fits, stays = self._one | self._masks.get(character, 0), self._stays
        if character != "/":
            fits, stays = fits | self._one_part, stays | self._stays_part
        return places & stays | (places & fits) << 1

    def written(self, places: int) -> Iterator[str]:
        """The characters that are written at these places."""
        return (character for character, mask in self._masks.items() if places & mask)

    @property
    def characters(self) -> Iterable[str]:
        return self._masks.keys()
