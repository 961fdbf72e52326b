"""The quick way to take an input that is in order, which nearly all are.

`accept` says yes or nothing. It says yes only where `constraints.build` would make the same input; whatever else there
is to say about the values is said by looking again in full, in AWS's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from gatepass.wire.constraints import (
    NO_NUL,
    Constraint,
    Enum,
    Kind,
    Length,
    ListOf,
    Pattern,
    Range,
    Scalar,
    Structure,
    length,
    says_what_it_holds,
    shape_of,
)

Input = TypeVar("Input", bound=msgspec.Struct)
Test = Callable[[Any], object]
"""Whether a value is in order; of one that is of its type, and there."""


def accept(shape: type[Input], values: object) -> Input | None:
    """The input, if every member is of its type and every constraint holds.

    Args:
        values: as a decoder gives them: strings, numbers, bools, lists, dicts by wire name, None.
    """
    try:
        made = msgspec.convert(values, shape)
    except msgspec.ValidationError:
        return None
    for value_of, test in _tests(shape):
        value = value_of(made)
        if value is not None and not test(value):
            return None
    return made


@cache
def _tests(shape: type[msgspec.Struct]) -> tuple[tuple[Callable[[Any], Any], Test], ...]:
    """What must hold of the shape's members, if they are there."""
    members = ((attrgetter(member.attribute), _test(member.kind)) for member in shape_of(shape).members)
    return tuple((value_of, test) for value_of, test in members if test is not None)


def _test(kind: Kind) -> Test | None:
    """None where nothing can be wrong."""
    if isinstance(kind, Structure):
        return _of_structure(kind.shape)
    own = list(map(_constraint, kind.constraints))
    if isinstance(kind, Scalar):
        if kind.type == "String" and not says_what_it_holds(kind.constraints):
            own.append(NO_NUL.test())
    elif isinstance(kind, ListOf):
        own.append(_each(_test(kind.element)))
    else:
        own += [_each(_test(kind.key)), _each_value(_test(kind.value))]
    return _all(test for test in own if test is not None)


def _constraint(constraint: Constraint) -> Test | None:
    if isinstance(constraint, Pattern | Enum):
        return constraint.test()
    if isinstance(constraint, Length):
        return _between(constraint.minimum, constraint.maximum, length)
    if isinstance(constraint, Range):
        return _between(constraint.minimum, constraint.maximum)
    return None


def _between(minimum: int | None, maximum: int | None, measure: Callable[[Any], int] = int) -> Test:
    low = float("-inf") if minimum is None else minimum
    high = float("inf") if maximum is None else maximum
    return lambda value: low <= measure(value) <= high


def _all(tests: Iterable[Test]) -> Test | None:
    several = tuple(tests)
    if len(several) < 2:
        return several[0] if several else None
    if len(several) == 2:
        first, second = several
        return lambda value: first(value) and second(value)
    return lambda value: all(test(value) for test in several)


def _each(test: Test | None) -> Test | None:
    return None if test is None else lambda values: all(map(test, values))


def _each_value(test: Test | None) -> Test | None:
    return None if test is None else lambda values: all(map(test, values.values()))


def _of_structure(shape: type[msgspec.Struct]) -> Test | None:
    tests = _tests(shape)
    if not tests:
        return None
    return lambda made: all((value := value_of(made)) is None or test(value) for value_of, test in tests)
