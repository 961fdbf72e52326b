"""A store opens for its own account and region with a schema that is known; anything else is a clear error."""

import asyncio
import os
import random
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gatepass.errors import ConfigurationError
from gatepass.store import AccessKey, IdentityPool, Role, Store
from gatepass.store.folder import DataFolder
from gatepass.store.versions import HEAD

SECRET = "canary-secret-access-key-0123456789abcdef"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def opened(folder: Path, *, account: str = "123456789012", region: str = "us-east-1", roles: int = 0) -> str:
    """Open the store, add some roles, close it; its deployment id."""

    async def run() -> str:
        store = await Store.open(folder, account=account, region=region)
        try:
            for number in range(roles):
                name = f"role-{number}"
                role = Role(name, "/", f"AROA{number}", f"arn:aws:iam::{account}:role/{name}", '{"long": "document"}')
                await store.roles.add(role)
            return store.deployment_id
        finally:
            await store.close()

    return asyncio.run(run())


def refusal(folder: Path, **given: str) -> ConfigurationError:
    """The error; the folder is free again after it."""
    with pytest.raises(ConfigurationError) as caught:
        opened(folder, **given)  # type: ignore[arg-type]
    DataFolder(folder).close()
    return caught.value


def query(folder: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "gatepass.sqlite3", isolation_level=None)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def test_a_new_store_is_private_durable_and_stamped(folder: Path) -> None:
    umask = os.umask(0)
    try:
        opened(folder)
    finally:
        os.umask(umask)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert {name: mode for name, mode in modes.items() if name != ".gitignore"} == {
        "gatepass.sqlite3": 0o600,
        "keys.json": 0o600,
        "lock": 0o600,
    }
    assert query(folder, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert query(folder, "PRAGMA journal_mode") == [("wal",)]


def test_the_deployment_stays_the_same(folder: Path, tmp_path: Path) -> None:
    assert opened(folder) == opened(folder)
    assert opened(folder) != opened(tmp_path / "another")


def test_a_store_of_another_account_or_region_is_refused(folder: Path) -> None:
    opened(folder)
    for given in ({"account": "999999999999"}, {"region": "eu-west-1"}):
        error = refusal(folder, **given)
        assert "belongs to account `123456789012` in region `us-east-1`" in str(error)
        assert "--account-id 123456789012 --region us-east-1" in error.hint
    opened(folder)


def test_a_second_process_is_refused_and_told_who_has_the_store(folder: Path) -> None:
    program = """
import asyncio, sys
from gatepass.store import Store
async def run():
    store = await Store.open(sys.argv[1], account="123456789012", region="us-east-1")
    print("ready", flush=True)
    sys.stdin.read()
    await store.close()
asyncio.run(run())
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdin is not None
        assert first.stdout.readline() == "ready\n"
        with pytest.raises(ConfigurationError, match=f"in use by process {first.pid}$"):
            opened(folder)
        first.stdin.close()
        assert first.wait() == 0
    opened(folder)


# --- damage


def overwritten(data: bytes) -> bytes:
    return b"not a database, " * (len(data) // 16)


def head_overwritten(data: bytes) -> bytes:
    return bytes(100) + data[100:]


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def noise_in_the_middle(data: bytes) -> bytes:
    middle, length = len(data) // 3, len(data) // 3
    return data[:middle] + random.Random(7).randbytes(length) + data[middle + length :]


@pytest.mark.parametrize("damage", [overwritten, head_overwritten, half, noise_in_the_middle])
def test_a_damaged_file_is_refused(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    opened(folder, roles=50)
    path = folder / "gatepass.sqlite3"
    path.write_bytes(damage(path.read_bytes()))
    error = refusal(folder)
    assert f"the store `{path}` is damaged" in str(error)
    assert "backup" in error.hint


def test_damage_in_a_large_file_is_an_error_when_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large files are not checked whole at every start, but what decides is read whole."""
    monkeypatch.setattr("gatepass.store.sqlite_opening._CHECKED_WHOLE", 0)
    opened(folder, roles=50)
    path = folder / "gatepass.sqlite3"
    path.write_bytes(noise_in_the_middle(path.read_bytes()))
    assert "is damaged" in str(refusal(folder))


def test_a_database_of_something_else_is_refused(folder: Path) -> None:
    folder.mkdir()
    query(folder, "CREATE TABLE customers (name TEXT)")
    error = refusal(folder)
    assert "not a gatepass store" in str(error)
    assert query(folder, "SELECT name FROM sqlite_master") == [("customers",)]


def test_a_folder_in_the_way_is_refused(folder: Path) -> None:
    (folder / "gatepass.sqlite3").mkdir(parents=True)
    assert "cannot be used" in str(refusal(folder))


def test_a_store_that_another_program_holds_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatepass.store.sqlite.BUSY_SECONDS", 0.0)
    opened(folder)
    holder = sqlite3.connect(folder / "gatepass.sqlite3", isolation_level=None)
    try:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        assert "is locked by another program" in str(refusal(folder))
    finally:
        holder.close()
    opened(folder)


def test_a_url_is_not_taken_for_a_folder_nor_repeated() -> None:
    with pytest.raises(ConfigurationError, match="a URL is not a data folder") as caught:
        asyncio.run(Store.open("postgresql://ann:canary@host/db", account="123456789012", region="us-east-1"))
    assert "canary" not in f"{caught.value} {caught.value.hint}"


# --- schemas


def test_a_schema_newer_than_the_program_is_refused_untouched(folder: Path) -> None:
    opened(folder)
    query(folder, "UPDATE alembic_version SET version_num = '9999'")
    query(folder, "UPDATE deployment SET compatible_with = '9998'")
    error = refusal(folder)
    assert f"has schema 9999, which is newer than this program knows ({HEAD})" in str(error)
    assert "newer one" in error.hint
    assert query(folder, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_newer_schema_that_works_with_this_program_opens(folder: Path) -> None:
    """The next program may run beside this one while everything it changed was an addition."""
    opened(folder)
    query(folder, "UPDATE alembic_version SET version_num = '9999'")
    query(folder, "ALTER TABLE roles ADD COLUMN colour VARCHAR NOT NULL DEFAULT 'blue'")
    query(folder, "CREATE TABLE additions (id VARCHAR)")
    opened(folder, roles=3)
    assert query(folder, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_opening_is_cut_short_by_a_crash_and_done_the_next_time(folder: Path) -> None:
    """A first start that died after it made the file, before the schema was committed."""
    folder.mkdir()
    (folder / "gatepass.sqlite3").touch(0o600)
    opened(folder, roles=1)


# --- secrets


def test_a_copy_of_the_store_gives_nobody_a_key(folder: Path) -> None:
    async def run() -> None:
        store = await Store.open(folder, account="123456789012", region="us-east-1")
        await store.access_keys.add(AccessKey("AKIARZPUZDIKAAAQEAYE", SECRET))
        assert store.directory.access_keys["AKIARZPUZDIKAAAQEAYE"].secret_access_key == SECRET
        shown = f"{store.directory!r} {store.directory.access_keys['AKIARZPUZDIKAAAQEAYE']!r} {store.key_ring!r}"
        assert SECRET not in shown
        await store.close()

    asyncio.run(run())
    for path in folder.iterdir():
        assert SECRET.encode() not in path.read_bytes()


def test_a_key_sealed_by_a_lost_key_ring_lets_nobody_in(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def run(add: bool) -> int:
        store = await Store.open(folder, account="123456789012", region="us-east-1")
        if add:
            await store.access_keys.add(AccessKey("AKIARZPUZDIKAAAQEAYE", SECRET))
        count = len(store.directory.access_keys)
        await store.close()
        return count

    assert asyncio.run(run(add=True)) == 1
    (folder / "keys.json").unlink()
    assert asyncio.run(run(add=False)) == 0
    assert "AKIARZPUZDIKAAAQEAYE cannot be used" in caplog.text


# --- weight


def test_a_program_that_serves_imports_neither_sqlalchemy_nor_alembic(folder: Path) -> None:
    """They cost 15 MiB and a tenth of a second; a new store, and one that is up to date, need neither."""
    program = """
import asyncio, sys
from gatepass.store import IdentityPool, Store
async def run():
    store = await Store.open(sys.argv[1], account="123456789012", region="us-east-1")
    await store.identity_pools.add(IdentityPool("us-east-1:1", "pool"))
    await store.close()
asyncio.run(run()); asyncio.run(run())
print(sorted(name for name in sys.modules if name in ("sqlalchemy", "alembic", "jwt", "httpx")))
"""
    done = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_pools_survive_the_process(folder: Path) -> None:
    async def run() -> set[str]:
        store = await Store.open(folder, account="123456789012", region="us-east-1")
        await store.identity_pools.add(IdentityPool(f"us-east-1:{len(store.directory.pools)}", "pool"))
        ids = set(store.directory.pools)
        await store.close()
        return ids

    for number in range(1, 4):
        assert len(asyncio.run(run())) == number
