"""The SQLite engine: groups, savepoints, one answer to each caller, and threads that never wait for each other."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path

import pytest

from gatepass.errors import StoreUnavailable
from gatepass.store.database import Connection, ConstraintViolated
from gatepass.store.sqlite import LONGEST_GROUP, SqliteDatabase


def coroutine(test: Callable[[Path], Coroutine[None, None, None]]) -> Callable[[Path], None]:
    @wraps(test)
    def run(tmp_path: Path) -> None:
        asyncio.run(test(tmp_path))

    return run


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[SqliteDatabase]:
    connection = sqlite3.connect(folder / "t.sqlite3")
    connection.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0))")
    connection.close()
    database = SqliteDatabase(folder / "t.sqlite3")
    try:
        yield database
    finally:
        await database.close()


def insert(id_: int, n: int = 1) -> Callable[[Connection], int]:
    return lambda connection: connection.execute("INSERT INTO t (id, n) VALUES (:id, :n)", {"id": id_, "n": n})


class Held:
    """Work that keeps its thread busy until it is let go; what is asked meanwhile forms one group."""

    def __init__(self) -> None:
        self._begun, self._released = threading.Event(), threading.Event()

    def __call__(self, connection: Connection) -> bool:
        self._begun.set()
        return self._released.wait(30)

    async def begun(self) -> None:
        while not self._begun.is_set():
            await asyncio.sleep(0)

    async def release(self) -> None:
        for _ in range(3):  # until what was asked is in the queue
            await asyncio.sleep(0)
        self._released.set()


def ids(connection: Connection) -> list[int]:
    return [row[0] for row in connection.rows("SELECT id FROM t ORDER BY id")]


@coroutine
async def test_work_gives_its_result(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        assert await database.write(insert(1)) == 1
        assert await database.write(lambda connection: connection.execute("UPDATE t SET n = 2")) == 1
        assert await database.write(lambda connection: connection.execute("DELETE FROM t WHERE id = 9")) == 0
        assert await database.read(lambda connection: connection.row("SELECT id, n FROM t")) == (1, 2)
        assert await database.read(lambda connection: connection.row("SELECT id FROM t WHERE id = 9")) is None


@coroutine
async def test_what_is_acknowledged_can_be_read(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        for number in range(100):
            await database.write(insert(number))
            assert number in await database.read(ids)
            assert number in await database.scan(ids)


@coroutine
async def test_work_that_raises_halfway_leaves_nothing(tmp_path: Path) -> None:
    def halfway(connection: Connection) -> None:
        insert(1)(connection)
        insert(2)(connection)
        raise LookupError("halfway")

    def broken(connection: Connection) -> None:
        insert(3)(connection)
        connection.execute("INSERT INTO nowhere VALUES (1)")

    async with opened(tmp_path) as database:
        results = await asyncio.gather(
            database.write(insert(10)),
            database.write(halfway),
            database.write(broken),
            database.write(insert(4, n=0)),
            database.write(insert(10)),
            database.write(insert(11)),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [
            int,
            LookupError,
            StoreUnavailable,
            ConstraintViolated,
            ConstraintViolated,
            int,
        ]
        assert await database.read(ids) == [10, 11]


@coroutine
async def test_work_may_catch_what_a_constraint_forbids_and_go_on(tmp_path: Path) -> None:
    def work(connection: Connection) -> str:
        insert(1)(connection)
        try:
            insert(1)(connection)
        except ConstraintViolated:
            insert(2)(connection)
        return "done"

    async with opened(tmp_path) as database:
        assert await database.write(work) == "done"
        assert await database.read(ids) == [1, 2]


@coroutine
async def test_a_group_that_the_engine_has_undone_is_nobodys_success(tmp_path: Path) -> None:
    """As on a full disk: SQLite rolls the transaction back by itself, with the work of everyone in it."""
    held = Held()
    async with opened(tmp_path) as database:
        first = asyncio.ensure_future(database.write(held))
        await held.begun()
        group = [
            asyncio.ensure_future(database.write(work))
            for work in (insert(1), insert(2), lambda connection: connection.execute("ROLLBACK"), insert(3))
        ]
        await held.release()
        assert await first is True
        results = await asyncio.gather(*group, return_exceptions=True)
        assert [type(result) for result in results] == [StoreUnavailable] * 4
        assert await database.read(ids) == []
        assert await database.write(insert(4)) == 1


@coroutine
async def test_groups_of_any_size_are_answered(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        for size in (1, 2, LONGEST_GROUP - 1, LONGEST_GROUP, LONGEST_GROUP + 1, 3 * LONGEST_GROUP):
            before = len(await database.read(ids))
            results = await asyncio.gather(*(database.write(insert(before + number)) for number in range(size)))
            assert results == [1] * size


@coroutine
async def test_a_long_scan_makes_neither_reads_nor_writes_wait(tmp_path: Path) -> None:
    held = Held()

    def long(connection: Connection) -> list[int]:
        found = ids(connection)
        held(connection)
        assert ids(connection) == found, "it sees one state of the store"
        return found

    async with opened(tmp_path) as database:
        await database.write(insert(1))
        scan = asyncio.ensure_future(database.scan(long))
        await database.write(insert(2))
        assert await database.read(ids) == [1, 2]
        assert not scan.done()
        await held.release()
        assert await scan in ([1], [1, 2])


@coroutine
async def test_what_reading_work_raises_is_its_own(tmp_path: Path) -> None:
    def fail(connection: Connection) -> None:
        raise LookupError

    async with opened(tmp_path) as database:
        results = await asyncio.gather(
            *(database.read(work) for work in (ids, fail, ids)),
            return_exceptions=True,
        )
        assert results[0] == results[2] == []
        assert isinstance(results[1], LookupError)
        with pytest.raises(StoreUnavailable):
            await database.read(lambda connection: connection.rows("SELECT * FROM nowhere"))
        assert await database.read(ids) == []


@coroutine
async def test_a_caller_who_goes_away_disturbs_nobody(tmp_path: Path) -> None:
    held = Held()
    async with opened(tmp_path) as database:
        first = asyncio.ensure_future(database.write(held))
        await held.begun()
        tasks = [asyncio.ensure_future(database.write(insert(number))) for number in range(4)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await held.release()
        results = await asyncio.gather(first, *tasks, return_exceptions=True)
        assert [type(result) for result in results] == [bool, int, asyncio.CancelledError, int, int]


@coroutine
async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        pass
    await database.close()
    for ask in (database.write, database.read, database.scan):
        with pytest.raises(StoreUnavailable) as caught:
            await ask(ids)
        assert caught.value.detail == "the store is closed"


def test_an_event_loop_that_ends_too_early_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    held = Held()

    async def leave() -> SqliteDatabase:
        async with opened(tmp_path):
            pass
        database = SqliteDatabase(tmp_path / "t.sqlite3")
        task = asyncio.ensure_future(database.write(held))
        await held.begun()
        task.cancel()
        return database

    database = asyncio.run(leave())
    asyncio.run(held.release())
    asyncio.run(database.close())
    assert "the event loop ended before the store was closed" in caplog.text
