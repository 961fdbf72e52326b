"""What AWS's front end checks before an operation sees its input, and the words it uses.

An input shape is a `msgspec.Struct` whose members are annotated with the constraints of the service model::

    class GetIdInput(Input):
        identity_pool_id: Annotated[str, Length(1, 55), Pattern(r"[\\w-]+:[0-9a-f-]+")]

`shape_of` reads such a class once. A protocol decodes its bytes along that description (what is not of its type is its
affair), and `build` then checks every constraint and makes the input. All failures go into one message.
"""

from __future__ import annotations

import functools
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec

from gatepass.errors import ValidationFailure

MOST_MEMBERS = 1000
"""Of a list or map that is too long anyway, nothing more is said: whoever sends it may have signed nothing."""
MOST_FAILURES = 100
MOST_PRINTED = 4096

Input = TypeVar("Input", bound=msgspec.Struct)


# --- constraints, as written in an annotation


@dataclass(frozen=True, slots=True)
class Length:
    """UTF-16 units of a string, elements of a list or map."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """A number's bounds."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """The whole string matches, as Java's `String.matches` does: `\\w`, `\\d`, `\\s` are ASCII.

    Args:
        text: the pattern as AWS prints it.
        matches: decides in its place, where Python's `re` does not know the syntax.
    """

    text: str
    matches: Callable[[str], object] | None = None

    def holds(self, value: str) -> bool:
        return bool(self.test()(value))

    def test(self) -> Callable[[str], object]:
        """What decides: true where it holds."""
        return self.matches or _compiled(self.text).fullmatch


@dataclass(frozen=True, slots=True)
class Enum:
    """One of these values. `listed`: the message names them, which IAM's does not."""

    values: tuple[str, ...]
    listed: bool = True

    def holds(self, value: str) -> bool:
        return value in self.values

    def test(self) -> Callable[[str], object]:
        """What decides: true where it holds."""
        return self.values.__contains__


@dataclass(frozen=True, slots=True)
class Sensitive:
    """The value is a secret: it is not repeated in a message."""


@dataclass(frozen=True, slots=True)
class NotNull:
    """AWS names it beside the other constraints of a list's elements, where its model says so."""


NO_NUL = Pattern(r"[^\u0000]*", lambda text: "\0" not in text)
"""Of every string whose model has no pattern: XML cannot carry U+0000, nor can PostgreSQL keep it.

Not of secrets: they are tokens, which are refused in words of their own, and not kept.
"""


Constraint: TypeAlias = Length | Range | Pattern | Enum | Sensitive | NotNull


@functools.cache
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII)


# --- an input's description


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, whole number or boolean. `type` is Java's word for it, which messages use."""

    type: str
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class ListOf:
    element: Kind
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class MapOf:
    key: Scalar
    value: Kind
    constraints: tuple[Constraint, ...] = ()


class Member(NamedTuple):
    """One member of a structure.

    Attributes:
        attribute: its name in the Struct.
        name: its name on the wire, `IdentityPoolId`.
        path: its name in messages, `identityPoolId`.
    """

    attribute: str
    name: str
    path: str
    kind: Kind
    required: bool


@dataclass(frozen=True, slots=True)
class Structure:
    shape: type[msgspec.Struct]
    members: tuple[Member, ...]
    constraints: tuple[Constraint, ...] = ()


Kind: TypeAlias = Scalar | ListOf | MapOf | Structure

_JAVA_TYPES: dict[object, str] = {str: "String", int: "Integer", bool: "Boolean"}


@functools.cache
def shape_of(shape: type[msgspec.Struct]) -> Structure:
    """The description of an input shape: its members in order, with their constraints."""
    annotations = typing.get_type_hints(shape, include_extras=True)
    members = []
    for field in msgspec.structs.fields(shape):
        name = field.encode_name
        kind = _kind(annotations[field.name], ())
        members.append(Member(field.name, name, name[0].lower() + name[1:], kind, field.required))
    return Structure(shape, tuple(members))


