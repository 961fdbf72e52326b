"""Form parameters: `Tags.member.1.Key=team` to the values of an input shape.

A form is read in two steps: `pairs`, then `values` along the description of a shape. What the shape does not name is
ignored, as AWS does; what it names but is not of its type is `MalformedInput`, in the words of AWS's parser where they
are known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from gatepass.errors import MalformedInput
from gatepass.wire.constraints import Kind, ListOf, MapOf, Scalar, Structure

MOST_PAIRS = 20_000
DEEPEST = 12
LARGEST_INTEGER = 2**31 - 1
SMALLEST_INTEGER = -(2**31)

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_INTEGER = re.compile(r"[+-]?[0-9]{1,32}")
_INDEX = re.compile(r"[1-9][0-9]{0,8}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def pairs(form: bytes) -> dict[str, str]:
    """The parameters of a form; of a repeated name the first value counts.

    Raises:
        MalformedInput: a `%` without two hex digits, bytes that are not UTF-8, or more parameters than anyone sends.
    """
    if form.count(b"&") >= MOST_PAIRS:
        raise MalformedInput(detail=f"the form has more than {MOST_PAIRS} parameters")
    parameters: dict[str, str] = {}
    for pair in form.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            parameters.setdefault(_decoded(name), _decoded(value))
    return parameters


def _decoded(encoded: bytes) -> str:
    if _BROKEN_ESCAPE.search(encoded):
        raise MalformedInput(detail="the form holds a `%` that begins no escape")
    try:
        return unquote_to_bytes(encoded.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise MalformedInput(detail="the form holds bytes that are not UTF-8") from None


@dataclass(slots=True)
class _Node:
    """A parameter's value, and the parameters whose names go on after a dot."""

    value: str | None = None
    children: dict[str, _Node] = field(default_factory=dict)


def values(parameters: Mapping[str, str], structure: Structure) -> dict[str, object]:
    """The values of a shape's members by wire name, for `constraints.build`.

    Raises:
        MalformedInput: a parameter the shape names is not of its type.
    """
    root = _Node()
    known = {member.name for member in structure.members}
    for name, value in parameters.items():
        steps = name.split(".", DEEPEST)
        if steps[0] in known and len(steps) <= DEEPEST:
            node = root
            for step in steps:
                node = node.children.setdefault(step, _Node())
            node.value = value
    return _structure(structure, root)


def _structure(structure: Structure, node: _Node) -> dict[str, object]:
    return {
        member.name: _value(member.kind, node.children[member.name])
        for member in structure.members
        if member.name in node.children
    }


def _value(kind: Kind, node: _Node) -> object:
    if isinstance(kind, Scalar):
        return _scalar(kind, node)
    if isinstance(kind, ListOf):
        return _list(kind, node)
    assert not isinstance(kind, MapOf)  # noqa: S101 - no input of STS and IAM holds a map
    if node.value is not None:
        raise MalformedInput("Unexpected complex element termination")
    return _structure(kind, node)


def _list(kind: ListOf, node: _Node) -> list[object]:
    """`X.member.1`, `X.member.2`, …; `X=` is the empty list."""
    if node.value:
        raise MalformedInput("Unexpected list element termination")
    if node.children.keys() - {"member"}:
        raise MalformedInput("Top level element may not be treated as a list")
    member = node.children.get("member", _Node())
    if member.value is not None or not all(_INDEX.fullmatch(index) for index in member.children):
        raise MalformedInput(detail="a list element's number is not a positive integer")
    return [_value(kind.element, member.children[index]) for index in sorted(member.children, key=int)]


def _scalar(kind: Scalar, node: _Node) -> str | int | bool:
    text = node.value
    if text is None or node.children:
        raise MalformedInput("Start of list found where not expected")
    if kind.type == "Integer":
        return _integer(text)
    if kind.type == "Boolean":
        if text not in _BOOLEANS:
            raise MalformedInput("boolean must follow xsd1.1 definition")
        return _BOOLEANS[text]
    return text


def _integer(text: str) -> int:
    """32 bits with a sign, as AWS reads it; it says nothing of what is no number."""
    if not text:
        raise MalformedInput("missing value for decimal type")
    if not _INTEGER.fullmatch(text) or not SMALLEST_INTEGER <= int(text) <= LARGEST_INTEGER:
        raise MalformedInput(detail="the value is not a 32-bit integer")
    return int(text)
