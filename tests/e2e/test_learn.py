"""From a test run to a policy: `serve --learn`, `policy generate --from`, and just those requests are allowed."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from tests.e2e.conftest import GATEPASS, clean_environment

if TYPE_CHECKING:
    from tests.e2e.conftest import Gate, Serve

ROLE, POLICY = "pets-guests", "invoke-iam-routes"
APP = """\
from chalice import Chalice, IAMAuthorizer

app = Chalice(app_name="pets")
iam = IAMAuthorizer()


@app.route("/pets/{id}", methods=["GET", "PUT", "DELETE"], authorizer=iam)
def pet(id):
    return {"id": id}


@app.route("/pets", methods=["GET", "POST"], authorizer=iam)
def pets():
    return {}


@app.route("/", authorizer=iam)
def index():
    return {}


@app.route("/open")
def opened():
    return {}
"""
ROUTES = [
    *("GET /pets/1", "PUT /pets/1", "DELETE /pets/1", "GET /pets", "POST /pets", "GET /"),
    *("GET /pets/2", "PUT /pets/2", "GET /pets/"),
]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [GATEPASS, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=clean_environment(), timeout=120, check=False)


def call(gate: Gate, route: str) -> bool:
    """Whether a guest is let through."""
    verb, path = route.split(" ")
    done = run("call", "-X", verb, "--data", gate.data, f"{gate.url}{path[1:]}")
    assert done.returncode == 0 or "is not authorized to perform: execute-api:Invoke" in done.stdout, done
    return done.returncode == 0


def put(gate: Gate, document: str) -> None:
    keys = gate.administrator
    iam: Any = boto3.client(
        "iam",
        endpoint_url=gate.endpoint,
        region_name=gate.region,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
    )
    iam.put_role_policy(RoleName=ROLE, PolicyName=POLICY, PolicyDocument=document)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pets").mkdir()
    (tmp_path / "pets" / "app.py").write_text(APP)
    return tmp_path / "pets"


def test_a_test_run_becomes_the_policy(serve: Serve, project: Path, tmp_path: Path) -> None:
    """Denied requests are denied while they are learned, and allowed by what was made of them."""
    record = tmp_path / "learned.json"
    gate = serve(project, "--learn", record)
    prefix = f"arn:aws:execute-api:us-east-1:123456789012:{gate.ready['apis'][0]['api_id']}/api"
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{prefix}/GET/*"}
    put(gate, json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert [call(gate, route) for route in ("GET /pets/1", "PUT /pets/1", "GET /open")] == [True, False, True]
    assert gate.stop() == 0

    made = run("policy", "generate", "--from", record)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["Statement"][0]["Resource"] == [f"{prefix}/GET/pets/*", f"{prefix}/PUT/pets/*"]
    assert "denied so far, and now allowed: PUT /pets/{id}" in made.stderr

    gate = serve(project)
    put(gate, made.stdout)
    allowed = ["GET /pets/1", "PUT /pets/1", "GET /pets/2", "PUT /pets/2", "GET /pets/"]
    assert [route for route in ROUTES if call(gate, route)] == allowed
    assert "`GET/pets/*` allows some requests to a route that nobody called, too: GET /pets" in made.stderr


def test_what_was_written_survives_a_kill(serve: Serve, project: Path, tmp_path: Path) -> None:
    """The file is whole at any time, and the next run goes on with it."""
    record = tmp_path / "learned.json"
    gate = serve(project, "--learn", record)
    assert json.loads(record.read_text())["requests"] == []
    assert call(gate, "GET /pets/1")
    limit = time.monotonic() + 60
    while not json.loads(record.read_text())["requests"]:
        assert time.monotonic() < limit, gate.log()
        call(gate, "GET /pets/1")
    gate.stop(signal.SIGKILL)
    before = json.loads(record.read_text())["requests"][0]["allowed"]

    gate = serve(project, "--learn", record)
    assert call(gate, "GET /pets/1")
    gate.stop()
    assert json.loads(record.read_text())["requests"][0]["allowed"] == before + 1
