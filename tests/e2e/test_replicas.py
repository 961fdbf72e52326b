"""Several gates on one PostgreSQL: one deployment, which outlives any of them, and restarts of the database."""

from __future__ import annotations

import json
import shutil
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from gatepass.http import Request
from gatepass.sigv4 import Keys, sign

if TYPE_CHECKING:
    from tests.e2e.conftest import Gate
    from tests.postgresql import Server

SOON = 60.0  # seconds for what takes milliseconds on a machine that has time
APP = """\
import json, os
async def app(scope, receive, send):
    if scope["type"] == "http":
        body = json.dumps(sorted(name for name in os.environ if "GATEPASS" in name)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})
"""
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    }
)


def client(gate: Gate, service: str, *, signed: bool = True) -> Any:
    """A boto3 client with the administrator's keys that does not try again."""
    return boto3.client(
        service,
        endpoint_url=gate.endpoint,
        region_name=gate.region,
        aws_access_key_id=gate.administrator.access_key_id,
        aws_secret_access_key=gate.administrator.secret_access_key,
        config=Config(signature_version=None if signed else UNSIGNED, retries={"total_max_attempts": 1}),
    )


def guests_of(gate: Gate) -> Any:
    return client(gate, "cognito-identity", signed=False)


def credentials(gate: Gate, identity_id: str) -> Keys:
    given = guests_of(gate).get_credentials_for_identity(IdentityId=identity_id)["Credentials"]
    return Keys(given["AccessKeyId"], given["SecretKey"], given["SessionToken"])


def guest(gate: Gate) -> Keys:
    identity_id = guests_of(gate).get_id(IdentityPoolId=gate.pool_id)["IdentityId"]
    return credentials(gate, identity_id)


def get(url: str, headers: dict[str, str]) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def call(gate: Gate, keys: Keys) -> tuple[int, str]:
    """The API, signed."""
    headers = [(b"host", gate.endpoint.removeprefix("http://").encode())]
    request = Request("GET", gate.url.removeprefix(gate.endpoint).encode(), headers=headers)
    added = sign(request, keys, region=gate.region, service="execute-api", now=time.time())
    return get(gate.url, {name.decode(): value.decode() for name, value in added})


def health(gate: Gate) -> int:
    return get(f"{gate.endpoint}/_gatepass/health", {})[0]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


Serve = Callable[..., Any]


class Place:
    """Where gates of one deployment are started."""

    def __init__(self, folder: Path, serve: Serve, url: str) -> None:
        self._folder, self._serve, self._url = folder, serve, url
        (folder / "app.py").write_text(APP)

    def gate(self, name: str, *options: str) -> Any:
        """A gate with the secrets of the first one, which made them."""
        data = self._folder / name
        data.mkdir(exist_ok=True)
        first = self._folder / "first"
        if data != first:
            for file in ("keys.json", "administrator.json"):
                shutil.copy(first / file, data)
        environment = {"GATEPASS_STORE": self._url}
        return self._serve("app:app", *options, data=data, cwd=self._folder, environment=environment)


@pytest.fixture
def place(tmp_path: Path, database: str, serve: Serve) -> Place:
    return Place(tmp_path, serve, database)


@pytest.fixture
def shaky(tmp_path: Path, serve: Serve, own_postgresql: Server) -> Iterator[Place]:
    """On a database that the test may stop."""
    url = own_postgresql.databases.copy()
    yield Place(tmp_path, serve, url)
    own_postgresql.start()


