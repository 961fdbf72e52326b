"""One request and its answer, as ASGI carries them; and the last stage, respond."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Protocol

from gatepass.http import Headers, Request, Response
from gatepass.principal import Principal
from gatepass.wire.gate import identifier_lines, identifiers

if TYPE_CHECKING:
    from gatepass.gateway.authorizer import Decision
    from gatepass.gateway.routing import Routed

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

ANSWER = "gatepass.answer"
"""Where the gate's own server puts the `Answer` into the scope: what is sent then need not pass through here."""

_WITHOUT_BODY = frozenset({204, 304})


class Answer(Protocol):
    """An answer as the server sees it.

    Attributes:
        status: 0 until it has begun.
        more_lines: of HTTP/1.1, to be added to the head.
    """

    status: int
    more_lines: bytes

    def whole_body(self) -> bytes | None:
        """The request's body, if it is complete and was not received yet."""

    def answer(self, status: int, headers: Headers, body: bytes) -> bool:
        """A whole answer, written at once; false if the client is too slow for that: then it must be sent."""


class _Sent:
    """The answer, where the server does not keep one."""

    __slots__ = ("more_lines", "status")

    def __init__(self) -> None:
        self.status = 0
        self.more_lines = b""

    def whole_body(self) -> bytes | None:
        return None

    def answer(self, status: int, headers: Headers, body: bytes) -> bool:
        return False


class Exchange:
    """What an integration gets beside the decision.

    Attributes:
        scope: ASGI's, as it came.
        now: when the request arrived, seconds since the epoch, UTC.
        stage: the last one reached.
        request, routed, principal, decision: what is known so far.
        receive: ASGI's, from the server.
        notes: why, for the decision record; they never reach the caller.
    """

    __slots__ = (
        *("_body", "_send", "answer", "decision", "notes", "now", "principal", "receive", "request", "request_id"),
        *("routed", "scope", "stage"),
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send, request_id: str, now: float) -> None:
        self.scope = scope
        self.request_id = request_id
        self.now = now
        self.stage = "route"
        self.answer: Answer | None = scope.get(ANSWER)
        self.request: Request | None = None
        self.routed: Routed | None = None
        self.principal: Principal | None = None
        self.decision: Decision | None = None
        self.notes: tuple[str, ...] = ()
        self.receive = receive
        self._send = send
        self._body: bytes | None = None

    @property
    def status(self) -> int:
        """Of the answer, once it has begun; 0 before."""
        return self.answer.status if self.answer is not None else 0

    def note(self, text: str) -> None:
        self.notes = (*self.notes, text)

    def whole_body(self) -> bytes | None:
        """The request's body, if the server has it complete; else it must be received."""
        return self.answer.whole_body() if self.answer is not None else None

    def receiver(self, body: bytes) -> Receive:
        """ASGI's receive for an app: the body that was verified, whole, then what the server has to say."""
        self._body = body
        return self._replay

    async def _replay(self) -> Message:
        body = self._body
        if body is None:
            return await self.receive()
        self._body = None
        return {"type": "http.request", "body": body, "more_body": False}

    def sender(self) -> Send:
        """ASGI's send for an app: its answer, with the identifiers that every answer of an API has."""
        if self.answer is not None:
            self.answer.more_lines = identifier_lines(self.request_id)
            return self._send
        self.answer = _Sent()
        return self._add_and_send

    async def _add_and_send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self.answer is not None:
            self.answer.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), *identifiers(self.request_id)]}
        await self._send(message)

    async def respond(self, response: Response) -> None:
        """The last stage: a whole answer."""
        status, headers, body = response
        if status in _WITHOUT_BODY:
            body = b""
        else:
            headers = [*headers, (b"content-length", b"%d" % len(body))]
        if self.answer is None:
            self.answer = _Sent()
        self.answer.more_lines = b""
        self.answer.status = status
        if self.answer.answer(status, headers, body):
            return
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})
