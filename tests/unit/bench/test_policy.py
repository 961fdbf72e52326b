"""The bench of policies does without peers that are not there, and says so."""

from pathlib import Path

import pytest
from bench import policy, simulator


def test_without_the_npm_simulator_a_row_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "INSTALLED", tmp_path)
    (row,) = policy.beside_iam_simulate(1)
    assert row.value is None
    assert "not measured" in row.unit


def test_without_npm_nothing_is_installed_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(simulator, "INSTALLED", tmp_path / "simulator")
    monkeypatch.setattr(simulator, "_node", lambda: None)
    assert simulator.install() == 0
    assert "no iam-simulate" in capsys.readouterr().err
    assert not (tmp_path / "simulator").exists()
