"""Patterns as sets of texts: whether two have a text in common, and whether some contain another. Exact, not by trial.

A character that no pattern writes is met by wildcards only, and all such characters alike. So of what a wildcard takes
it is enough to look at one such character, and at those that some wildcards do not take.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from gatepass.advice.effort import Effort
from gatepass.advice.patterns import RUN, Class, Pattern, Step, Variable, of_glob

#: Steps of a walk after which the answer is given up. No policy that AWS would take comes near.
_MOST_STATES = 10_000

Letter = str | Variable
"""One character, or a variable's whole value."""

_OTHER = ""  # a character that no pattern writes
_WILDCARDS = re.compile(r"[*?]{2,}")
_LEFT_OUT = {Class.BUT_SLASH: "/", Class.BUT_COLON: ":"}


class Patterns:
    """Patterns that are followed together, letter by letter. A set of places in them is the bits of a number.

    INVARIANT: a run has no place of its own, but stays where it begins. So of two runs in a row both take the same.

    Attributes:
        start: where each begins.
        ends: where each has matched.
        apart: the letters that tell the wildcards apart.
        cost: of one letter more, in steps.
    """

    def __init__(self, given: Sequence[Pattern]) -> None:
        begins, ends, place = list[int](), list[int](), 0
        fits: dict[str | Class | Variable, list[int]] = {}
        stays: dict[str | Class | Variable, list[int]] = {}
        self._with_runs: list[int] = []
        for pattern in given:
            begins.append(place)
            for takes, repeats in pattern:
                (stays if repeats else fits).setdefault(takes, []).append(place)
                place += not repeats
            ends.append(place)
            place += 1
            if RUN in pattern:
                self._with_runs.append((1 << place) - (1 << begins[-1]))
        self.start, self.ends = _bits(begins), _bits(ends)
        self._fits = {takes: _bits(places) for takes, places in fits.items()}
        self._stays = {takes: _bits(places) for takes, places in stays.items()}
        self._moves: dict[Letter, tuple[int, int]] = {}
        self.cost = 5 + 2 * len(self._with_runs)
        self.apart = [
            _OTHER,
            *(each for class_, each in _LEFT_OUT.items() if class_ in self._fits or class_ in self._stays),
        ]

    def after(self, places: int, letter: Letter) -> int:
        """The places after one more letter: a run keeps its place, what fits goes on."""
        move = self._moves.get(letter)
        if move is None:
            move = self._moves[letter] = self._move(letter)
        return places & move[1] | (places & move[0]) << 1

    def _move(self, letter: Letter) -> tuple[int, int]:
        """Where the letter fits, and where it stays."""
        fits, stays = self._fits.get(letter, 0), self._stays.get(letter, 0)
        if isinstance(letter, Variable):  # its value may have any length: only a run takes it, or the same variable
            return fits, stays | self._stays.get(Class.ANY, 0)
        for class_ in Class:
            if _takes(class_, letter):
                fits |= self._fits.get(class_, 0)
                stays |= self._stays.get(class_, 0)
        return fits, stays

    def needed(self, places: int) -> int:
        """Without the places before the last run that was reached: what they take, the run takes too."""
        runs = places & self._stays.get(Class.ANY, 0)
        for own in self._with_runs if runs else ():
            if reached := runs & own:
                places &= ~own | -(1 << reached.bit_length() - 1)
        return places

    def written(self, places: int) -> Iterator[str]:
        """The characters that are written at these places."""
        return (each for each, mask in self._fits.items() if isinstance(each, str) and places & mask)

    @property
    def characters(self) -> Iterable[str]:
        return (each for each in self._fits if isinstance(each, str))


