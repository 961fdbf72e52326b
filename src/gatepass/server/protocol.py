"""HTTP/1.1 as the gate speaks it: one connection, on httptools' parser.

Heads are cut off while they arrive, what one reader takes for a request no other takes for two, trailers are not taken
for headers, and who sends or reads slowly does not stay for ever. What is refused is refused in API Gateway's words,
once, and the connection closes. An answer's head and body are written as one where its length is known.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import TYPE_CHECKING, NoReturn, cast
from urllib.parse import unquote

import httptools

from gatepass.errors import BadRequest
from gatepass.gateway.decisions import Record
from gatepass.gateway.exchange import Scope
from gatepass.server.cycle import MOST_WAITING, STATUS_LINES, Cycle
from gatepass.wire import gate

if TYPE_CHECKING:
    from gatepass.server.running import GateServer

MOST_HEAD = 64 * 1024
MOST_HEADER = 16 * 1024
MOST_DISCARDED = 16 * 1024 * 1024
"""Bytes of a body nobody wants that are still read, so that its sender sees the answer."""

IDLE_SECONDS = 75.0
HEAD_SECONDS = 20.0
BODY_SECONDS = 30.0
BODY_BYTES_PER_SECOND = 10 * 1024
WRITE_SECONDS = 60.0

_ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_TARGET = re.compile(rb"/[!\"$-~]*")
_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ASGI = {"version": "3.0", "spec_version": "2.3"}
_NOT_HTTP = "this is not HTTP/1.1"


class Refused(Exception):
    """The request's head cannot be taken; the text says why."""


