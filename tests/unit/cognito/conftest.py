"""The table of operations, called as the gateway calls it, over a real store; botocore writes and reads the bytes."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
import pytest
from tests.oracles.cognito_logins import APPLE, DEVELOPER, GOOGLE, USER_POOL
from tests.oracles.login_tokens import key_set

from gatepass.cognito import OPERATIONS
from gatepass.errors import RequestError, ServiceError
from gatepass.http import Request, Response
from gatepass.issuers import Issuers
from gatepass.issuers.addresses import Reach, Url
from gatepass.issuers.fetching import Fetched
from gatepass.operation import Call, Deployment, Judge, admit_all, deny_all
from gatepass.principal import Principal
from gatepass.store import Role, Store
from gatepass.tokens import KeyRing, Session, open_session
from gatepass.wire import json11

ACCOUNT = "123456789012"
REGION = "eu-central-1"
NOW = 1_800_000_000.25
REQUEST_ID = "5a6b7c8d-0000-4000-8000-000000000001"
ROOT = Principal("root", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, "AKIAROOT")
BY_NAME = {operation.name: operation for operation in OPERATIONS}
MODEL = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("cognito-identity", "service-2"))

T = TypeVar("T")


class Refused(Exception):
    """An error answer, as botocore read it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Broker:
    """Answers requests; `notes` is what the decision log of the last one would show."""

    def __init__(self, runner: asyncio.Runner, store: Store) -> None:
        self.runner = runner
        self.store = store
        self.key_ring = KeyRing.of(store.deployment_id, os.urandom(32))
        self.notes: list[str] = []
        self.now = NOW
        self.source_ip = "127.0.0.1"
        self.entropy = os.urandom
        self.issuers: Issuers | None = None
        self.judge: Judge = deny_all
        self.admits = admit_all

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def call(self, principal: Principal | None) -> Call:
        self.notes = []
        return Call(
            store=self.store,
            key_ring=self.key_ring,
            deployment=Deployment(ACCOUNT, REGION),
            principal=principal,
            now=self.now,
            entropy=self.entropy,
            request_id=REQUEST_ID,
            source_ip=self.source_ip,
            note=self.notes.append,
            issuers=self.issuers,
            judge=self.judge,
            admits=self.admits,
        )

    async def respond(self, name: str, body: bytes, principal: Principal | None = ROOT) -> Response:
        """An answer's bytes; an error that the table does not declare fails the test."""
        operation = BY_NAME[name]
        try:
            given = json11.decode(body, operation.takes)
            repr(given)
            output = await operation.answer(self.call(principal if operation.signed else None), given)
        except ServiceError as failure:
            if not isinstance(failure, (*operation.fails, RequestError)):
                raise AssertionError(f"{name} does not declare {type(failure).__name__}") from failure
            return json11.error(failure, REQUEST_ID)
        assert operation.gives is None if output is None else isinstance(output, operation.gives or ())
        return json11.answer(output, REQUEST_ID)

    def send(self, name: str, body: bytes, principal: Principal | None = ROOT) -> Response:
        return self.run(self.respond(name, body, principal))

    def ask(self, name: str, principal: Principal | None = ROOT, /, **parameters: Any) -> dict[str, Any]:
        """What a boto3 client would return. Raises: Refused, where it would raise."""
        response = self.send(name, serialized(name, parameters), principal)
        result = parsed(name, response)
        if response.status != 200:
            raise Refused(result["Error"]["Code"], result["Error"]["Message"])
        assert result.pop("ResponseMetadata")["RequestId"] == REQUEST_ID
        return result

    def refusal(self, name: str, principal: Principal | None = ROOT, /, **parameters: Any) -> tuple[str, str]:
        """The error's code and message."""
        with pytest.raises(Refused) as caught:
            self.ask(name, principal, **parameters)
        return caught.value.code, caught.value.message

    def add_role(self, name: str, trust_policy: dict[str, Any] | str, **fields: Any) -> str:
        """A role, as if it had been created by IAM; its ARN."""
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        text = trust_policy if isinstance(trust_policy, str) else json.dumps(trust_policy)
        role = Role(name=name, path="/", id=f"AROA{name.upper():A<17}", arn=arn, trust_policy=text, **fields)
        assert self.run(self.store.roles.add(role))
        return arn

    def limit_guests(self, limit: int) -> None:
        """Every pool may have so many from now on."""
        self.store.guests.limit = limit

    def guest_pool(self, **parameters: Any) -> str:
        """A pool whose guests get credentials; its id."""
        pool = self.ask("CreateIdentityPool", IdentityPoolName="p", AllowUnauthenticatedIdentities=True, **parameters)
        pool_id: str = pool["IdentityPoolId"]
        arn = self.add_role("guest", trust(pool_id))
        self.ask("SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles={"unauthenticated": arn})
        return pool_id

    def login_pool(self, **parameters: Any) -> str:
        """A pool that takes guests, two public providers, a user pool and a backend's users; its id.

        Guests and those who are logged in get the roles `guest` and `user`.
        """
        self.issuers = Issuers(fetch=_keys)
        pool = self.ask(
            "CreateIdentityPool",
            **{
                "IdentityPoolName": "p",
                "AllowUnauthenticatedIdentities": True,
                "AllowClassicFlow": True,
                "SupportedLoginProviders": {GOOGLE: "google-app", APPLE: "apple-app"},
                "CognitoIdentityProviders": [{"ProviderName": USER_POOL, "ClientId": "web"}],
                "DeveloperProviderName": DEVELOPER,
                **parameters,
            },
        )
        pool_id: str = pool["IdentityPoolId"]
        roles = {
            "unauthenticated": self.add_role("guest", trust(pool_id)),
            "authenticated": self.add_role("user", trust(pool_id, "authenticated")),
        }
        self.ask("SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles=roles)
        return pool_id

    def session(self, credentials: dict[str, Any]) -> Session:
        """What a session token says."""
        return open_session(self.key_ring, credentials["SessionToken"], credentials["AccessKeyId"])[0]

    def developer_token(self, pool_id: str, user: str, **parameters: Any) -> dict[str, Any]:
        """What a backend gets for its user."""
        logins = {DEVELOPER: user, **parameters.pop("Logins", {})}
        return self.ask("GetOpenIdTokenForDeveloperIdentity", IdentityPoolId=pool_id, Logins=logins, **parameters)


async def _keys(url: Url, reach: Reach) -> Fetched:
    """Every issuer has the same keys."""
    host = str(url).partition("/.well-known/")
    if host[2] == "openid-configuration":
        return Fetched(json.dumps({"issuer": host[0], "jwks_uri": host[0] + "/keys"}).encode(), None)
    return Fetched(key_set(), None)


def trust(pool_id: str, amr: str = "unauthenticated") -> dict[str, Any]:
    """The trust policy of AWS's documentation."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
                    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr},
                },
            }
        ],
    }


def serialized(name: str, parameters: dict[str, Any]) -> bytes:
    """The body botocore sends, without the checks it makes first."""
    serializer = botocore.serialize.create_serializer("json", include_validation=False)
    made = serializer.serialize_to_request(parameters, MODEL.operation_model(name))
    headers = [(key.lower().encode(), value.encode()) for key, value in made["headers"].items()]
    assert json11.target(Request("POST", b"/", headers=headers)) == name
    body: bytes = made["body"]
    return body


def parsed(name: str, response: Response) -> dict[str, Any]:
    given = {
        "status_code": response.status,
        "headers": {key.decode(): value.decode() for key, value in response.headers},
        "body": response.body,
    }
    result: dict[str, Any] = botocore.parsers.JSONParser().parse(given, MODEL.operation_model(name).output_shape)
    return result


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with asyncio.Runner() as runner:
        store = runner.run(Store.open(tmp_path, account=ACCOUNT, region=REGION))
        yield Broker(runner, store)
        runner.run(store.close())
