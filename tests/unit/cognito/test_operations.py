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
from tests.oracles.cognito_logins import GOOGLE, apple, google

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
NO_POOL_ARN = f"arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/{UNKNOWN}"
NO_ARN = "arn:aws:cognito-identity:eu-central-1:999999999999:identitypool/x"
USER = {"DeveloperProviderName": "login.example", "DeveloperUserIdentifier": "u"}


TOKEN, LOOKUP = "GetOpenIdTokenForDeveloperIdentity", "LookupDeveloperIdentity"
MERGE, UNLINK = "MergeDeveloperIdentities", "UnlinkDeveloperIdentity"


def tag_map(pool_id: str) -> dict[str, Any]:
    return {"IdentityPoolId": pool_id, "IdentityProviderName": "unknown.test"}


def throttled(broker: Any) -> dict[str, Any]:
    broker.admits = lambda *_: False
    return {"IdentityPoolId": broker.guest_pool()}


def no_keys(broker: Any, name: str) -> dict[str, Any]:
    """An issuer that cannot be asked."""
    pool_id = broker.login_pool()
    identity_id = broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"]
    broker.issuers = None
    if name == "GetId":
        return {"IdentityPoolId": pool_id, "Logins": google()}
    more = {"LoginsToRemove": [GOOGLE]} if name == "UnlinkIdentity" else {}
    return {"IdentityId": identity_id, "Logins": google(), **more}


def two_people(broker: Any) -> str:
    """Alice and Bob have an identity each; its pool."""
    pool_id: str = broker.login_pool()
    for logins in ({**google("alice"), **apple("alice")}, google("bob")):
        broker.ask("GetId", None, IdentityPoolId=pool_id, Logins=logins)
    return pool_id


def both_at_once(broker: Any) -> dict[str, Any]:
    return {"IdentityPoolId": two_people(broker), "Logins": {**google("bob"), **apple("alice")}}


def as_another(broker: Any) -> dict[str, Any]:
    """Bob brings a login of Alice's."""
    pool_id = two_people(broker)
    bob = broker.ask("GetId", None, IdentityPoolId=pool_id, Logins=google("bob"))["IdentityId"]
    return {"IdentityId": bob, "Logins": {**google("bob"), **apple("alice")}}


def logged_in(broker: Any, **parameters: Any) -> dict[str, Any]:
    """Alice, who has two logins."""
    logins = {**google(), **apple()}
    made = broker.ask("GetId", None, IdentityPoolId=broker.login_pool(**parameters), Logins=logins)
    return {"IdentityId": made["IdentityId"], "Logins": logins}


def backend(broker: Any, user: str = "u", **more: Any) -> dict[str, Any]:
    """A user of a backend."""
    pool_id = broker.login_pool()
    made = broker.developer_token(pool_id, user)
    return {"IdentityPoolId": pool_id, "IdentityId": made["IdentityId"], **more}


def another_user(broker: Any) -> dict[str, Any]:
    """A user of a backend, and the id of another's identity."""
    given = backend(broker)
    return {**given, "IdentityId": broker.developer_token(given["IdentityPoolId"], "other")["IdentityId"]}


def disabled(broker: Any) -> dict[str, Any]:
    """An identity whose only user was unlinked."""
    given = backend(broker)
    broker.ask("UnlinkDeveloperIdentity", **given, **USER)
    return given


def merging(broker: Any, source: str = "a", *, conflict: bool = False) -> dict[str, Any]:
    pool_id = broker.login_pool()
    for user in ("a", "b"):
        broker.developer_token(pool_id, user, Logins=google(user) if conflict else {})
    return {
        "SourceUserIdentifier": source,
        "DestinationUserIdentifier": "b",
        "DeveloperProviderName": "login.example",
        "IdentityPoolId": pool_id,
    }


