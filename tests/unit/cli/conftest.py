"""A gate for the commands to find: a data folder, and a server that issues, verifies and remembers as a gate does."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gatepass.cli.main import run
from gatepass.http import Request, Response

if TYPE_CHECKING:
    from tests.unit.conftest import Peer

REGION = "eu-central-1"
POOL = f"{REGION}:11111111-2222-3333-4444-555555555555"
ADMINISTRATOR = ("AKIAADMINISTRATOR", "the administrator's secret")
DECISION = {
    "request_id": "0b5f2a04-6f0e-4f43-9a0e-0d3c5a1f7e21",
    "time": 1767225600.25,
    "entrance": "api",
    "stage": "authorize",
    "outcome": "refused",
    "status": 403,
    "method": "GET",
    "path": "/api/notes/tuesday",
    "source_ip": "127.0.0.1",
    "principal": {
        "kind": "role-session",
        "arn": "arn:aws:sts::123456789012:assumed-role/guests/CognitoIdentityCredentials",
        "account": "123456789012",
        "access_key_id": "ASIAGUEST",
        "role": "guests",
        "identity_pool_id": POOL,
        "amr": ["unauthenticated"],
    },
    "action": "execute-api:Invoke",
    "resource": "arn:aws:execute-api:eu-central-1:123456789012:abc/api/GET/notes/tuesday",
    "verdict": {
        "outcome": "explicitDeny",
        "policy_type": "identity-based",
        "policy": "inline policy `allow` of role `guests`",
        "policy_arn": None,
        "statement": 1,
        "sid": "NotTuesdays",
    },
    "error": {"code": "AccessDeniedException", "message": "User: … is not authorized"},
    "detail": "one thing; and another",
    "hint": "see which policy and statement decided with `gatepass explain`",
    "canonical_request": None,
    "string_to_sign": None,
}


class Done(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


Command = Callable[..., Done]


class Gate:
    """The data folder of a gate, and what its broker has seen."""

    def __init__(self, folder: Path, peer: Peer) -> None:
        self.folder = folder
        self.peer = peer
        self.operations: list[str] = []
        self.guests = True
        self.decisions: dict[str, Any] = {"last": DECISION, str(DECISION["request_id"]): DECISION}
        peer.keys[ADMINISTRATOR[0]] = (ADMINISTRATOR[1], None)
        peer.answers[b"/"] = self.broker
        for name in (*self.decisions, "unknown"):
            peer.answers[f"/_gatepass/decisions/{name}".encode()] = self.decision
        self.describe()

    def describe(self, **changes: Any) -> None:
        """Write the files that `gatepass serve` writes."""
        description = {
            "endpoint": self.peer.origin,
            "pid": os.getpid(),
            "region": REGION,
            "account_id": "123456789012",
            "identity_pools": [{"identity_pool_id": POOL, "name": "app-guests", "allow_unauthenticated": True}],
            "apis": [{"api_id": "abc", "name": "app", "stage": "api", "url": f"{self.peer.origin}/api/"}],
        }
        self.write("serve.json", {**description, **changes})
        self.write("administrator.json", dict(zip(("access_key_id", "secret_access_key"), ADMINISTRATOR, strict=True)))

    def write(self, name: str, value: Any, mode: int = 0o600) -> None:
        self.folder.mkdir(exist_ok=True)
        path = self.folder / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        path.chmod(mode)

    def broker(self, request: Request) -> Response:
        target = request.header(b"x-amz-target")
        if target is None:
            return self.peer.verified(request)
        operation = target.decode().partition(".")[2]
        self.operations.append(operation)
        if not self.guests:
            said = {"__type": "NotAuthorizedException", "message": "Unauthenticated access is not supported."}
            return Response(400, (), json.dumps(said).encode())
        if operation == "GetId":
            return Response(200, (), json.dumps({"IdentityId": f"{REGION}:{len(self.operations)}"}).encode())
        identity = json.loads(request.body)["IdentityId"]
        number = len(self.operations)
        self.peer.keys[f"ASIAGUEST{number}"] = ("guest's secret", "guest's+session/token=" * 9)
        keys = {
            "AccessKeyId": f"ASIAGUEST{number}",
            "SecretKey": "guest's secret",
            "SessionToken": "guest's+session/token=" * 9,
            "Expiration": self.peer.clock() + 3600,
        }
        return Response(200, (), json.dumps({"IdentityId": identity, "Credentials": keys}).encode())

    def decision(self, request: Request) -> Response:
        if self.peer.verified(request).status != 200 or ADMINISTRATOR[0].encode() not in (
            request.header(b"authorization") or b""
        ):
            return Response(403, (), b'{"message":"Forbidden"}')
        found = self.decisions.get(request.path.decode().rpartition("/")[2])
        return Response(404, (), b"{}") if found is None else Response(200, (), json.dumps(found).encode())


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the working folder nor the cache of whoever runs the tests."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def gate(tmp_path: Path, peer: Peer) -> Gate:
    """A gate on ./.gatepass."""
    return Gate(tmp_path / "work" / ".gatepass", peer)


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs one command line."""

    def execute(*arguments: str) -> Done:
        capfd.readouterr()
        status = run(arguments)
        return Done(status, *capfd.readouterr())

    return execute
