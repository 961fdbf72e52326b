"""Patterns: rows of steps, each of which takes one character, or any number of them.

A policy's pattern, a route's path and what a variable may become are all such rows: `languages` compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from gatepass.policy.arns import SEGMENTS
from gatepass.policy.globs import STAR, Token

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


class Step(NamedTuple):
    takes: str | Class | Variable
    repeats: bool = False


Pattern = tuple[Step, ...]

RUN = Step(Class.ANY, True)
"""Any run of characters."""


def literal(text: str) -> Pattern:
    return tuple(Step(character) for character in text)


def of_tokens(given: Iterable[Token]) -> Pattern:
    """What the engine matches by."""
    steps: list[Step] = []
    for token in given:
        steps += literal(token) if isinstance(token, str) else [RUN if token is STAR else Step(Class.ANY)]
    return tuple(steps)


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
    # Up to the last brace: a search for one that never comes would be made again for each beginning.
    for variable in _VARIABLE.finditer(text, 0, text.rfind("}") + 1) if variables else ():
        yield from _wild(text[position : variable.start()], any_)
        inside, position = variable[0][2:-1], variable.end()
        yield Step(inside if inside in ("*", "?", "$") else Variable(inside.lower()))
    yield from _wild(text[position:], any_)


def _wild(text: str, any_: Class) -> Iterator[Step]:
    for character in text:
        yield Step(any_, character == "*") if character in "*?" else Step(character)


def of_route(template: str) -> Pattern:
    """A route's path without a slash at its end: `{id}` is a segment or a part of one, `{proxy+}` all that follows."""
    steps: list[Step] = []
    position = 0
    bare = template.rstrip("/")
    for parameter in _PARAMETER.finditer(bare):
        class_ = Class.ANY if parameter[1] else Class.BUT_SLASH
        steps += [*literal(bare[position : parameter.start()]), Step(class_), Step(class_, True)]
        position = parameter.end()
    return (*steps, *literal(bare[position:]))


def of_path(template: str) -> Pattern:
    """A route's path with any number of slashes at its end: they do not count."""
    return (*of_route(template), Step("/", True))
