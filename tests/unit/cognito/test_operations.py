"""The table agrees with AWS's service model, and every error a row declares can be provoked, and no other."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import botocore.loaders
import botocore.model
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.oracles.cognito_calls import ANSWERED, PROVOKED, RACES, ROLE, UNKNOWN, update

from gatepass import errors
from gatepass.cognito import OPERATIONS
from gatepass.operation import Operation
from gatepass.wire import json11

MODEL = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("cognito-identity", "service-2"))


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


def test_every_declared_error_is_in_the_list() -> None:
    assert len(OPERATIONS) == 23
    assert set(PROVOKED) == {(operation.name, failure) for operation in OPERATIONS for failure in operation.fails}


@pytest.mark.parametrize("name", ANSWERED)
def test_an_operation_answers(broker: Any, name: str) -> None:
    assert set(ANSWERED) == {operation.name for operation in OPERATIONS}
    broker.ask(name, **ANSWERED[name](broker))


@pytest.mark.parametrize(("name", "failure"), PROVOKED, ids=lambda value: getattr(value, "__name__", value))
def test_a_declared_error_is_answered(broker: Any, name: str, failure: type[errors.ServiceError]) -> None:
    parameters = PROVOKED[name, failure](broker)
    if (name, failure) in RACES:
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