def _kind(annotation: Any, constraints: tuple[Constraint, ...]) -> Kind:
    """Annotations wrap from the outside in: `Annotated[dict[Key, Value], Length(…)] | None`."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _kind(arguments[0], tuple(annotation.__metadata__) + constraints)
    if origin in (typing.Union, types.UnionType):
        (inner,) = [argument for argument in arguments if argument is not types.NoneType]
        return _kind(inner, constraints)
    if origin is tuple:
        return ListOf(_kind(arguments[0], ()), constraints)
    if origin is dict:
        key = _kind(arguments[0], ())
        assert isinstance(key, Scalar)  # noqa: S101 - a shape is written by us, not sent to us
        return MapOf(key, _kind(arguments[1], ()), constraints)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return shape_of(annotation)
    return Scalar(_JAVA_TYPES[annotation], constraints)


# --- checking


def build(shape: type[Input], values: Mapping[str, object], *, show_values: bool = True) -> Input:
    """Make the input from decoded values.

    Args:
        values: by wire name; strings, ints, bools, lists, dicts, of the types the shape says. None and absent are one.
        show_values: print the offending value; IAM leaves it out.

    Raises:
        ValidationFailure: one or more constraints do not hold; its message lists them as AWS does.
    """
    structure = shape_of(shape)
    failures: list[str] = []
    _check_structure(structure, values, "", _Report(failures, show_values))
    if failures:
        noun = "error" if len(failures) == 1 else "errors"
        raise ValidationFailure(f"{len(failures)} validation {noun} detected: " + "; ".join(failures))
    made = _make(structure, values)
    assert isinstance(made, shape)  # noqa: S101 - for the type checker
    return made


class _Report(NamedTuple):
    failures: list[str]
    show_values: bool

    def add(self, value: object, secret: bool, path: str, text: str) -> None:
        if len(self.failures) >= MOST_FAILURES:
            return
        printed = ""
        if self.show_values and not secret:
            printed = " null" if value is None else f" '{_shortened(java_text(value))}'"
        self.failures.append(f"Value{printed} at '{path}' failed to satisfy constraint: {text}")


def _check(kind: Kind, value: object, path: str, report: _Report) -> None:
    if isinstance(kind, Structure):
        _check_structure(kind, typing.cast("Mapping[str, object]", value), path + ".", report)
        return
    texts = broken(kind.constraints, value)
    for text in texts:
        report.add(_shown(kind, value), _is_secret(kind), path, text)
    if texts and isinstance(value, list | dict) and len(value) > MOST_MEMBERS:
        return
    if isinstance(kind, ListOf):
        _check_list(kind, typing.cast("list[object]", value), path, report)
    elif isinstance(kind, MapOf):
        _check_map(kind, typing.cast("dict[str, object]", value), path, report)


def _check_structure(kind: Structure, values: Mapping[str, object], prefix: str, report: _Report) -> None:
    for member in kind.members:
        value = values.get(member.name)
        if value is not None:
            _check(member.kind, value, prefix + member.path, report)
        elif member.required:
            report.add(None, False, prefix + member.path, "Member must not be null")


def _check_list(kind: ListOf, values: list[object], path: str, report: _Report) -> None:
    if isinstance(kind.element, Scalar):
        if not all(_holds(kind.element, value) for value in values):
            text = f"Member must satisfy constraint: {_all_texts(kind.element, _has_nul(values))}"
            report.add(_shown(kind, values), False, path, text)
        return
    for number, value in enumerate(values, 1):
        _check_element(kind.element, value, f"{path}.{number}.member", report)


def _check_map(kind: MapOf, values: dict[str, object], path: str, report: _Report) -> None:
    if not all(_holds(kind.key, key) for key in values):
        text = f"Map keys must satisfy constraint: {_all_texts(kind.key, _has_nul(values))}"
        report.add(_shown(kind, values), False, path, text)
    if isinstance(kind.value, Scalar):
        if not all(_holds(kind.value, value) for value in values.values()):
            text = f"Map value must satisfy constraint: {_all_texts(kind.value, _has_nul(values.values()))}"
            report.add(_shown(kind, values), False, path, text)
        return
    for key, value in values.items():
        _check_element(kind.value, value, f"{path}.{_shortened(key)}.member", report)


def _check_element(kind: Kind, value: object, path: str, report: _Report) -> None:
    if value is None:
        report.add(None, False, path, "Member must not be null")
    else:
        _check(kind, value, path, report)


def _holds(kind: Scalar, value: object) -> bool:
    return value is not None and not broken(kind.constraints, value)


def broken(constraints: tuple[Constraint, ...], value: object) -> list[str]:
    """The texts of the constraints that do not hold: patterns and enums first, then lengths and ranges."""
    texts: list[str] = []
    for constraint in constraints:
        if isinstance(constraint, Pattern | Enum):
            if not constraint.holds(str(value)):
                texts.insert(0, _text(constraint))
        elif isinstance(constraint, Length):
            texts += _out_of_bounds("length", length(value), constraint.minimum, constraint.maximum)
        elif isinstance(constraint, Range) and isinstance(value, int):
            texts += _out_of_bounds("value", value, constraint.minimum, constraint.maximum)
    if isinstance(value, str) and "\0" in value and not says_what_it_holds(constraints):
        texts.insert(0, _text(NO_NUL))
    return texts


def says_what_it_holds(constraints: tuple[Constraint, ...]) -> bool:
    return any(isinstance(constraint, Pattern | Enum | Sensitive) for constraint in constraints)


def _has_nul(values: Iterable[object]) -> bool:
    return any(isinstance(value, str) and "\0" in value for value in values)


def length(value: object) -> int:
    """A string's length in UTF-16 units, as Java counts; the number of elements of anything else."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-16-le", "surrogatepass")) // 2
    return len(typing.cast("list[object]", value))


