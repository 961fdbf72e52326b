"""Hands requests to an ASGI app, in this process and event loop."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from gatepass.errors import InternalFailure
from gatepass.gateway.authorizer import Decision
from gatepass.gateway.exchange import AsgiApp, Exchange
from gatepass.gateway.integrations.invocation import Function, LambdaContext, event_of, method_of
from gatepass.http import Headers, Response
from gatepass.wire.event import is_signature

RESERVED = b"x-gatepass-"

logger = logging.getLogger("gatepass.app")


class AsgiIntegration:
    """An ASGI app that serves every route of an API; the stage is its `root_path`.

    Args:
        state: what its lifespan wants every request's scope to hold.
    """

    def __init__(self, app: AsgiApp, function: Function, state: Mapping[str, Any]) -> None:
        self._app = app
        self._function = function
        self._state = state

    async def __call__(self, decision: Decision, exchange: Exchange) -> Response | None:
        scope = dict(exchange.scope)
        scope["root_path"] = method_of(decision).base.decode("latin-1")
        scope["headers"] = _headers(decision, exchange.request_id)
        scope["state"] = dict(self._state)
        scope["aws.event"] = event_of(decision, exchange)
        scope["aws.context"] = LambdaContext(exchange.request_id, self._function)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception as failure:
            if exchange.status:
                raise  # the answer has begun: the server can only cut it off
            logger.exception("the app raised an exception (request %s)", exchange.request_id)
            raise InternalFailure(detail=f"the app raised {type(failure).__name__}") from failure
        if not exchange.status:
            raise InternalFailure(detail="the app returned without an answer")
        return None


def _headers(decision: Decision, request_id: str) -> Headers:
    """What arrived, without a signature and without what only the gate may say; then who the caller is."""
    own = (b"x-gatepass-request-id", request_id.encode())
    if decision.standing is None:
        return [*(header for header in decision.request.headers if _may_pass(*header)), own]
    # Whoever signed could not send a reserved header, nor an Authorization that is not the signature.
    return [
        *[header for header in decision.request.headers if header[0] != b"authorization"],
        *decision.standing.headers,
        own,
    ]


def _may_pass(name: bytes, value: bytes) -> bool:
    """A reader that cannot tell `_` from `-` must not be told of a caller either."""
    if name.replace(b"_", b"-").lower().startswith(RESERVED):
        return False
    return name != b"authorization" or not is_signature(value)
