"""`gatepass credentials`: three formats, one guest."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Command, Gate

POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"
TOKEN = "guest's+session/token=" * 9


def test_for_a_shell(gate: Gate, command: Command) -> None:
    """Quoted, so that what a token holds is not run."""
    done = command("credentials")
    assert done.status == 0
    shown = subprocess.run(
        ["sh", "-c", f'{done.out} printf "%s" "$AWS_ACCESS_KEY_ID|$AWS_SECRET_ACCESS_KEY|$AWS_SESSION_TOKEN"'],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown == f"ASIAGUEST2|guest's secret|{TOKEN}"


def test_for_a_program(gate: Gate, command: Command) -> None:
    given = json.loads(command("credentials", "--pool", POOL, "--format", "json").out)
    assert given["identity_id"] == "eu-central-1:1"
    assert (given["access_key_id"], given["session_token"]) == ("ASIAGUEST2", TOKEN)
    assert datetime.fromisoformat(given["expiration"]) > datetime.now(UTC)


def test_for_an_sdk(gate: Gate, command: Command) -> None:
    given = json.loads(command("credentials", "--pool", POOL, "--format", "process").out)
    assert set(given) == {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
    assert given["Version"] == 1


def test_a_profile_of_an_sdk(gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 runs the command, and runs it again when the credentials are about to expire; the guest stays the same."""
    words = [sys.executable, "-m", "gatepass", "credentials", "--pool", POOL, "--format", "process"]
    config = tmp_path / "config"
    config.write_text(f"[profile guest]\nregion = eu-central-1\ncredential_process = {shlex.join(words)}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for number in (2, 3):
        credentials = boto3.Session(profile_name="guest").get_credentials()
        assert credentials is not None
        frozen = credentials.get_frozen_credentials()
        assert (frozen.access_key, frozen.token) == (f"ASIAGUEST{number}", TOKEN)
    assert gate.operations.count("GetId") == 1


def test_a_refusal_gives_nothing(gate: Gate, command: Command) -> None:
    gate.guests = False
    done = command("credentials", "--format", "process")
    assert (done.status, done.out) == (1, "")
    assert "NotAuthorizedException" in done.err


def test_an_endpoint_that_is_named(gate: Gate, command: Command) -> None:
    gate.folder.rename(gate.folder.with_name("elsewhere"))
    assert command("credentials", "--pool", POOL, "--endpoint", gate.peer.origin).status == 0
    os.environ["AWS_ENDPOINT_URL"] = gate.peer.origin
    try:
        assert command("credentials", "--pool", POOL).status == 0
    finally:
        del os.environ["AWS_ENDPOINT_URL"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ((), 1, "no identity pool was named, and no gate is running here"),
        (("--pool", "x"), 1, "`x` is no identity pool id"),
        (("--format", "xml"), 2, "xml"),
    ],
)
def test_what_is_wrong(command: Command, arguments: tuple[str, ...], status: int, message: str) -> None:
    done = command("credentials", *arguments)
    assert (done.status, done.out) == (status, "")
    assert message in done.err
