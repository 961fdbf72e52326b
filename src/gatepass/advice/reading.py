"""JSON and YAML as values with line numbers.

YAML is read as policies are meant: `Version: 2012-10-17` is a text and not a date, and numbers keep their digits.
CloudFormation's short forms (`!Sub`) become the long ones (`{"Fn::Sub": …}`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gatepass.errors import ConfigurationError

Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_DECODER = json.JSONDecoder()
_DEEPEST = 64
_STANDARD = "tag:yaml.org,2002:"
# A node of a YAML file may be named and used many times: more uses than this are a bomb, and so is more text than
# this beyond what the file itself has.
_MOST_NODES = 500_000
_MOST_REPEATED = 1_000_000


class Doubled(dict[str, Any]):
    """An object in which a member name stood twice; the last one counts."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value, and where its parts stand.

    Attributes:
        lines: line, from 1, of each member and element, by the way to it from the top.
        doubled: the ways to members that stand twice.
        blocks: of texts that stand as they are, line by line (YAML's `|`): the line of the first one.
    """

    value: Any
    lines: Mapping[Path, int] = field(default_factory=dict)
    doubled: tuple[Path, ...] = ()
    blocks: Mapping[Path, int] = field(default_factory=dict)
    _order: dict[Path, int] = field(default_factory=dict, repr=False, compare=False)
    _ways: list[Path] = field(default_factory=list, repr=False, compare=False)

    def line(self, path: Path) -> int:
        """Of the part, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def within(self, path: Path, text: str) -> Reading | None:
        """The value in a text that is a part of this value, with its lines in this file; None if it is no object."""
        if not text.lstrip().startswith("{"):
            return None
        try:
            inner = _JsonReader(text).read()
        except ValueError:
            return None
        block, line = self.blocks.get(path), self.line(path)
        lines = {way: line if block is None else block + at - 1 for way, at in inner.lines.items()}
        return Reading(inner.value, lines, inner.doubled)

    def made(self, value: Any, places: Mapping[Path, Path]) -> Reading:
        """A value that was made of parts of this one: where each of its parts comes from, and what is within it."""
        lines = {way: self.line(place) for way, place in places.items()}
        for way, place in places.items():
            lines |= {(*way, *at[len(place) :]): self.lines[at] for at in self._within(place)}
        return Reading(value, lines)

    def _within(self, place: Path) -> Iterator[Path]:
        """The ways to all parts of a part. They follow it in `lines`, which are in the order of the text."""
        if not self._ways:
            self._ways.extend(self.lines)
            self._order.update({way: number for number, way in enumerate(self._ways)})
        number = self._order.get(place, len(self._ways)) + 1
        while number < len(self._ways) and self._ways[number][: len(place)] == place:
            yield self._ways[number]
            number += 1


def plain(text: str) -> Any:
    """The value without line numbers: several times as fast for JSON. Raises: ConfigurationError."""
    if not _looks_like_json(text):
        return read(text).value
    try:
        return json.loads(text, object_pairs_hook=_members)
    except RecursionError:
        raise ConfigurationError("it is nested too deep") from None
    except ValueError as error:
        # What begins as JSON may still be YAML's flow style, which allows more.
        try:
            return read_yaml(text).value
        except ConfigurationError:
            raise ConfigurationError(f"it is not JSON: {_json_error(error)}") from None


def read(text: str) -> Reading:
    """The value with line numbers. Raises: ConfigurationError."""
    if _looks_like_json(text):
        try:
            return _JsonReader(text).read()
        except ValueError as error:
            try:
                return read_yaml(text)
            except ConfigurationError:
                raise ConfigurationError(f"it is not JSON: {_json_error(error)}") from None
    return read_yaml(text)


def _json_error(error: ValueError) -> str:
    """In the words of either reader: what is wrong, and in which line."""
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    return f"{error.msg[:1].lower()}{error.msg[1:]} at line {error.lineno}"


def _looks_like_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", '"')


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else Doubled(pairs)


class _JsonReader:
    """One pass over a JSON text."""

    def __init__(self, text: str) -> None:
        self._text = text.removeprefix("\ufeff")
        self._at = 0
        self._line, self._counted = 1, 0
        self._lines: dict[Path, int] = {}
        self._doubled: list[Path] = []

    def read(self) -> Reading:
        self._lines[()] = self._here()
        value = self._value(())
        if self._next():
            raise self._wrong("more after the end")
        return Reading(value, self._lines, tuple(self._doubled))

    def _next(self) -> str:
        """The next character that is not blank; empty at the end."""
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._text[self._at : self._at + 1]

    def _here(self) -> int:
        self._next()
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _wrong(self, what: str) -> ValueError:
        return ValueError(f"{what} at line {self._here()}")

    def _value(self, path: Path) -> Any:
        if len(path) > _DEEPEST:
            raise self._wrong("nested too deep")
        first = self._next()
        if first == "{":
            return self._object(path)
        if first == "[":
            return self._list(path)
        if first == '"':
            return self._string()
        scalar = _SCALAR.match(self._text, self._at)
        if scalar is None:
            raise self._wrong("no value")
        self._at = scalar.end()
        return json.loads(scalar[0])

    def _string(self) -> str:
        text, self._at = _DECODER.raw_decode(self._text, self._at)
        return str(text)

    def _object(self, path: Path) -> dict[str, Any]:
        pairs: list[tuple[str, Any]] = []
        self._at += 1
        while self._next() != "}":
            if pairs:
                self._expect(",")
            line = self._here()
            if self._next() != '"':
                raise self._wrong("no member name")
            name = self._string()
            here = (*path, name)
            if here in self._lines:
                self._doubled.append(here)
            self._lines[here] = line
            self._expect(":")
            pairs.append((name, self._value(here)))
        self._at += 1
        return _members(pairs)

    def _list(self, path: Path) -> list[Any]:
        items: list[Any] = []
        self._at += 1
        while self._next() != "]":
            if items:
                self._expect(",")
            here = (*path, len(items))
            self._lines[here] = self._here()
            items.append(self._value(here))
        self._at += 1
        return items

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise self._wrong(f"no `{character}`")
        self._at += 1


def read_yaml(text: str) -> Reading:
    """A YAML text, which JSON mostly is. Raises: ConfigurationError."""
    try:
        import yaml
    except ModuleNotFoundError:
        raise ConfigurationError("reading YAML needs `PyYAML`", hint="pip install 'gatepass[server]'") from None
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # Composing recurses, in C too, and there nothing catches it.
        if _depth(yaml, text, loader) > _DEEPEST:
            raise ConfigurationError("it is nested too deep")
        node = yaml.compose(text, loader)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"it is neither JSON nor YAML: {_yaml_error(error)}") from None
    except RecursionError:
        raise ConfigurationError("it is nested too deep") from None
    return _YamlReader(len(text) + _MOST_REPEATED).read(node)


