"""Conditions that can never hold together: each key's conditions are asked of every value that could tell them apart.

The engine judges, so what is found is what it does. Where the values that matter are not finitely many (several
patterns on one key, variables), nothing is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations, pairwise

from gatepass.advice.findings.conditions import family
from gatepass.advice.findings.subject import Finding, Subject
from gatepass.policy import ContextValue, values
from gatepass.policy.conditions import Check
from gatepass.policy.document import Condition, Statement
from gatepass.policy.operators import operator_name
from gatepass.policy.query import Context

# More candidates than this come from lists that nobody contradicts himself in.
_MOST_CANDIDATES = 400
_MOST_PAIRED = 24
_FRESH = "\u00a4"


def about_satisfiability(subject: Subject) -> Iterator[Finding]:
    for index, statement in subject.statements:
        by_key: dict[str, list[Condition]] = {}
        for condition in statement.conditions:
            by_key.setdefault(condition.key.lower(), []).append(condition)
        for conditions in by_key.values():
            if not _can_hold(conditions, statement, subject.document.has_variables):
                said = " and ".join(f"`{each.operator}`" for each in conditions)
                verb = "hold together" if len(conditions) > 1 else "holds"
                message = f"{said} on `{conditions[0].key}` never {verb}, so the statement never applies"
                path = ("Condition", conditions[-1].operator, conditions[-1].key)
                yield subject.finding("never-applies", message, index, *path)


def _can_hold(conditions: list[Condition], statement: Statement, has_variables: bool) -> bool:
    """Whether some value of the key, or its absence, meets all of them; true too where that is not known."""
    if any("${" in value for each in conditions for value in each.values):
        conditions = [each for each in conditions if "${" not in "".join(each.values)]
    names = [operator_name(each.operator) for each in conditions]
    if any(name is None for name in names) or sum(_has_patterns(each) for each in conditions) > 1:
        return True
    deny = statement.effect == "Deny"
    tests = [Check(each, doubt=deny, has_variables=has_variables).test for each in conditions]
    key = conditions[0].key.lower() if conditions else ""
    singles = sorted({*_candidates(conditions), _FRESH})
    if len(singles) > _MOST_CANDIDATES:
        return True
    sets = [name for name in names if name is not None and name.set_mode]
    return any(all(test(Context({key: value})) for test in tests) for value in _values(singles, bool(sets)))


def _values(singles: list[str], sets: bool) -> Iterator[ContextValue | None]:
    yield None
    yield from singles
    if sets:
        yield from ((single,) for single in singles)
        yield from combinations(singles[:_MOST_PAIRED], 2)
        yield tuple(singles)


def _has_patterns(condition: Condition) -> bool:
    name = operator_name(condition.operator)
    like = name is not None and (name.name.endswith("Like") or name.name.startswith("Arn"))
    return like and any("*" in value or "?" in value for value in condition.values)


def _candidates(conditions: Sequence[Condition]) -> Iterator[str]:
    """Values at which an answer may change, of all the conditions together."""
    given: dict[str, list[str]] = {}
    for condition in conditions:
        name = operator_name(condition.operator)
        given.setdefault(family(name.name) if name is not None else "", []).extend(condition.values)
    for of, texts in given.items():
        if of == "Numeric":
            yield from _around(number for text in texts if (number := values.number(text)) is not None)
        elif of == "Date":
            yield from _moments(moment for text in texts if (moment := values.moment(text)) is not None)
        elif of == "IpAddress":
            yield from _addresses(texts)
        elif of == "Bool":
            yield from ("true", "false")
        else:
            yield from _instances(texts)
            yield from ("arn:aws:iam::000000000000:role/some",) if of == "Arn" else ()


def _instances(given: Iterable[str]) -> Iterator[str]:
    """Texts that a pattern stands for, with characters that stand in none."""
    for value in given:
        yield value.lower()
        for run in ("", _FRESH, _FRESH * (len(value) + 1)):
            yield value.replace("?", _FRESH).replace("*", run)


def _around(numbers: Iterable[Decimal]) -> Iterator[str]:
    """Each number, one just above and one just below it, and one between any two."""
    ordered = sorted(set(numbers))
    between = ((one + other) / 2 for one, other in pairwise(ordered))
    for number in (*ordered, *between, *(each + 1 for each in ordered[-1:]), *(each - 1 for each in ordered[:1])):
        yield f"{number:f}"


def _moments(nanoseconds: Iterable[int]) -> Iterator[str]:
    """Each moment, and those just before and after it."""
    for at in {each + step for each in nanoseconds for step in (-1, 0, 1)}:
        seconds, fraction = divmod(at, 1_000_000_000)
        try:
            yield f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:09}Z"
        except (OverflowError, ValueError, OSError):
            yield str(seconds)


def _addresses(given: Iterable[str]) -> Iterator[str]:
    """First and last of each block, and their neighbours."""
    from ipaddress import IPv4Address, IPv6Address

    yield from ("203.0.113.1", "2001:db8::1")
    for value in given:
        block = values.network(value)
        if block is None:
            continue
        of, longest = (IPv4Address, 2**32) if block.version == 4 else (IPv6Address, 2**128)
        first = block.bits << block.shift
        last = first + (1 << block.shift) - 1
        yield from (str(of(each)) for each in (first - 1, first, last, last + 1) if 0 <= each < longest)
