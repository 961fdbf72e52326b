"""Nothing acknowledged is lost: the gate is killed while it writes, thirty times over, on one data folder."""

import http.client
import json
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from gatepass.http import Request
from gatepass.sigv4 import Keys, sign

KILLS = 30
WRITERS = 2  # threads that create roles, and as many that make identities
LONGEST = 0.3  # seconds of writing before a kill
SEED = 20261123
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    }
)
APP = """\
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
"""


class Connection:
    """One kept connection; every answer is a status and a body."""

    def __init__(self, gate: Any) -> None:
        self._gate = gate
        self._connection = http.client.HTTPConnection("127.0.0.1", gate.port, timeout=30)

    def ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()

    def signed(self, keys: Keys, service: str, method: str, path: str, body: str = "") -> tuple[int, str]:
        host = f"127.0.0.1:{self._gate.port}"
        kind = "application/x-www-form-urlencoded"
        given = [(b"host", host.encode()), (b"content-type", kind.encode())]
        request = Request(method, path.encode(), headers=given, body=body.encode())
        added = sign(request, keys, region=self._gate.region, service=service, now=time.time())
        headers = {name.decode(): value.decode() for name, value in added}
        return self.ask(method, path, body, {"content-type": kind, **headers})

    def iam(self, action: str, **given: str) -> tuple[int, str]:
        form = urlencode({"Action": action, "Version": "2010-05-08", **given})
        return self.signed(self._gate.administrator, "iam", "POST", "/", form)

    def cognito(self, operation: str, **given: str) -> tuple[int, dict[str, Any]]:
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"AWSCognitoIdentityService.{operation}",
        }
        status, text = self.ask("POST", "/", json.dumps(given), headers)
        return status, json.loads(text)


@dataclass
class Acknowledged:
    """What the gate has said yes to."""

    roles: list[str] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)


def creating_roles(gate: Any, done: Acknowledged, prefix: str) -> None:
    connection = Connection(gate)
    for number in range(sys.maxsize):
        name = f"{prefix}-{number}"
        status, text = connection.iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST)
        assert status == 200, text
        done.roles.append(name)


def making_identities(gate: Any, done: Acknowledged, prefix: str) -> None:
    connection = Connection(gate)
    while True:
        status, given = connection.cognito("GetId", IdentityPoolId=gate.pool_id)
        assert status == 200, given
        done.identities.append(given["IdentityId"])


def until_killed(work: Callable[[], None], failures: list[str]) -> threading.Thread:
    """Run `work` until its connection breaks; what else goes wrong is a failure."""

    def run() -> None:
        try:
            work()
        except (OSError, http.client.HTTPException):
            return
        except AssertionError as failure:
            failures.append(str(failure))

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def write_and_kill(gate: Any, done: Acknowledged, turn: int, seconds: float) -> None:
    failures: list[str] = []
    threads = []
    for kind in (creating_roles, making_identities):
        for writer in range(WRITERS):
            prefix = f"role-{turn}-{writer}"
            threads.append(until_killed(partial(kind, gate, done, prefix), failures))
    threads[0].join(seconds)
    gate.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()
    assert failures == []


def missing(gate: Any, done: Acknowledged) -> list[str]:
    """What was acknowledged and is not there."""
    connection = Connection(gate)
    roles = [name for name in done.roles if connection.iam("GetRole", RoleName=name)[0] != 200]
    identities = [
        identity_id
        for identity_id in done.identities
        if connection.cognito("GetCredentialsForIdentity", IdentityId=identity_id)[0] != 200
    ]
    return roles + identities


def guest(gate: Any) -> Keys:
    connection = Connection(gate)
    identity_id = connection.cognito("GetId", IdentityPoolId=gate.pool_id)[1]["IdentityId"]
    given = connection.cognito("GetCredentialsForIdentity", IdentityId=identity_id)[1]["Credentials"]
    return Keys(given["AccessKeyId"], given["SecretKey"], given["SessionToken"])


def call(gate: Any, keys: Keys) -> tuple[int, str]:
    return Connection(gate).signed(keys, "execute-api", "GET", gate.url.removeprefix(gate.endpoint))


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(serve: Callable[..., Any], tmp_path: Path) -> None:
    """After each kill every row acknowledged before it is there, and a session issued at the very first still works."""
    (tmp_path / "app.py").write_text(APP)
    chance = random.Random(SEED)
    gate = serve("app:app", cwd=tmp_path)
    session = guest(gate)
    gate.stop()
    everything, latest = Acknowledged(), Acknowledged()
    for turn in range(KILLS + 1):
        gate = serve("app:app", cwd=tmp_path)
        assert call(gate, session) == (200, "ok")
        assert missing(gate, latest) == [], f"lost at kill {turn}"
        everything.roles += latest.roles
        everything.identities += latest.identities
        latest = Acknowledged()
        if turn < KILLS:
            write_and_kill(gate, latest, turn, chance.uniform(0.05, LONGEST))
    assert missing(gate, Acknowledged(everything.roles[::10], everything.identities[::10])) == []
    assert len(everything.roles) > KILLS
    assert len(everything.identities) > KILLS
