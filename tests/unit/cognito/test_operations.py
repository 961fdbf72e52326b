"""The table agrees with AWS's service model, and every error a row declares can be provoked, and no other."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

import botocore.loaders
import botocore.model
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatepass import errors
from gatepass.cognito import OPERATIONS
from gatepass.operation import Operation
from gatepass.wire import json11

MODEL = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("cognito-identity", "service-2"))
UNKNOWN = "eu-central-1:00000000-0000-4000-8000-000000000000"
ROLE = "arn:aws:iam::123456789012:role/other"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_row_agrees_with_the_model(operation: Operation) -> None:
    model = MODEL.operation_model(operation.name)
    assert operation.service == "cognito-identity"
    assert operation.signed == (model.auth_type != "none")
    assert operation.needs_permission == operation.signed
    assert {failure.code + "Exception" for failure in operation.fails} <= {shape.name for shape in model.error_shapes}


def test_no_operation_is_there_twice() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)


# --- every declared error, provoked


def closed_pool(broker: Any) -> str:
    pool = broker.ask("CreateIdentityPool", IdentityPoolName="p", AllowUnauthenticatedIdentities=False)
    pool_id: str = pool["IdentityPoolId"]
    return pool_id


def update(pool_id: str, **more: Any) -> dict[str, Any]:
    return {"IdentityPoolId": pool_id, "IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True, **more}


def guest(broker: Any, **role: Any) -> dict[str, Any]:
    made = broker.ask("GetId", None, IdentityPoolId=broker.guest_pool(**role))
    return {"IdentityId": made["IdentityId"]}


def guest_without_role(broker: Any) -> dict[str, Any]:
    pool_id = broker.guest_pool()
    broker.ask("SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles={})
    return {"IdentityId": broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"]}


DEVELOPER = {"Logins": {"dev": "user"}}
BAD_PROVIDER = {"CognitoIdentityProviders": [{"ProviderName": "x", "ClientId": "c"}]}

PROVOKED: dict[tuple[str, type[errors.ServiceError]], Callable[[Any], dict[str, Any]]] = {
    ("CreateIdentityPool", errors.InvalidParameter): lambda broker: {
        "IdentityPoolName": "p",
        "AllowUnauthenticatedIdentities": True,
        **BAD_PROVIDER,
    },
    ("DescribeIdentityPool", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN},
    ("UpdateIdentityPool", errors.ResourceNotFound): lambda broker: update(UNKNOWN),
    ("UpdateIdentityPool", errors.InvalidParameter): lambda broker: update(closed_pool(broker), **BAD_PROVIDER),
    ("UpdateIdentityPool", errors.ConcurrentModification): lambda broker: update(closed_pool(broker)),
    ("DeleteIdentityPool", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN},
    ("ListIdentityPools", errors.InvalidParameter): lambda broker: {"MaxResults": 1, "NextToken": "x"},
    ("SetIdentityPoolRoles", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN, "Roles": {}},
    ("SetIdentityPoolRoles", errors.InvalidParameter): lambda broker: {
        "IdentityPoolId": closed_pool(broker),
        "Roles": {},
        "RoleMappings": {"x": {"Type": "Token"}},
    },
    ("SetIdentityPoolRoles", errors.NotAuthorized): lambda broker: {
        "IdentityPoolId": closed_pool(broker),
        "Roles": {"authenticated": "no-arn-but-long-enough"},
    },
    ("SetIdentityPoolRoles", errors.ConcurrentModification): lambda broker: {
        "IdentityPoolId": closed_pool(broker),
        "Roles": {},
    },
    ("GetIdentityPoolRoles", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN},
    ("GetId", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN},
    ("GetId", errors.NotAuthorized): lambda broker: {"IdentityPoolId": closed_pool(broker)},
    ("GetId", errors.InvalidParameter): lambda broker: {
        "IdentityPoolId": broker.guest_pool(DeveloperProviderName="dev"),
        **DEVELOPER,
    },
    ("GetCredentialsForIdentity", errors.ResourceNotFound): lambda broker: {"IdentityId": UNKNOWN},
    ("GetCredentialsForIdentity", errors.NotAuthorized): lambda broker: {**guest(broker), "CustomRoleArn": ROLE},
    ("GetCredentialsForIdentity", errors.InvalidParameter): lambda broker: {
        **guest(broker, DeveloperProviderName="dev"),
        **DEVELOPER,
    },
    ("GetCredentialsForIdentity", errors.InvalidIdentityPoolConfiguration): guest_without_role,
}


def test_every_declared_error_is_in_the_list() -> None:
    assert set(PROVOKED) == {(operation.name, failure) for operation in OPERATIONS for failure in operation.fails}


@pytest.mark.parametrize(("name", "failure"), PROVOKED, ids=lambda value: getattr(value, "__name__", value))
def test_a_declared_error_is_answered(broker: Any, name: str, failure: type[errors.ServiceError]) -> None:
    parameters = PROVOKED[name, failure](broker)
    if failure is errors.ConcurrentModification:
        code, message = at_once(broker, name, parameters)
    else:
        code, message = broker.refusal(name, **parameters)
    assert code == failure.code + "Exception"
    assert message


def at_once(broker: Any, name: str, parameters: dict[str, Any]) -> tuple[str, str]:
    """The refusal of one of several callers who do the same at the same time."""
    body = json.dumps(parameters).encode()

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(broker.respond(name, body) for _ in range(8)))

    responses = broker.run(all_of_them())
    assert any(response.status == 200 for response in responses)
    refused = json.loads(next(response.body for response in responses if response.status != 200))
    return refused["__type"], refused["message"]


# --- whatever arrives

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 70)
    | st.text(max_size=5)
    | st.sampled_from([UNKNOWN, ROLE, "p", "Token"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["authenticated", "unauthenticated", "Type", "Rules", "p", ""]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_input_is_answered(broker: Any, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(OPERATIONS))
    names = [field.encode_name for field in msgspec.structs.fields(operation.takes)]
    body = data.draw(st.binary(max_size=40) | st.dictionaries(st.sampled_from(names), VALUES).map(_as_json))
    response = broker.send(operation.name, body)
    assert response.status in (200, 400)
    assert response.status == 200 or json11.CONTENT_TYPE in dict(response.headers).values()


def _as_json(values: dict[str, Any]) -> bytes:
    return json.dumps(values).encode()


def test_a_mutated_good_request_is_answered(broker: Any) -> None:
    """Bytes flipped, dropped and doubled in requests that work."""
    pool_id = broker.guest_pool()
    identity_id = broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"]
    good = {
        "GetCredentialsForIdentity": {"IdentityId": identity_id, "Logins": {}},
        "UpdateIdentityPool": update(pool_id, CognitoIdentityProviders=[{"ClientId": "c"}]),
        "GetId": {"IdentityPoolId": pool_id, "AccountId": "123456789012"},
    }
    chance = random.Random(1)
    for _ in range(300):
        name = chance.choice(list(good))
        body = bytearray(json.dumps(good[name]).encode())
        position = chance.randrange(len(body))
        body[position : position + chance.randrange(2)] = chance.randbytes(chance.randrange(3))
        response = broker.send(name, bytes(body))
        if name == "GetCredentialsForIdentity" and response.status == 200:
            assert json.loads(response.body)["IdentityId"] == identity_id
