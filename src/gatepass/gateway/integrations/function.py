"""Hands requests to a Lambda-style handler: `handler(event, context)` in this process, on a thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from gatepass.errors import InternalFailure, MalformedIntegrationResponse
from gatepass.gateway.authorizer import Decision
from gatepass.gateway.exchange import Exchange
from gatepass.gateway.integrations.invocation import Function, LambdaContext, event_of, method_of
from gatepass.gateway.integrations.threads import HandlerFailed, HandlerThreads, TooManyHandlers
from gatepass.http import Response
from gatepass.wire.event import Event, proxy_response
from gatepass.wire.gate import identifiers

Handler = Callable[[Event, LambdaContext], object]

logger = logging.getLogger("gatepass.app")


class FunctionIntegration:
    """A handler that takes proxy events and gives proxy answers."""

    def __init__(self, handler: Handler, function: Function, threads: HandlerThreads) -> None:
        self._handler = handler
        self._function = function
        self._threads = threads

    async def __call__(self, decision: Decision, exchange: Exchange) -> Response | None:
        event = event_of(decision, exchange)
        context = LambdaContext(exchange.request_id, self._function)
        try:
            result = await self._threads.run(self._handler, event, context)
        except TooManyHandlers as failure:
            raise InternalFailure(detail=f"{self._threads.most} handlers are at work already") from failure
        except HandlerFailed as failed:
            cause = failed.__cause__
            logger.error("the handler raised an exception (request %s)", exchange.request_id, exc_info=cause)
            raise MalformedIntegrationResponse(detail=f"the handler raised {type(cause).__name__}") from failed
        binary = method_of(decision).api.binary
        status, headers, body = proxy_response(result, decision.request.header(b"accept"), binary)
        return Response(status, [*headers, *identifiers(exchange.request_id)], body)
