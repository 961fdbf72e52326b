"""Acknowledged writes against raw SQLite, reads of identities, and roles by the hundred thousand.

Everything that is compared is on disk when it is acknowledged (WAL, synchronous=FULL).
"""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.harness import Row, at_least, at_most, interleave, main, ratio

from gatepass.store import Identity, IdentityPool, Role, Store
from gatepass.store.database import Connection

CALLERS = 32
EACH = 8
ROLES = 100_000
POOL = IdentityPool("us-east-1:8d8f7658-1c6c-4f0b-9d5c-0123456789ab", "bench")

_TABLE = """
    CREATE TABLE identities (id TEXT PRIMARY KEY, pool_id TEXT, enabled INT, created REAL, modified REAL, revision INT)
    WITHOUT ROWID
"""
_INSERT = "INSERT INTO identities VALUES (?, ?, 1, 0, 0, 1)"
_ROLES = """
    INSERT INTO roles
        (name, folded_name, path, id, arn, trust_policy, max_session_duration, tags, created, revision)
    VALUES (:name, :name, '/', :name, :name, '{}', 3600, '{}', 0, 1)
"""


def new_id() -> str:
    return f"us-east-1:{os.urandom(16).hex()}"


def opened(runner: asyncio.Runner, folder: Path) -> Store:
    return runner.run(Store.open(folder, account="123456789012", region="us-east-1"))


def writes(runner: asyncio.Runner, folder: Path, rounds: int) -> list[Row]:
    """Identities added one after the other and by many callers at once, against SQLite alone with as many a commit."""
    store = opened(runner, folder / "writes")
    runner.run(store.identity_pools.add(POOL))
    raw = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        _TABLE,
        "CREATE INDEX i ON identities (pool_id)",
    ):
        raw.execute(statement)

    async def call() -> None:
        for _ in range(EACH):
            await store.identities.add(Identity(new_id(), POOL.id))

    async def call_at_once() -> None:
        await asyncio.gather(*(call() for _ in range(CALLERS)))

    def commit(rows: int) -> Callable[[], None]:
        def run() -> None:
            for _ in range(EACH):
                raw.execute("BEGIN IMMEDIATE")
                for _ in range(rows):
                    raw.execute(_INSERT, (new_id(), POOL.id))
                raw.execute("COMMIT")

        return run

    timings = interleave(
        {
            "store 1": lambda: runner.run(call()),
            "raw 1": commit(1),
            "store many": lambda: runner.run(call_at_once()),
            "raw many": commit(CALLERS),
        },
        rounds=rounds,
        slice_seconds=0.05,
    )
    raw.close()
    runner.run(store.close())
    many = CALLERS * EACH / median(timings["store many"])
    return [
        Row("add an identity, 1 caller", EACH / median(timings["store 1"]), "rows/s"),
        Row("SQLite alone, 1 row a commit", EACH / median(timings["raw 1"]), "rows/s"),
        at_least(f"add an identity, {CALLERS} callers", many, 4000, "rows/s"),
        Row(f"SQLite alone, {CALLERS} rows a commit", CALLERS * EACH / median(timings["raw many"]), "rows/s"),
        Row(f"adding against SQLite alone, {CALLERS} callers", ratio(timings, "raw many", "store many"), "×"),
    ]


def reads(runner: asyncio.Runner, folder: Path, rounds: int) -> list[Row]:
    """One identity after the other, from the file and from what is remembered."""
    store = opened(runner, folder / "reads")
    runner.run(store.identity_pools.add(POOL))
    ids = [new_id() for _ in range(500)]

    async def fill() -> None:
        await asyncio.gather(*(store.identities.add(Identity(id_, POOL.id)) for id_ in ids))

    async def get() -> None:
        for id_ in ids:
            await store.identities.get(id_)

    def from_file() -> None:
        store.identities.forget()
        runner.run(get())

    runner.run(fill())
    timings = interleave({"file": from_file, "remembered": lambda: runner.run(get())}, rounds=rounds)
    runner.run(store.close())
    return [
        Row("get an identity, from the file", median(timings["file"]) / len(ids) * 1e6, "µs"),
        Row("get an identity, remembered", median(timings["remembered"]) / len(ids) * 1e6, "µs"),
    ]


def roles(runner: asyncio.Runner, folder: Path, rounds: int) -> list[Row]:
    """Writing and finding one role among one and among a hundred thousand."""

    def fill(connection: Connection) -> None:
        connection.execute_many(_ROLES, ({"name": f"r{number}"} for number in range(ROLES)))

    few, many = opened(runner, folder / "few"), opened(runner, folder / "many")
    runner.run(many._database.write(fill))
    runner.run(many.close())
    many = opened(runner, folder / "many")
    role = Role("role", "/", "AROA", "arn:aws:iam::123456789012:role/role", "{}")
    for store in (few, many):
        runner.run(store.roles.add(role))

    def change(store: Store) -> Callable[[], object]:
        return lambda: runner.run(store.roles.change("role", lambda found: replace(found, description="changed")))

    def find(store: Store) -> Callable[[], object]:
        return lambda: store.directory.roles["role"]

    timings = interleave(
        {"change few": change(few), "change many": change(many), "find few": find(few), "find many": find(many)},
        rounds=rounds,
    )
    for store in (few, many):
        runner.run(store.close())
    return [
        Row("change a role, among 1", median(timings["change few"]) * 1e3, "ms"),
        Row(f"change a role, among {ROLES:,}", median(timings["change many"]) * 1e3, "ms"),
        at_most(f"find a role, among {ROLES:,} against among 1", ratio(timings, "find many", "find few"), 1.5),
    ]


def run(rounds: int) -> Sequence[Row]:
    with tempfile.TemporaryDirectory(prefix="gatepass-bench-") as name, asyncio.Runner() as runner:
        folder = Path(name)
        return [*writes(runner, folder, rounds), *reads(runner, folder, rounds), *roles(runner, folder, rounds)]


if __name__ == "__main__":
    raise SystemExit(main(run, description=__doc__))
