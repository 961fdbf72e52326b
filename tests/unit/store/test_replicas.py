"""Processes on one store see what the others do, agree on their secrets, and lose nothing when one of them dies."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.postgresql import query

from gatepass.errors import ConfigurationError
from gatepass.principal import Principal
from gatepass.store import AccessKey, Identity, IdentityPool, Login, Role, Store, following, postgresql
from gatepass.store.key_files import load_key_ring, open_key_ring, save_key_ring

if TYPE_CHECKING:
    from tests.postgresql import Server

ACCOUNT, REGION = "123456789012", "us-east-1"
POOL = IdentityPool("us-east-1:1", "pool")
LISTENERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN gatepass'"
SOON = 30.0  # seconds; what is heard of comes in milliseconds, on a machine that has time


def role(name: str) -> Role:
    return Role(name, "/", f"AROA{name}", f"arn:aws:iam::{ACCOUNT}:role/{name}", "{}")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not holds():
            await asyncio.sleep(0.01)


async def opened(folder: Path, url: str, **more: Any) -> Store:
    return await Store.open(folder, account=ACCOUNT, region=REGION, url=url, **more)


@asynccontextmanager
async def two(folder: Path, url: str) -> AsyncIterator[tuple[Store, Store]]:
    """Two gates that share a store and their secrets."""
    one = await opened(folder / "one", url)
    try:
        (folder / "two").mkdir()
        shutil.copy(folder / "one" / "keys.json", folder / "two")
        other = await opened(folder / "two", url)
        try:
            yield one, other
        finally:
            await other.close()
    finally:
        await one.close()


# --- seeing each other


async def test_a_change_is_heard_of(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "POLL_SECONDS", 3600.0)
    async with two(tmp_path, database) as (one, other):
        await until(lambda: query(database, LISTENERS) == [(2,)])
        await one.identity_pools.add(POOL)
        await one.roles.add(role("r"))
        await until(lambda: "r" in other.directory.roles)
        assert other.directory.pools[POOL.id] == one.directory.pools[POOL.id]
        await other.identity_pools.delete(POOL.id)
        await until(lambda: not one.directory.pools)


async def test_a_change_that_nobody_hears_of_is_seen(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a pooler that keeps announcements to itself."""
    monkeypatch.setattr(following, "POLL_SECONDS", 0.05)
    async with two(tmp_path, database) as (one, _):
        query(
            database,
            "INSERT INTO roles (name, folded_name, path, id, arn, trust_policy, max_session_duration, tags, created,"
            " revision) VALUES ('r', 'r', '/', 'AROA', 'arn', '{}', 3600, '{}', 0, 1)",
        )
        query(database, "INSERT INTO changes (revision, kind, id) VALUES (1, 'role', 'r')")
        query(database, "UPDATE deployment SET revision = 1")
        await until(lambda: "r" in one.directory.roles)


async def test_an_identity_is_there_at_once_and_gone_at_once(tmp_path: Path, database: str) -> None:
    """Read from the store each time: nothing is remembered that another process may change."""
    async with two(tmp_path, database) as (one, other):
        await one.identity_pools.add(POOL)
        identity = Identity("us-east-1:i", POOL.id, (Login("accounts.google.com", "ann"),))
        assert await one.identities.add(identity)
        assert await other.identities.get(identity.id) == identity
        assert await other.identities.by_login(POOL.id, identity.logins[0]) == identity
        assert await other.identities.save(replace(identity, enabled=False))
        assert (await one.identities.get(identity.id)) == replace(identity, enabled=False, revision=2)
        assert await other.identities.save(replace(identity, revision=2))
        assert (await one.identities.get(identity.id)) == replace(identity, revision=3)
        assert await other.identities.get(identity.id)
        assert await one.identities.delete(identity.id)
        assert await other.identities.get(identity.id) is None


async def test_a_session_revoked_on_one_is_revoked_on_the_other(tmp_path: Path, database: str) -> None:
    session = Principal("role-session", ACCOUNT, "arn", "AROA:s", "ASIA", role_name="r", role_id="AROA", issued_at=100)
    async with two(tmp_path, database) as (one, other):
        assert not other.directory.revoked(session)
        await one.epochs.push("role", "AROA", 101.0)
        await until(lambda: other.directory.revoked(session))


