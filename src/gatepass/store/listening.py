"""Hearing from PostgreSQL that another process changed what decides, as soon as it did."""

import asyncio
import os
from collections.abc import Callable

import psycopg

from gatepass.store.dialing import Raw

CHANNEL = "gatepass"


class Listener:
    """A connection that does nothing but listen; the event loop watches its socket, no thread waits on it."""

    def __init__(self, dial: Callable[[], Raw]) -> None:
        self._dial = dial
        self._raw: Raw | None = None
        self._closed = False
        self._stop: Callable[[], None] = lambda: None

    async def listen(self, heard: Callable[[], None]) -> None:
        """From now on call `heard` in this event loop; costs nothing where it listens already.

        What changed before this returned, nobody hears of: look for it afterwards. Without a connection it listens the
        next time.
        """
        if self._raw is not None:
            return
        try:
            raw = await asyncio.to_thread(self._dialled)
        except psycopg.OperationalError:
            return  # who looks for changes finds out as well, and says so
        if self._closed:
            raw.close()
        else:
            self._watch(raw, heard)

    def _watch(self, raw: Raw, heard: Callable[[], None]) -> None:
        loop, socket = asyncio.get_running_loop(), os.dup(raw.fileno())  # libpq closes its own when the other side does

        def readable() -> None:
            try:
                raw.pgconn.consume_input()
                while raw.pgconn.notifies() is not None:
                    pass
            except psycopg.OperationalError:
                self._hang_up()
            heard()

        def stop() -> None:
            loop.remove_reader(socket)
            os.close(socket)
            raw.close()

        self._raw, self._stop = raw, stop
        loop.add_reader(socket, readable)

    def _dialled(self) -> Raw:
        raw = self._dial()
        try:
            raw.execute(f"LISTEN {CHANNEL}")
        except BaseException:
            raw.close()
            raise
        return raw

    def close(self) -> None:
        self._closed = True
        self._hang_up()

    def _hang_up(self) -> None:
        if self._raw is not None:
            self._raw = None
            self._stop()
