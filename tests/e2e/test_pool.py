"""`gatepass pool` and `gatepass role` against a gate, with what `gatepass env` prints and nothing else."""

from __future__ import annotations

import json
import shlex
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.e2e.conftest import GATEPASS, HELLO_WORLD, clean_environment

if TYPE_CHECKING:
    from tests.e2e.conftest import Gate, Serve

Command = Callable[..., "subprocess.CompletedProcess[str]"]
SOON = 60.0  # seconds for what takes less on a machine that has time


@pytest.fixture
def gate(serve: Serve) -> Gate:
    return serve(HELLO_WORLD)


@pytest.fixture
def command(gate: Gate) -> Command:
    return command_of(gate)


def command_of(gate: Gate) -> Command:
    """Runs one command line with what `gatepass env` prints."""

    def execute(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [GATEPASS, *arguments], capture_output=True, text=True, env=environment, timeout=120, check=False
        )

    printed = execute("env", "--data", str(gate.data), environment=clean_environment()).stdout
    pairs = [shlex.split(line)[1].partition("=") for line in printed.splitlines()]
    exported = clean_environment(**{name: value for name, _, value in pairs})
    return lambda *arguments: execute(*arguments, environment=exported)


def test_a_pool_is_made_used_narrowed_and_deleted(gate: Gate, command: Command) -> None:
    create = ("pool", "create", "visitors", "--guests", "--allow", "GET /", "--login", "https://id.example.com=web")
    made = command(*create)
    assert made.returncode == 0, made.stderr
    pool_id = made.stdout.strip()
    assert pool_id.startswith(f"{gate.region}:")
    again = command(*create)
    assert (again.returncode, again.stdout.strip(), again.stderr) == (0, pool_id, "")

    called = command("call", gate.url, "--pool", pool_id)
    assert (called.returncode, called.stdout.strip()) == (0, '{"hello":"world"}')
    shown = json.loads(command("pool", "show", "visitors", "--json").stdout)
    assert set(shown["Roles"]) == {"authenticated", "unauthenticated"}
    assert "visitors" in command("pool", "list").stdout

    assert command("role", "allow", "visitors-guests", "GET /elsewhere").returncode == 0
    refused = command("call", gate.url, "--pool", pool_id)
    assert refused.returncode == 1
    assert "is not authorized to perform: execute-api:Invoke" in refused.stdout
    assert "/GET/elsewhere" in command("role", "show", "visitors-guests").stdout

    assert command("pool", "delete", "visitors").returncode == 0
    assert "visitors" not in command("pool", "list").stdout
    assert "visitors" not in command("role", "list").stdout
    assert command("credentials", "--pool", pool_id).returncode == 1


def test_guests_are_pruned(serve: Serve, tmp_path: Path) -> None:
    """Page by page: those who were made long ago; with a time to live, whoever came back since stays."""

    def started(*options: str) -> tuple[Gate, Command]:
        running = serve(HELLO_WORLD, "--getid-burst", "10000", *options, data=tmp_path / "gate")
        return running, command_of(running)

    gate, _ = started()
    anyone = anyone_of(gate)
    guests = sorted(anyone.get_id(IdentityPoolId=gate.pool_id)["IdentityId"] for _ in range(150))
    old, came_back = guests[::2], guests[0]
    gate.stop()
    change(gate, "UPDATE identities SET created = 0, modified = 0, seen = 0 WHERE id = ?", [(each,) for each in old])

    gate, command = started()
    asked = ("pool", "prune", gate.pool_id, "--unused-for", "30")
    assert command(*asked, "--dry-run").stdout == "75 of 150 identities would be deleted\n"
    assert anyone_of(gate).get_credentials_for_identity(IdentityId=came_back)["Credentials"]
    gate.stop()
    assert rows(gate, "SELECT count(*) FROM identities WHERE seen = 0") == [(74,)]

    gate, command = started("--guests-ttl", "30")
    until(lambda: command(*asked, "--dry-run").stdout == "1 of 76 identities would be deleted\n")
    assert anyone_of(gate).get_credentials_for_identity(IdentityId=came_back)["Credentials"]
    done = json.loads(command(*asked, "--json").stdout)
    assert (done["looked_at"], done["deleted"], done["failed"]) == (76, 1, {})
    with pytest.raises(ClientError, match="not found"):
        anyone_of(gate).get_credentials_for_identity(IdentityId=came_back)


def anyone_of(gate: Gate) -> Any:
    """A client without keys."""
    once = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    return boto3.client("cognito-identity", endpoint_url=gate.endpoint, region_name=gate.region, config=once)


def change(gate: Gate, statement: str, parameters: list[tuple[str]]) -> None:
    """Of a gate that has stopped."""
    with closing(sqlite3.connect(gate.data / "gatepass.sqlite3")) as connection, connection:
        connection.executemany(statement, parameters)


def rows(gate: Gate, statement: str) -> list[Any]:
    with closing(sqlite3.connect(gate.data / "gatepass.sqlite3")) as connection:
        return connection.execute(statement).fetchall()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"


def test_what_is_not_there_is_said(command: Command) -> None:
    for arguments in (("pool", "show", "nobody"), ("pool", "delete", "nobody"), ("role", "delete", "nobody")):
        failed = command(*arguments)
        assert failed.returncode == 1
        assert "`nobody`" in failed.stderr
