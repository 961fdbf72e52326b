"""One request and its answer on a connection: what ASGI's `receive` and `send` do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from gatepass.gateway.exchange import ANSWER, AsgiApp, Message, Scope
from gatepass.http import Headers

if TYPE_CHECKING:
    from gatepass.server.protocol import GateProtocol

MOST_WAITING = 64 * 1024
"""Bytes of a body that arrive before someone asks for them."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
BROKEN = (
    b"HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: 36\r\n"
    b'connection: close\r\n\r\n{"message": "Internal server error"}'
)

logger = logging.getLogger("gatepass.server")


def _status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()


STATUS_LINES = {status: _status_line(status) for status in range(100, 600)}
_WITHOUT_BODY = frozenset({204, 304})
_OF_CONNECTION = frozenset({b"content-length", b"transfer-encoding", b"connection"})


class Cycle:
    """One request and its answer.

    Attributes:
        more_body: the request's body is not complete.
        disconnected: nobody is there to answer.
        started, complete: of the answer.
        status, more_lines: what the gate wants to know of the answer, and to add to its head.
    """

    __slots__ = (
        *("_body", "_chunked", "_delivered", "_expects_continue", "_head", "_is_head", "_left", "_may_chunk"),
        *("_protocol", "_waiter", "complete", "disconnected", "keep_alive", "more_body", "more_lines", "started"),
        *("status", "task"),
    )

    def __init__(self, protocol: GateProtocol, scope: Scope, *, keep_alive: bool, expects_continue: bool) -> None:
        # INVARIANT: it does not keep the scope, which keeps it: only the garbage collector could free such a pair.
        scope[ANSWER] = self
        self.keep_alive = keep_alive
        self.more_body = True
        self.disconnected = False
        self.started = False
        self.complete = False
        self.status = 0
        self.more_lines = b""
        self.task: asyncio.Task[None] | None = None
        self._protocol = protocol
        self._expects_continue = expects_continue
        self._is_head = scope["method"] == "HEAD"
        self._may_chunk = scope["http_version"] == "1.1"
        self._body = b""
        self._delivered = False
        self._waiter: asyncio.Future[None] | None = None
        self._head: bytes | None = None
        self._left: int | None = None
        self._chunked = False

    async def run(self, app: AsgiApp, scope: Scope) -> None:
        """Let the application answer; an answer it leaves unfinished ends the connection."""
        try:
            await app(scope, self.receive, self.send)
        except Exception:
            logger.exception("the application raised an exception")
        if not self.complete and not self.disconnected:
            self.complete = True
            if not self.started or self._head is not None:
                self._protocol.write(BROKEN)
            self._protocol.close()

    # --- the request

    def feed(self, body: bytes) -> int:
        """A part of the body arrived; gives how many bytes wait."""
        self._body = self._body + body if self._body else body
        self.wake()
        return len(self._body)

    def finish(self) -> None:
        """The whole body arrived."""
        self.more_body = False
        self.wake()

    def disconnect(self) -> None:
        """Nobody is there any more."""
        self.disconnected = True
        self.wake()

    def wake(self) -> None:
        """Something changed that `receive` may be waiting for."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def receive(self) -> Message:
        while True:
            if self.disconnected or self.complete:
                return {"type": "http.disconnect"}
            if self._body or not (self.more_body or self._delivered):
                body, self._body = self._body, b""
                self._delivered = not self.more_body
                self._protocol.resume_reading()
                return {"type": "http.request", "body": body, "more_body": self.more_body}
            if self._expects_continue and not self.started:
                self._expects_continue = False
                self._protocol.write(CONTINUE)
            self._waiter = self._protocol.loop.create_future()
            await self._waiter

    def whole_body(self) -> bytes | None:
        """The body, if all of it is here and nobody has had it: then there is no need to wait for it."""
        if self.more_body or self._delivered or self.disconnected:
            return None
        body, self._body = self._body, b""
        self._delivered = True
        return body

    # --- the answer

    async def send(self, message: Message) -> None:
        if self._protocol.write_paused:
            await self._protocol.drained()
        if self.disconnected:
            return
        if message["type"] == "http.response.body" and self.started and not self.complete:
            self._send_body(message.get("body", b""), message.get("more_body", False))
        elif message["type"] == "http.response.start" and not self.started:
            self._send_start(message["status"], message.get("headers", ()))
        else:
            raise RuntimeError(f"`{message['type']}` is not what an answer goes on with")

    def answer(self, status: int, headers: Headers, body: bytes) -> bool:
        """A whole answer at once; false if its client does not read what was written so far: it must be waited for."""
        if self._protocol.write_paused or self.started:
            return False
        if not self.disconnected:
            self._send_start(status, headers)
            self._send_body(body, False)
        return True

    def _send_start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """The head; if the body's length is known, it waits for the body and is written with it."""
        lines = [STATUS_LINES[status], self._protocol.date_line, self.more_lines]
        length: bytes | None = None
        for name, value in headers:
            key = name.lower()
            if key not in _OF_CONNECTION:
                lines.append(key + b": " + value + b"\r\n")
            elif key == b"content-length":
                length = value
            elif key == b"connection" and b"close" in value.lower():
                self.keep_alive = False
        if status in _WITHOUT_BODY:
            self._is_head = True
            length = length if status == 304 else None
        if length is not None:
            self._left = int(length)
            lines.append(b"content-length: " + length + b"\r\n")
        elif not self._is_head:
            self._chunked = self._may_chunk
            if self._chunked:
                lines.append(b"transfer-encoding: chunked\r\n")
            else:
                self.keep_alive = False
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        lines.append(b"\r\n")
        head = b"".join(lines)
        expected = len(lines) - 1 + self.more_lines.count(b"\n")
        if head.count(b"\n") != expected or head.count(b"\r") != expected or b"\0" in head:
            raise RuntimeError("a header of the answer holds a line end")
        self.started = True
        self.status = status
        if length is None and not self._is_head:
            self._protocol.write(head)
        else:
            self._head = head

    def _send_body(self, body: bytes, more: bool) -> None:
        if self._is_head:
            body = b""
        elif self._chunked:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (b"" if more else b"0\r\n\r\n")
        elif self._left is not None:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("the body is not as long as its Content-Length")
        if self._head is not None:
            body, self._head = self._head + body, None
        if more:
            if body:
                self._protocol.write(body)
            return
        self.complete = True
        self.wake()
        if body:
            self._protocol.write_last(body)
        self._protocol.answered(self)
