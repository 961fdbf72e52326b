"""PostgreSQL's part: work is done once or not at all, whatever happens to connections while it is done."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
import uvloop
from tests.postgresql import query

from gatepass.errors import StoreUnavailable
from gatepass.store import postgresql
from gatepass.store.database import Connection, ConstraintViolated
from gatepass.store.dialing import Address
from gatepass.store.postgresql import PostgresqlDatabase

if TYPE_CHECKING:
    from tests.unit.store.conftest import Line

ADD = "INSERT INTO changes (revision, kind, id) VALUES (:revision, 'test', '')"
COUNT = "SELECT count(*) FROM changes"
WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted"
COMMIT = b"COMMIT\0"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresqlDatabase]:
    address = Address(url)
    made = PostgresqlDatabase(address.dial, str(address))
    try:
        yield made
    finally:
        await made.close()


def adding(revision: int) -> Callable[[Connection], int]:
    return lambda connection: connection.execute(ADD, {"revision": revision})


def kill_all(url: str) -> None:
    """End every session on the database but this one."""
    query(
        url,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid != pg_backend_pid()",
    )


# --- what the tables say, in PostgreSQL's words


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT 1", ("SELECT 1", ())),
        ("a = :a AND b = :b OR :a = c", ("a = $1 AND b = $2 OR $1 = c", ("a", "b"))),
        ("VALUES (:pool_id, :id)", ("VALUES ($1, $2)", ("pool_id", "id"))),
        ("a::text = :a", ("a::text = $1", ("a",))),
        ("a LIKE '100%' AND b = :b", ("a LIKE '100%' AND b = $1", ("b",))),
    ],
)
def test_parameters_are_numbered(statement: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert postgresql._translated(statement) == expected


# --- once or not at all


async def test_a_write_that_raises_leaves_nothing(database: str) -> None:
    def fail(connection: Connection) -> None:
        adding(1)(connection)
        raise LookupError

    def twice(connection: Connection) -> None:
        adding(1)(connection)
        adding(1)(connection)

    async with opened(database) as store:
        with pytest.raises(LookupError):
            await store.write(fail)
        with pytest.raises(ConstraintViolated):
            await store.write(twice)
        assert await store.read(lambda connection: connection.row(COUNT)) == (0,)


async def test_work_that_goes_on_after_a_failed_statement_is_not_taken_for_done(database: str) -> None:
    """PostgreSQL would answer its COMMIT with a rollback, and no error."""

    def swallow(connection: Connection) -> str:
        adding(1)(connection)
        try:
            adding(1)(connection)
        except ConstraintViolated:
            return "done"
        return "never"

    async with opened(database) as store:
        with pytest.raises(RuntimeError, match="nothing of it can be committed"):
            await store.write(swallow)
        assert await store.write(adding(1)) == 1


async def test_a_read_sees_one_state(database: str) -> None:
    """Whatever others commit while it goes on."""

    def count_twice(connection: Connection) -> list[object]:
        first = connection.row(COUNT)
        query(database, "INSERT INTO changes (revision, kind, id) VALUES (1, '', '')")
        return [first, connection.row(COUNT)]

    async with opened(database) as store:
        assert await store.read(count_twice) == [(0,), (0,)]
        assert await store.scan(lambda connection: connection.row(COUNT)) == (1,)


async def test_a_read_cannot_write(database: str) -> None:
    async with opened(database) as store:
        with pytest.raises(StoreUnavailable):
            await store.read(adding(1))


async def test_a_statement_that_is_wrong_fails_at_once(database: str) -> None:
    async with opened(database) as store:
        with pytest.raises(StoreUnavailable) as caught:
            await store.read(lambda connection: connection.rows("SELECT nothing FROM nowhere"))
    assert "UndefinedTable" in caught.value.detail


async def test_sessions_that_were_ended_are_replaced(database: str) -> None:
    async with opened(database) as store:
        await asyncio.gather(*(store.write(adding(number)) for number in range(20)))
        await asyncio.to_thread(kill_all, database)
        await asyncio.gather(*(store.write(adding(number)) for number in range(20, 40)))
        assert await store.read(lambda connection: connection.row(COUNT)) == (40,)


async def test_a_connection_lost_before_the_commit_is_tried_again(line: Line) -> None:
    async with opened(line.url) as store:
        line.cut_at(COMMIT, delivered=False)
        assert await store.write(adding(1)) == 1
        assert await store.read(lambda connection: connection.row(COUNT)) == (1,)


async def test_a_commit_whose_answer_never_came_is_not_done_again(line: Line, database: str) -> None:
    """Done twice, it would fail: the number is taken."""
    async with opened(line.url) as store:
        for number in range(5):
            line.cut_at(COMMIT, delivered=True)
            assert await store.write(adding(number)) == 1
        assert query(database, COUNT) == [(5,)]


async def test_the_answer_is_waited_for_where_the_commit_is_still_under_way(line: Line, database: str) -> None:
    """Another transaction holds up the commit while its client has given up the connection."""
    query(
        database,
        """
        CREATE FUNCTION pg_temp_wait() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON changes DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION pg_temp_wait()
        """,
    )
    try:
        async with opened(line.url) as store:
            with psycopg.connect(database) as holder:
                holder.execute("SELECT pg_advisory_lock(42)")
                line.cut_at(COMMIT, delivered=True)
                writing = asyncio.ensure_future(store.write(adding(1)))
                await until(lambda: len(query(database, WAITING)) == 2)  # the commit, and who asks what became of it
                assert not writing.done()
            assert await writing == 1
        assert query(database, COUNT) == [(1,)]
    finally:
        query(database, "DROP TRIGGER slow ON changes")
        query(database, "DROP FUNCTION pg_temp_wait")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(holds):
            await asyncio.sleep(0.01)


async def test_two_that_wait_for_each_other_are_both_done(database: str) -> None:
    """PostgreSQL ends one of them, which is done again."""
    both = threading.Barrier(2)

    def crossing(first: int, second: int) -> Callable[[Connection], int]:
        tries = 0

        def work(connection: Connection) -> int:
            nonlocal tries
            tries += 1
            connection.execute("UPDATE changes SET id = id || 'x' WHERE revision = :number", {"number": first})
            if tries == 1:
                both.wait(30)
            connection.execute("UPDATE changes SET id = id || 'x' WHERE revision = :number", {"number": second})
            return tries

        return work

    async with opened(database) as store:
        await store.write(adding(1))
        await store.write(adding(2))
        tries = await asyncio.gather(store.write(crossing(1, 2)), store.write(crossing(2, 1)))
        assert max(tries) > 1
        assert query(database, "SELECT id FROM changes") == [("xx",), ("xx",)]


# --- away


async def test_what_cannot_be_reached_is_an_error_after_a_while(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for those who waited in line behind others; and it is as before when the server is back."""
    monkeypatch.setattr(postgresql, "PATIENCE", 0.3)
    async with opened(line.url) as store:
        await store.write(adding(0))
        line.close()
        began = time.monotonic()
        results = await asyncio.gather(
            *(store.write(adding(number)) for number in range(1, 100)),
            store.read(lambda connection: connection.row(COUNT)),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [StoreUnavailable] * 100
        assert time.monotonic() - began < 30  # not 99 times as long as one
        assert "127.0.0.1" in str(getattr(results[0], "detail", ""))


async def test_a_closed_store_says_so(database: str) -> None:
    async with opened(database) as store:
        await store.write(adding(1))
    for asked in (store.read, store.scan, store.write):
        with pytest.raises(StoreUnavailable):
            await asked(adding(2))
    assert query(database, "SELECT count(*) FROM writers") == [(0,)]


# --- news


async def test_what_is_announced_is_heard_when_it_is_committed(line: Line) -> None:
    heard = asyncio.Event()
    async with opened(line.url) as store:
        await store.listen(heard.set)
        await store.listen(heard.set)
        await store.write(adding(1))
        await store.write(lambda connection: connection.announce())
        await asyncio.wait_for(heard.wait(), 30)
        heard.clear()
        line.cut()
        await asyncio.wait_for(heard.wait(), 30)  # a line that is cut is news too: something may have been missed
        heard.clear()
        await store.listen(heard.set)
        await store.write(lambda connection: connection.announce())
        await asyncio.wait_for(heard.wait(), 30)


def test_news_come_in_the_event_loop_of_the_gate_too(database: str) -> None:
    async def run() -> None:
        heard = asyncio.Event()
        async with opened(database) as store:
            await store.listen(heard.set)
            await store.write(lambda connection: connection.announce())
            await asyncio.wait_for(heard.wait(), 30)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


async def test_a_row_of_a_connection_that_is_gone_is_forgotten(database: str) -> None:
    """By whoever closes a day later."""
    query(database, "INSERT INTO writers (id, writes, seen) VALUES ('old', 3, 0)")
    async with opened(database) as store:
        await store.write(adding(1))
        assert len(query(database, "SELECT id FROM writers")) == 2
    assert query(database, "SELECT id FROM writers") == []
