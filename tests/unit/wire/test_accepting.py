"""The quick way takes an input only where the full one makes the same, and takes everything that is in order."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.cognito_calls import ANSWERED
from tests.unit.wire.test_constraints import GOOD, Example

from gatepass.cognito import shapes
from gatepass.errors import ServiceError
from gatepass.server.operations import OPERATIONS
from gatepass.wire.accepting import accept
from gatepass.wire.constraints import MapOf, Scalar, Structure, build, shape_of
from gatepass.wire.json11 import _structure

INPUTS = [operation.takes for operation in OPERATIONS.values() if operation.service == "cognito-identity"]
POOL_ID = "us-east-1:8d8f7658-1c6c-4f0b-9d5c-0123456789ab"

texts = st.text(max_size=3) | st.sampled_from(
    [POOL_ID, "r:0", "a" * 56, "\u00e9" * 30, "\U0001f600" * 28, "\0", "Equals"]
)
scalars = texts | st.integers(-1, 70) | st.booleans() | st.none() | st.floats(0, 2)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2), max_leaves=4
)


def in_full(shape: type[msgspec.Struct], values: dict[str, Any]) -> msgspec.Struct | None:
    """The plain way; None if it refuses."""
    try:
        return build(shape, _structure(shape_of(shape), values))
    except ServiceError:
        return None


def members_of(kind: Structure) -> st.SearchStrategy[dict[str, Any]]:
    """Members by name, of which most are nearly right."""
    return st.fixed_dictionaries(
        {}, optional={member.name: likely(member.kind) for member in kind.members} | {"Unknown": anything}
    )


def likely(kind: Any) -> st.SearchStrategy[Any]:
    if isinstance(kind, Scalar):
        return {"String": texts, "Integer": st.integers(-1, 90000), "Boolean": st.booleans()}[kind.type] | anything
    if isinstance(kind, Structure):
        return members_of(kind) | anything
    if isinstance(kind, MapOf):
        return st.dictionaries(texts, likely(kind.value), max_size=3) | anything
    return st.lists(likely(kind.element), max_size=3) | anything


@pytest.mark.parametrize("shape", [*INPUTS, Example], ids=lambda shape: str(shape.__name__))
@given(data=st.data())
def test_what_is_taken_quickly_is_what_is_made_in_full(shape: type[msgspec.Struct], data: st.DataObject) -> None:
    values = data.draw(members_of(shape_of(shape)))
    assert accept(shape, values) in (None, in_full(shape, values))


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        (shapes.GetIdInput, {"IdentityPoolId": POOL_ID}),
        (shapes.GetIdInput, {"IdentityPoolId": POOL_ID, "AccountId": "123456789012", "Logins": {"p": "t"}}),
        (shapes.GetIdInput, {"IdentityPoolId": POOL_ID, "AccountId": None, "Unknown": [{}]}),
        (shapes.GetCredentialsForIdentityInput, {"IdentityId": POOL_ID, "Logins": {"p": "t"}}),
        (shapes.ListIdentityPoolsInput, {"MaxResults": 60}),
        (Example, {**GOOD, "Rules": [{"Claim": "c", "MatchType": "Equals"}], "Arns": ["ab"], "Status": "Active"}),
    ],
)
def test_what_is_in_order_is_taken_quickly(shape: type[msgspec.Struct], values: dict[str, Any]) -> None:
    taken = accept(shape, json.loads(json.dumps(values)))
    assert taken is not None
    assert taken == in_full(shape, values)


def test_there_are_operations_to_compare() -> None:
    assert len(INPUTS) == len(ANSWERED) == 23
