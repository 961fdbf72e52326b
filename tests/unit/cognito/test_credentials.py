"""A guest gets one-hour credentials only if identity, pool, role and trust policy all say so, every time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gatepass.issuers import Issuers
from gatepass.store import Login
from gatepass.tokens import open_session, principal_of

ACCOUNT = "123456789012"
MISCONFIGURED = (
    "InvalidIdentityPoolConfigurationException",
    "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
)
NO_GUESTS = ("NotAuthorizedException", "Unauthenticated access is not supported for this identity pool.")
UNKNOWN = "eu-central-1:00000000-0000-4000-8000-000000000000"


@pytest.fixture
def pool_id(broker: Any) -> str:
    created: str = broker.guest_pool(
        SupportedLoginProviders={"accounts.google.com": "app"}, DeveloperProviderName="login.example"
    )
    return created


@pytest.fixture
def identity_id(broker: Any, pool_id: str) -> str:
    made: str = broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"]
    return made


def credentials(broker: Any, identity_id: str, **given: Any) -> dict[str, Any]:
    answer = broker.ask("GetCredentialsForIdentity", None, IdentityId=identity_id, **given)
    assert answer["IdentityId"] == identity_id
    keys: dict[str, Any] = answer["Credentials"]
    return keys


def refusal(broker: Any, identity_id: str, **given: Any) -> tuple[str, str]:
    refused: tuple[str, str] = broker.refusal("GetCredentialsForIdentity", None, IdentityId=identity_id, **given)
    assert identity_id not in "".join(broker.notes)
    return refused


def change_role(broker: Any, **fields: Any) -> None:
    role = broker.store.directory.roles["guest"]
    assert broker.run(broker.store.roles.save(replace(role, **fields)))


def test_a_guests_credentials_are_a_session_of_the_guest_role(broker: Any, pool_id: str, identity_id: str) -> None:
    keys = credentials(broker, identity_id)
    session, secret = open_session(broker.key_ring, keys["SessionToken"], keys["AccessKeyId"])
    assert secret == keys["SecretKey"]
    principal = principal_of(session)
    role = broker.store.directory.roles["guest"]
    assert principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/guest/CognitoIdentityCredentials"
    assert (principal.kind, principal.role_arn, principal.role_id) == ("role-session", role.arn, role.id)
    assert principal.user_id == f"{role.id}:CognitoIdentityCredentials"
    assert (principal.identity_id, principal.identity_pool_id) == (identity_id, pool_id)
    assert (principal.amr, principal.scoped_down) == (("unauthenticated",), True)
    assert principal.federated_provider == "cognito-identity.amazonaws.com"
    assert principal.issued_at == int(broker.now)
    assert principal.expiration == int(broker.now) + 3600 == keys["Expiration"].timestamp()


def test_the_answers_bytes(broker: Any, identity_id: str) -> None:
    response = broker.send("GetCredentialsForIdentity", f'{{"IdentityId":"{identity_id}"}}'.encode())
    found = json.loads(response.body)["Credentials"]
    assert (len(found["AccessKeyId"]), found["AccessKeyId"][:4], len(found["SecretKey"])) == (20, "ASIA", 40)
    assert found["SessionToken"].startswith("IQoJb3JpZ2luX2Vj")
    assert response.body.decode() == (
        f'{{"Credentials":{{"AccessKeyId":"{found["AccessKeyId"]}","Expiration":1.8000036E9,'
        f'"SecretKey":"{found["SecretKey"]}","SessionToken":"{found["SessionToken"]}"}},"IdentityId":"{identity_id}"}}'
    )


def test_two_issues_share_nothing(broker: Any, identity_id: str) -> None:
    first, second = credentials(broker, identity_id), credentials(broker, identity_id)
    for name in ("AccessKeyId", "SecretKey", "SessionToken"):
        assert first[name] != second[name]


def test_an_identity_that_never_existed_is_not_found(broker: Any, pool_id: str) -> None:
    assert refusal(broker, UNKNOWN) == ("ResourceNotFoundException", f"Identity '{UNKNOWN}' not found.")
    assert refusal(broker, pool_id) == ("ResourceNotFoundException", f"Identity '{pool_id}' not found.")


def test_guests_switched_off_later_get_nothing_more(broker: Any, pool_id: str, identity_id: str) -> None:
    credentials(broker, identity_id)
    given = {"IdentityPoolId": pool_id, "IdentityPoolName": "p"}
    broker.ask("UpdateIdentityPool", **given, AllowUnauthenticatedIdentities=False)
    assert refusal(broker, identity_id) == NO_GUESTS
    broker.ask("UpdateIdentityPool", **given, AllowUnauthenticatedIdentities=True)
    assert credentials(broker, identity_id)


@pytest.mark.parametrize("fields", [{"enabled": False}, {"logins": (Login("accounts.google.com", "1"),)}])
def test_an_identity_with_logins_or_disabled_is_closed_to_guests(
    broker: Any, identity_id: str, fields: dict[str, Any]
) -> None:
    identity = broker.run(broker.store.identities.get(identity_id))
    assert broker.run(broker.store.identities.save(replace(identity, **fields)))
    expected = ("NotAuthorizedException", f"Access to Identity '{identity_id}' is forbidden.")
    assert refusal(broker, identity_id) == expected


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("accounts.google.com", "Invalid login token. Not a valid OpenId Connect identity token."),
        ("cognito-identity.amazonaws.com", "Invalid login token. Couldn't verify signed token."),
        (
            "graph.facebook.com",
            "Logins don't match. Please include at least one valid login for this identity or identity pool.",
        ),
        ("login.example", "Please provide a valid public provider."),
    ],
)
def test_garbage_never_gives_credentials(broker: Any, identity_id: str, provider: str, expected: str) -> None:
    broker.issuers = Issuers()
    assert refusal(broker, identity_id, Logins={provider: "eyJ.eyJ.sig"})[1] == expected


def test_empty_logins_are_a_guests(broker: Any, identity_id: str) -> None:
    assert credentials(broker, identity_id, Logins={})


# --- the role


def test_a_pool_without_a_guest_role_gives_nothing(broker: Any, pool_id: str, identity_id: str) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/guest"
    broker.ask("SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles={"authenticated": arn})
    assert refusal(broker, identity_id) == MISCONFIGURED
    assert broker.notes == ["identity pool `p` has no role for guests"]


@pytest.mark.parametrize("name", ["nobody", "path/guest", "Guest"])
def test_a_role_that_does_not_exist_gives_nothing(broker: Any, pool_id: str, identity_id: str, name: str) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    broker.ask("SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles={"unauthenticated": arn})
    assert refusal(broker, identity_id) == MISCONFIGURED
    assert broker.notes == [f"identity pool `p` names the role {arn}, which does not exist"]


def test_a_deleted_role_gives_nothing_and_made_anew_with_a_path_neither(broker: Any, identity_id: str) -> None:
    credentials(broker, identity_id)
    assert broker.run(broker.store.roles.delete("guest"))
    assert refusal(broker, identity_id) == MISCONFIGURED


def test_a_guest_may_name_the_guest_role_but_no_other(broker: Any, identity_id: str) -> None:
    guest, other = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("guest", "other"))
    assert credentials(broker, identity_id, CustomRoleArn=guest)
    expected = ("NotAuthorizedException", f"Access to Role '{other}' is forbidden.")
    assert refusal(broker, identity_id, CustomRoleArn=other) == expected


def test_the_session_never_outlasts_the_role(broker: Any, identity_id: str) -> None:
    change_role(broker, max_session_duration=43200)
    assert credentials(broker, identity_id)["Expiration"].timestamp() == int(broker.now) + 3600
    change_role(broker, max_session_duration=900)
    assert credentials(broker, identity_id)["Expiration"].timestamp() == int(broker.now) + 900


# --- the trust policy

OTHER_POOL = "eu-central-1:11111111-0000-4000-8000-000000000000"
AUD, AMR, SUB = (f"cognito-identity.amazonaws.com:{key}" for key in ("aud", "amr", "sub"))


def statement(**changed: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        **changed,
    }


def conditions(pool_id: str, amr: str = "unauthenticated", **more: Any) -> dict[str, Any]:
    return {"StringEquals": {AUD: pool_id, **more}, "ForAnyValue:StringLike": {AMR: amr}}


Statements = Callable[[str, str], list[dict[str, Any]]]

TRUSTING: dict[str, Statements] = {
    "aud and amr": lambda pool, identity: [statement(Condition=conditions(pool))],
    "aud alone": lambda pool, identity: [statement(Condition={"StringEquals": {AUD: pool}})],
    "one of several pools": lambda pool, identity: [statement(Condition={"StringEquals": {AUD: [OTHER_POOL, pool]}})],
    "this identity": lambda pool, identity: [statement(Condition=conditions(pool, **{SUB: identity}))],
    "any action of sts": lambda pool, identity: [statement(Action="sts:*", Condition=conditions(pool))],
    "the second statement": lambda pool, identity: [
        statement(Condition=conditions(OTHER_POOL)),
        statement(Condition=conditions(pool)),
    ],
    "a deny of someone else": lambda pool, identity: [
        statement(Condition=conditions(pool)),
        statement(Effect="Deny", Condition={"StringEquals": {SUB: OTHER_POOL}}),
    ],
}

REFUSING: dict[str, Statements] = {
    "another pool": lambda pool, identity: [statement(Condition=conditions(OTHER_POOL))],
    "users only": lambda pool, identity: [statement(Condition=conditions(pool, "authenticated"))],
    "amr compared as one value": lambda pool, identity: [
        statement(Condition={"StringEquals": {AUD: pool, AMR: "unauthenticated"}})
    ],
    "no condition": lambda pool, identity: [statement()],
    "amr without aud": lambda pool, identity: [
        statement(Condition={"ForAnyValue:StringLike": {AMR: "unauthenticated"}})
    ],
    "another identity": lambda pool, identity: [statement(Condition=conditions(pool, **{SUB: UNKNOWN}))],
    "the pool's id as identity": lambda pool, identity: [statement(Condition=conditions(pool, **{SUB: pool}))],
    "another action": lambda pool, identity: [statement(Action="sts:AssumeRole", Condition=conditions(pool))],
    "another provider": lambda pool, identity: [
        statement(Principal={"Federated": "accounts.google.com"}, Condition=conditions(pool))
    ],
    "a service": lambda pool, identity: [
        statement(Principal={"Service": "cognito-identity.amazonaws.com"}, Condition=conditions(pool))
    ],
    "an account": lambda pool, identity: [statement(Principal={"AWS": ACCOUNT}, Condition=conditions(pool))],
    "a deny of all": lambda pool, identity: [statement(Condition=conditions(pool)), statement(Effect="Deny")],
    "a deny of guests": lambda pool, identity: [
        statement(Condition=conditions(pool)),
        statement(Effect="Deny", Condition={"ForAnyValue:StringEquals": {AMR: "unauthenticated"}}),
    ],
    "a deny of this identity": lambda pool, identity: [
        statement(Condition=conditions(pool)),
        statement(Effect="Deny", Condition={"StringEquals": {SUB: identity}}),
    ],
    "no statement": lambda pool, identity: [],
}


def document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.parametrize("case", TRUSTING)
def test_a_role_that_trusts_the_pool_is_given(broker: Any, pool_id: str, identity_id: str, case: str) -> None:
    change_role(broker, trust_policy=document(TRUSTING[case](pool_id, identity_id)))
    assert credentials(broker, identity_id)


@pytest.mark.parametrize("case", REFUSING)
def test_a_role_that_does_not_trust_this_pool_and_guest_is_not(
    broker: Any, pool_id: str, identity_id: str, case: str
) -> None:
    change_role(broker, trust_policy=document(REFUSING[case](pool_id, identity_id)))
    assert refusal(broker, identity_id) == MISCONFIGURED
    assert any("trust policy of role `guest`" in note for note in broker.notes)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"Version":"2012-10-17"}', '{"Statement":"x"}'])
def test_a_trust_policy_that_cannot_be_read_trusts_nobody(broker: Any, identity_id: str, text: str) -> None:
    change_role(broker, trust_policy=text)
    assert refusal(broker, identity_id) == MISCONFIGURED
    assert any("trust policy of role `guest`" in note for note in broker.notes)


def test_a_changed_trust_policy_counts_from_the_next_request(broker: Any, pool_id: str, identity_id: str) -> None:
    for case, good in [(TRUSTING["aud alone"], True), (REFUSING["users only"], False), (TRUSTING["aud alone"], True)]:
        change_role(broker, trust_policy=document(case(pool_id, identity_id)))
        if good:
            assert credentials(broker, identity_id)
        else:
            assert refusal(broker, identity_id) == MISCONFIGURED


def test_the_decision_log_names_the_statement_that_denies(broker: Any, pool_id: str, identity_id: str) -> None:
    denying = statement(Effect="Deny", Sid="NoGuests")
    change_role(broker, trust_policy=document([statement(Condition=conditions(pool_id)), denying]))
    assert refusal(broker, identity_id) == MISCONFIGURED
    assert broker.notes == [
        "trust policy of role `guest`: statement 1 (`NoGuests`) denies sts:AssumeRoleWithWebIdentity"
    ]


def test_a_pools_role_does_not_serve_another_pools_guests(broker: Any, identity_id: str) -> None:
    other = broker.ask("CreateIdentityPool", IdentityPoolName="other", AllowUnauthenticatedIdentities=True)
    arn = f"arn:aws:iam::{ACCOUNT}:role/guest"
    broker.ask("SetIdentityPoolRoles", IdentityPoolId=other["IdentityPoolId"], Roles={"unauthenticated": arn})
    stranger = broker.ask("GetId", None, IdentityPoolId=other["IdentityPoolId"])["IdentityId"]
    assert refusal(broker, stranger) == MISCONFIGURED
    assert credentials(broker, identity_id)


def test_many_guests_at_once_each_get_their_own(broker: Any, pool_id: str) -> None:
    async def one() -> tuple[str, str]:
        made = await broker.respond("GetId", f'{{"IdentityPoolId":"{pool_id}"}}'.encode(), None)
        identity_id = json.loads(made.body)["IdentityId"]
        given = await broker.respond(
            "GetCredentialsForIdentity", json.dumps({"IdentityId": identity_id}).encode(), None
        )
        keys = json.loads(given.body)["Credentials"]
        session, _ = open_session(broker.key_ring, keys["SessionToken"], keys["AccessKeyId"])
        return identity_id, session.identity_id or ""

    async def all_of_them() -> list[tuple[str, str]]:
        return await asyncio.gather(*(one() for _ in range(50)))

    found = broker.run(all_of_them())
    assert all(asked == given for asked, given in found)
    assert len({asked for asked, _ in found}) == 50
