"""The identity id is kept per pool and endpoint, for its owner's eyes; a cache that fails costs nothing."""

import stat
from pathlib import Path

import pytest

from gatepass.cli.identity_file import IdentityIdFile, cache_folder

POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"


def files() -> list[Path]:
    return sorted(path for path in cache_folder().rglob("*") if path.is_file())


def test_what_was_stored_is_loaded() -> None:
    kept = IdentityIdFile(POOL, "http://a")
    assert kept.load() is None
    kept.store("id 1")
    kept.store("id 2")
    assert IdentityIdFile(POOL, "http://a").load() == "id 2"
    assert IdentityIdFile(POOL, "http://b").load() is None
    assert IdentityIdFile(POOL + "0", "http://a").load() is None
    assert len(files()) == 1


def test_only_its_owner_can_read_it() -> None:
    IdentityIdFile(POOL, "http://a").store("id")
    (path,) = files()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("text", ["", "[]", "null", '{"identity_id": 7}', '{"identity_id": "x"}', "\x80"])
def test_a_mangled_file_is_as_good_as_none(text: str) -> None:
    kept = IdentityIdFile(POOL, "http://a")
    kept.store("id")
    files()[0].write_bytes(text.encode("latin-1"))
    assert kept.load() is None


def test_a_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    kept = IdentityIdFile(POOL, "http://a")
    kept.store("id")
    assert kept.load() is None


def test_a_relative_cache_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So says the specification."""
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == tmp_path / ".cache" / "gatepass"
