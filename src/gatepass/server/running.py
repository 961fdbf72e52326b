"""Running the application: a listening socket, a clock, and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from email.utils import formatdate
from time import time
from typing import TYPE_CHECKING, Any

from gatepass.errors import ConfigurationError
from gatepass.server.outbox import Outbox
from gatepass.server.protocol import GateProtocol

if TYPE_CHECKING:
    from gatepass.server.asgi import Application

BACKLOG = 2048
STOP_SECONDS = 30.0


class GateServer:
    """Serves until it is told to stop; requests in flight finish.

    Args:
        ready: called once the port answers.

    Attributes:
        connections: those that are open.
        tasks: of clients who are gone; a stop waits for them, too.
        date_line: the `Date` header, renewed as a second begins, so that times in an answer agree with it.
    """

    def __init__(self, application: Application, ready: Callable[[], None] = lambda: None) -> None:
        self.application = application
        self.connections: set[GateProtocol] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.outbox = Outbox()
        self.date_line = _date_line()
        self._ready = ready
        self._stop = asyncio.Event()
        self._force = asyncio.Event()

    async def serve(self, listener: socket.socket) -> None:
        """Answer on this socket; closes it at the end."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: GateProtocol(self, loop), sock=listener, backlog=BACKLOG)
        with self._signals(loop):
            self._ready()
            while not self._stop.is_set():
                await _within(self._stop.wait(), until_next_second(time()))
                self.tick(loop.time())
            server.close()
            for connection in list(self.connections):
                connection.shutdown()
            await self._finished()

    def stop(self) -> None:
        """Take no more connections, finish what runs; told again, do not wait for it."""
        if self._stop.is_set():
            self._force.set()
        self._stop.set()

    def tick(self, now: float) -> None:
        """What is to be done every second.

        Args:
            now: of the event loop's clock.
        """
        self.date_line = _date_line()
        for connection in list(self.connections):
            connection.sweep(now)

    async def _finished(self) -> None:
        """Until nothing runs any more, or nobody wants to wait for it."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + STOP_SECONDS
        while (self.connections or self.tasks) and not self._force.is_set() and loop.time() < deadline:
            await _within(self._force.wait(), 0.02)
        for connection in list(self.connections):
            connection.abort()

    @contextlib.contextmanager
    def _signals(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Stop at SIGINT and SIGTERM; the process ends by itself, not by the signal."""
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


async def _within(event: Any, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event, seconds)


def until_next_second(now: float) -> float:
    """How long a `Date` stays true."""
    return 1 - now % 1


def _date_line() -> bytes:
    return f"date: {formatdate(usegmt=True)}\r\n".encode()


def listen(host: str, port: int) -> socket.socket:
    """A socket that has its port, but does not answer yet.

    Raises: ConfigurationError, if the port is in use or the host is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as failure:
        raise ConfigurationError(
            f"the host `{host}` is not known: {failure.args[-1]}", hint="try --host 127.0.0.1"
        ) from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as failure:
        listener.close()
        if failure.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"port {port} on {host} is in use",
                hint="give another with --port, 0 for any that is free; or stop what runs there",
            ) from None
        raise ConfigurationError(
            f"cannot listen on port {port} of {host}: {failure.strerror}",
            hint="give an address of this machine with --host, and a port that this user may take with --port",
        ) from None
    return listener


def endpoint(listener: socket.socket) -> str:
    """`http://host:port` where this machine reaches it; no trailing slash."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 (printed, not bound)
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
