"""PostgreSQL: a few threads write, a few read, one scans; each with a connection while it works.

A piece of work is a transaction. Where the connection is lost, or two transactions were in each other's way, it is
done again, for some seconds; then its caller is told that the store is away. Nothing is done twice: every write marks
the row of its connection in `writers`, so that it can be known whether a commit took place whose answer never came.

Source: https://www.postgresql.org/docs/current/transaction-iso.html
"""

import asyncio
import contextlib
import logging
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Generic

import psycopg
from psycopg.pq import TransactionStatus

from gatepass.errors import StoreUnavailable
from gatepass.store.database import NONE, Connection, ConstraintViolated, Parameters, Row, T
from gatepass.store.dialing import Raw
from gatepass.store.listening import CHANNEL, Listener

WRITERS, READERS, SCANNERS = 8, 2, 1
"""Threads, and so connections, at most; made when there is work for them."""

PATIENCE = 5.0
"""Seconds for which a caller waits for a store that is away."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.25
FORGOTTEN_AFTER = 86_400

_BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_BEGIN_WRITE = """
    BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE;
    INSERT INTO writers (id, writes, seen) VALUES ('{id}', {writes}, {now})
    ON CONFLICT (id) DO UPDATE SET writes = excluded.writes, seen = excluded.seen
"""
_COMMITTED = """
    INSERT INTO writers (id, writes, seen) VALUES ($1, 0, 0)
    ON CONFLICT (id) DO UPDATE SET writes = writers.writes
    RETURNING writes
"""  # waits for the end of a transaction that has changed the row
FORGET_WRITERS = "DELETE FROM writers WHERE id = ANY($1) OR seen < $2"

# admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, and the time-outs of sessions
_FAREWELLS = frozenset({"57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"})

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z_0-9]*)")

_log = logging.getLogger(__name__)


@lru_cache(maxsize=1024)
def _translated(statement: str) -> tuple[str, tuple[str, ...]]:
    """The statement with `$1` for `:name`, and the names in that order."""
    names: dict[str, int] = {}
    text = _PARAMETER.sub(lambda found: f"${names.setdefault(found[1], len(names) + 1)}", statement)
    return text, tuple(names)


class PostgresqlConnection:
    """A connection that speaks the tables' language; transactions are begun and ended by who owns it."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw

    def execute(self, statement: str, parameters: Parameters = NONE) -> int:
        return self._run(statement, parameters).rowcount

    def execute_many(self, statement: str, parameters: Iterable[Parameters]) -> None:
        for given in parameters:  # psycopg's own way loses its way where the connection breaks in the middle
            self._run(statement, given)

    def rows(self, statement: str, parameters: Parameters = NONE) -> list[Row]:
        return self._run(statement, parameters).fetchall()

    def row(self, statement: str, parameters: Parameters = NONE) -> Row | None:
        return self._run(statement, parameters).fetchone()

    def announce(self) -> None:
        self._raw.execute(f"NOTIFY {CHANNEL}")

    def _run(self, statement: str, parameters: Parameters) -> psycopg.Cursor[Row]:
        text, names = _translated(statement)
        with _violations():
            return self._raw.execute(text, [parameters[name] for name in names] or None)


@contextlib.contextmanager
def _violations() -> Iterator[None]:
    try:
        yield
    except psycopg.IntegrityError as error:
        raise ConstraintViolated(error.diag.message_primary or str(error)) from None


def _is_lost(raw: Raw, error: psycopg.Error) -> bool:
    """The connection is gone, or is about to go: the server's farewell may arrive before its end does."""
    state = error.sqlstate
    if raw.closed or (state is None and isinstance(error, psycopg.OperationalError)):
        return True
    return state is not None and (state in _FAREWELLS or state.startswith("08"))


class _Link:
    """A connection, and what is known of it.

    Attributes:
        id: of its row in `writers`.
        writes: how many transactions it began that write.
    """

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.id = os.urandom(8).hex()
        self.writes = 0

    def begin_write(self) -> tuple[str, int]:
        """Begin, and mark the transaction; what tells it from all others."""
        self.writes += 1
        self.raw.execute(_BEGIN_WRITE.format(id=self.id, writes=self.writes, now=int(time.time())), prepare=False)
        return self.id, self.writes

    def was_committed(self, mark: tuple[str, int]) -> bool:
        """Whether a transaction of a connection that is no more took place."""
        id_, writes = mark
        row = self.raw.execute(_COMMITTED, [id_]).fetchone()
        return row is not None and row[0] == writes

    @property
    def is_idle(self) -> bool:
        return self.raw.info.transaction_status is TransactionStatus.IDLE


class _Read(Generic[T]):
    """Work that only reads, on one state of the store."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self._work = work

    def __call__(self, link: _Link) -> T:
        link.raw.execute(_BEGIN_READ, prepare=False)
        result = self._work(PostgresqlConnection(link.raw))
        link.raw.execute("COMMIT", prepare=False)
        return result


class _Write(Generic[T]):
    """Work that writes; called again and again until it is known to be done, and done once."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self._work = work
        self._unanswered: tuple[tuple[str, int], T] | None = None

    def __call__(self, link: _Link) -> T:
        if self._unanswered is not None:
            mark, result = self._unanswered
            if link.was_committed(mark):
                return result
            self._unanswered = None
        mark = link.begin_write()
        result = self._work(PostgresqlConnection(link.raw))
        if link.raw.info.transaction_status is TransactionStatus.INERROR:
            raise RuntimeError("work went on after a statement that failed; nothing of it can be committed")
        self._unanswered = mark, result
        try:
            link.raw.execute("COMMIT", prepare=False)
        except psycopg.Error as error:
            if not _is_lost(link.raw, error):
                self._unanswered = None  # the answer is no
            raise
        return result

    @property
    def is_doubtful(self) -> bool:
        return self._unanswered is not None


