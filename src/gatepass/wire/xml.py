"""Output shapes as AWS's query services print them: two blanks a level, no declaration, a final newline.

An output shape is a `msgspec.Struct`. Its members are printed in the order they are written, those that are None not at
all; a member that is neither text nor number says how it is printed in its annotation (`Timestamp`, `PercentEncoded`).
"""

from __future__ import annotations

import functools
import re
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias
from urllib.parse import quote

import msgspec

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})


def escaped(text: str) -> str:
    """Text between tags. What XML cannot hold becomes U+FFFD; a carriage return would be read as a line feed."""
    return _NOT_XML.sub("\ufffd", text).translate(_ESCAPES)


def iso8601(seconds: float) -> str:
    """`2026-11-23T06:00:00Z`; the fraction is dropped."""
    return datetime.fromtimestamp(seconds // 1, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def percent_encoded(text: str) -> str:
    """RFC 3986: all but unreserved characters, `*` too."""
    return quote(text, safe="")


@dataclass(frozen=True, slots=True)
class Written:
    """How a member is printed, in its annotation."""

    write: Callable[[Any], str]


Timestamp: TypeAlias = Annotated[float, Written(iso8601)]
PercentEncoded: TypeAlias = Annotated[str, Written(percent_encoded)]


def document(tag: str, namespace: str, content: Iterator[str]) -> bytes:
    """The whole of an answer around the lines of `element`."""
    return "\n".join([f'<{tag} xmlns="{namespace}">', *content, f"</{tag}>", ""]).encode()


def element(tag: str, value: object, level: int = 1, write: Callable[[Any], str] | None = None) -> Iterator[str]:
    """The lines of one element."""
    if isinstance(value, msgspec.Struct):
        yield from _wrapped(tag, level, _members(value, level + 1))
    elif isinstance(value, dict):
        yield from _wrapped(tag, level, _entries(value, level + 1))
    elif isinstance(value, tuple):
        yield from _wrapped(tag, level, (line for item in value for line in element("member", item, level + 1, write)))
    else:
        text = escaped(write(value) if write else _scalar(value))
        yield _indented(level, f"<{tag}>{text}</{tag}>" if text else f"<{tag}/>")


def _wrapped(tag: str, level: int, content: Iterator[str]) -> Iterator[str]:
    first = next(content, None)
    if first is None:
        yield _indented(level, f"<{tag}/>")
        return
    yield _indented(level, f"<{tag}>")
    yield first
    yield from content
    yield _indented(level, f"</{tag}>")


def _entries(value: dict[str, object], level: int) -> Iterator[str]:
    for key, item in value.items():
        yield _indented(level, "<entry>")
        yield from element("key", key, level + 1)
        yield from element("value", item, level + 1)
        yield _indented(level, "</entry>")


def _members(value: msgspec.Struct, level: int) -> Iterator[str]:
    for attribute, tag, write in _plan(type(value)):
        member = getattr(value, attribute)
        if member is not None:
            yield from element(tag, member, level, write)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _indented(level: int, text: str) -> str:
    return "  " * level + text


@functools.cache
def _plan(shape: type[msgspec.Struct]) -> tuple[tuple[str, str, Callable[[Any], str] | None], ...]:
    """(attribute, tag, how it is printed) of each member."""
    annotations = typing.get_type_hints(shape, include_extras=True)
    return tuple(
        (field.name, field.encode_name, _how(annotations[field.name])) for field in msgspec.structs.fields(shape)
    )


def _how(annotation: Any) -> Callable[[Any], str] | None:
    """The `Written` of an annotation, under `… | None` or `tuple[…, ...]`."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        for mark in annotation.__metadata__:
            if isinstance(mark, Written):
                return mark.write
        return _how(arguments[0])
    if origin in (typing.Union, types.UnionType, tuple):
        return next((how for argument in arguments if (how := _how(argument))), None)
    return None
