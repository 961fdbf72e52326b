"""Patterns as sets of texts: whether two have a text in common, and whether some contain another. Exact, not by trial.

A pattern is a row of steps, each of which takes one character, or any number of them. A policy's pattern, a route's
path and what a variable may become are all such rows, so one answer serves for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from gatepass.policy.arns import SEGMENTS

#: Steps of a walk after which the answer is given up. No policy that AWS would take comes near.
_MOST_STATES = 10_000
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_PARAMETER = re.compile(r"\{[\w.\-]+(\+?)\}")


class Class(Enum):
    """More characters than one."""

    ANY = "any"
    BUT_SLASH = "any but /"
    BUT_COLON = "any but :"


class Variable(NamedTuple):
    """What a policy variable becomes: nobody knows what, but the same wherever it stands."""

    name: str


Letter = str | Variable | None
"""One character, a variable's whole value, or None: a character that stands in no pattern."""


class Step(NamedTuple):
    takes: str | Class | Variable
    repeats: bool = False


Pattern = tuple[Step, ...]


def literal(text: str) -> Pattern:
    return tuple(Step(character) for character in text)


@lru_cache(maxsize=1024)
def of_glob(text: str, *, variables: bool = False) -> Pattern:
    """`*` is any run, `?` one character. `variables`: `${…}` are variables, and not text."""
    return tuple(_globbed(text, variables, Class.ANY))


@lru_cache(maxsize=1024)
def of_resource(text: str, *, variables: bool = False) -> Pattern:
    """An ARN as an Allow reads it: a star before the fifth colon does not reach over colons. See `policy.arns`."""
    if text == "*":
        return of_glob(text)
    parts = text.split(":", SEGMENTS - 1)
    head = (step for part in parts[:-1] for step in (*_globbed(part, False, Class.BUT_COLON), Step(":")))
    return (*head, *_globbed(parts[-1], variables, Class.ANY))


def _globbed(text: str, variables: bool, any_: Class) -> Iterator[Step]:
    position = 0
    for variable in _VARIABLE.finditer(text) if variables else ():
        yield from _wild(text[position : variable.start()], any_)
        inside, position = variable[0][2:-1], variable.end()
        yield Step(inside if inside in ("*", "?", "$") else Variable(inside.lower()))
    yield from _wild(text[position:], any_)


def _wild(text: str, any_: Class) -> Iterator[Step]:
    for character in text:
        yield Step(any_, character == "*") if character in "*?" else Step(character)


def of_path(template: str) -> Pattern:
    """A route's path: `{id}` is a segment or a part of one, `{proxy+}` all that follows; slashes at the end do not
    count."""
    steps: list[Step] = []
    position = 0
    bare = template.rstrip("/")
    for parameter in _PARAMETER.finditer(bare):
        class_ = Class.ANY if parameter[1] else Class.BUT_SLASH
        steps += [*literal(bare[position : parameter.start()]), Step(class_), Step(class_, True)]
        position = parameter.end()
    return (*steps, *literal(bare[position:]), Step("/", True))


def meet(one: Pattern, other: Pattern) -> bool:
    """Whether a text is of both. A variable may become anything."""
    start = _alike(one, other)
    if _differ(one, other, start):
        return False
    one, other = _open(one), _open(other)
    seen = {(start, start)}
    waiting = [(start, start)]
    while waiting:
        left, right = waiting.pop()
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
    return tuple(Step(Class.ANY, True) if isinstance(step.takes, Variable) else step for step in pattern)


def _pairs(one: Pattern, other: Pattern, left: int, right: int) -> Iterator[tuple[int, int]]:
    first = one[left] if left < len(one) else None
    second = other[right] if right < len(other) else None
    if first is not None and first.repeats:
        yield left + 1, right
    if second is not None and second.repeats:
        yield left, right + 1
    if first is not None and second is not None and _overlap(first.takes, second.takes):
        yield left + (not first.repeats), right + (not second.repeats)


def _overlap(one: str | Class | Variable, other: str | Class | Variable) -> bool:
    if isinstance(one, str):
        return _takes(other, one)
    return not isinstance(other, str) or _takes(one, other)


def _takes(what: str | Class | Variable, letter: Letter) -> bool:
    if not isinstance(what, Class):
        return what == letter
    if what is Class.ANY:
        return True
    return letter != ("/" if what is Class.BUT_SLASH else ":")


def contain(wide: Sequence[Pattern], narrow: Pattern) -> bool:
    """Whether every text of `narrow` is of one of `wide`, together. False too where that is too long to find out."""
    if narrow in wide:
        return True
    first = min((_alike(narrow, pattern) for pattern in wide), default=0)
    wide = [pattern for pattern in wide if not _differ(narrow, pattern, _alike(narrow, pattern))]
    positions = frozenset(each for index in range(len(wide)) for each in _closed(wide, index, first))
    start = (first, positions)
    seen, waiting = {start}, [start]
    while waiting:
        at, there = waiting.pop()
        if at == len(narrow) and not any(position == len(wide[index]) for index, position in there):
            return False
        for following in _advanced(wide, narrow, at, there):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
        if len(seen) > _MOST_STATES:
            return False
    return True


_There = frozenset[tuple[int, int]]


# What wildcards meet: a character that no pattern writes, which only wildcards take, and those that some do not take.
_LETTERS: tuple[Letter, ...] = (None, "/", ":")


def _advanced(wide: Sequence[Pattern], narrow: Pattern, at: int, there: _There) -> Iterator[tuple[int, _There]]:
    if at == len(narrow):
        return
    step = narrow[at]
    if step.repeats:
        yield at + 1, there
    taken = [letter for letter in _LETTERS if _takes(step.takes, letter)]
    for letter in taken if isinstance(step.takes, Class) else [step.takes]:
        reached = {each for index, position in there for each in _after(wide, index, position, letter)}
        yield at + (not step.repeats), _needed(wide, reached)


def _closed(wide: Sequence[Pattern], index: int, position: int) -> Iterator[tuple[int, int]]:
    """The position, and those behind steps that may take nothing."""
    pattern = wide[index]
    yield index, position
    while position < len(pattern) and pattern[position].repeats:
        position += 1
        yield index, position


def _after(wide: Sequence[Pattern], index: int, position: int, letter: Letter) -> Iterator[tuple[int, int]]:
    pattern = wide[index]
    if position == len(pattern):
        return
    step = pattern[position]
    # A variable's value may have any length: only a run takes it, or the same variable.
    if isinstance(letter, Variable) and step.takes != letter and not (step.repeats and step.takes is Class.ANY):
        return
    if isinstance(letter, Variable) or _takes(step.takes, letter):
        yield from _closed(wide, index, position + (not step.repeats))


def _needed(wide: Sequence[Pattern], reached: set[tuple[int, int]]) -> _There:
    """Without the positions before the last star reached: what they take, the star takes too."""
    last: dict[int, int] = {}
    for index, position in reached:
        if position < len(wide[index]) and wide[index][position] == (Class.ANY, True):
            last[index] = max(last.get(index, 0), position)
    return frozenset((index, position) for index, position in reached if position >= last.get(index, 0))