class GateProtocol(asyncio.Protocol):
    """One connection of a server."""

    def __init__(self, server: GateServer, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.write_paused = False
        self._server = server
        self._outbox = server.outbox
        self._application = server.application
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._client: tuple[str, int] | None = None
        self._local: tuple[str, int] | None = None
        self._scheme = "http"
        # The request that arrives.
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._expects_continue = False
        self._in_head = True
        self._head_received = 0
        self._body_received = 0
        self._framing_received = 0
        self._discarded = 0
        self._why = _NOT_HTTP
        # The requests that are answered: one is running, others wait for it, the last one is still arriving.
        self._running: Cycle | None = None
        self._waiting: deque[tuple[Cycle, Scope]] = deque()
        self._last: Cycle | None = None
        # The connection.
        self._over = False
        self._reading_paused = False
        self._since = self.loop.time()
        self._write_paused_since = 0.0
        self._writers: list[asyncio.Future[None]] = []

    # --- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.connections.add(self)
        self._client = _address(transport.get_extra_info("peername"))
        self._local = _address(transport.get_extra_info("sockname"))
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        self._over = True
        for cycle in (self._running, *(waiting for waiting, _ in self._waiting)):
            if cycle is not None and not cycle.complete:
                cycle.disconnect()
                if cycle.task is not None and not cycle.task.done():
                    self._server.tasks.add(cycle.task)  # a stop waits for it though its client is gone
                    cycle.task.add_done_callback(self._server.tasks.discard)
        self.resume_writing()

    def shutdown(self) -> None:
        """The server stops: finish what runs, then close."""
        if self._running is None or self._running.complete:
            self.close()
        else:
            self._end_after_running()

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self._over = True
        self._transport.abort()

    def close(self) -> None:
        """Close when all is written."""
        self._over = True
        self._outbox.flush()
        self._transport.close()

    def write(self, data: bytes) -> None:
        """Write now: a part of an answer."""
        self._outbox.flush()
        self._transport.write(data)

    def write_last(self, data: bytes) -> None:
        """Write soon: an answer, or its end."""
        self._outbox.put(self.loop, self._transport, data)

    @property
    def date_line(self) -> bytes:
        return self._server.date_line

    def pause_writing(self) -> None:
        self.write_paused = True
        self._write_paused_since = self.loop.time()

    def resume_writing(self) -> None:
        self.write_paused = False
        writers, self._writers = self._writers, []
        for writer in writers:
            if not writer.done():
                writer.set_result(None)

    async def drained(self) -> None:
        """Until more may be written."""
        writer = self.loop.create_future()
        self._writers.append(writer)
        await writer

    def resume_reading(self) -> None:
        if self._reading_paused and not self._over:
            self._reading_paused = False
            self._transport.resume_reading()

    def _pause_reading(self) -> None:
        if not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()

    # --- what arrives

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        if self._in_head:
            if not self._head_received:
                self._since = self.loop.time()
            self._head_received += len(data)
        else:
            self._framing_received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._end_after_running()  # what follows is not HTTP/1.1
        except httptools.HttpParserError:
            self.refuse(self._why)
        if self._in_head and self._head_received > MOST_HEAD:
            self.refuse(f"the head has more than {MOST_HEAD} bytes")
        elif not self._in_head and self._framing_received > MOST_HEAD:
            # Trailers, or a chunk's extensions: the parser would keep them and join them, over and over.
            self.refuse(f"more than {MOST_HEAD} bytes that are no body came with it")

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers = []
        self._expects_continue = False

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # a trailer: it was not there when the request was judged
        if len(value) > MOST_HEADER:
            self._reject(f"a header has more than {MOST_HEADER} bytes")
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._expects_continue = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        version = self._parser.get_http_version()
        self._check_head(version)
        self._in_head = False
        self._head_received = self._body_received = self._framing_received = self._discarded = 0
        path, _, query = self._url.partition(b"?")
        scope: Scope = {
            "type": "http",
            "asgi": _ASGI,
            "http_version": version,
            "server": self._local,
            "client": self._client,
            "scheme": self._scheme,
            "method": self._parser.get_method().decode("ascii"),
            "root_path": "",
            "path": unquote(path.decode("ascii")) if b"%" in path else path.decode("ascii"),
            "raw_path": path,
            "query_string": query,
            "headers": self._headers,
            "state": {},
        }
        keep_alive = version == "1.1" and self._parser.should_keep_alive() and not self._parser.should_upgrade()
        cycle = Cycle(self, scope, keep_alive=keep_alive, expects_continue=self._expects_continue)
        self._last = cycle
        if self._running is None or self._running.complete:
            self._start(cycle, scope)
        else:
            self._pause_reading()
            self._waiting.append((cycle, scope))

    def on_body(self, body: bytes) -> None:
        self._body_received += len(body)
        self._framing_received = 0
        cycle = self._last
        if cycle is not None and not cycle.complete:
            if cycle.feed(body) > MOST_WAITING:
                self._pause_reading()
            return
        self._discarded += len(body)
        if self._discarded > MOST_DISCARDED:
            self.abort()

    def on_message_complete(self) -> None:
        self._in_head = True
        if self._last is not None:
            self._last.finish()

    def _check_head(self, version: str) -> None:
        """Raises: Refused."""
        if version not in ("1.1", "1.0"):
            self._reject(f"HTTP/{version} is not spoken here")
        hosts = [value for name, value in self._headers if name == b"host"]
        if len(hosts) != 1 and (hosts or version == "1.1"):
            self._reject(f"the request has {len(hosts)} Host headers")
        if hosts and not _HOST.fullmatch(hosts[0].strip(b" \t")):
            self._reject("the Host header is not one host name")
        if version == "1.0" and any(name == b"transfer-encoding" for name, _ in self._headers):
            self._reject("HTTP/1.0 has no Transfer-Encoding")
        if self._head_received > MOST_HEAD:
            size = len(self._url) + sum(len(name) + len(value) + 4 for name, value in self._headers)
            if size > MOST_HEAD:
                self._reject(f"the head has more than {MOST_HEAD} bytes")
        if _TARGET.fullmatch(self._url):
            return
        absolute = _ABSOLUTE.fullmatch(self._url)
        if absolute is None:
            self._reject("the target is not a path")
        if not hosts or absolute[1].lower() != hosts[0].strip().lower():
            self._reject("the target's authority is not the Host")
        self._url = absolute[2] if absolute[2][:1] == b"/" else b"/" + absolute[2]
        if not _TARGET.fullmatch(self._url):
            self._reject("the target is not a path")

    def _reject(self, why: str) -> NoReturn:
        self._why = why
        raise Refused(why)

    # --- what is answered

    def _start(self, cycle: Cycle, scope: Scope) -> None:
        self._running = cycle
        cycle.task = self.loop.create_task(cycle.run(self._application, scope))

    def answered(self, cycle: Cycle) -> None:
        """An answer is written: go on with the next request, or close."""
        self._since = self.loop.time()
        if not cycle.keep_alive:
            self.close()
        elif self._waiting:
            self._start(*self._waiting.popleft())
        else:
            self.resume_reading()

    def _end_after_running(self) -> None:
        self._over = True
        self._waiting.clear()
        if self._running is not None and not self._running.complete:
            self._running.keep_alive = False
        else:
            self.close()

    def refuse(self, why: str) -> None:
        """End the connection; say why in API Gateway's words, unless that could be taken for another answer."""
        if self._over:
            return
        self._over = True
        answer = self._refusal(why)
        running = self._running
        if running is None or running.complete:
            self.write(answer)
            self.close()
        elif running is not self._last or not running.more_body:
            self._end_after_running()  # it is complete, and its answer on the way
        else:
            if not running.started:
                self.write(answer)
            running.disconnect()
            self.close()

    def _refusal(self, why: str) -> bytes:
        application, failure = self._application, BadRequest(detail=why)
        request_id = application.request_ids()
        source_ip = self._client[0] if self._client else ""
        record = Record(request_id, application.clock(), "api", "route", 400, "", b"", source_ip, error=failure)
        application.remember(record, 0.0)
        response = gate.error(failure, request_id)
        length = (b"content-length", b"%d" % len(response.body))
        lines = [b"%b: %b\r\n" % header for header in (*response.headers, length, (b"connection", b"close"))]
        return b"".join([STATUS_LINES[400], self.date_line, *lines, b"\r\n", response.body])

    # --- those who take their time

    def sweep(self, now: float) -> None:
        """Close the connection if its other end takes longer than anyone needs to.

        Args:
            now: of the event loop's clock.
        """
        if self._over:
            return
        if self.write_paused:
            if now - self._write_paused_since > WRITE_SECONDS:
                self.abort()
        elif not self._in_head:
            if now - self._since > BODY_SECONDS + self._body_received / BODY_BYTES_PER_SECOND:
                self.refuse("the body did not arrive in time")
        elif self._running is not None and not self._running.complete:
            return
        elif now - self._since > (HEAD_SECONDS if self._head_received else IDLE_SECONDS):
            self.close()


def _address(name: object) -> tuple[str, int] | None:
    """Of an IP socket; a Unix socket has none."""
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else None