def test_gates_are_one_deployment(place: Place) -> None:
    """What one makes, the other has: an identity at once, whatever decides within seconds."""
    one, other = place.gate("first"), place.gate("second")
    assert one.pool_id == other.pool_id
    assert one.administrator == other.administrator
    identity_id = guests_of(one).get_id(IdentityPoolId=one.pool_id)["IdentityId"]
    keys = credentials(other, identity_id)
    assert call(one, keys) == call(other, keys) == (200, "[]"), "and the app sees nothing of the store's URL"

    made = client(other, "cognito-identity").create_identity_pool(
        IdentityPoolName="more", AllowUnauthenticatedIdentities=True
    )
    guests = guests_of(one)

    def has_an_id() -> bool:
        try:
            return bool(guests.get_id(IdentityPoolId=made["IdentityPoolId"])["IdentityId"])
        except guests.exceptions.ResourceNotFoundException:
            return False

    until(has_an_id)
    role = client(other, "iam").list_roles()["Roles"][0]["RoleName"]
    policy = client(other, "iam").list_role_policies(RoleName=role)["PolicyNames"][0]
    client(other, "iam").delete_role_policy(RoleName=role, PolicyName=policy)
    assert call(other, keys)[0] == 403
    until(lambda: call(one, keys)[0] == 403)


@pytest.mark.slow
def test_a_killed_gate_leaves_nothing_undone(place: Place) -> None:
    """Everything it acknowledged is there for the other, which goes on as if nothing had been."""
    other = place.gate("first")
    roles: list[str] = []
    identities: list[str] = []

    def write(gate: Gate, turn: int) -> None:
        iam, cognito = client(gate, "iam"), guests_of(gate)
        for number in range(100_000):
            try:
                iam.create_role(RoleName=f"role-{turn}-{number}", AssumeRolePolicyDocument=TRUST)
                roles.append(f"role-{turn}-{number}")
                identities.append(cognito.get_id(IdentityPoolId=gate.pool_id)["IdentityId"])
            except BotoCoreError:
                return  # it was killed

    for turn in range(3):
        gate = place.gate("second")
        enough = len(roles) + 20
        writer = threading.Thread(target=write, args=(gate, turn))
        writer.start()
        until(lambda enough=enough: len(roles) > enough)  # type: ignore[misc]
        gate.stop(signal.SIGKILL)
        writer.join()
        assert client(other, "iam").create_role(RoleName=f"after-{turn}", AssumeRolePolicyDocument=TRUST)
    there = {
        role["RoleName"]
        for page in client(other, "iam").get_paginator("list_roles").paginate()
        for role in page["Roles"]
    }
    assert set(roles) - there == set()
    for identity_id in identities:
        assert credentials(other, identity_id)


@pytest.mark.slow
def test_a_restart_of_the_database_is_not_noticed(shaky: Place, own_postgresql: Server) -> None:
    """Requests are decided while it is away; what changes something waits for it, and is done."""
    gate = shaky.gate("first")
    keys = guest(gate)
    own_postgresql.stop(signal.SIGQUIT)
    assert call(gate, keys) == (200, "[]")
    assert health(gate) == 200
    answers: list[Any] = []

    def create(number: int) -> None:
        try:
            given = client(gate, "iam").create_role(RoleName=f"r{number}", AssumeRolePolicyDocument=TRUST)
            answers.append(given["Role"]["RoleName"])
        except ClientError as error:
            answers.append(error)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    assert call(gate, keys) == (200, "[]")
    own_postgresql.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["r0", "r1", "r2", "r3"]
    assert call(gate, guest(gate)) == (200, "[]")


@pytest.mark.slow
def test_a_database_that_stays_away_ends_in_refusals(shaky: Place, own_postgresql: Server) -> None:
    """An answer comes all the same, and everything is as before when the database is back."""
    gate = shaky.gate("first", "--max-stale", "5")
    keys = guest(gate)
    own_postgresql.stop()
    assert call(gate, keys) == (200, "[]")
    with pytest.raises(ClientError) as caught:
        client(gate, "iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    until(lambda: call(gate, keys)[0] == 500)
    assert health(gate) == 503
    for ask in (lambda: guests_of(gate).get_id(IdentityPoolId=gate.pool_id), client(gate, "sts").get_caller_identity):
        with pytest.raises(ClientError) as caught:
            ask()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    own_postgresql.start()
    until(lambda: call(gate, keys)[0] == 200)
    assert health(gate) == 200
    assert "is away" in gate.log()
    assert "is back" in gate.log()
