"""Finding the gate: --data, GATEPASS_DATA, ./.gatepass; and what is wrong with the files there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gatepass import ConfigurationError
from gatepass.cli.running import data_folder, find_gate, running_gate

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gate

POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"


def test_where_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert data_folder(None) == Path(".gatepass")
    monkeypatch.setenv("GATEPASS_DATA", "/named")
    assert data_folder(None) == Path("/named")
    assert data_folder(Path("/given")) == Path("/given")


def test_what_is_found(gate: Gate) -> None:
    found = find_gate()
    assert found is not None
    assert (found.endpoint, found.region, found.guest_pool()) == (gate.peer.origin, "eu-central-1", POOL)
    assert found.administrator() == ("AKIAADMINISTRATOR", "the administrator's secret")


def test_no_gate_is_an_error_only_where_one_was_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert find_gate() is None
    with pytest.raises(ConfigurationError, match="no gate is running on"):
        find_gate(tmp_path)
    monkeypatch.setenv("GATEPASS_DATA", str(tmp_path))
    with pytest.raises(ConfigurationError, match="no gate is running on"):
        find_gate()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not hold a JSON object"),
        ("[]", "does not hold a JSON object"),
        ("{}", "does not describe a running gate: KeyError"),
        ('{"endpoint":"x","pid":"y","region":"","account_id":"","identity_pools":[],"apis":[]}', "ValueError"),
    ],
)
def test_a_file_that_is_none(gate: Gate, text: str, message: str) -> None:
    gate.write("serve.json", text)
    with pytest.raises(ConfigurationError, match=message):
        find_gate()


@pytest.mark.parametrize("name", ["serve.json", "administrator.json"])
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_a_file_that_others_can_read_or_write(gate: Gate, name: str, mode: int) -> None:
    """Who can write it could send our signatures elsewhere."""
    (gate.folder / name).chmod(mode)
    with pytest.raises(ConfigurationError, match="can be read by others") as caught:
        running_gate(gate.folder).administrator()
    assert "chmod 600" in caught.value.hint


@pytest.mark.parametrize(
    ("pools", "message"),
    [
        ([], "has no identity pool that lets guests in"),
        ([{"identity_pool_id": POOL, "name": "a", "allow_unauthenticated": False}], "has no identity pool"),
        (
            [{"identity_pool_id": f"{POOL}{n}", "name": n, "allow_unauthenticated": True} for n in "ab"],
            "has 2 identity pools",
        ),
    ],
)
def test_which_pool_is_asked_must_be_clear(gate: Gate, pools: list[Any], message: str) -> None:
    gate.describe(identity_pools=pools)
    with pytest.raises(ConfigurationError, match=message) as caught:
        running_gate(gate.folder).guest_pool()
    assert "--pool" in caught.value.hint


def test_keys_that_are_missing(gate: Gate) -> None:
    (gate.folder / "administrator.json").unlink()
    with pytest.raises(ConfigurationError, match="holds no administrator's keys"):
        running_gate(gate.folder).administrator()
    gate.write("administrator.json", {"access_key_id": "A"})
    with pytest.raises(ConfigurationError, match="has no secret_access_key"):
        running_gate(gate.folder).administrator()
