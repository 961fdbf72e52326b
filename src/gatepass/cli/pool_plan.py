"""What a pool should be: the documents and members that `gatepass pool create` writes. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gatepass.arn import method_arn
from gatepass.errors import ConfigurationError

POLICY = "invoke-api"
TAG = "gatepass:identity-pool"
"""On a role: which pool's `create` made it; `delete` removes no other."""

_PUBLIC = ("accounts.google.com", "graph.facebook.com", "appleid.apple.com", "www.amazon.com", "api.twitter.com")
_USER_POOL = re.compile(r"cognito-idp\.[a-z0-9-]+\.amazonaws\.com/[\w-]+_[0-9A-Za-z]+")
_NAME = re.compile(r"[\w+=,.@-]{1,50}", re.ASCII)
_STAGE = re.compile(r"[A-Za-z0-9_-]+|\$default")
_VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*")


@dataclass(frozen=True, slots=True)
class Login:
    """A provider whose users may log in, and the client id their tokens are for."""

    issuer: str
    client_id: str

    @classmethod
    def parse(cls, text: str) -> Login:
        """`ISSUER=CLIENT_ID`; the issuer with or without `https://`. Raises: ConfigurationError."""
        issuer, _, client_id = text.rpartition("=")
        issuer = issuer.removeprefix("https://").rstrip("/")
        if not issuer or not client_id or "/" in client_id:
            raise ConfigurationError(
                f"`{text}` is no login", hint="ISSUER=CLIENT_ID, for example accounts.google.com=123.apps.example"
            )
        return cls(issuer, client_id)

    @property
    def is_user_pool(self) -> bool:
        return _USER_POOL.fullmatch(self.issuer) is not None

    @property
    def is_public(self) -> bool:
        return self.issuer in _PUBLIC


@dataclass(frozen=True, slots=True)
class Route:
    """A verb and a path that a role may call."""

    verb: str
    path: str

    @classmethod
    def parse(cls, text: str) -> Route:
        """`GET /path`; `{name}` in the path stands for anything. Raises: ConfigurationError."""
        verb, _, path = text.strip().partition(" ")
        verb, path = verb.upper(), path.strip()
        if verb not in _VERBS or not path.startswith("/") or any(character.isspace() for character in path):
            raise ConfigurationError(
                f"`{text}` is no route", hint="a verb and a path, for example 'GET /pets/{id}', or '* /pets/*'"
            )
        return cls(verb, re.sub(r"\{[^}/]*\}", "*", path))


@dataclass(frozen=True, slots=True)
class Api:
    """The API whose routes are allowed."""

    api_id: str
    stage: str

    @classmethod
    def parse(cls, text: str) -> Api:
        """`API_ID/STAGE`. Raises: ConfigurationError."""
        api_id, _, stage = text.partition("/")
        if not re.fullmatch(r"[A-Za-z0-9]+", api_id) or not _STAGE.fullmatch(stage):
            raise ConfigurationError(f"`{text}` is no API", hint="API_ID/STAGE, for example a1b2c3d4e5/api")
        return cls(api_id, stage)


def check_name(name: str) -> str:
    """The name, if roles can be named after it. Raises: ConfigurationError."""
    if _NAME.fullmatch(name) is None:
        raise ConfigurationError(
            f"`{name}` cannot name a pool and its roles", hint="up to 50 letters, digits and any of _+=,.@-"
        )
    return name


def role_name(pool_name: str, kind: str) -> str:
    """`kind`: `unauthenticated` or `authenticated`."""
    return f"{pool_name}-guests" if kind == "unauthenticated" else f"{pool_name}-authenticated"


def trust_policy(pool_id: str, kind: str) -> str:
    """Trust in this pool, and in this kind of its identities, only."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": kind},
        },
    }
    return _document(statement)


def invoke_policy(region: str, account: str, api: Api, routes: Sequence[Route]) -> str:
    """Exactly these routes."""
    resources = sorted(
        {method_arn(region, account, api.api_id, api.stage, route.verb, route.path[1:]) for route in routes}
    )
    return _document({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resources})


def pool_members(name: str, *, guests: bool, logins: Sequence[Login], account: str) -> dict[str, Any]:
    """The pool as CreateIdentityPool and UpdateIdentityPool take it."""
    members: dict[str, Any] = {"IdentityPoolName": name, "AllowUnauthenticatedIdentities": guests}
    public = {login.issuer: login.client_id for login in logins if login.is_public}
    user_pools = [
        {"ProviderName": login.issuer, "ClientId": login.client_id, "ServerSideTokenCheck": False}
        for login in logins
        if login.is_user_pool
    ]
    arns = sorted({provider_arn(account, login) for login in logins if not (login.is_public or login.is_user_pool)})
    if public:
        members["SupportedLoginProviders"] = public
    if user_pools:
        members["CognitoIdentityProviders"] = user_pools
    if arns:
        members["OpenIdConnectProviderARNs"] = arns
    return members


def provider_arn(account: str, login: Login) -> str:
    """Of the IAM OIDC provider for this issuer."""
    return f"arn:aws:iam::{account}:oidc-provider/{login.issuer}"


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
