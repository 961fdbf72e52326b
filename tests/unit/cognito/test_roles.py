"""A pool's roles are set as a whole, name roles of this account, and only who may pass a role can set it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatepass.policy import PolicyType, Verdict
from gatepass.principal import Principal

ARN = "arn:aws:iam::123456789012:role/guest"
OIDC = "arn:aws:iam::123456789012:oidc-provider/issuer.test"
USER_POOL = {"ProviderName": "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1", "ClientId": "client"}
USER_POOL_KEY = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1:client"
TOKEN = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}


def rule(**changed: str) -> dict[str, str]:
    return {"Claim": "group", "MatchType": "Equals", "Value": "admin", "RoleARN": ARN, **changed}


def rules(*given: dict[str, str]) -> dict[str, Any]:
    return {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": list(given)}}


@pytest.fixture
def pool_id(broker: Any) -> str:
    created: str = broker.ask(
        "CreateIdentityPool",
        IdentityPoolName="p",
        AllowUnauthenticatedIdentities=True,
        SupportedLoginProviders={"accounts.google.com": "app"},
        OpenIdConnectProviderARNs=[OIDC],
        CognitoIdentityProviders=[USER_POOL],
    )["IdentityPoolId"]
    return created


def test_a_pool_without_roles_has_an_empty_map(broker: Any, pool_id: str) -> None:
    response = broker.send("GetIdentityPoolRoles", f'{{"IdentityPoolId":"{pool_id}"}}'.encode())
    assert response.body.decode() == f'{{"IdentityPoolId":"{pool_id}","Roles":{{}}}}'


def test_roles_that_do_not_exist_yet_are_kept_as_given(broker: Any, pool_id: str) -> None:
    given = {"authenticated": "arn:aws:iam::123456789012:role/path/to/later", "unauthenticated": ARN}
    body = json.dumps({"IdentityPoolId": pool_id, "Roles": given}).encode()
    response = broker.send("SetIdentityPoolRoles", body)
    assert (response.status, response.body) == (200, b"")
    assert broker.ask("GetIdentityPoolRoles", IdentityPoolId=pool_id) == {"IdentityPoolId": pool_id, "Roles": given}


def test_setting_replaces_all_of_them(broker: Any, pool_id: str) -> None:
    mappings = {USER_POOL_KEY: rules(rule(), rule(MatchType="NotEqual")), "accounts.google.com": TOKEN, OIDC: TOKEN}
    both = {"unauthenticated": ARN, "authenticated": ARN}
    broker.ask("SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles=both, RoleMappings=mappings)
    kept = broker.ask("GetIdentityPoolRoles", IdentityPoolId=pool_id)
    assert (kept["Roles"], kept["RoleMappings"]) == (both, mappings)
    broker.ask("SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles={})
    assert broker.ask("GetIdentityPoolRoles", IdentityPoolId=pool_id) == {"IdentityPoolId": pool_id, "Roles": {}}


@pytest.mark.parametrize(
    "arn",
    [
        "my-stack-SomeRole-KBKHTR8P6UC2",
        "arn:aws:iam::999999999999:role/guest",
        "arn:aws:iam::123456789012:user/someone",
        "arn:aws:sts::123456789012:assumed-role/guest/x",
        "arn:aws-cn:iam::123456789012:role/guest",
        "arn:aws:iam::123456789012:role/path/",
    ],
)
@pytest.mark.parametrize("place", ["role", "rule"])
def test_what_is_no_role_of_this_account_is_forbidden(broker: Any, pool_id: str, arn: str, place: str) -> None:
    given: dict[str, Any] = {"Roles": {"unauthenticated": arn}}
    if place == "rule":
        given = {"Roles": {}, "RoleMappings": {USER_POOL_KEY: rules(rule(RoleARN=arn))}}
    refusal = broker.refusal("SetIdentityPoolRoles", IdentityPoolId=pool_id, **given)
    assert refusal == ("NotAuthorizedException", f"Access to Role '{arn}' is forbidden.")
    assert broker.ask("GetIdentityPoolRoles", IdentityPoolId=pool_id)["Roles"] == {}


@pytest.mark.parametrize(
    "principal",
    [
        Principal("user", "123456789012", "arn:aws:iam::123456789012:user/dev", "AIDA", "AKIA", user_name="dev"),
        Principal("role-session", "123456789012", "arn:aws:sts::…", "AROA:s", "ASIA", role_name="admin"),
    ],
)
def test_others_than_the_root_need_leave_to_pass_a_role(broker: Any, pool_id: str, principal: Principal) -> None:
    """Every role is asked for, with the service it is passed to; one that may not be passed refuses them all."""
    asked: list[tuple[str, str, Any]] = []

    def judge(action: str, resource: str, context: Any, **_: Any) -> Verdict:
        asked.append((action, resource, context["iam:PassedToService"]))
        return Verdict("allowed" if resource == ARN else "implicitDeny", PolicyType.IDENTITY)

    broker.judge = judge
    broker.ask("SetIdentityPoolRoles", principal, IdentityPoolId=pool_id, Roles={})
    assert asked == []
    broker.ask("SetIdentityPoolRoles", principal, IdentityPoolId=pool_id, Roles={"authenticated": ARN})
    assert asked == [("iam:PassRole", ARN, "cognito-identity.amazonaws.com")]
    roles = {"authenticated": ARN, "unauthenticated": ARN + "2"}
    refusal = broker.refusal("SetIdentityPoolRoles", principal, IdentityPoolId=pool_id, Roles=roles)
    assert refusal == ("NotAuthorizedException", f"Access to Role '{ARN}2' is forbidden.")
    assert broker.notes
    assert broker.ask("GetIdentityPoolRoles", IdentityPoolId=pool_id)["Roles"] == {"authenticated": ARN}


@pytest.mark.parametrize(
    ("name", "mapping", "message"),
    [
        (
            "https://issuer.test",
            TOKEN,
            "(https://issuer.test) is not a valid RoleMapping ProviderName or is not a configured provider.",
        ),
        (
            USER_POOL_KEY + "x",
            TOKEN,
            f"({USER_POOL_KEY}x) is not a valid RoleMapping ProviderName or is not a configured provider.",
        ),
        (
            USER_POOL_KEY,
            {"Type": "Token"},
            f"AmbiguousRoleResolution is required for the role mapping of ({USER_POOL_KEY}).",
        ),
        (
            USER_POOL_KEY,
            {"Type": "Rules", "AmbiguousRoleResolution": "Deny"},
            f"RulesConfiguration is required for the role mapping of ({USER_POOL_KEY}).",
        ),
        (
            USER_POOL_KEY,
            rules(*[rule()] * 26),
            f"The role mapping of ({USER_POOL_KEY}) has more than 25 rules.",
        ),
    ],
)
def test_a_mapping_that_cannot_choose_is_refused(
    broker: Any, pool_id: str, name: str, mapping: dict[str, Any], message: str
) -> None:
    refusal = broker.refusal("SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles={}, RoleMappings={name: mapping})
    assert refusal == ("InvalidParameterException", message)


def test_a_member_deep_inside_is_named_in_a_refusal(broker: Any, pool_id: str) -> None:
    mappings = {"p": rules(rule(), rule(MatchType="Is"))}
    refusal = broker.refusal(
        "SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles={"admin": ARN}, RoleMappings=mappings
    )
    assert refusal == (
        "ValidationException",
        (
            f"2 validation errors detected: Value '{{admin={ARN}}}' at 'roles' failed to satisfy constraint:"
            " Map keys must satisfy constraint: [Member must have length less than or equal to 128,"
            " Member must have length greater than or equal to 1,"
            " Member must satisfy regular expression pattern: (un)?authenticated];"
            " Value 'Is' at 'roleMappings.p.member.rulesConfiguration.rules.2.member.matchType' failed to satisfy"
            " constraint: Member must satisfy enum value set: [Equals, Contains, StartsWith, NotEqual]"
        ),
    )
