"""A small account to decide in: a role, a guest's session of it, an API whose integration keeps what it got."""

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from gatepass.gateway import Api, Decision, Protection, Route, RouteTable, Snapshot, authenticate, authorize
from gatepass.gateway.exchange import Exchange
from gatepass.gateway.routing import Routed, route
from gatepass.http import Headers, Request, Response
from gatepass.operation import Deployment
from gatepass.sigv4 import Keys, sign
from gatepass.store import AccessKey, Directory, Role
from gatepass.store.sharded import ShardedMap
from gatepass.tokens import KeyRing, Session, mint

DEPLOYMENT = Deployment("123456789012", "us-east-1")
API_ID = "a1b2c3d4e5"
HOST = "gate.test"
NOW = 1_800_000_000.0
ROOT = AccessKey("AKIAROOTROOTROOTROOT", "r" * 40)


@dataclass
class Kept:
    """An integration that keeps the decisions it was called with."""

    decisions: list[Decision] = field(default_factory=list)

    async def __call__(self, decision: Decision, exchange: Exchange) -> Response | None:
        self.decisions.append(decision)
        return Response(200, [(b"content-type", b"application/json")], b'{"ok":true}')


def allow(*paths: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """A statement about methods of the API, each `VERB/path`."""
    prefix = f"arn:aws:execute-api:us-east-1:123456789012:{API_ID}/api/"
    resources = [prefix + path for path in paths]
    return {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resources, **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def empty_directory(**more: Any) -> Directory:
    """A directory that holds what is given, each as (key, value) pairs."""
    kinds = [each.name for each in dataclasses.fields(Directory) if each.name not in ("revision", "changed")]
    maps: dict[str, Any] = {kind: ShardedMap(more.get(kind, ())) for kind in kinds}
    return Directory(revision=1, **maps)


@dataclass
class World:
    """One account, one API, and the keys of a guest."""

    routes: RouteTable
    integration: Kept
    ring: KeyRing = field(default_factory=lambda: KeyRing.of("deployment", os.urandom(32)))
    role: Role = field(
        default_factory=lambda: Role(
            "guests",
            "/",
            "AROAGUESTSGUESTSGUEST",
            "arn:aws:iam::123456789012:role/guests",
            "{}",
            inline_policies={"invoke": document(allow("*/*"))},
        )
    )

    @property
    def api(self) -> Api:
        return Api(API_ID, "pets", "api", self.routes, DEPLOYMENT)

    def snapshot(self, *, directory: Directory | None = None) -> Snapshot:
        known = directory or empty_directory(roles=[(self.role.name, self.role)])
        return Snapshot(DEPLOYMENT, [self.api], known, self.ring, ROOT)

    def allowing(self, *statements: dict[str, Any], **policies: str) -> Snapshot:
        """A snapshot in which the role has these statements."""
        documents = {"p": document(*statements), **policies} if statements else policies
        self.role = dataclasses.replace(self.role, inline_policies=documents)
        return self.snapshot()

    def session(self, **more: Any) -> Keys:
        """Keys of a session of the role."""
        given: dict[str, Any] = {
            "kind": "role-session",
            "account": DEPLOYMENT.account,
            "issued_at": int(NOW),
            "expiration": int(NOW) + 3600,
            "role_arn": self.role.arn,
            "role_id": self.role.id,
            "session_name": "CognitoIdentityCredentials",
            "identity_id": "us-east-1:1412aab6-0000-4000-8000-000000000000",
            "identity_pool_id": "us-east-1:6ef41744-0000-4000-8000-000000000000",
            "amr": ("unauthenticated",),
            "scoped_down": True,
            **more,
        }
        minted = mint(self.ring, Session(**given), salt=os.urandom(16), access_key_entropy=os.urandom(6))
        return Keys(minted.access_key_id, minted.secret_access_key, minted.session_token)

    def decide(
        self,
        snapshot: Snapshot,
        method: str,
        path: bytes,
        keys: Keys | None = None,
        *,
        query: bytes = b"",
        headers: Headers = (),
        unsigned: Headers = (),
        body: bytes = b"",
        operations: Mapping[tuple[str, str], Any] | None = None,
    ) -> Decision:
        """Route, authenticate and authorize."""
        request = signed(method, path, keys, query=query, headers=headers, unsigned=unsigned, body=body)
        routed = route(snapshot, operations or {}, request)
        verified = authenticate(snapshot, routed, request, NOW)
        return authorize(snapshot, routed, request, verified, NOW)


def signed(
    method: str,
    path: bytes,
    keys: Keys | None,
    *,
    query: bytes = b"",
    headers: Headers = (),
    unsigned: Headers = (),
    body: bytes = b"",
    service: str = "execute-api",
    now: float = NOW,
) -> Request:
    """A request, signed if there are keys; `unsigned` headers are added afterwards."""
    request = Request(method, path, query, [(b"host", HOST.encode()), *headers], body, "192.0.2.7")
    if keys is not None:
        added = sign(request, keys, region="us-east-1", service=service, now=now)
        names = {name for name, _ in added}
        kept = [header for header in request.headers if header[0] not in names]
        request = request._replace(headers=[*kept, *added])
    return request._replace(headers=[*request.headers, *unsigned])


@pytest.fixture
def kept() -> Kept:
    return Kept()


MakeWorld = Callable[[Iterable[tuple[str, str, Protection]]], World]


@pytest.fixture
def world_of(kept: Kept) -> MakeWorld:
    """Makes a world with an API of these routes."""

    def make(routes: Iterable[tuple[str, str, Protection]]) -> World:
        return World(RouteTable(Route(method, path, protection, kept) for method, path, protection in routes), kept)

    return make


@pytest.fixture
def world(world_of: MakeWorld) -> World:
    """`GET /`, `GET /pets/{id}`, `ANY /files/{proxy+}` behind IAM, `GET /open` open."""
    return world_of(
        [
            ("GET", "/", Protection.IAM),
            ("GET", "/pets/{id}", Protection.IAM),
            ("ANY", "/files/{proxy+}", Protection.IAM),
            ("GET", "/open", Protection.OPEN),
        ]
    )


@pytest.fixture
def statement() -> Callable[..., dict[str, Any]]:
    return allow


@pytest.fixture
def sign_request() -> Callable[..., Request]:
    return signed


@pytest.fixture
def directory_of() -> Callable[..., Directory]:
    return empty_directory


def routed_of(snapshot: Snapshot, request: Request) -> Routed:
    return route(snapshot, {}, request)
