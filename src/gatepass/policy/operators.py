"""The condition operators: how each reads a request value, reads a policy value, and compares the two.

Set prefixes, `IfExists`, missing keys and negation are the same for all of them and are in `conditions`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from gatepass.policy import values
from gatepass.policy.globs import Token, glob, tokens
from gatepass.policy.variables import text_of

SetMode = Literal["", "ForAllValues", "ForAnyValue"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison.

    Attributes:
        negated: the condition holds where no policy value compares true.
        read: the request value, or None if it cannot be read as what the operator compares.
        read_pattern: the same for a policy value, after variables.
        holds: request value, policy value -> whether they compare.
        variables: policy values may hold variables.
        wildcards: `*` and `?` in policy values are wildcards.
        strict: an unreadable value makes the answer unknown; else it compares to nothing.
    """

    name: str
    negated: bool
    read: Callable[[str], Any]
    read_pattern: Callable[[tuple[Token, ...]], Any]
    holds: Callable[[Any, Any], bool]
    variables: bool = False
    wildcards: bool = False
    strict: bool = True


class OperatorName(NamedTuple):
    """An operator as a policy spells it, taken apart."""

    set_mode: SetMode
    name: str
    if_exists: bool


@lru_cache(maxsize=256)
def operator_name(text: str) -> OperatorName | None:
    """None if the text cannot be an operator of any name."""
    set_mode, separator, name = text.rpartition(":")
    if separator and set_mode not in ("ForAllValues", "ForAnyValue"):
        return None
    if name.endswith("IfExists"):
        return OperatorName(set_mode, name[:-8], True)  # type: ignore[arg-type]  # checked one line up
    return OperatorName(set_mode, name, False)  # type: ignore[arg-type]


def is_known(text: str) -> bool:
    """Whether AWS has this operator; `Null` has no IfExists form."""
    given = operator_name(text)
    return given is not None and (given.name in OPERATORS or (given.name == "Null" and not given.if_exists))


def _same(text: str) -> str:
    return text


def _arn_pattern(given: tuple[Token, ...]) -> Any:
    """Six globs; a value's stars are literal, so the pattern is cut at the colons of its tokens."""
    segments: list[list[Token]] = [[]]
    for token in given:
        if not isinstance(token, str):
            segments[-1].append(token)
            continue
        first, *more = token.split(":")
        segments[-1].append(first)
        for part in more:
            if len(segments) == 6:
                segments[-1].append(f":{part}")
            else:
                segments.append([part])
    return tuple(glob(segment).matches for segment in segments) if len(segments) == 6 else None


def _arn_holds(segments: tuple[str, ...], pattern: tuple[Callable[[str], bool], ...]) -> bool:
    return all(test(segment) for test, segment in zip(pattern, segments, strict=True))


def _by_text(read: Callable[[str], Any]) -> Callable[[tuple[Token, ...]], Any]:
    return lambda given: read(text_of(given))


def _operators() -> dict[str, Operator]:
    found: list[Operator] = []

    def add(name: str, negation: str | None, read: Any, read_pattern: Any, holds: Any, **more: bool) -> None:
        found.append(Operator(name, False, read, read_pattern, holds, **more))
        if negation:
            found.append(Operator(negation, True, read, read_pattern, holds, **{**more, "strict": True}))

    text, fold = _by_text(_same), _by_text(str.lower)
    add("StringEquals", "StringNotEquals", _same, text, operator.eq, variables=True)
    add("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", str.lower, fold, operator.eq, variables=True)
    add(
        "StringLike",
        "StringNotLike",
        _same,
        lambda given: glob(given).matches,
        lambda value, test: test(value),
        variables=True,
        wildcards=True,
    )
    for family, read in (("Numeric", values.number), ("Date", values.moment)):
        pattern = _by_text(read)
        add(f"{family}Equals", f"{family}NotEquals", read, pattern, operator.eq)
        add(f"{family}LessThan", None, read, pattern, operator.lt)
        add(f"{family}LessThanEquals", None, read, pattern, operator.le)
        add(f"{family}GreaterThan", None, read, pattern, operator.gt)
        add(f"{family}GreaterThanEquals", None, read, pattern, operator.ge)
    add("Bool", None, values.boolean, _by_text(values.boolean), operator.eq, variables=True, strict=False)
    add("BinaryEquals", None, values.octets, _by_text(values.octets), operator.eq)
    add(
        "IpAddress",
        "NotIpAddress",
        values.address,
        _by_text(values.network),
        lambda host, block: values.contains(block, host),
    )
    for name, negation in (("ArnEquals", "ArnNotEquals"), ("ArnLike", "ArnNotLike")):
        arn, more = values.arn_segments, {"variables": True, "wildcards": True, "strict": False}
        add(name, negation, arn, _arn_pattern, _arn_holds, **more)
    return {each.name: each for each in found}


OPERATORS = _operators()


def literal(text: str, *, wildcards: bool) -> tuple[Token, ...]:
    """A policy value without variables."""
    return tokens(text) if wildcards else (text,)
