"""One request and its answer, as ASGI carries them; and the last stage, respond."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from gatepass.http import Request, Response
from gatepass.principal import Principal
from gatepass.wire.gate import identifiers

if TYPE_CHECKING:
    from gatepass.gateway.authorizer import Decision
    from gatepass.gateway.routing import Routed

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_WITHOUT_BODY = frozenset({204, 304})


class Exchange:
    """What an integration gets beside the decision.

    Attributes:
        scope: ASGI's, as it came.
        now: when the request arrived, seconds since the epoch, UTC.
        status: of the answer, once it has begun; 0 before.
        stage: the last one reached.
        request, routed, principal, decision: what is known so far.
        notes: why, for the decision record; they never reach the caller.
    """

    __slots__ = (
        *("_body", "_receive", "_send", "decision", "notes", "now", "principal", "request", "request_id", "routed"),
        *("scope", "stage", "status"),
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send, request_id: str, now: float) -> None:
        self.scope = scope
        self.request_id = request_id
        self.now = now
        self.status = 0
        self.stage = "route"
        self.request: Request | None = None
        self.routed: Routed | None = None
        self.principal: Principal | None = None
        self.decision: Decision | None = None
        self.notes: tuple[str, ...] = ()
        self._receive = receive
        self._send = send
        self._body: bytes | None = None

    def note(self, text: str) -> None:
        self.notes = (*self.notes, text)

    def replay(self, body: bytes) -> None:
        """Let `receive` give this body, which was read before."""
        self._body = body

    async def receive(self) -> Message:
        """ASGI's receive: the body that was verified, whole, then what the server has to say."""
        body = self._body
        if body is None:
            return await self._receive()
        self._body = None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        """ASGI's send: the app's answer, with the identifiers that every answer of an API has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), *identifiers(self.request_id)]
            message = {"type": "http.response.start", "status": self.status, "headers": headers}
        await self._send(message)

    async def respond(self, response: Response) -> None:
        """The last stage: a whole answer."""
        self.status = status = response.status
        body, headers = response.body, list(response.headers)
        if status in _WITHOUT_BODY:
            body = b""
        else:
            headers.append((b"content-length", b"%d" % len(body)))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})
