"""`gatepass pool` and `gatepass role` against a gate, with what `gatepass env` prints and nothing else."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.e2e.conftest import GATEPASS, HELLO_WORLD, clean_environment

if TYPE_CHECKING:
    from tests.e2e.conftest import Gate, Serve

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def gate(serve: Serve) -> Gate:
    return serve(HELLO_WORLD)


@pytest.fixture
def command(gate: Gate) -> Command:
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


def test_what_is_not_there_is_said(command: Command) -> None:
    for arguments in (("pool", "show", "nobody"), ("pool", "delete", "nobody"), ("role", "delete", "nobody")):
        failed = command(*arguments)
        assert failed.returncode == 1
        assert "`nobody`" in failed.stderr
