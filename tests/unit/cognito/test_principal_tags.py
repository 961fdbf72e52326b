"""Claims become session tags where a pool says so, and only if the role lets sessions be tagged."""

from __future__ import annotations

import json
import random
import string
from dataclasses import replace
from typing import Any

import pytest
from tests.oracles.cognito_logins import DEVELOPER, GOOGLE, google

COGNITO = "cognito-identity.amazonaws.com"
MISCONFIGURED = (
    "InvalidIdentityPoolConfigurationException",
    "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
)


@pytest.fixture
def pool_id(broker: Any) -> str:
    made: str = broker.login_pool()
    return made


def allow_tags(broker: Any, condition: dict[str, Any] | None = None) -> None:
    """Let sessions of the role `user` be tagged."""
    role = broker.run(broker.store.roles.get("user"))
    document = json.loads(role.trust_policy)
    statement = document["Statement"][0]
    more = {**statement, "Action": "sts:TagSession"}
    for operator, keys in (condition or {}).items():
        more["Condition"] = {**statement["Condition"], operator: {**statement["Condition"].get(operator, {}), **keys}}
    document["Statement"] = [statement, more]
    assert broker.run(broker.store.roles.save(replace(role, trust_policy=json.dumps(document))))


def set_map(broker: Any, pool_id: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = broker.ask(
        "SetPrincipalTagAttributeMap", IdentityPoolId=pool_id, IdentityProviderName=GOOGLE, **more
    )
    return answer


def ask(broker: Any, pool_id: str, logins: dict[str, str]) -> dict[str, Any]:
    identity_id = broker.ask("GetId", None, IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    return {"IdentityId": identity_id, "Logins": logins}


def tags(broker: Any, pool_id: str, logins: dict[str, str]) -> dict[str, str]:
    answer = broker.ask("GetCredentialsForIdentity", None, **ask(broker, pool_id, logins))
    return dict(broker.session(answer["Credentials"]).tags)


def test_a_map_is_kept(broker: Any, pool_id: str) -> None:
    given = {"IdentityPoolId": pool_id, "IdentityProviderName": GOOGLE}
    assert broker.ask("GetPrincipalTagAttributeMap", **given) == {**given, "UseDefaults": False, "PrincipalTags": {}}
    expected = {**given, "UseDefaults": False, "PrincipalTags": {"team": "hd"}}
    assert set_map(broker, pool_id, PrincipalTags={"team": "hd"}) == expected
    assert broker.ask("GetPrincipalTagAttributeMap", **given) == expected


def test_without_a_map_there_are_no_tags(broker: Any, pool_id: str) -> None:
    assert tags(broker, pool_id, google(hd="x")) == {}


def test_the_defaults(broker: Any, pool_id: str) -> None:
    set_map(broker, pool_id, UseDefaults=True)
    allow_tags(broker)
    assert tags(broker, pool_id, google()) == {"username": "alice", "client": "google-app"}


def test_claims_of_other_types(broker: Any, pool_id: str) -> None:
    set_map(broker, pool_id, PrincipalTags={"a": "text", "b": "yes", "c": "number", "d": "list", "e": "absent"})
    allow_tags(broker)
    found = tags(broker, pool_id, google(text="x y", yes=True, number=7, list=["one"]))
    assert found == {"a": "x y", "b": "true", "c": "7", "d": "one"}


@pytest.mark.parametrize("value", [["a", "b"], {"a": 1}, "<x>", "x" * 257, 1.5, []])
def test_a_claim_that_cannot_be_a_tag_is_not_left_out(broker: Any, pool_id: str, value: Any) -> None:
    set_map(broker, pool_id, PrincipalTags={"team": "hd"})
    allow_tags(broker)
    refusal = broker.refusal("GetCredentialsForIdentity", None, **ask(broker, pool_id, google(hd=value)))
    assert refusal[0] == "NotAuthorizedException"


def test_the_role_must_let_sessions_be_tagged(broker: Any, pool_id: str) -> None:
    set_map(broker, pool_id, UseDefaults=True)
    given = ask(broker, pool_id, google())
    assert broker.refusal("GetCredentialsForIdentity", None, **given) == MISCONFIGURED
    assert "no statement allows sts:TagSession" in broker.notes[0]
    allow_tags(broker, {"StringEquals": {"aws:RequestTag/username": "bob"}})
    assert broker.refusal("GetCredentialsForIdentity", None, **given) == MISCONFIGURED
    assert tags(broker, pool_id, google("bob"))["username"] == "bob"


def test_a_tag_in_the_request_is_not_the_roles_own(broker: Any, pool_id: str) -> None:
    """The same name on both sides must not make a condition true by itself."""
    set_map(broker, pool_id, PrincipalTags={"team": "hd"})
    allow_tags(broker, {"StringEquals": {"aws:RequestTag/team": "${aws:ResourceTag/team}"}})
    given = ask(broker, pool_id, google(hd="red"))
    assert broker.refusal("GetCredentialsForIdentity", None, **given) == MISCONFIGURED


def test_tags_of_a_backend(broker: Any, pool_id: str) -> None:
    allow_tags(broker)
    made = broker.developer_token(pool_id, "u", PrincipalTags={"team": "red"})
    answer = broker.ask(
        "GetCredentialsForIdentity", None, IdentityId=made["IdentityId"], Logins={COGNITO: made["Token"]}
    )
    assert broker.session(answer["Credentials"]).tags == {"team": "red"}


@pytest.mark.parametrize("wrong", [{"a": "1", "A": "2"}, {"aws:x": "1"}, {"a": "<"}, {"<": "a"}])
def test_what_is_no_tag(broker: Any, pool_id: str, wrong: dict[str, str]) -> None:
    given = {"IdentityPoolId": pool_id, "Logins": {DEVELOPER: "u"}, "PrincipalTags": wrong}
    assert broker.refusal("GetOpenIdTokenForDeveloperIdentity", **given)[0] == "InvalidParameterException"


def test_fifty_long_tags_do_not_fit(broker: Any, pool_id: str) -> None:
    allow_tags(broker)
    chance = random.Random(1)
    long = {f"k{number}": "".join(chance.choices(string.ascii_letters, k=256)) for number in range(50)}
    made = broker.developer_token(pool_id, "u", PrincipalTags=long)
    given = {"IdentityId": made["IdentityId"], "Logins": {COGNITO: made["Token"]}}
    assert broker.refusal("GetCredentialsForIdentity", None, **given) == MISCONFIGURED
