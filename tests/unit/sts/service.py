"""STS as clients see it: forms in, XML out, over a real store; callers and what binds them as the gateway finds them.

Only the network and the signatures on requests are missing: who calls is whose credentials are handed over, which are
looked up as the gateway looks them up.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import botocore.parsers
import botocore.serialize
import botocore.session
import pytest
from tests.oracles import login_tokens

from gatepass.errors import RequestError, ServiceError
from gatepass.gateway.judging import judge_of
from gatepass.gateway.snapshot import Keys, Snapshot
from gatepass.http import Request, Response
from gatepass.issuers import Issuers
from gatepass.issuers.sources import KeyFile
from gatepass.operation import Call, Deployment
from gatepass.principal import Principal
from gatepass.sigv4 import Verified
from gatepass.store import AccessKey, Identity, IdentityPool, ManagedPolicy, OpenIDConnectProvider, Role, Store, User
from gatepass.store.entities import PolicyVersion
from gatepass.sts import OPERATIONS
from gatepass.tokens import OpenIdToken, mint_openid
from gatepass.wire import query

T = TypeVar("T")

ACCOUNT = "123456789012"
REGION = "eu-central-1"
NOW = 1_800_000_000.75
REQUEST_ID = "5a6b7c8d-0000-4000-8000-000000000001"
POOL = f"{REGION}:8d8f7658-1c6c-4f0b-9d5c-0123456789ab"
IDENTITY = f"{REGION}:157d6171-ee37-c0dd-c6c5-ce7afc0154ab"
COGNITO = "cognito-identity.amazonaws.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{login_tokens.ISSUER.removeprefix('https://')}"
ROOT_KEY = AccessKey("AKIAROOTROOTROOTROOT", "the root's secret access key, forty chars")
MODEL = botocore.session.get_session().get_service_model("sts")
TABLE = {operation.name: operation for operation in OPERATIONS}
CALLER_KEYS = ("AccessKeyId", "SecretAccessKey", "SessionToken")


@dataclasses.dataclass(frozen=True)
class Credentials:
    """What a client signs with."""

    access_key_id: str
    session_token: str | None = None


ROOT = Credentials(ROOT_KEY.id)


class Refused(Exception):
    """An error answer, as botocore read it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message


