"""Our shapes are AWS's: every member, its order, name, type and constraints, compared with the service model."""

from __future__ import annotations

from typing import Any

import botocore.loaders
import botocore.model
import msgspec
import pytest

from gatepass.cognito import OPERATIONS, shapes
from gatepass.operation import Operation
from gatepass.wire.constraints import (
    Constraint,
    Enum,
    Kind,
    Length,
    ListOf,
    MapOf,
    Pattern,
    Range,
    Scalar,
    Sensitive,
    Structure,
    shape_of,
)
from gatepass.wire.json11 import Timestamp

MODEL = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("cognito-identity", "service-2"))
SCALARS = {"string": "String", "integer": "Integer", "long": "Integer", "boolean": "Boolean"}


def constraints(shape: Any) -> set[Constraint]:
    """What the model says of a shape, in our words."""
    found: set[Constraint] = set()
    bounds = (shape.metadata.get("min"), shape.metadata.get("max"))
    if bounds != (None, None):
        found.add(Range(*bounds) if shape.type_name in ("integer", "long") else Length(*bounds))
    if "pattern" in shape.metadata:
        found.add(Pattern(shape.metadata["pattern"]))
    if "enum" in shape.metadata:
        found.add(Enum(tuple(shape.metadata["enum"])))
    if shape.metadata.get("sensitive"):
        found.add(Sensitive())
    return found


def stripped(kind: Kind) -> set[Constraint]:
    return {Pattern(found.text) if isinstance(found, Pattern) else found for found in kind.constraints}


def compare(kind: Kind, shape: Any, where: str) -> None:
    assert stripped(kind) == constraints(shape), where
    if isinstance(kind, Structure):
        assert shape.type_name == "structure", where
        assert [member.name for member in kind.members] == list(shape.members), where
        assert [member.name for member in kind.members if member.required] == shape.required_members, where
        for member in kind.members:
            compare(member.kind, shape.members[member.name], f"{where}.{member.name}")
    elif isinstance(kind, ListOf):
        assert shape.type_name == "list", where
        compare(kind.element, shape.member, where + "[]")
    elif isinstance(kind, MapOf):
        assert shape.type_name == "map", where
        compare(kind.key, shape.key, where + "{key}")
        compare(kind.value, shape.value, where + "{}")
    else:
        assert isinstance(kind, Scalar)
        assert kind.type == SCALARS[shape.type_name], where


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_input_shape_is_the_models(operation: Operation) -> None:
    compare(shape_of(operation.takes), MODEL.operation_model(operation.name).input_shape, operation.name)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_output_shape_has_the_models_members(operation: Operation) -> None:
    expected = MODEL.operation_model(operation.name).output_shape
    if operation.gives is None:
        assert expected is None
        return
    members_match(operation.gives, expected)


def members_match(shape: type[msgspec.Struct], expected: Any) -> None:
    names = {field.encode_name for field in msgspec.structs.fields(shape)}
    assert names == set(expected.members)


def test_credentials_have_the_models_members_and_a_timestamp() -> None:
    expected = MODEL.shape_for("Credentials")
    members_match(shapes.Credentials, expected)
    assert expected.members["Expiration"].type_name == "timestamp"
    types = {field.name: field.type for field in msgspec.structs.fields(shapes.Credentials)}
    assert types["expiration"] is Timestamp


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("email", True),
        ("custom:été", True),
        ("名前", True),
        ("€5%", True),
        ("a b", False),
        ("a\n", False),
        ("\x00", False),
    ],
)
def test_a_claim_name_has_visible_characters_of_any_script(text: str, right: bool) -> None:
    claim = next(member for member in shape_of(shapes.MappingRule).members if member.name == "Claim")
    (pattern,) = [found for found in claim.kind.constraints if isinstance(found, Pattern)]
    assert pattern.holds(text) is right


SECRETS = [
    shapes.GetIdInput(identity_pool_id="r:0", logins={"p": "s3cr3t"}),
    shapes.GetCredentialsForIdentityInput("r:s3cr3t", logins={"p": "s3cr3t"}),
    shapes.GetIdResponse("r:s3cr3t"),
    shapes.Credentials("ASIA", Timestamp(1), "s3cr3t", "s3cr3t"),
    shapes.GetCredentialsForIdentityResponse(shapes.Credentials("ASIA", Timestamp(1), "s3cr3t", "s3cr3t"), "r:s3cr3t"),
]


@pytest.mark.parametrize("shape", SECRETS, ids=lambda shape: type(shape).__name__)
def test_a_shape_with_secrets_does_not_show_them(shape: msgspec.Struct) -> None:
    assert "s3cr3t" not in repr(shape)