def _yaml_error(error: Any) -> str:
    """What is wrong and in which line, as far as PyYAML says; its own text quotes its source over several lines."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem is None or mark is None:
        return " ".join(str(error).split())
    return f"{problem} at line {mark.line + 1}"


def _depth(yaml: Any, text: str, loader: Any) -> int:
    deepest = current = 0
    for event in yaml.parse(text, loader):
        if isinstance(event, yaml.CollectionStartEvent):
            current += 1
            deepest = max(deepest, current)
            if deepest > _DEEPEST:
                break
        elif isinstance(event, yaml.CollectionEndEvent):
            current -= 1
    return deepest


class _YamlReader:
    """YAML's nodes as plain values."""

    def __init__(self, most: int) -> None:
        """`most`: characters of all texts together."""
        self._left = most
        self._lines: dict[Path, int] = {}
        self._doubled: list[Path] = []
        self._blocks: dict[Path, int] = {}
        self._nodes = 0

    def read(self, node: Any) -> Reading:
        value = None if node is None else self._value(node, ())
        return Reading(value, self._lines, tuple(self._doubled), self._blocks)

    def _value(self, node: Any, path: Path) -> Any:
        self._nodes += 1
        if node.id == "scalar":
            self._left -= len(node.value)
        if len(path) > _DEEPEST or self._nodes > _MOST_NODES:
            raise ConfigurationError("it is nested too deep")
        if self._left < 0:
            raise ConfigurationError("it repeats too much text")
        self._lines.setdefault(path, node.start_mark.line + 1)
        value = self._untagged(node, path)
        if node.tag.startswith("!") and len(node.tag) > 1:
            return _long_form(node.tag[1:], value)
        return value

    def _untagged(self, node: Any, path: Path) -> Any:
        if node.id == "scalar":
            if node.style == "|":
                self._blocks[path] = node.start_mark.line + 2
            return _scalar(node)
        if node.id == "sequence":
            return [self._value(item, (*path, number)) for number, item in enumerate(node.value)]
        pairs = []
        for key, item in node.value:
            name = str(key.value) if key.id == "scalar" else ""
            self._left -= len(name)
            here = (*path, name)
            if here in self._lines:
                self._doubled.append(here)
            self._lines[here] = key.start_mark.line + 1
            pairs.append((name, self._value(item, here)))
        return _members(pairs)


def _scalar(node: Any) -> Any:
    text = str(node.value)
    if not node.style and node.tag.startswith(_STANDARD):
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        if node.tag == _STANDARD + "null":
            return None
    return text


def _long_form(tag: str, value: Any) -> dict[str, Any]:
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}
