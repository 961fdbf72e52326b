"""SQLite: one thread writes and commits in groups, one reads quickly, one scans.

Everything that is waiting when the writer is free goes into one transaction, each piece of work in a savepoint of its
own, so that one that fails does not undo its neighbours. Nobody is answered before the commit is on disk: one fsync
serves the whole group.

Source: https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous
"""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from gatepass.errors import StoreUnavailable
from gatepass.store.database import NONE, Connection, ConstraintViolated, Parameters, Row, T

LONGEST_GROUP = 256
BUSY_SECONDS = 5.0
LONGEST_LOG = 8000
"""Pages of the write-ahead log, 32 MiB, after which they are written back.

That takes two fsyncs more, and each page is written once, however often it stands in the log. A start after a crash
reads the log.
"""

READ_CACHE_KIB = 8192
"""Pages that the quick reader keeps: the upper levels of the tables' trees fit in, at a million identities, too."""

_log = logging.getLogger(__name__)


class SqliteConnection:
    """A connection that speaks the tables' language; transactions are begun and ended by who owns it."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def execute(self, statement: str, parameters: Parameters = NONE) -> int:
        try:
            return self._raw.execute(statement, parameters).rowcount
        except sqlite3.IntegrityError as error:
            raise ConstraintViolated(str(error)) from None

    def execute_many(self, statement: str, parameters: Iterable[Parameters]) -> None:
        try:
            self._raw.executemany(statement, parameters)
        except sqlite3.IntegrityError as error:
            raise ConstraintViolated(str(error)) from None

    def rows(self, statement: str, parameters: Parameters = NONE) -> list[Row]:
        return self._raw.execute(statement, parameters).fetchall()

    def row(self, statement: str, parameters: Parameters = NONE) -> Row | None:
        found: Row | None = self._raw.execute(statement, parameters).fetchone()
        return found

    def announce(self) -> None:
        """Nobody else has the store open."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection without transactions of its own making, durable and with foreign keys. Raises: sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


class _Job(NamedTuple):
    work: Callable[[Connection], Any]
    future: asyncio.Future[Any]


class _Outcome(NamedTuple):
    future: asyncio.Future[Any]
    result: Any
    error: Exception | None


class _Worker:
    """A thread with a connection of its own that takes jobs from a queue."""

    def __init__(
        self, name: str, raw: sqlite3.Connection, run: Callable[[sqlite3.Connection, list[_Job]], list[_Outcome]]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._raw = raw
        self._run = run
        self._open = True
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T]) -> asyncio.Future[T]:
        if not self._open:
            raise StoreUnavailable(detail="the store is closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(_Job(work, future))
        return future

    async def close(self) -> None:
        if self._open:
            self._open = False
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        closing = False
        while not closing:
            waiting = self._waiting()
            closing = waiting[-1] is None
            jobs = [job for job in waiting if job is not None]
            if jobs:
                self._answer(self._run(self._raw, jobs))
        self._raw.close()

    def _waiting(self) -> list[_Job | None]:
        """What is in the queue, at least one; None, where the store is being closed, comes last."""
        waiting = [self._jobs.get()]
        while len(waiting) < LONGEST_GROUP and waiting[-1] is not None:
            try:
                waiting.append(self._jobs.get_nowait())
            except Empty:
                break
        return waiting

    def _answer(self, outcomes: list[_Outcome]) -> None:
        try:
            self._loop.call_soon_threadsafe(_resolve, outcomes)
        except RuntimeError:
            _log.warning("the event loop ended before the store was closed; %d answers are lost", len(outcomes))


def _resolve(outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():
            continue  # the caller was cancelled
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


def _failed(jobs: list[_Job], error: Exception) -> list[_Outcome]:
    unavailable = StoreUnavailable(detail=f"{type(error).__name__}: {error}")
    _log.error("the store failed: %s", unavailable.detail)
    return [_Outcome(job.future, None, unavailable) for job in jobs]


def _write_group(raw: sqlite3.Connection, jobs: list[_Job]) -> list[_Outcome]:
    """All jobs in one transaction; every outcome is final when this returns."""
    try:
        raw.execute("BEGIN IMMEDIATE")
        outcomes = [_write_one(raw, job) for job in jobs]
        raw.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 — whatever it is, no caller may be left waiting or told of a success
        _roll_back(raw)
        return _failed(jobs, error)
    return outcomes


def _write_one(raw: sqlite3.Connection, job: _Job) -> _Outcome:
    raw.execute("SAVEPOINT one")
    try:
        result = job.work(SqliteConnection(raw))
    except Exception as error:
        if not raw.in_transaction:
            raise  # the engine has undone the whole group: a full disk, an input-output error
        raw.execute("ROLLBACK TO one")
        raw.execute("RELEASE one")
        return _failed([job], error)[0] if isinstance(error, sqlite3.Error) else _Outcome(job.future, None, error)
    raw.execute("RELEASE one")
    return _Outcome(job.future, result, None)


def _read_group(raw: sqlite3.Connection, jobs: list[_Job]) -> list[_Outcome]:
    """All jobs on one state of the store."""
    outcomes = []
    try:
        raw.execute("BEGIN")
        for job in jobs:
            try:
                outcomes.append(_Outcome(job.future, job.work(SqliteConnection(raw)), None))
            except sqlite3.Error:
                raise
            except Exception as error:  # noqa: BLE001 — it belongs to the caller who gave the work
                outcomes.append(_Outcome(job.future, None, error))
        raw.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 — no caller may be left waiting
        _roll_back(raw)
        return _failed(jobs, error)
    return outcomes


def _roll_back(raw: sqlite3.Connection) -> None:
    try:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
    except sqlite3.Error as error:
        _log.error("the store could not undo a failed group: %s", error)  # the next group's BEGIN says so again


class SqliteDatabase:
    """A `Database` on one file. Another process is kept out by the data folder's lock."""

    exclusive = True

    def __init__(self, path: Path) -> None:
        """Raises: sqlite3.Error."""
        writer = connect(path)
        writer.execute(f"PRAGMA wal_autocheckpoint={LONGEST_LOG}")
        self._writer = _Worker("gatepass-store-write", writer, _write_group)
        reader = connect(path)
        reader.execute(f"PRAGMA cache_size=-{READ_CACHE_KIB}")
        self._reader = _Worker("gatepass-store-read", reader, _read_group)
        self._scanner = _Worker("gatepass-store-scan", connect(path), _read_group)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._reader.submit(work)

    async def scan(self, work: Callable[[Connection], T]) -> T:
        return await self._scanner.submit(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self._writer.submit(work)

    async def listen(self, heard: Callable[[], None]) -> None:
        """Nobody announces anything."""

    async def close(self) -> None:
        for worker in (self._writer, self._reader, self._scanner):
            await worker.close()
