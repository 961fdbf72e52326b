"""The table against AWS's service model: names, members, constraints, order, errors; and any form at all."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import botocore.model
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.sts.service import MODEL, ROOT, TABLE

from gatepass.errors import ServiceError
from gatepass.operation import Operation
from gatepass.sts import OPERATIONS, shapes
from gatepass.wire import query
from gatepass.wire.constraints import Kind, Length, ListOf, Pattern, Range, Scalar, Structure, shape_of

if TYPE_CHECKING:
    from tests.unit.sts.service import Sts

EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


@EACH
def test_input_shapes(operation: Operation) -> None:
    """Every member of the model, with its type and constraints, and none else."""
    model = MODEL.operation_model(operation.name).input_shape
    assert described(shape_of(operation.takes)) == ({} if model is None else modelled(model))


def described(kind: Kind) -> Any:
    if isinstance(kind, Structure):
        return {member.name: (described(member.kind), member.required) for member in kind.members}
    if isinstance(kind, ListOf):
        return ("list", described(kind.element), constraints(kind.constraints))
    assert isinstance(kind, Scalar)
    return (kind.type.lower(), constraints(kind.constraints))


def constraints(given: tuple[object, ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    for constraint in given:
        if isinstance(constraint, Length | Range):
            found |= {"min": constraint.minimum or 0, "max": constraint.maximum}
        elif isinstance(constraint, Pattern):
            found["pattern"] = constraint.text
    return {name: value for name, value in found.items() if value is not None}


def modelled(shape: botocore.model.Shape) -> Any:
    if isinstance(shape, botocore.model.StructureShape):
        required = set(shape.required_members)
        return {name: (modelled(member), name in required) for name, member in shape.members.items()}
    limits = {name: shape.metadata[name] for name in ("min", "max", "pattern") if name in shape.metadata}
    if limits.keys() & {"min", "max"}:
        limits.setdefault("min", 0)
    if isinstance(shape, botocore.model.ListShape):
        return ("list", modelled(shape.member), limits)
    return (shape.type_name, limits)


@EACH
def test_output_shapes(operation: Operation) -> None:
    """No member that the model does not have, and every one it requires."""
    assert operation.gives is not None
    assert unknown(operation.gives, MODEL.operation_model(operation.name).output_shape) == []


def unknown(shape: type[msgspec.Struct], model: Any) -> list[str]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    wrong = sorted(fields.keys() - model.members.keys()) + sorted(set(model.required_members) - fields.keys())
    for name, field in fields.items():
        for inner in structs(field.type):
            wrong += unknown(inner, model.members[name])
    return wrong


def structs(annotation: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from structs(argument)


@EACH
def test_members_are_printed_in_the_order_of_a_java_hash_table(operation: Operation) -> None:
    """As AWS prints them (docs/decisions/0045); those that meet in one bucket in the model's order, as recorded of
    `AssumedRoleUser` and `Credentials`."""
    assert operation.gives is not None
    ordered(operation.gives, MODEL.operation_model(operation.name).output_shape)


def ordered(shape: type[msgspec.Struct], model: Any) -> None:
    names = [field.encode_name for field in msgspec.structs.fields(shape)]
    in_model = [name for name in model.members if name in names]
    assert names == sorted(in_model, key=lambda name: bucket(name[0].lower() + name[1:]))
    for field in msgspec.structs.fields(shape):
        for inner in structs(field.type):
            ordered(inner, model.members[field.encode_name])


def bucket(name: str) -> int:
    """Where `java.util.HashMap` keeps a string, in a table of 16."""
    code = 0
    for character in name:
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return (code ^ code >> 16) % 16


@EACH
def test_declared_errors_are_in_the_model(operation: Operation) -> None:
    """Or are what parameters and permissions can do wrong, which the model leaves out."""
    modelled_codes = {shape.metadata["error"]["code"] for shape in MODEL.operation_model(operation.name).error_shapes}
    codes = {error_code(error) for error in operation.fails}
    assert codes - modelled_codes <= {"AccessDenied", "InvalidParameterValue", "ValidationError"}


def error_code(error: type[ServiceError]) -> str:
    body = query.error(error("text"), "sts", "id").body.decode()
    return body.partition("<Code>")[2].partition("</Code>")[0]


def test_who_must_sign_and_who_needs_a_permission() -> None:
    """Taking a role asks for its permissions itself; AWS's policies do not control the other two."""
    assert [name for name, operation in TABLE.items() if not operation.signed] == ["AssumeRoleWithWebIdentity"]
    assert [name for name, operation in TABLE.items() if operation.signed and not operation.needs_permission] == [
        "AssumeRole",
        "GetCallerIdentity",
        "GetSessionToken",
    ]


def test_no_secret_is_shown() -> None:
    given = shapes.AssumeRoleWithWebIdentityInput("arn", "name", "a secret")
    made = shapes.GetSessionTokenOutput(shapes.Credentials("ASIA", "a secret", "a secret", 0.0))
    assert "a secret" not in repr(given) + repr(made)


NAMES = sorted(
    {member.name for operation in OPERATIONS for member in shape_of(operation.takes).members}
    | {"Tags.member.1.Key", "Tags.member.1.Value", "TransitiveTagKeys.member.1", "PolicyArns.member.1.arn"}
)
TEXTS = st.one_of(
    st.text(),
    st.sampled_from(["", "1", "-1", "900", "3600", "ab", "{}", "x" * 20, "a.b.c", "arn:aws:iam::123456789012:role/r"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(TABLE)), st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text()), TEXTS))
def test_any_form_is_answered_or_refused(sts: Sts, name: str, parameters: dict[str, str]) -> None:
    """Nothing but a declared error is raised, and nobody gets a role."""
    given = {key: value for key, value in parameters.items() if key not in ("Action", "Version")}
    response = sts.send(name, ROOT, given)
    assert 400 <= response.status < 500 or name in ("GetAccessKeyInfo", "GetCallerIdentity", "GetSessionToken")
