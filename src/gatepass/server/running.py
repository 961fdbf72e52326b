"""Running the application: uvicorn with the settings it needs to stand in front of others, and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

import uvicorn.config
import uvicorn.server

from gatepass.errors import ConfigurationError
from gatepass.server.outbox import Outbox
from gatepass.server.protocol import GateProtocol

if TYPE_CHECKING:
    from gatepass.server.asgi import Application

BACKLOG = 2048
STOP_SECONDS = 30
_TICKS_A_SWEEP = 10


class GateServer(uvicorn.server.Server):
    """Serves until it is told to stop; requests in flight finish.

    Args:
        ready: called once the port answers.
    """

    def __init__(self, application: Application, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.config.Config(
                application,
                http=cast("type[asyncio.Protocol]", partial(GateProtocol, Outbox())),
                ws="none",
                interface="asgi3",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS_A_SWEEP == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, GateProtocol):
                    connection.sweep(now)
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at the first signal, at once at the second. The process ends by itself, not by the signal."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A socket that has its port, but does not answer yet.

    Raises: ConfigurationError, if the port is in use or the host is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as failure:
        raise ConfigurationError(f"the host `{host}` is not known: {failure}", hint="try --host 127.0.0.1") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as failure:
        listener.close()
        if failure.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"port {port} on {host} is in use", hint="give another with --port, or 0 for any that is free"
            ) from None
        raise ConfigurationError(f"cannot listen on port {port} of {host}: {failure.strerror}") from None
    return listener


def endpoint(listener: socket.socket) -> str:
    """`http://host:port` where this machine reaches it; no trailing slash."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 (printed, not bound)
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
