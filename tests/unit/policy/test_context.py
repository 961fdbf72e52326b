"""Which condition keys an execute-api request has: absent means absent, and nobody sets the caller's keys."""

from dataclasses import replace
from typing import Any

import pytest

from gatepass.policy import Context, request_context, session_constants
from gatepass.principal import Principal

NOW = 1_795_392_000.75
SESSION = Principal(
    "role-session",
    "111122223333",
    "arn:aws:sts::111122223333:assumed-role/guests/CognitoIdentityCredentials",
    "AROAEXAMPLE:CognitoIdentityCredentials",
    "ASIAEXAMPLE",
    role_name="guests",
    role_arn="arn:aws:iam::111122223333:role/apps/guests",
    issued_at=1_795_391_000,
    identity_id="us-east-1:guest",
    identity_pool_id="us-east-1:pool",
    amr=("unauthenticated",),
    federated_provider="cognito-identity.amazonaws.com",
    tags={"Team": "a"},
)
USER = Principal(
    "user", "111122223333", "arn:aws:iam::111122223333:user/alice", "AIDAEXAMPLE", "AKIAEXAMPLE", user_name="alice"
)
ROOT = Principal("root", "111122223333", "arn:aws:iam::111122223333:root", "111122223333", "AKIAROOT")


def known(principal: Principal, **more: Any) -> dict[str, Any]:
    return request_context(principal, now=NOW, source_ip="192.0.2.1", secure=False, **more).known()


def test_a_role_session() -> None:
    assert known(SESSION) == {
        "aws:currenttime": "2026-11-23T00:00:00Z",
        "aws:epochtime": "1795392000",
        "aws:federatedprovider": "cognito-identity.amazonaws.com",
        "aws:multifactorauthpresent": "false",
        "aws:principalaccount": "111122223333",
        "aws:principalarn": "arn:aws:iam::111122223333:role/apps/guests",
        "aws:principalisawsservice": "false",
        "aws:principaltag/team": "a",
        "aws:principaltype": "AssumedRole",
        "aws:securetransport": "false",
        "aws:sourceip": "192.0.2.1",
        "aws:tokenissuetime": "2026-11-22T23:43:20Z",
        "aws:userid": "AROAEXAMPLE:CognitoIdentityCredentials",
        "aws:viaawsservice": "false",
        "cognito-identity.amazonaws.com:amr": ("unauthenticated",),
        "cognito-identity.amazonaws.com:aud": "us-east-1:pool",
        "cognito-identity.amazonaws.com:sub": "us-east-1:guest",
    }


def test_a_user_has_a_name_and_no_token() -> None:
    keys = known(USER)
    assert keys["aws:username"] == "alice"
    assert keys["aws:principaltype"] == "User"
    assert keys["aws:principalarn"] == USER.arn
    for absent in ("aws:tokenissuetime", "aws:multifactorauthpresent", "cognito-identity.amazonaws.com:amr"):
        assert absent not in keys


def test_the_account_root() -> None:
    keys = known(ROOT)
    assert keys["aws:principaltype"] == "Account"
    assert keys["aws:principalarn"] == ROOT.arn
    assert "aws:username" not in keys


def test_a_session_has_no_user_name_whatever_else_it_has() -> None:
    assert "aws:username" not in known(replace(SESSION, user_name="alice"))


@pytest.mark.parametrize("name", ["user_agent", "referer", "region"])
def test_what_was_not_sent_is_absent(name: str) -> None:
    key = {"user_agent": "aws:useragent", "referer": "aws:referer", "region": "aws:requestedregion"}[name]
    assert key not in known(SESSION)
    assert known(SESSION, **{name: "x"})[key] == "x"
    assert known(SESSION, **{name: ""})[key] == ""


def test_a_peer_without_an_address_has_none() -> None:
    context = request_context(SESSION, now=NOW, source_ip="", secure=True)
    assert context["aws:sourceip"] is None
    assert context["aws:securetransport"] == "true"


def test_a_header_is_asked_for_only_if_a_policy_asks() -> None:
    asked = []

    def header() -> str:
        asked.append(1)
        return "curl/8"

    context = request_context(SESSION, now=NOW, source_ip="192.0.2.1", secure=True, user_agent=header)
    assert context["aws:sourceip"] == "192.0.2.1"
    assert not asked
    assert [context["aws:useragent"], context["aws:useragent"]] == ["curl/8", "curl/8"]
    assert asked == [1]


def test_further_keys_never_replace_the_callers() -> None:
    forged = {
        "aws:PrincipalArn": "x",
        "AWS:PrincipalTag/Team": "b",
        "aws:PrincipalTag/other": "b",
        "aws:username": "root",
        "cognito-identity.amazonaws.com:sub": "other",
        "aws:SourceIp": "10.0.0.1",
        "aws:CurrentTime": "2020",
        "aws:SecureTransport": "true",
        "aws:SourceVpce": "vpce-1",
    }
    with_extra = known(SESSION, extra=forged)
    assert with_extra.pop("aws:sourcevpce") == "vpce-1"
    assert with_extra == known(SESSION)


def test_constants_are_what_a_request_does_not_change() -> None:
    constants = session_constants(SESSION)
    for key in ("aws:principaltag/nope", "aws:username", "cognito-identity.amazonaws.com:sub", "aws:principalorgid"):
        assert constants.knows(key)
    for key in ("aws:sourceip", "aws:currenttime", "aws:securetransport", "aws:useragent", "aws:requestedregion"):
        assert not constants.knows(key)
    shared = request_context(constants, now=NOW, source_ip="192.0.2.1", secure=False)
    assert shared.known() == known(SESSION)
    assert isinstance(shared, Context)


def test_a_session_without_a_role_arn_gets_it_from_its_name() -> None:
    keys = known(replace(SESSION, role_arn=None))
    assert keys["aws:principalarn"] == "arn:aws:iam::111122223333:role/guests"
