"""The pool's own tokens: what they say, what they open, and that a guest's, a stale or another's opens nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.oracles.cognito_logins import APPLE, DEVELOPER, GOOGLE, apple, google

COGNITO = "cognito-identity.amazonaws.com"
NO_MATCH = (
    "NotAuthorizedException",
    "Logins don't match. Please include at least one valid login for this identity or identity pool.",
)
TOKEN = "GetOpenIdTokenForDeveloperIdentity"


@pytest.fixture
def pool_id(broker: Any) -> str:
    made: str = broker.login_pool()
    return made


def claims(broker: Any, token: str) -> dict[str, Any]:
    """Verified by another library, with the public keys alone."""
    keys = broker.run(broker.store.signing_keys.get(broker.now)).jwks()
    decoded = jwt.decode(token, KeySet.import_key_set(json.loads(keys)), algorithms=["RS512"])
    assert decoded.header["typ"] == "JWS"
    return decoded.claims


def identity_of(broker: Any, pool_id: str, logins: dict[str, str]) -> str:
    return str(broker.ask("GetId", None, IdentityPoolId=pool_id, Logins=logins)["IdentityId"])


def with_token(broker: Any, made: dict[str, Any], name: str = "GetCredentialsForIdentity") -> dict[str, Any]:
    logins = {COGNITO: made["Token"]}
    answer: dict[str, Any] = broker.ask(name, None, IdentityId=made["IdentityId"], Logins=logins)
    return answer


def refused(broker: Any, made: dict[str, Any], token: str | None = None) -> tuple[str, str]:
    logins = {COGNITO: token or made["Token"]}
    found: tuple[str, str] = broker.refusal(
        "GetCredentialsForIdentity", None, IdentityId=made["IdentityId"], Logins=logins
    )
    return found


# --- the basic flow


def test_a_guests_token(broker: Any, pool_id: str) -> None:
    identity_id = identity_of(broker, pool_id, {})
    said = claims(broker, broker.ask("GetOpenIdToken", None, IdentityId=identity_id)["Token"])
    assert (said["sub"], said["aud"], said["amr"]) == (identity_id, pool_id, ["unauthenticated"])
    assert said["iss"] == f"https://{COGNITO}"
    assert said["exp"] - said["iat"] == 600


def test_a_token_of_someone_who_logged_in(broker: Any, pool_id: str) -> None:
    identity_id = identity_of(broker, pool_id, google())
    made = broker.ask("GetOpenIdToken", None, IdentityId=identity_id, Logins=google())
    assert claims(broker, made["Token"])["amr"] == ["authenticated", GOOGLE, f"{GOOGLE}:google-app:alice"]


@pytest.mark.parametrize("allowed", [None, False])
def test_the_basic_flow_is_off_unless_switched_on(broker: Any, allowed: bool | None) -> None:
    pool_id = broker.login_pool(**({} if allowed is None else {"AllowClassicFlow": allowed}))
    if allowed is None:
        broker.ask(
            "UpdateIdentityPool", IdentityPoolId=pool_id, IdentityPoolName="p", AllowUnauthenticatedIdentities=True
        )
    assert broker.refusal("GetOpenIdToken", None, IdentityId=identity_of(broker, pool_id, {})) == (
        "InvalidParameterException",
        "Basic (classic) flow is not enabled, please use enhanced flow.",
    )


def test_the_basic_flow_goes_round_no_role_mapping(broker: Any, pool_id: str) -> None:
    mapping = {GOOGLE: {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    broker.ask("SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles={}, RoleMappings=mapping)
    assert broker.refusal("GetOpenIdToken", None, IdentityId=identity_of(broker, pool_id, {})) == (
        "InvalidParameterException",
        "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.",
    )


# --- a backend's users


def test_a_backends_user(broker: Any, pool_id: str) -> None:
    made = broker.developer_token(pool_id, "u1")
    said = claims(broker, made["Token"])
    assert said["amr"] == ["authenticated", DEVELOPER, f"{DEVELOPER}:{pool_id}:u1"]
    assert said["exp"] - said["iat"] == 900
    assert broker.developer_token(pool_id, "u1")["IdentityId"] == made["IdentityId"]
    assert broker.developer_token(pool_id, "u2")["IdentityId"] != made["IdentityId"]
    answer = with_token(broker, made)
    assert answer["IdentityId"] == made["IdentityId"]
    session = broker.session(answer["Credentials"])
    assert session.role_arn.endswith("role/user")
    assert session.amr == ("authenticated", DEVELOPER, f"{DEVELOPER}:{pool_id}:u1")
    assert not session.scoped_down
    assert broker.refusal("GetCredentialsForIdentity", None, IdentityId=made["IdentityId"])[1].endswith("is forbidden.")


def test_for_how_long(broker: Any, pool_id: str) -> None:
    made = broker.developer_token(pool_id, "u", TokenDuration=86400)
    said = claims(broker, made["Token"])
    assert said["exp"] - said["iat"] == 86400
    assert with_token(broker, made, "GetOpenIdToken")
    broker.now += 86400
    assert refused(broker, made)[1].startswith("Invalid login token. Token expired: ")
    given = {"IdentityPoolId": pool_id, "Logins": {DEVELOPER: "u"}, "TokenDuration": 86401}
    assert broker.refusal(TOKEN, **given)[0] == "ValidationException"


def test_a_token_does_not_renew_itself(broker: Any, pool_id: str) -> None:
    made = broker.developer_token(pool_id, "u")
    broker.now += 800
    said = claims(broker, with_token(broker, made, "GetOpenIdToken")["Token"])
    assert said["exp"] == claims(broker, made["Token"])["exp"]


def test_public_logins_beside(broker: Any, pool_id: str) -> None:
    made = broker.developer_token(pool_id, "u", Logins=google())
    assert identity_of(broker, pool_id, google()) == made["IdentityId"]
    logins = {COGNITO: made["Token"], **apple()}
    broker.ask("GetCredentialsForIdentity", None, IdentityId=made["IdentityId"], Logins=logins)
    assert set(broker.ask("DescribeIdentity", IdentityId=made["IdentityId"])["Logins"]) == {DEVELOPER, GOOGLE, APPLE}


def test_a_backend_links_an_identity_it_names(broker: Any, pool_id: str) -> None:
    guest = identity_of(broker, pool_id, {})
    assert broker.developer_token(pool_id, "u", IdentityId=guest)["IdentityId"] == guest
    assert broker.developer_token(pool_id, "v", IdentityId=guest)["IdentityId"] == guest
    found = broker.ask("LookupDeveloperIdentity", IdentityPoolId=pool_id, IdentityId=guest, MaxResults=1)
    assert found["DeveloperUserIdentifierList"] == ["u"]
    again = {"IdentityPoolId": pool_id, "IdentityId": guest, "NextToken": found["NextToken"]}
    assert broker.ask("LookupDeveloperIdentity", **again)["DeveloperUserIdentifierList"] == ["v"]


def test_a_backend_reaches_its_own_pool_only(broker: Any, pool_id: str) -> None:
    other = broker.ask(
        "CreateIdentityPool",
        IdentityPoolName="q",
        AllowUnauthenticatedIdentities=True,
        DeveloperProviderName=DEVELOPER,
    )["IdentityPoolId"]
    mine = broker.developer_token(pool_id, "u")["IdentityId"]
    given = {"IdentityPoolId": other, "IdentityId": mine}
    gone = ("ResourceNotFoundException", f"Identity '{mine}' not found.")
    assert broker.refusal(TOKEN, **given, Logins={DEVELOPER: "u"}) == gone
    assert broker.refusal("LookupDeveloperIdentity", **given) == gone
    unlink = {"DeveloperProviderName": DEVELOPER, "DeveloperUserIdentifier": "u"}
    assert broker.refusal("UnlinkDeveloperIdentity", **given, **unlink) == gone


def test_merging_users(broker: Any, pool_id: str) -> None:
    source = broker.developer_token(pool_id, "a", Logins=google())
    destination = broker.developer_token(pool_id, "b")
    merged = broker.ask(
        "MergeDeveloperIdentities",
        IdentityPoolId=pool_id,
        DeveloperProviderName=DEVELOPER,
        SourceUserIdentifier="a",
        DestinationUserIdentifier="b",
    )["IdentityId"]
    assert merged == destination["IdentityId"] == identity_of(broker, pool_id, google())
    assert broker.developer_token(pool_id, "a")["IdentityId"] == merged
    assert refused(broker, source)[1] == f"Access to Identity '{source['IdentityId']}' is forbidden."


def test_a_token_of_a_user_who_was_unlinked(broker: Any, pool_id: str) -> None:
    made = broker.developer_token(pool_id, "u", Logins=google())
    broker.ask(
        "UnlinkDeveloperIdentity",
        IdentityPoolId=pool_id,
        IdentityId=made["IdentityId"],
        DeveloperProviderName=DEVELOPER,
        DeveloperUserIdentifier="u",
    )
    assert refused(broker, made) == NO_MATCH


@pytest.mark.parametrize("name", [GOOGLE, COGNITO])
def test_a_backend_cannot_speak_for_a_public_provider(broker: Any, name: str) -> None:
    given = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True, "DeveloperProviderName": name}
    refusal = broker.refusal("CreateIdentityPool", **given, SupportedLoginProviders={GOOGLE: "app"})
    assert refusal[0] == "InvalidParameterException"


# --- tokens that open nothing


def test_a_guests_own_token_makes_nobody_logged_in(broker: Any, pool_id: str) -> None:
    """It is signed with the same key, for the same identity."""
    identity_id = identity_of(broker, pool_id, {})
    made = broker.ask("GetOpenIdToken", None, IdentityId=identity_id)
    assert refused(broker, made) == NO_MATCH
    broker.developer_token(pool_id, "u", IdentityId=identity_id)
    assert refused(broker, made) == NO_MATCH


def test_a_token_of_a_public_login_is_no_login(broker: Any, pool_id: str) -> None:
    identity_id = identity_of(broker, pool_id, google())
    made = broker.ask("GetOpenIdToken", None, IdentityId=identity_id, Logins=google())
    assert refused(broker, made) == NO_MATCH


def test_another_identitys_token(broker: Any, pool_id: str) -> None:
    one, two = broker.developer_token(pool_id, "a"), broker.developer_token(pool_id, "b")
    assert refused(broker, one, two["Token"]) == NO_MATCH


def test_forged_tokens(broker: Any, pool_id: str) -> None:
    made = broker.developer_token(pool_id, "u")
    head, payload, signature = made["Token"].split(".")
    for forged in (f"{head}.{payload}.{signature[::-1]}", f"{head}.{payload}.", "x.y.z", google()[GOOGLE]):
        assert refused(broker, made, forged)[1].startswith("Invalid login token. ")
    refusal = broker.refusal("GetId", None, IdentityPoolId=pool_id, Logins={COGNITO: made["Token"]})
    assert refusal == ("NotAuthorizedException", "Invalid login token. Can't pass in a Cognito token.")


def test_a_token_from_before_a_revocation(broker: Any, pool_id: str) -> None:
    made = broker.developer_token(pool_id, "u")
    broker.run(broker.store.epochs.push("identity_pool", pool_id, broker.now + 1))
    assert refused(broker, made) == NO_MATCH
