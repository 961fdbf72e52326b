"""The administrator's keys and the file that says where a gate answers."""

import json
import os
from pathlib import Path

import pytest

from gatepass.errors import ConfigurationError
from gatepass.server import files
from gatepass.tokens import account_of


def test_the_administrator_s_keys_are_made_once(tmp_path: Path) -> None:
    """For their owner only; the access key id tells the account."""
    key = files.administrator(tmp_path, "123456789012")
    path = tmp_path / "administrator.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert files.administrator(tmp_path, "123456789012") == key
    assert (key.id[:4], len(key.id), len(key.secret_access_key)) == ("AKIA", 20, 40)
    assert account_of(key.id) == "123456789012"
    assert files.administrator_id(tmp_path) == key.id
    assert key.secret_access_key not in repr(key)


def test_keys_that_others_may_read(tmp_path: Path) -> None:
    files.administrator(tmp_path, "123456789012")
    (tmp_path / "administrator.json").chmod(0o640)
    with pytest.raises(ConfigurationError, match="open to others") as raised:
        files.administrator(tmp_path, "123456789012")
    assert "chmod 600" in raised.value.hint


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "{}", '{"access_key_id": 1, "secret_access_key": 2}'),
        '{"access_key_id": "AKIAOTHEROTHEROTHERO", "secret_access_key": "%s"}' % ("x" * 40),
    ],
)
def test_damaged_keys(tmp_path: Path, content: str) -> None:
    """Refused, not made anew: someone may be using what was there."""
    path = tmp_path / "administrator.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="damaged"):
        files.administrator(tmp_path, "123456789012")


def test_keys_of_another_account(tmp_path: Path) -> None:
    files.administrator(tmp_path, "123456789012")
    with pytest.raises(ConfigurationError, match="damaged"):
        files.administrator(tmp_path, "210987654321")


@pytest.mark.parametrize("content", [None, "{", "{}", "[]"])
def test_an_administrator_who_is_not_there_yet(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "administrator.json").write_text(content)
    assert files.administrator_id(tmp_path) is None


def test_a_private_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "serve.json"
    files.write_private(path, {"a": 1})
    files.write_private(path, {"a": 2})
    assert json.loads(path.read_text()) == {"a": 2}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["serve.json"]
    with pytest.raises(ConfigurationError, match="cannot be written"):
        files.write_private(tmp_path / "nix" / "serve.json", {})


@pytest.mark.parametrize(("content", "left"), [({"pid": os.getpid()}, False), ({"pid": 1}, True), ("{", True)])
def test_only_its_own_file_is_removed(tmp_path: Path, content: object, left: bool) -> None:
    path = tmp_path / "serve.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    files.remove_running(tmp_path)
    assert path.exists() is left


def test_a_file_that_is_gone_already(tmp_path: Path) -> None:
    files.remove_running(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """What is tried again every two seconds would fill the folder."""
    (tmp_path / "record.json").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        files.write_private(tmp_path / "record.json", {"a": 1})
    assert [each.name for each in tmp_path.iterdir()] == ["record.json"]
