"""The key ring's file is made once, whole and private, and refused when it is anything else."""

import base64
import hashlib
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gatepass.errors import ConfigurationError
from gatepass.store.key_files import load_key_ring, open_key_ring, save_key_ring
from gatepass.tokens import KeyRing
from gatepass.tokens.keys import key_id

KEY = hashlib.sha256(b"key").digest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def write(path: Path, content: object, mode: int = 0o600) -> None:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(mode)


def content(**more: Any) -> dict[str, Any]:
    keys = {key_id(KEY): base64.b64encode(KEY).decode()}
    return {"version": 1, "active": key_id(KEY), "keys": keys} | more


def test_the_first_start_makes_a_key_and_later_ones_keep_it(path: Path) -> None:
    made = open_key_ring(path, "deployment")
    again = open_key_ring(path, "deployment")
    assert dict(made.keys) == dict(again.keys)
    assert (again.active, again.deployment_id) == (made.active, "deployment")
    assert len(made.keys) == 1


def test_the_file_is_private_and_alone(path: Path) -> None:
    umask = os.umask(0)  # whatever the umask lets through, nobody else may read the file
    try:
        open_key_ring(path, "deployment")
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["keys.json"]


def test_every_first_start_makes_another_key(tmp_path: Path) -> None:
    made = {open_key_ring(tmp_path / f"{number}.json", "deployment").active for number in range(20)}
    assert len(made) == 20


def test_of_many_first_starts_one_makes_the_key(path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        rings = list(pool.map(lambda _: open_key_ring(path, "deployment"), range(64)))
    assert len({ring.active for ring in rings}) == 1
    assert [entry.name for entry in path.parent.iterdir()] == ["keys.json"]


def test_a_saved_ring_is_loaded(path: Path) -> None:
    ring = open_key_ring(path, "deployment").prepare(KEY).activate(key_id(KEY))
    save_key_ring(path, ring)
    loaded = load_key_ring(path, "deployment")
    assert (loaded.active, dict(loaded.keys)) == (ring.active, dict(ring.keys))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o602, 0o610, 0o666, 0o777])
def test_a_file_that_is_open_to_others_is_refused(path: Path, mode: int) -> None:
    write(path, content(), mode)
    with pytest.raises(ConfigurationError, match=f"open to others .mode {mode:04o}") as caught:
        open_key_ring(path, "deployment")
    assert f"chmod 600 {path}" in caught.value.hint


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_taken(path: Path, mode: int) -> None:
    write(path, content(), mode)
    assert open_key_ring(path, "deployment").active == key_id(KEY)


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


@pytest.mark.parametrize(
    "given",
    [
        "",
        "{",
        "null",
        "[]",
        "\0\0\0",
        json.dumps(content())[:-20],
        {},
        content(version=2),
        content(version="1"),
        content(active="00000000"),
        content(active=None),
        content(keys={}),
        content(keys=[]),
        content(more=1),
        content(keys={key_id(KEY): encoded(KEY)[:-4]}),
        content(keys={key_id(KEY): "*" * 44}),
        content(keys={key_id(KEY): encoded(KEY)[:10] + "\n" + encoded(KEY)[10:]}),
        content(keys={key_id(KEY): encoded(bytes(32))}),
        content(active=key_id(bytes(32)), keys={key_id(bytes(32)): encoded(bytes(32))}),
        content(active=key_id(bytes(range(32))), keys={key_id(bytes(range(32))): encoded(bytes(range(32)))}),
        content(keys={key_id(KEY): encoded(KEY[::-1])}),
        content(keys={key_id(KEY): encoded(KEY), "ffffffff": encoded(KEY[::-1])}),
    ],
)
def test_a_file_that_holds_no_key_ring_is_refused(path: Path, given: object) -> None:
    write(path, given)
    with pytest.raises(ConfigurationError, match="is damaged") as caught:
        open_key_ring(path, "deployment")
    assert "restore it from a backup" in caught.value.hint
    assert encoded(KEY)[:12] not in str(caught.value)


def test_a_folder_in_the_way_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(ConfigurationError, match="cannot be used"):
        open_key_ring(path, "deployment")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    ring = KeyRing.of("deployment", KEY)
    for attempt in (open_key_ring, load_key_ring):
        with pytest.raises(ConfigurationError, match="cannot be used"):
            attempt(tmp_path / "none" / "keys.json", "deployment")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        save_key_ring(tmp_path / "none" / "keys.json", ring)