def of_developer(broker: Any, **more: Any) -> dict[str, Any]:
    return {"IdentityPoolId": broker.login_pool(), "Logins": {"login.example": "u"}, **more}


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
    ("GetCredentialsForIdentity", errors.ResourceConflict): as_another,
    ("GetCredentialsForIdentity", errors.ExternalService): lambda broker: no_keys(broker, "GetCredentialsForIdentity"),
    ("GetId", errors.ResourceConflict): both_at_once,
    ("GetId", errors.TooManyRequests): throttled,
    ("GetId", errors.ExternalService): lambda broker: no_keys(broker, "GetId"),
    ("GetOpenIdToken", errors.ResourceNotFound): lambda broker: {"IdentityId": UNKNOWN},
    ("GetOpenIdToken", errors.NotAuthorized): lambda broker: {**logged_in(broker), "Logins": {}},
    ("GetOpenIdToken", errors.InvalidParameter): guest,
    ("GetOpenIdToken", errors.ResourceConflict): as_another,
    ("GetOpenIdToken", errors.ExternalService): lambda broker: no_keys(broker, "GetOpenIdToken"),
    ("UnlinkIdentity", errors.ResourceNotFound): lambda broker: {
        "IdentityId": UNKNOWN,
        "Logins": {"x": "y"},
        "LoginsToRemove": [],
    },
    ("UnlinkIdentity", errors.NotAuthorized): lambda broker: {**logged_in(broker), "LoginsToRemove": ["other"]},
    ("UnlinkIdentity", errors.InvalidParameter): lambda broker: {
        **logged_in(broker),
        "LoginsToRemove": ["login.example"],
    },
    ("UnlinkIdentity", errors.ResourceConflict): lambda broker: {**logged_in(broker), "LoginsToRemove": [GOOGLE]},
    ("UnlinkIdentity", errors.ExternalService): lambda broker: no_keys(broker, "UnlinkIdentity"),
    ("ListIdentities", errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN, "MaxResults": 1},
    ("ListIdentities", errors.InvalidParameter): lambda broker: {
        "IdentityPoolId": closed_pool(broker),
        "MaxResults": 1,
        "NextToken": "x",
    },
    ("DescribeIdentity", errors.ResourceNotFound): lambda broker: {"IdentityId": UNKNOWN},
    (TOKEN, errors.ResourceNotFound): lambda broker: {"IdentityPoolId": UNKNOWN, "Logins": {"a": "b"}},
    (TOKEN, errors.NotAuthorized): lambda broker: of_developer(
        broker, Logins={"login.example": "u", GOOGLE: "no token"}
    ),
    (TOKEN, errors.InvalidParameter): lambda broker: of_developer(broker, Logins={"other": "u"}),
    (TOKEN, errors.ResourceConflict): lambda broker: {
        "IdentityPoolId": two_people(broker),
        "Logins": {"login.example": "u", **google("bob"), **apple("alice")},
    },
    (TOKEN, errors.DeveloperUserAlreadyRegistered): lambda broker: {
        **another_user(broker),
        "Logins": {"login.example": "u"},
    },
    (LOOKUP, errors.ResourceNotFound): lambda broker: {
        "IdentityPoolId": broker.login_pool(),
        "DeveloperUserIdentifier": "u",
    },
    (LOOKUP, errors.NotAuthorized): disabled,
    (LOOKUP, errors.InvalidParameter): lambda broker: {"IdentityPoolId": broker.login_pool()},
    (LOOKUP, errors.ResourceConflict): lambda broker: {**another_user(broker), "DeveloperUserIdentifier": "u"},
    (MERGE, errors.ResourceNotFound): lambda broker: merging(broker, "nobody"),
    (MERGE, errors.InvalidParameter): lambda broker: merging(broker, "b"),
    (MERGE, errors.ResourceConflict): lambda broker: merging(broker, conflict=True),
    (UNLINK, errors.ResourceNotFound): lambda broker: {**backend(broker), **USER, "DeveloperUserIdentifier": "v"},
    (UNLINK, errors.NotAuthorized): lambda broker: {**disabled(broker), **USER},
    (UNLINK, errors.InvalidParameter): lambda broker: {**backend(broker), **USER, "DeveloperProviderName": "x"},
    (UNLINK, errors.ResourceConflict): lambda broker: {**another_user(broker), **USER},
    ("GetPrincipalTagAttributeMap", errors.ResourceNotFound): lambda broker: tag_map(UNKNOWN),
    ("GetPrincipalTagAttributeMap", errors.InvalidParameter): lambda broker: tag_map(closed_pool(broker)),
    ("SetPrincipalTagAttributeMap", errors.ResourceNotFound): lambda broker: tag_map(UNKNOWN),
    ("SetPrincipalTagAttributeMap", errors.InvalidParameter): lambda broker: tag_map(closed_pool(broker)),
    ("TagResource", errors.ResourceNotFound): lambda broker: {"ResourceArn": NO_POOL_ARN, "Tags": {}},
    ("TagResource", errors.InvalidParameter): lambda broker: {"ResourceArn": NO_ARN, "Tags": {}},
    ("UntagResource", errors.ResourceNotFound): lambda broker: {"ResourceArn": NO_POOL_ARN, "TagKeys": []},
    ("UntagResource", errors.InvalidParameter): lambda broker: {"ResourceArn": NO_ARN, "TagKeys": []},
    ("ListTagsForResource", errors.ResourceNotFound): lambda broker: {"ResourceArn": NO_POOL_ARN},
    ("ListTagsForResource", errors.InvalidParameter): lambda broker: {"ResourceArn": NO_ARN},
}


def test_every_declared_error_is_in_the_list() -> None:
    assert len(OPERATIONS) == 23
    assert set(PROVOKED) == {(operation.name, failure) for operation in OPERATIONS for failure in operation.fails}


@pytest.mark.parametrize(("name", "failure"), PROVOKED, ids=lambda value: getattr(value, "__name__", value))
def test_a_declared_error_is_answered(broker: Any, name: str, failure: type[errors.ServiceError]) -> None:
    parameters = PROVOKED[name, failure](broker)
    if failure is errors.ConcurrentModification or (name, failure) == ("UnlinkIdentity", errors.ResourceConflict):
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
