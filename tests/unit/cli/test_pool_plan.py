"""A pool's plan: what was typed is read strictly, and the documents allow exactly what was asked for."""

import json

import pytest

from gatepass.cli.pool_plan import Api, Login, Route, check_name, invoke_policy, pool_members, role_name, trust_policy
from gatepass.errors import ConfigurationError
from gatepass.policy import parse


@pytest.mark.parametrize("text", ["", "GET", "GET pets", "FETCH /", "GET /a b", "/pets"])
def test_what_is_no_route_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is no route"):
        Route.parse(text)


@pytest.mark.parametrize("text", ["", "google", "=client", "accounts.google.com=", "accounts.google.com=a/b"])
def test_what_is_no_login_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is no login"):
        Login.parse(text)


@pytest.mark.parametrize("text", ["", "api", "a1/", "/api", "a1/b/c", "a*/api"])
def test_what_is_no_api_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is no API"):
        Api.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "é", "a" * 51, "a/b"])
def test_a_name_that_roles_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot name a pool"):
        check_name(name)


def test_a_policy_names_the_routes_and_nothing_else() -> None:
    routes = [Route.parse("GET /"), Route.parse("get /pets/{id}"), Route.parse("GET /")]
    document = invoke_policy("eu-west-1", "123456789012", Api.parse("a1b2/api"), routes)
    parse(document, "identity")
    assert json.loads(document)["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "execute-api:Invoke",
            "Resource": [
                "arn:aws:execute-api:eu-west-1:123456789012:a1b2/api/GET/",
                "arn:aws:execute-api:eu-west-1:123456789012:a1b2/api/GET/pets/*",
            ],
        }
    ]


@pytest.mark.parametrize("kind", ["authenticated", "unauthenticated"])
def test_a_role_trusts_one_pool_and_one_kind_of_identity(kind: str) -> None:
    pool_id = "eu-west-1:11111111-2222-3333-4444-555555555555"
    document = trust_policy(pool_id, kind)
    parse(document, "trust")
    (statement,) = json.loads(document)["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": kind},
    }


def test_each_kind_of_provider_goes_where_aws_has_it() -> None:
    logins = [
        Login.parse("accounts.google.com=g"),
        Login.parse("cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC=u"),
        Login.parse("https://id.example.com/realm=o"),
    ]
    assert pool_members("visitors", guests=False, logins=logins, account="123456789012") == {
        "IdentityPoolName": "visitors",
        "AllowUnauthenticatedIdentities": False,
        "SupportedLoginProviders": {"accounts.google.com": "g"},
        "CognitoIdentityProviders": [
            {
                "ProviderName": "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC",
                "ClientId": "u",
                "ServerSideTokenCheck": False,
            }
        ],
        "OpenIdConnectProviderARNs": ["arn:aws:iam::123456789012:oidc-provider/id.example.com/realm"],
    }


def test_guests_and_users_get_roles_of_their_own() -> None:
    assert role_name("visitors", "unauthenticated") != role_name("visitors", "authenticated")
