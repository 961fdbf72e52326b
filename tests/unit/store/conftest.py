"""A line to a PostgreSQL server that a test can cut, and stores that are opened over it."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from gatepass.store import IdentityPool, Store


class Line:
    """A TCP proxy in front of one database.

    Attributes:
        url: of the database, over this line.
    """

    def __init__(self, url: str) -> None:
        given = conninfo_to_dict(url)
        self._host, self._port = str(given["host"]), int(given.get("port") or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._cut_at: tuple[bytes, bool] | None = None
        self._lock = threading.Lock()
        here = self._listener.getsockname()[1]
        plain = "sslmode=disable&gssencmode=disable"
        self.url = f"postgresql://{given['user']}@127.0.0.1:{here}/{given['dbname']}?{plain}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_at(self, said: bytes, *, delivered: bool) -> None:
        """Cut the connection on which a client next says this: before it reaches the server, or before the answer."""
        self._cut_at = said, delivered

    def cut(self) -> None:
        """Cut every connection."""
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            _close(end)

    def close(self) -> None:
        _close(self._listener)
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = self._server()
            with self._lock:
                self._ends += [client, server]
            for work in (self._ask, self._answer):
                threading.Thread(target=work, args=(client, server), daemon=True).start()

    def _server(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        while data := _received(client):
            cut = self._cut_at
            if cut is not None and cut[0] in data:
                self._cut_at = None
                if cut[1]:
                    _shut(client)
                    server.sendall(data)  # the server does it and finds nobody to tell
                break
            server.sendall(data)
        _close(client)
        _shut(server)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while data := _received(server):
                client.sendall(data)
        except OSError:
            pass  # nobody is there to be told
        _close(client)
        _close(server)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR if end.family == socket.AF_INET else socket.SHUT_WR)
    except OSError:
        return


def _close(end: socket.socket) -> None:
    _shut(end)
    end.close()


@pytest.fixture
def line(database: str) -> Iterator[Line]:
    made = Line(database)
    yield made
    made.close()


POOL = IdentityPool("us-east-1:1", "pool")


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Store]:
    """A new store on SQLite with one pool."""
    store = await Store.open(folder, account="123456789012", region="us-east-1")
    await store.identity_pools.add(POOL)
    yield store
    await store.close()
