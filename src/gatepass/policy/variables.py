"""Policy variables: `${key}`, `${key, 'default'}`, and `${*}` `${?}` `${$}` for the characters themselves.

A variable's value is inserted as literal text: a star in a tag never becomes a wildcard.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gatepass.policy.globs import Token, tokens
from gatepass.policy.query import Context


class Variable(NamedTuple):
    """A context key to be inserted; the name is in lower case."""

    key: str
    default: str | None


class MalformedVariable(ValueError):
    """`${` without an end, nesting, a space in the name, or a default in another form than `, 'text'`."""


Template = tuple[Token | Variable, ...]


def template(text: str, *, wildcards: bool) -> Template:
    """Literal runs, wildcards and variables. Raises: MalformedVariable."""
    if "${" not in text:
        return tokens(text) if wildcards else (text,)
    found: list[Token | Variable] = []
    position = 0
    while (start := text.find("${", position)) >= 0:
        if start > position:
            found.extend(tokens(text[position:start]) if wildcards else (text[position:start],))
        end = text.find("}", start)
        if end < 0:
            raise MalformedVariable(f"`{text[start:]}` has no end")
        found.append(_variable(text[start + 2 : end]))
        position = end + 1
    if position < len(text):
        found.extend(tokens(text[position:]) if wildcards else (text[position:],))
    return tuple(found)


def _variable(inside: str) -> str | Variable:
    if inside in ("*", "?", "$"):
        return inside
    name, default = inside, None
    if inside.endswith("'"):
        name, separator, quoted = inside.partition(", '")
        default = quoted[:-1]
        if not separator or "'" in default or "{" in default:
            raise MalformedVariable(f"`${{{inside}}}`: a default is written `, 'text'`")
    if not name or any(character in name for character in " ,'${"):
        raise MalformedVariable(f"`${{{inside}}}` names no key")
    return Variable(name.lower(), default)


def keys(given: Template) -> Iterator[str]:
    """The context keys a template asks for."""
    return (token.key for token in given if isinstance(token, Variable))


def resolve(given: Template, context: Context) -> tuple[Token, ...] | None:
    """The template with values in place; None if a variable has none.

    A set of values is no value, and an empty text is none either.
    """
    resolved: list[Token] = []
    for token in given:
        if isinstance(token, Variable):
            value = context[token.key]
            if not isinstance(value, str) or not value:
                if token.default is None:
                    return None
                value = token.default
            resolved.append(value)
        else:
            resolved.append(token)
    return tuple(resolved)


def text_of(resolved: tuple[Token, ...]) -> str:
    """A resolved template as text, wildcards as they are written."""
    return "".join(token if isinstance(token, str) else token.value for token in resolved)
