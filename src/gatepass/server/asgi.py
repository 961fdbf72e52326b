"""The ASGI application: takes a request through the five stages, answers it, and remembers what was decided."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter, time
from typing import Any

from gatepass.errors import InternalFailure, ServiceError
from gatepass.gateway.authorizer import Decision, PolicyDenied, authenticate, authorize, check
from gatepass.gateway.decisions import Decisions, Record
from gatepass.gateway.exchange import Exchange, Receive, Scope, Send
from gatepass.gateway.routing import Operations, ToAnswer, ToApi, ToOperation, route, unrouted
from gatepass.gateway.snapshot import Snapshot
from gatepass.http import Response
from gatepass.operation import Call
from gatepass.server import own
from gatepass.server.lifespan import Lifespan
from gatepass.server.logs import log_allowed, log_refusal
from gatepass.server.metrics import Gauges, Metrics
from gatepass.server.receiving import Disconnected, head_of, whole_request
from gatepass.server.request_ids import RequestIds

logger = logging.getLogger("gatepass.server")

MakeCall = Callable[[Exchange], Call]


class Application:
    """The gate as an ASGI application: `http`, and `lifespan` for the app behind it.

    Args:
        snapshot: what decisions are made from; replaced as a whole when something changed.
        operations: the AWS operations served, by service and name.
        call: makes what an operation may use beside its input.
        lifespan: of the app behind the gate, if it has one.
        gauges: what `metrics` asks for when it is scraped.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        operations: Operations,
        call: MakeCall,
        *,
        lifespan: Lifespan | None = None,
        decisions: Decisions | None = None,
        gauges: Gauges = dict,
        clock: Callable[[], float] = time,
    ) -> None:
        self.snapshot = snapshot
        self.decisions = Decisions() if decisions is None else decisions
        self.metrics = Metrics(gauges)
        self.request_ids = RequestIds()
        self.clock = clock
        self._operations = operations
        self._call = call
        self._lifespan = lifespan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            await self._http(Exchange(scope, receive, send, self.request_ids(), self.clock()))
        elif kind == "lifespan":
            await (self._lifespan or Lifespan()).serve(receive, send)
        else:
            raise ValueError(f"the gate takes no `{kind}` connections")

    async def _http(self, exchange: Exchange) -> None:
        began = perf_counter()
        failure: ServiceError | None = None
        try:
            await self._stages(exchange)
        except ServiceError as refused:
            failure = refused
        except Disconnected:
            return
        except Exception as unexpected:
            if exchange.status:
                raise
            logger.exception("request %s broke the gate", exchange.request_id)
            failure = InternalFailure(detail=f"the gate raised {type(unexpected).__name__}")
        if failure is not None:
            await self._refuse(exchange, failure)
        self.remember(_record(exchange, failure), perf_counter() - began)

    async def _stages(self, exchange: Exchange) -> None:
        """Route, authenticate, authorize, integrate, respond."""
        snapshot = self.snapshot
        request = exchange.request = await whole_request(snapshot, self._operations, exchange)
        routed = exchange.routed = route(snapshot, self._operations, request)

        exchange.stage = "authenticate"
        verified = authenticate(snapshot, routed, request, exchange.now)
        exchange.principal = verified.principal if verified is not None else None

        exchange.stage = "authorize"
        call, given, resource = None, None, "*"
        if isinstance(routed, ToOperation):
            call, given = self._call(exchange), routed.given(request.body)
            resource = routed.resource(call, given)
        decision = authorize(snapshot, routed, request, verified, exchange.now, resource)
        exchange.decision = decision

        exchange.stage = "integrate"
        response = await self._integrate(decision, exchange, call, given)
        exchange.stage = "respond"
        if response is not None:
            await exchange.respond(response)

    async def _integrate(
        self, decision: Decision, exchange: Exchange, call: Call | None, given: Any
    ) -> Response | None:
        """Hand over what was decided on.

        INVARIANT: without a decision about this very request, nothing behind is called.
        """
        check(decision, exchange.request)
        routed = decision.routed
        if isinstance(routed, ToApi):
            exchange.replay(decision.request.body)
            return await routed.integration(decision, exchange)
        if isinstance(routed, ToOperation):
            return await routed.perform(call, given, exchange.request_id, exchange.now)
        if isinstance(routed, ToAnswer):
            return routed.response(exchange.request_id, exchange.now)
        return own.answer(decision, exchange, self)

    async def _refuse(self, exchange: Exchange, failure: ServiceError) -> None:
        """Answer in the words of whoever was asked."""
        routed = exchange.routed or unrouted(self.snapshot, exchange.request or head_of(exchange.scope))
        await exchange.respond(routed.refusal(failure, exchange.request_id, exchange.now))

    def remember(self, record: Record, seconds: float) -> None:
        """Keep, count and log what was decided."""
        failure = record.error
        self.metrics.count(record.entrance, record.outcome, record.status, seconds)
        if record.entrance != "own":
            self.decisions.add(record)
        if failure is not None:
            self.metrics.refuse(record.stage, failure.code)
            log_refusal(record, failure)
        else:
            log_allowed(record)


def _record(exchange: Exchange, failure: ServiceError | None) -> Record:
    routed, decision, request = exchange.routed, exchange.decision, exchange.request
    resource, verdict = (decision.resource, decision.verdict) if decision is not None else ("", None)
    if isinstance(failure, PolicyDenied):
        resource, verdict = failure.resource, failure.verdict
    raw_path = exchange.scope.get("raw_path") or b""
    entrance = "operation" if raw_path == b"/" else "api"
    return Record(
        exchange.request_id,
        exchange.now,
        entrance if routed is None else routed.entrance,
        exchange.stage,
        exchange.status,
        exchange.scope["method"],
        raw_path,
        request.source_ip if request is not None else "",
        exchange.principal,
        routed.action if routed is not None else "",
        resource,
        verdict,
        failure,
        exchange.notes,
    )
