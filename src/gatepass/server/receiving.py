"""A request as a value: its head as the server gives it and its body whole, before anyone judges it."""

from __future__ import annotations

from gatepass.errors import BadRequest, InternalFailure, RequestTooLarge
from gatepass.gateway.exchange import Exchange, Receive, Scope
from gatepass.gateway.routing import Ask, Operations, route
from gatepass.gateway.snapshot import Snapshot
from gatepass.http import Headers, Request

MOST = 10 * 1024 * 1024
"""Bytes of a body for an API."""
MOST_OF_OPERATION = 1024 * 1024
# INVARIANT: both are more than what the gate's own server lets wait in one piece (`cycle.MOST_WAITING` and a read).

_MAY_HAVE_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


MOST_ARRIVING = 256 * 1024 * 1024
"""Bytes of bodies that are arriving, for the process: beyond it a body is turned away, not waited for."""


class Arriving:
    """How many bytes of unfinished bodies are held."""

    def __init__(self, most: int = MOST_ARRIVING) -> None:
        self._most = most
        self.held = 0

    def hold(self, size: int) -> None:
        """Raises: InternalFailure, if there is no room."""
        if self.held + size > self._most:
            raise InternalFailure(detail=f"more than {self._most} bytes of bodies are arriving at once")
        self.held += size

    def let_go(self, size: int) -> None:
        self.held -= size


class Disconnected(Exception):
    """The client went away before its request was complete."""


def request_of(scope: Scope, body: bytes) -> Request:
    """The request; `body` is empty while it has not arrived.

    Raises: InternalFailure, if the server decodes paths: what was signed could not be known.
    """
    raw_path = scope.get("raw_path")
    if raw_path is None:
        raise InternalFailure(detail="the server gives no `raw_path`, without which no signature can be verified")
    client = scope.get("client")
    return Request(
        scope["method"],
        raw_path,
        scope["query_string"],
        scope["headers"],
        body,
        client[0] if client else "",
        scope.get("scheme") == "https",
    )


async def body_of(
    snapshot: Snapshot, operations: Operations, exchange: Exchange, head: Request, arriving: Arriving
) -> bytes:
    """The request's body, received from the server.

    Raises:
        RequestTooLarge, BadRequest: the body breaks a limit.
        AuthenticationError, Forbidden: more body would be read for nothing.
        InternalFailure: too many bodies are arriving.
        Disconnected: the client went away.
    """
    most = MOST_OF_OPERATION if head.path == b"/" else MOST
    if head.method in _MAY_HAVE_BODY:
        _check_length(head.headers, most)
    message = await exchange.receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        if most == MOST:
            _check_worth_reading(snapshot, operations, head, exchange.now)
        body = await _rest(exchange.receive, body, most, arriving)
    elif len(body) > most:
        raise _too_large(most)
    return body


def _check_length(headers: Headers, most: int) -> None:
    """By what is announced, before anything is read."""
    for name, value in headers:
        if name == b"content-length":
            if not value.isdigit():
                raise BadRequest(detail="the Content-Length is not a number")
            if len(value) > len(str(most)) or int(value) > most:
                raise _too_large(most)


def _check_worth_reading(snapshot: Snapshot, operations: Operations, head: Request, now: float) -> None:
    """A long body is read for those only whose head is in order: a known key, a date of today, the right scope."""
    routed = route(snapshot, operations, head)
    if routed.asks is not Ask.NOTHING:
        snapshot.verifiers[routed.service].check(head, now)


async def _rest(receive: Receive, first: bytes, most: int, arriving: Arriving) -> bytes:
    parts, size, more = [first], len(first), True
    arriving.hold(size)  # what cannot be held is not let go
    try:
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            parts.append(message.get("body", b""))
            arriving.hold(len(parts[-1]))
            size += len(parts[-1])
            if size > most:
                raise _too_large(most)
            more = message.get("more_body", False)
    finally:
        arriving.let_go(size)
    return b"".join(parts)


def _too_large(most: int) -> RequestTooLarge:
    return RequestTooLarge(detail=f"the body has more than {most} bytes")