def _out_of_bounds(what: str, size: int, minimum: int | None, maximum: int | None) -> list[str]:
    if minimum is not None and size < minimum:
        return [f"Member must have {what} greater than or equal to {minimum}"]
    if maximum is not None and size > maximum:
        return [f"Member must have {what} less than or equal to {maximum}"]
    return []


def _text(constraint: Pattern | Enum) -> str:
    if isinstance(constraint, Pattern):
        return f"Member must satisfy regular expression pattern: {constraint.text}"
    values = ": [" + ", ".join(constraint.values) + "]" if constraint.listed else ""
    return "Member must satisfy enum value set" + values


@functools.cache
def _all_texts(kind: Scalar, has_nul: bool) -> str:
    """Every constraint of a list's or map's elements; AWS names them all when one does not hold."""
    texts = []
    for constraint in kind.constraints:
        if isinstance(constraint, Length | Range):
            what = "length" if isinstance(constraint, Length) else "value"
            if constraint.maximum is not None:
                texts.append(f"Member must have {what} less than or equal to {constraint.maximum}")
            if constraint.minimum is not None:
                texts.append(f"Member must have {what} greater than or equal to {constraint.minimum}")
    texts += [_text(constraint) for constraint in kind.constraints if isinstance(constraint, Pattern | Enum)]
    if has_nul and not says_what_it_holds(kind.constraints):
        texts.append(_text(NO_NUL))
    if not texts or any(isinstance(constraint, NotNull) for constraint in kind.constraints):
        texts.append("Member must not be null")
    return "[" + ", ".join(texts) + "]"


# --- printing values


def java_text(value: object) -> str:
    """A value as Java's `toString` prints it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(java_text, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"
    return str(value)


def _is_secret(kind: Kind) -> bool:
    return any(isinstance(constraint, Sensitive) for constraint in kind.constraints)


def _shown(kind: Kind, value: object) -> object:
    """The value as it may be printed: a secret inside a list or map becomes asterisks."""
    if isinstance(kind, ListOf) and _is_secret(kind.element):
        return ["***" if element else element for element in typing.cast("list[object]", value)]
    if isinstance(kind, MapOf) and _is_secret(kind.value):
        return {key: "***" if item else item for key, item in typing.cast("dict[str, object]", value).items()}
    return value


def _shortened(text: str) -> str:
    """A reply stays small whatever was sent."""
    return text if len(text) <= MOST_PRINTED else text[:MOST_PRINTED] + "..."


# --- making the input


def _make(kind: Structure, values: Mapping[str, object]) -> msgspec.Struct:
    given = {}
    for member in kind.members:
        value = values.get(member.name)
        if value is not None:
            given[member.attribute] = _made(member.kind, value)
    return kind.shape(**given)


def _made(kind: Kind, value: object) -> object:
    if isinstance(kind, Scalar):
        return value
    if isinstance(kind, Structure):
        return _make(kind, typing.cast("Mapping[str, object]", value))
    if isinstance(kind, ListOf):
        return tuple(_made(kind.element, element) for element in typing.cast("list[object]", value))
    return {key: _made(kind.value, item) for key, item in typing.cast("dict[str, object]", value).items()}