class PostgresqlDatabase:
    """A `Database` on a PostgreSQL server, which other processes may use too.

    Args:
        dial: gives a connection, or raises psycopg.OperationalError.
        name: what the store is called in messages.
    """

    exclusive = False

    def __init__(self, dial: Callable[[], Raw], name: str) -> None:
        self._dial = dial
        self._name = name
        self._open = True
        self._away = False
        self._free: deque[_Link] = deque()
        self._writers = ThreadPoolExecutor(WRITERS, "gatepass-store-write")
        self._readers = ThreadPoolExecutor(READERS, "gatepass-store-read")
        self._scanners = ThreadPoolExecutor(SCANNERS, "gatepass-store-scan")
        self._listener = Listener(dial)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._submit(self._readers, _Read(work))

    async def scan(self, work: Callable[[Connection], T]) -> T:
        return await self._submit(self._scanners, _Read(work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self._submit(self._writers, _Write(work))

    async def listen(self, heard: Callable[[], None]) -> None:
        await self._listener.listen(heard)

    async def close(self) -> None:
        self._open = False
        self._listener.close()
        for executor in (self._writers, self._readers, self._scanners):
            await asyncio.to_thread(executor.shutdown)
        await asyncio.to_thread(self._hang_up)

    def _submit(self, executor: ThreadPoolExecutor, once: Callable[[_Link], T]) -> asyncio.Future[T]:
        if not self._open:
            raise StoreUnavailable(detail="the store is closed")
        deadline = time.monotonic() + PATIENCE
        return asyncio.get_running_loop().run_in_executor(executor, partial(self._until_done, once, deadline))

    def _until_done(self, once: Callable[[_Link], T], deadline: float) -> T:
        """Raises: StoreUnavailable."""
        pause = _FIRST_PAUSE
        if not self._away:
            deadline = time.monotonic() + PATIENCE  # it waited in line behind work, not for the store
        while True:
            try:
                if self._away and time.monotonic() > deadline:
                    raise StoreUnavailable(detail=f"{self._name} is away")
                return self._attempt(once)
            except _Passing as passing:
                error = passing.error
                if time.monotonic() + pause > deadline:
                    raise self._failed(error, once) from None
            except psycopg.Error as error:
                raise self._failed(error, once) from None
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _attempt(self, once: Callable[[_Link], T]) -> T:
        """Raises: _Passing, psycopg.Error, and what the work raises."""
        link = self._link()
        try:
            result = once(link)
        except psycopg.Error as error:
            demoted = isinstance(error, psycopg.errors.ReadOnlySqlTransaction) and isinstance(once, _Write)
            if demoted or _is_lost(link.raw, error):
                self._lost(error)
                link.raw.close()
                raise _Passing(error) from None
            if isinstance(error, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected):
                raise _Passing(error) from None
            raise
        finally:
            self._give_back(link)
        if self._away:
            self._away = False
            _log.warning("the store %s is back", self._name)
        return result

    def _link(self) -> _Link:
        """Raises: _Passing."""
        with contextlib.suppress(IndexError):
            return self._free.pop()
        try:
            return _Link(self._dial())
        except psycopg.OperationalError as error:
            self._lost(error)
            raise _Passing(error) from None

    def _lost(self, error: psycopg.Error) -> None:
        """One connection is gone: the others are, most likely, too."""
        if not self._away:
            self._away = True
            _log.warning("the store %s is away: %s", self._name, _said(error))
        with contextlib.suppress(IndexError):
            while True:
                self._free.pop().raw.close()

    def _give_back(self, link: _Link) -> None:
        try:
            if not link.raw.closed and not link.is_idle:
                link.raw.execute("ROLLBACK", prepare=False)
        except psycopg.Error:
            link.raw.close()  # whatever it was doing, it ends with its connection
        if not link.raw.closed:
            self._free.append(link)

    def _failed(self, error: psycopg.Error, once: Callable[[_Link], T]) -> StoreUnavailable:
        doubt = "; whether the write was done is not known" if isinstance(once, _Write) and once.is_doubtful else ""
        unavailable = StoreUnavailable(detail=f"{self._name}: {type(error).__name__}: {_said(error)}{doubt}")
        _log.error("the store failed: %s", unavailable.detail)
        return unavailable

    def _hang_up(self) -> None:
        links = list(self._free)
        if links and not self._away:
            given = [[link.id for link in links], time.time() - FORGOTTEN_AFTER]
            with contextlib.suppress(psycopg.Error):  # they are forgotten a day later, by another process
                links[0].raw.execute(FORGET_WRITERS, given)
        for link in links:
            link.raw.close()


class _Passing(Exception):
    """It may go better the next time."""

    def __init__(self, error: psycopg.Error) -> None:
        self.error = error


def _said(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
