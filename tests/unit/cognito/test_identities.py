"""A guest gets a new identity where guests are let in; whoever brings a login that cannot be verified gets none."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from gatepass.issuers import Issuers

IDENTITY_ID = re.compile(r"eu-central-1:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
NO_GUESTS = ("NotAuthorizedException", "Unauthenticated access is not supported for this identity pool.")
NO_MATCH = (
    "NotAuthorizedException",
    "Logins don't match. Please include at least one valid login for this identity or identity pool.",
)
GARBAGE = ("NotAuthorizedException", "Invalid login token. Not a valid OpenId Connect identity token.")


@pytest.fixture
def pool_id(broker: Any) -> str:
    created: str = broker.ask(
        "CreateIdentityPool",
        IdentityPoolName="p",
        AllowUnauthenticatedIdentities=True,
        SupportedLoginProviders={"accounts.google.com": "app"},
        DeveloperProviderName="login.example",
        OpenIdConnectProviderARNs=["arn:aws:iam::123456789012:oidc-provider/issuer.test/path"],
        CognitoIdentityProviders=[
            {"ProviderName": "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1", "ClientId": "client"}
        ],
    )["IdentityPoolId"]
    return created


def identities(broker: Any, pool_id: str) -> list[Any]:
    return list(broker.run(broker.store.identities.list(pool_id)))


def test_a_guest_gets_a_new_identity_each_time_in_63_bytes_and_the_region_s(broker: Any, pool_id: str) -> None:
    responses = [broker.send("GetId", f'{{"IdentityPoolId":"{pool_id}"}}'.encode()) for _ in range(2)]
    assert responses[0].body != responses[1].body
    for response in responses:
        identity_id = response.body.decode().removeprefix('{"IdentityId":"').removesuffix('"}')
        assert IDENTITY_ID.fullmatch(identity_id)
        assert len(response.body) == 63 + len("eu-central-1") - len("us-east-1")
        stored = broker.run(broker.store.identities.get(identity_id))
        assert (stored.pool_id, stored.logins, stored.enabled, stored.created) == (pool_id, (), True, broker.now)


def test_an_identity_id_is_the_given_entropy(broker: Any, pool_id: str) -> None:
    chance = os.urandom(16)
    broker.entropy = lambda count: chance[:count]
    identity_id = broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"]
    assert identity_id.replace("-", "").endswith(chance.hex()[-11:])


@pytest.mark.parametrize("logins", [None, {}])
def test_where_guests_are_off_nobody_gets_an_identity(broker: Any, logins: dict[str, str] | None) -> None:
    pool = broker.ask("CreateIdentityPool", IdentityPoolName="p", AllowUnauthenticatedIdentities=False)
    given = {} if logins is None else {"Logins": logins}
    assert broker.refusal("GetId", None, IdentityPoolId=pool["IdentityPoolId"], **given) == NO_GUESTS
    assert identities(broker, pool["IdentityPoolId"]) == []


def test_the_account_id_is_this_deployments(broker: Any, pool_id: str) -> None:
    assert broker.ask("GetId", None, IdentityPoolId=pool_id, AccountId="123456789012")
    refusal = broker.refusal("GetId", None, IdentityPoolId=pool_id, AccountId="999999999999")
    assert refusal == ("ResourceNotFoundException", f"IdentityPool '{pool_id}' not found.")


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("accounts.google.com", GARBAGE),
        (
            "issuer.test/path",
            ("NotAuthorizedException", "Token is not from a supported provider of this identity pool."),
        ),
        ("cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1", GARBAGE),
        ("graph.facebook.com", NO_MATCH),
        ("issuer.test", NO_MATCH),
        ("login.example", ("InvalidParameterException", "Please provide a valid public provider.")),
        (
            "cognito-identity.amazonaws.com",
            ("NotAuthorizedException", "Invalid login token. Can't pass in a Cognito token."),
        ),
    ],
)
def test_garbage_never_gives_an_identity(broker: Any, pool_id: str, provider: str, expected: tuple[str, str]) -> None:
    broker.issuers = Issuers()
    assert broker.refusal("GetId", None, IdentityPoolId=pool_id, Logins={provider: "eyJ.eyJ.sig"}) == expected
    assert identities(broker, pool_id) == []
    assert "eyJ" not in "".join(broker.notes)


def test_a_login_beside_a_good_guest_request_is_not_dropped(broker: Any, pool_id: str) -> None:
    logins = {"accounts.google.com": "a", "unknown.test": "b"}
    assert broker.refusal("GetId", None, IdentityPoolId=pool_id, Logins=logins) == NO_MATCH


def test_eleven_logins_are_too_many_and_no_token_is_repeated(broker: Any, pool_id: str) -> None:
    code, message = broker.refusal(
        "GetId", None, IdentityPoolId=pool_id, Logins={f"p{number}": "s3cr3t" for number in range(11)}
    )
    assert code == "ValidationException"
    assert message.endswith(
        "at 'logins' failed to satisfy constraint: Member must have length less than or equal to 10"
    )
    assert "s3cr3t" not in message


def test_an_empty_token_is_refused_as_recorded_from_cognito(broker: Any) -> None:
    given = {"IdentityPoolId": "cn-north-1:0", "Logins": {"cognito-identity.cn-north-1.amazonaws.com.cn": ""}}
    assert broker.refusal("GetId", None, **given) == (
        "ValidationException",
        (
            "1 validation error detected: Value '{cognito-identity.cn-north-1.amazonaws.com.cn=}' at 'logins'"
            " failed to satisfy constraint: Map value must satisfy constraint:"
            " [Member must have length less than or equal to 50000, Member must have length greater than or equal to 1]"
        ),
    )
