"""Policies under suppositions: with each condition and each policy variable taken to be met, or not.

What a condition says about a request is not known as long as there is none. What can be known is whether it matters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from gatepass.advice.cases import Named
from gatepass.advice.stack import listed, statements
from gatepass.policy.globs import STAR, Token, tokens
from gatepass.policy.variables import MalformedVariable, Variable, template

# More suppositions than these are not tried in every combination, but each alone.
_MOST_COMBINED = 5
# Those after so many are not tried: nobody could tell any more what depends on which.
MOST = 64
_RESOURCES = ("Resource", "NotResource")

Suppositions = Mapping[str, bool]


def suppositions(documents: Iterable[Any]) -> list[Suppositions]:
    """What may be: conditions that are written alike hold alike. Empty, if nothing is left open."""
    names = left_open(documents)[:MOST]
    if not names:
        return []
    if len(names) <= _MOST_COMBINED:
        values: Iterable[tuple[bool, ...]] = product((False, True), repeat=len(names))
    else:
        each = [tuple(number == alone for number in range(len(names))) for alone in range(-1, len(names))]
        values = [*each, *(tuple(not value for value in row) for row in each)]
    return [dict(zip(names, row, strict=True)) for row in values]


def left_open(documents: Iterable[Any]) -> list[str]:
    """The conditions and resources that may be met or not."""
    return sorted({name for document in documents for name in _open(document)})


def supposed(found: Named, given: Suppositions) -> Named:
    """The policy as it would be without conditions and variables, if they were as supposed."""
    kept = [each for statement in statements(found.document) for each in _supposed(statement, found.document, given)]
    return found._replace(document={**found.document, "Statement": kept})


def patterns_of(document: Any) -> Iterator[tuple[Token, ...]]:
    """What its statements say of resources; `*` stands for a variable's value."""
    for statement in statements(document) if isinstance(document, dict) else ():
        for name in _RESOURCES:
            for text in listed(statement.get(name)):
                if isinstance(text, str):
                    yield _pattern(text, document)


def _open(document: Any) -> Iterator[str]:
    for statement in statements(document) if isinstance(document, dict) else ():
        if statement.get("Condition"):
            yield _condition(statement)
        for name in _RESOURCES:
            for text in listed(statement.get(name)):
                if isinstance(text, str) and _variables(text, document):
                    yield text


def _supposed(statement: dict[str, Any], document: Any, given: Suppositions) -> Iterator[dict[str, Any]]:
    kept = dict(statement)
    if kept.pop("Condition", None) and not given.get(_condition(statement), False):
        return
    for name in _RESOURCES:
        if name in kept:
            texts = [each for each in listed(kept[name]) if given.get(each, True)]
            if not texts and name == "Resource":
                return
            kept[name] = [_written(each, document) for each in texts]
    yield kept


def _condition(statement: dict[str, Any]) -> str:
    return json.dumps(statement["Condition"], sort_keys=True)


def _variables(text: str, document: dict[str, Any]) -> bool:
    if document.get("Version") != "2012-10-17" or "${" not in text:
        return False
    try:
        return any(isinstance(part, Variable) for part in template(text, wildcards=True))
    except MalformedVariable:
        return False


def _written(text: str, document: dict[str, Any]) -> str:
    """The resource with `*` for its variables."""
    if not _variables(text, document):
        return text
    parts = template(text, wildcards=True)
    return "".join(
        "*" if isinstance(each, Variable) else each if isinstance(each, str) else each.value for each in parts
    )


def _pattern(text: str, document: dict[str, Any]) -> tuple[Token, ...]:
    if document.get("Version") != "2012-10-17" or "${" not in text:
        return tokens(text)
    try:
        return tuple(STAR if isinstance(each, Variable) else each for each in template(text, wildcards=True))
    except MalformedVariable:
        return ()
