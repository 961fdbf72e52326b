"""HTTP/1.1 as the gate speaks it: uvicorn's protocol on httptools, with what it lacks to stand in front of others.

Heads are cut off while they arrive, what one reader takes for a request no other takes for two, and who sends or reads
slowly does not stay for ever. What is refused is refused in API Gateway's words, once, and the connection is closed.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, NoReturn, cast

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gatepass.errors import BadRequest
from gatepass.gateway.decisions import Record
from gatepass.wire import gate

if TYPE_CHECKING:
    from gatepass.server.asgi import Application

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
_UVICORNS_WORDS = "Invalid HTTP request received."
_TARGET = re.compile(rb"/[!\"$-~]*")


class Refused(Exception):
    """The request's head cannot be taken; the text says why."""


class GateProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._running: RequestResponseCycle | None = None
        self._in_head = True
        self._head_received = 0
        self._body_received = 0
        self._discarded = 0
        self._why = "this is not HTTP/1.1"
        self._over = False
        self._since = self.loop.time()
        self._write_paused_since: float | None = None

    # --- what arrives

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        if self._in_head:
            if not self._head_received:
                self._since = self.loop.time()
            self._head_received += len(data)
        super().data_received(data)
        if self._in_head and self._head_received > MOST_HEAD and not self._over:
            self.send_400_response(f"the head has more than {MOST_HEAD} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # a trailer: it was not there when the request was judged
        if len(value) > MOST_HEADER:
            self._refuse(f"a header has more than {MOST_HEADER} bytes")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._check_head()
        self._in_head = False
        self._head_received = self._body_received = self._discarded = 0
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False  # what follows is not HTTP/1.1

    def on_body(self, body: bytes) -> None:
        self._body_received += len(body)
        if not self.cycle.response_complete:
            super().on_body(body)
            return
        self._discarded += len(body)
        if self._discarded > MOST_DISCARDED:
            self.transport.abort()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = True

    def _check_head(self) -> None:
        """Raises: Refused."""
        version = self.parser.get_http_version()
        if version not in ("1.1", "1.0"):
            self._refuse(f"HTTP/{version} is not spoken here")
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 and (hosts or version == "1.1"):
            self._refuse(f"the request has {len(hosts)} Host headers")
        if self._head_received > MOST_HEAD:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > MOST_HEAD:
                self._refuse(f"the head has more than {MOST_HEAD} bytes")
        absolute = _ABSOLUTE.fullmatch(self.url)
        if absolute is not None:
            if not hosts or absolute[1].lower() != hosts[0].strip().lower():
                self._refuse("the target's authority is not the Host")
            self.url = absolute[2] if absolute[2][:1] == b"/" else b"/" + absolute[2]
        if not _TARGET.fullmatch(self.url):
            self._refuse("the target is not a path")

    def _refuse(self, why: str) -> NoReturn:
        self._why = why
        raise Refused(why)

    # --- what is answered

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Start the next pipelined request. Idle connections are swept: no timer for each answer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self._since = self.loop.time()
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def send_400_response(self, msg: str) -> None:
        """End the connection; say why in API Gateway's words, unless that could be taken for another answer."""
        if self._over:
            return
        self._over = True
        answer = self._answer(self._why if msg == _UVICORNS_WORDS else msg)
        running = self._running
        if running is None or running.response_complete:
            self.transport.write(answer)
            self.transport.close()
        elif not running.more_body:  # that request is complete, and its answer on the way
            running.keep_alive = False
            self.pipeline.clear()
        else:
            if not running.response_started:
                self.transport.write(answer)
            running.disconnected = True
            running.message_event.set()
            self.transport.close()

    def _answer(self, why: str) -> bytes:
        application = cast("Application", self.app)
        failure = BadRequest(detail=why)
        request_id = application.request_ids()
        source_ip = self.client[0] if self.client else ""
        record = Record(request_id, application.clock(), "api", "route", 400, "", b"", source_ip, error=failure)
        application.remember(record, 0.0)
        response = gate.error(failure, request_id)
        length = (b"content-length", b"%d" % len(response.body))
        headers = [*self.server_state.default_headers, *response.headers, length, (b"connection", b"close")]
        lines = [b"%b: %b\r\n" % header for header in headers]
        return b"".join([STATUS_LINE[400], *lines, b"\r\n", response.body])

    def _unsupported_upgrade_warning(self) -> None:
        """Upgrades are ignored, as the specification allows; the connection ends with the answer."""

    # --- those who take their time

    def pause_writing(self) -> None:
        self._write_paused_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._write_paused_since = None
        super().resume_writing()

    def sweep(self, now: float) -> None:
        """Close the connection if its other end takes longer than anyone needs to.

        Args:
            now: of the event loop's clock.
        """
        if self.transport.is_closing():
            return
        if self._write_paused_since is not None:
            if now - self._write_paused_since > WRITE_SECONDS:
                self.transport.abort()
            return
        if self._in_head:
            idle = self.cycle is None or self.cycle.response_complete
            if idle and now - self._since > (HEAD_SECONDS if self._head_received else IDLE_SECONDS):
                self.transport.close()
            return
        allowed = BODY_SECONDS + self._body_received / BODY_BYTES_PER_SECOND
        if now - self._since > allowed:
            self.send_400_response("the body did not arrive in time")