async def test_who_was_second_knows_what_the_first_made(tmp_path: Path, database: str) -> None:
    """A write that fails because another process was first leaves a directory that has the other's."""
    async with two(tmp_path, database) as (one, other):
        for number in range(10):
            added = await asyncio.gather(one.roles.add(role(f"r{number}")), other.roles.add(role(f"r{number}")))
            assert sorted(added) == [False, True]
            assert f"r{number}" in one.directory.roles
            assert f"r{number}" in other.directory.roles


async def test_of_changes_by_two_processes_none_is_lost(tmp_path: Path, database: str) -> None:
    names = [f"{number:02}" for number in range(40)]

    def tag(store: Store, name: str) -> Any:
        return store.roles.change("r", lambda old: replace(old, tags={**old.tags, name: ""}))

    async with two(tmp_path, database) as (one, other):
        await one.roles.add(role("r"))
        await asyncio.gather(*(tag((one, other)[number % 2], name) for number, name in enumerate(names)))
        await one.refresh()
        assert sorted(one.directory.roles["r"].tags) == names
        assert one.directory.roles["r"].revision == len(names) + 1


# --- what they must have the same of


async def refused(folder: Path, url: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        await opened(folder, url)
    return caught.value


async def test_a_key_ring_is_made_once(tmp_path: Path, database: str) -> None:
    """Who comes without one, or with another one, is told where to get it, and none is made."""
    store = await opened(tmp_path / "one", database)
    await store.access_keys.add(AccessKey("AKIARZPUZDIKAAAQEAYE", "secret"))
    await store.close()
    error = await refused(tmp_path / "two", database)
    assert f"`{tmp_path}/two/keys.json` is missing" in str(error)
    assert "copy `keys.json` from the data folder of another gate" in error.hint
    assert not (tmp_path / "two" / "keys.json").exists()

    open_key_ring(tmp_path / "two" / "keys.json", "another deployment")
    error = await refused(tmp_path / "two", database)
    assert "is not the one this deployment goes by" in str(error)
    assert (tmp_path / "two" / "keys.json").exists()

    shutil.copy(tmp_path / "one" / "keys.json", tmp_path / "two")
    store = await opened(tmp_path / "two", database)
    assert store.directory.access_keys["AKIARZPUZDIKAAAQEAYE"].secret_access_key == "secret"
    await store.close()


async def test_the_store_holds_no_key(tmp_path: Path, database: str) -> None:
    await (await opened(tmp_path / "one", database)).close()
    keys = json.loads((tmp_path / "one" / "keys.json").read_text())
    [(name, fingerprint)] = query(database, "SELECT name, fingerprint FROM fingerprints")
    assert name == "keys"
    assert len(fingerprint) == 32
    assert keys["active"] not in fingerprint


async def test_keys_rotate_where_everybody_has_the_new_one_first(tmp_path: Path, database: str) -> None:
    async def starts(name: str) -> bool:
        try:
            await (await opened(tmp_path / name, database)).close()
        except ConfigurationError:
            return False
        return True

    assert await starts("one")
    shutil.copytree(tmp_path / "one", tmp_path / "never rotated")
    path = tmp_path / "one" / "keys.json"
    first = load_key_ring(path, "any")
    prepared = first.prepare(random.Random(4).randbytes(32))
    [second] = set(prepared.keys) - set(first.keys)
    save_key_ring(path, prepared)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert await starts("one")
    assert await starts("two")
    save_key_ring(path, prepared.activate(second))
    assert await starts("one")
    assert await starts("two"), "it can open what the first seals now"
    assert await starts("one")
    assert not await starts("never rotated")
    save_key_ring(path, prepared.activate(second).retire(first.active))
    assert await starts("one")
    assert not await starts("never rotated")


# --- away


async def test_decisions_end_when_the_store_was_away_for_too_long(
    tmp_path: Path, own_postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(postgresql, "PATIENCE", 0.1)
    url = own_postgresql.databases.copy()
    patient = await opened(tmp_path / "one", url)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    hasty = await opened(tmp_path / "two", url, max_stale=1.0)
    assert patient.freshness.is_good()
    own_postgresql.stop()
    try:
        await until(lambda: not hasty.freshness.is_good())
        assert hasty.freshness.age > 1.0
        assert patient.freshness.is_good()
    finally:
        own_postgresql.start()
    await until(hasty.freshness.is_good)
    await patient.close()
    await hasty.close()


async def test_a_store_in_a_folder_is_never_too_old(tmp_path: Path) -> None:
    store = await Store.open(tmp_path, account=ACCOUNT, region=REGION, max_stale=0.0)
    assert store.freshness.is_good()
    assert store.freshness.age == 0.0
    await store.close()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_writes_go_on_over_restarts_of_the_server(
    tmp_path: Path, own_postgresql: Server, how: signal.Signals
) -> None:
    """None fails, none is lost, and none is done twice."""
    url = own_postgresql.databases.copy()
    store = await opened(tmp_path / "one", url)
    await store.identity_pools.add(POOL)
    stopping = False
    identities: list[str] = []
    revisions: list[int] = []

    async def add(caller: int) -> None:
        number = 0
        while not stopping:
            id_ = f"us-east-1:{caller}-{number}"
            assert await store.identities.add(Identity(id_, POOL.id)), "added twice"
            identities.append(id_)
            number += 1

    async def change() -> None:
        await store.roles.add(role("r"))
        while not stopping:
            changed = await store.roles.change("r", lambda old: replace(old, description=f"{old.revision}"))
            assert changed is not None
            revisions.append(changed.revision)

    async def some_more() -> None:
        enough = len(identities) + 50, len(revisions) + 5
        await until(lambda: (len(identities) >= enough[0] and len(revisions) >= enough[1]) or writing.done())

    writing = asyncio.gather(*(add(caller) for caller in range(8)), change())
    for _ in range(5):
        await some_more()
        await asyncio.to_thread(own_postgresql.stop, how)
        await asyncio.to_thread(own_postgresql.start)
    await some_more()
    stopping = True
    await writing
    assert revisions == list(range(2, len(revisions) + 2))
    await store.close()
    assert {id_ for (id_,) in query(url, "SELECT id FROM identities")} == set(identities)
    assert query(url, "SELECT revision FROM roles") == [(revisions[-1],)]


# Adds identities and roles for ever, and prints the name of each once it is acknowledged.
WRITER = """
import asyncio, itertools, os, sys
from gatepass.store import Identity, Role, Store

async def run():
    store = await Store.open(sys.argv[1], account="123456789012", region="us-east-1", url=sys.argv[2])

    async def identities(caller):
        for number in itertools.count():
            id_ = f"us-east-1:{os.getpid()}-{caller}-{number}"
            if await store.identities.add(Identity(id_, "us-east-1:1")):
                os.write(1, f"identity {id_}\\n".encode())

    async def roles():
        for number in itertools.count():
            name = f"role-{os.getpid()}-{number}"
            if await store.roles.add(Role(name, "/", f"AROA{name}", "arn", "{}", inline_policies={"a": "{}"})):
                os.write(1, f"role {name}\\n".encode())

    await asyncio.gather(roles(), *(identities(caller) for caller in range(8)))

asyncio.run(run())
"""


async def test_what_a_killed_process_acknowledged_is_there_for_the_others(tmp_path: Path, database: str) -> None:
    """And nothing it left undone is in their way."""
    chance = random.Random(11)
    async with two(tmp_path, database) as (one, other):
        await one.identity_pools.add(POOL)
        for number in range(3):
            shutil.copytree(tmp_path / "one", tmp_path / f"{number}", ignore=shutil.ignore_patterns("lock"))
            acknowledged = await asyncio.to_thread(
                killed_writer, tmp_path / f"{number}", database, chance.randrange(1, 300)
            )
            there = {f"identity {id_}" for (id_,) in query(database, "SELECT id FROM identities")}
            there |= {f"role {name}" for (name,) in query(database, "SELECT role_name FROM role_inline_policies")}
            assert acknowledged - there == set()
            await other.refresh()
            assert {f"role {name}" for name in other.directory.roles} == {each for each in there if each[:4] == "role"}
            assert await other.roles.add(role(f"after-{number}"))
            query(database, "DELETE FROM role_inline_policies")
            await one.roles.delete(f"after-{number}")
            for name in list(one.directory.roles):
                await one.roles.delete(name)


def killed_writer(folder: Path, url: str, after: int) -> set[str]:
    """What it acknowledged."""
    command = [sys.executable, "-c", WRITER, str(folder), url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = {writer.stdout.readline().strip() for _ in range(after)}
        writer.kill()
        return acknowledged | {line.strip() for line in writer.stdout if line.endswith("\n")}