def _bits(places: Sequence[int]) -> int:
    """The number with these bits, given in order: set one by one in a number, each would cost its whole length."""
    row = bytearray(places[-1] // 8 + 1 if places else 0)
    for place in places:
        row[place // 8] |= 1 << place % 8
    return int.from_bytes(row, "little")


def contain(wide: Sequence[Pattern], narrow: Pattern, effort: Effort | None = None) -> bool:
    """Whether every text of `narrow` is of one of `wide`, together. False too where that is too long to find out, or
    the effort does not suffice."""
    if narrow in wide:
        return True
    alike = [(pattern, _alike(narrow, pattern)) for pattern in wide]
    near = [(pattern, count) for pattern, count in alike if not _differ(narrow, pattern, count)]
    first = min((count for _, count in near), default=0)
    return _hold(Patterns([pattern[first:] for pattern, _ in near]), narrow, first, effort)


def _hold(patterns: Patterns, narrow: Pattern, first: int = 0, effort: Effort | None = None) -> bool:
    """Whether every text of `narrow`, from a step on, is of one of the patterns."""
    seen: set[tuple[int, int]] = set()
    waiting = [(first, patterns.start)]
    while waiting:
        here = at, places = waiting.pop()
        if not places or len(seen) > _MOST_STATES:
            return False
        if here in seen:
            continue
        if effort is not None and not effort.spend(patterns.cost):
            return False
        seen.add(here)
        if at == len(narrow):
            if not places & patterns.ends:
                return False
            continue
        takes, repeats = narrow[at]
        if repeats:
            waiting.append((at + 1, places))
        for letter in [each for each in patterns.apart if _takes(takes, each)] if isinstance(takes, Class) else [takes]:
            waiting.append((at + (not repeats), patterns.needed(patterns.after(places, letter))))
    return True


def contains(wider: str, narrower: str) -> bool:
    """Whether `wider` matches all that `narrower` does: texts with `*` for any run and `?` for one character."""
    if not narrower.startswith(wider.partition("*")[0].partition("?")[0]):
        return False
    return _hold(_alone(wider), of_glob(_ordered(narrower)))


@lru_cache(maxsize=1024)
def _alone(text: str) -> Patterns:
    return Patterns([of_glob(_ordered(text))])


def _ordered(text: str) -> str:
    """In `*?*` the order says nothing: first what takes one character, then one run."""
    return _WILDCARDS.sub(lambda found: "?" * found[0].count("?") + "*" * ("*" in found[0]), text)


def meet(one: Pattern, other: Pattern, effort: Effort | None = None) -> bool:
    """Whether a text is of both. A variable may become anything. True too where the effort does not suffice."""
    start = _alike(one, other)
    if _differ(one, other, start):
        return False
    one, other = _open(one), _open(other)
    seen = {(start, start)}
    waiting = [(start, start)]
    while waiting:
        left, right = waiting.pop()
        if effort is not None and not effort.spend(2):
            return True
        if left == len(one) and right == len(other):
            return True
        for following in _pairs(one, other, left, right):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return False


def _alike(one: Pattern, other: Pattern) -> int:
    """How many characters both begin with."""
    count = 0
    for mine, others in zip(one, other, strict=False):
        if mine != others or mine.repeats or not isinstance(mine.takes, str):
            break
        count += 1
    return count


def _differ(one: Pattern, other: Pattern, at: int) -> bool:
    """Whether both go on there with one character, and not the same."""
    if at >= len(one) or at >= len(other):
        return False
    mine, others = one[at], other[at]
    written = isinstance(mine.takes, str) and isinstance(others.takes, str)
    return written and mine != others and not mine.repeats and not others.repeats


def _open(pattern: Pattern) -> Pattern:
    return tuple(RUN if isinstance(step.takes, Variable) else step for step in pattern)


def _pairs(one: Pattern, other: Pattern, left: int, right: int) -> Iterator[tuple[int, int]]:
    first = one[left] if left < len(one) else None
    second = other[right] if right < len(other) else None
    if first is not None and first.repeats:
        yield left + 1, right
    if second is not None and second.repeats:
        yield left, right + 1
    if first is not None and second is not None and _overlap(first, second):
        yield left + (not first.repeats), right + (not second.repeats)


def _overlap(one: Step, other: Step) -> bool:
    if isinstance(one.takes, str):
        return _takes(other.takes, one.takes)
    return not isinstance(other.takes, str) or _takes(one.takes, other.takes)


def _takes(what: str | Class | Variable, letter: Letter) -> bool:
    return letter != _LEFT_OUT.get(what) if isinstance(what, Class) else what == letter