class Sts:
    """The service; `notes` is what the decision log of the last call would show."""

    def __init__(self, runner: asyncio.Runner, store: Store, folder: Path) -> None:
        self._runner = runner
        self._folder = folder
        self.store = store
        self.now = NOW
        self.notes: list[str] = []
        self.request = Request("POST", b"/", source_ip="192.0.2.7", secure=True)
        self.issuers: Issuers | None = None
        self._made = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    # --- calling

    def principal(self, credentials: Credentials) -> Principal:
        """Who signs with these. Raises: UnrecognizedClient."""
        keys = Keys(self.store.directory, self.store.key_ring, ROOT_KEY, ACCOUNT)
        return keys(credentials.access_key_id, credentials.session_token, self.now).principal

    def call(self, credentials: Credentials | None) -> Call:
        self.notes = []
        principal = None if credentials is None else self.principal(credentials)
        deployment = Deployment(ACCOUNT, REGION)
        snapshot = Snapshot(deployment, (), self.store.directory, self.store.key_ring, ROOT_KEY)
        verified = None if principal is None else Verified(principal, frozenset(), False, self.now)
        return Call(
            store=self.store,
            key_ring=self.store.key_ring,
            deployment=deployment,
            principal=principal,
            now=self.now,
            entropy=os.urandom,
            request_id=REQUEST_ID,
            source_ip=self.request.source_ip,
            note=self.notes.append,
            issuers=self.issuers,
            judge=judge_of(snapshot, self.request, verified, self.now),
        )

    async def answered(self, body: bytes, credentials: Credentials | None) -> Response:
        """What is answered to a form; an error that the table does not declare fails the test."""
        headers = [(b"content-type", b"application/x-www-form-urlencoded")]
        asked = query.action(Request("POST", b"/", headers=headers, body=body))
        assert asked is not None
        assert asked.service == "sts"
        operation = TABLE[asked.name]
        call = self.call(credentials if operation.signed else None)
        try:
            given = query.decode(asked.parameters, operation.takes, service="sts")
            repr(given)
            output = await operation.answer(call, given)
        except ServiceError as refusal:
            if not isinstance(refusal, (*operation.fails, RequestError)):
                raise AssertionError(f"{asked.name} does not declare {type(refusal).__name__}") from refusal
            if refusal.detail:
                self.notes.append(refusal.detail)
            return query.error(refusal, "sts", REQUEST_ID, "extended")
        assert operation.gives is not None
        assert isinstance(output, operation.gives)
        return query.answer(operation.name, output, "sts", REQUEST_ID, "extended")

    def send(self, name: str, credentials: Credentials | None, parameters: Mapping[str, str]) -> Response:
        form = {"Action": name, "Version": "2011-06-15", **parameters}
        return self.run(self.answered(urlencode(form).encode(), credentials))

    def ask(self, name: str, credentials: Credentials | None = None, /, **parameters: Any) -> dict[str, Any]:
        """What boto3 would return. Raises: Refused, where it would raise."""
        return parsed(name, self.send(name, credentials, serialized(name, parameters)))

    def refusal(self, name: str, credentials: Credentials | None = None, /, **parameters: Any) -> tuple[int, str, str]:
        """The error's status, code and message."""
        with pytest.raises(Refused) as caught:
            self.ask(name, credentials, **parameters)
        return caught.value.status, caught.value.code, caught.value.message

    def assume(self, credentials: Credentials, role: Role, name: str = "session", /, **more: Any) -> Credentials:
        return of(self.ask("AssumeRole", credentials, RoleArn=role.arn, RoleSessionName=name, **more))

    # --- what there is

    def role(self, name: str, trust: Any, *policies: Any, **fields: Any) -> Role:
        """A role, as if IAM had made it."""
        path = fields.pop("path", "/")
        inline = {f"p{number}": document(policy) for number, policy in enumerate(policies)}
        made = Role(
            name,
            path,
            f"AROA{name.upper():A<17}",
            f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
            document(trust),
            inline_policies=inline,
            **fields,
        )
        assert self.run(self.store.roles.add(made))
        return made

    def user(self, name: str, *policies: Any, **fields: Any) -> tuple[User, Credentials]:
        """A user and a key of it."""
        inline = {f"p{number}": document(policy) for number, policy in enumerate(policies)}
        arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
        made = User(name, "/", f"AIDA{name.upper():A<17}", arn, inline_policies=inline, **fields)
        key = AccessKey(f"AKIA{name.upper():A<16}", "s" * 40, name)
        assert self.run(self.store.users.add(made))
        assert self.run(self.store.access_keys.add(key))
        return made, Credentials(key.id)

    def managed_policy(self, name: str, policy: Any) -> str:
        """A managed policy's ARN."""
        arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
        version = PolicyVersion(document(policy), NOW)
        made = ManagedPolicy(arn, name, "/", f"ANPA{name.upper():A<17}", {1: version})
        assert self.run(self.store.managed_policies.add(made))
        return arn

    def pool(self, **fields: Any) -> None:
        """The pool and an identity of it."""
        pool = IdentityPool(POOL, "p", **{"allow_unauthenticated": True, **fields})
        assert self.run(self.store.identity_pools.add(pool))
        assert self.run(self.store.identities.add(Identity(IDENTITY, POOL)))

    def openid(self, *amr: str, lifetime: int = 600, **fields: Any) -> str:
        """A token of the pool for its identity."""
        issued_at = int(self.now)
        token = OpenIdToken(IDENTITY, POOL, amr or ("unauthenticated",), issued_at, issued_at + lifetime, **fields)
        return mint_openid(self.run(self.store.signing_keys.get(self.now)), token)

    def provider(self, *client_ids: str) -> None:
        """IAM's provider for the issuer of `login_tokens`, whose keys are in a file."""
        keys = self._folder / "login-keys.json"
        keys.write_bytes(login_tokens.key_set())
        self.issuers = Issuers({login_tokens.ISSUER: KeyFile(keys)})
        made = OpenIDConnectProvider(PROVIDER, login_tokens.ISSUER, client_ids or (login_tokens.CLIENT,))
        assert self.run(self.store.oidc_providers.add(made))


def of(answer: Mapping[str, Any]) -> Credentials:
    """The credentials in an answer."""
    given = answer["Credentials"]
    return Credentials(given["AccessKeyId"], given["SessionToken"])


def document(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def allow(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    """An identity, managed or session policy."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}],
    }


def trusting(principal: Any, *actions: str, condition: Any = None) -> dict[str, Any]:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions or ("sts:AssumeRole",))}
    if condition is not None:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def trusting_pool(*actions: str, amr: str = "unauthenticated", pool: str = POOL) -> dict[str, Any]:
    """The trust policy of AWS's documentation."""
    condition = {"StringEquals": {f"{COGNITO}:aud": pool}, "ForAnyValue:StringLike": {f"{COGNITO}:amr": amr}}
    return trusting({"Federated": COGNITO}, *(actions or ("sts:AssumeRoleWithWebIdentity",)), condition=condition)


def serialized(name: str, parameters: dict[str, Any]) -> Mapping[str, str]:
    """The parameters botocore sends, without the checks it makes first."""
    serializer = botocore.serialize.create_serializer("query", include_validation=False)
    body: Mapping[str, str] = serializer.serialize_to_request(parameters, MODEL.operation_model(name))["body"]
    return {key: value for key, value in body.items() if key not in ("Action", "Version")}


def parsed(name: str, response: Response) -> dict[str, Any]:
    """What botocore makes of an answer. Raises: Refused, of an error."""
    headers = {key.decode(): value.decode() for key, value in response.headers}
    found: dict[str, Any] = botocore.parsers.create_parser("query").parse(
        {"body": response.body, "headers": headers, "status_code": response.status},
        MODEL.operation_model(name).output_shape,
    )
    if response.status != 200:
        error = found["Error"]
        assert error["Type"] == "Sender"
        raise Refused(response.status, error["Code"], error.get("Message", ""))
    assert found.pop("ResponseMetadata")["RequestId"] == REQUEST_ID
    return found
