"""The ASGI application: takes a request through the five stages, answers it, and remembers what was decided."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

from gatepass.errors import InternalFailure, ServiceError
from gatepass.gateway.authorizer import Decision, PolicyDenied, authenticate, authorize, check
from gatepass.gateway.decisions import ALLOWED, Decisions, Record, outcome_of
from gatepass.gateway.exchange import Exchange, Receive, Scope, Send
from gatepass.gateway.judging import judge_of
from gatepass.gateway.routing import (
    KEY_SET,
    Ask,
    Operations,
    ToAnswer,
    ToApi,
    ToOperation,
    ToOwn,
    route,
    unrouted,
)
from gatepass.gateway.snapshot import Snapshot
from gatepass.gateway.uses import Uses
from gatepass.http import Request, Response
from gatepass.operation import Call, Judge, Permission
from gatepass.server import own
from gatepass.server.lifespan import Lifespan
from gatepass.server.logs import log_allowed, log_refusal
from gatepass.server.metrics import Gauges, Metrics
from gatepass.server.receiving import Arriving, Disconnected, body_of, request_of
from gatepass.server.request_ids import RequestIds

if TYPE_CHECKING:
    from gatepass.server.learning import Learning

logger = logging.getLogger("gatepass.server")

MakeCall = Callable[[Exchange, Judge], Call]
KeySet = Callable[[float], Awaitable[bytes]]


class Application:
    """The gate as an ASGI application: `http`, and `lifespan` for the app behind it.

    Args:
        snapshot: what decisions are made from; replaced as a whole when something changed.
        operations: the AWS operations served, by service and name.
        call: makes what an operation may use beside its input.
        key_set: the public keys of OpenID tokens, as they are published.
        lifespan: of the app behind the gate, if it has one.
        gauges: what `metrics` asks for when it is scraped.
        learning: counts the requests to IAM routes, if that is wanted.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        operations: Operations,
        call: MakeCall,
        key_set: KeySet,
        *,
        lifespan: Lifespan | None = None,
        decisions: Decisions | None = None,
        gauges: Gauges = dict,
        clock: Callable[[], float] = time,
        learning: Learning | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.decisions = Decisions() if decisions is None else decisions
        self.metrics = Metrics(gauges)
        self.request_ids = RequestIds()
        self.uses = Uses(snapshot.deployment.region)
        self.clock = clock
        self.log_allowed = logging.getLogger("gatepass.decisions").isEnabledFor(logging.DEBUG)
        self._operations = operations
        self._call = call
        self._key_set = key_set
        self._lifespan = lifespan
        self._learning = learning
        self._arriving = Arriving()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        began = perf_counter()
        exchange = Exchange(scope, receive, send, self.request_ids(), self.clock())
        failure: ServiceError | None = None
        try:
            body = exchange.whole_body()
            if body is None:
                body = await self._received(exchange)
            response = await self._integrated(exchange, request_of(scope, body))
            exchange.stage = "respond"
            if response is not None:
                await exchange.respond(response)
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
        if self._learning is not None:
            self._learning.see(exchange, failure)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            raise ValueError(f"the gate takes no `{scope['type']}` connections")
        await (self._lifespan or Lifespan()).serve(receive, send)

    async def _received(self, exchange: Exchange) -> bytes:
        """A body that is still arriving."""
        head = exchange.request = request_of(exchange.scope, b"")
        return await body_of(self.snapshot, self._operations, exchange, head, self._arriving)

    def _integrated(self, exchange: Exchange, request: Request) -> Awaitable[Response | None]:
        """Route, authenticate, authorize, integrate: until something is handed over, nothing is waited for."""
        snapshot = self.snapshot
        exchange.request = request
        routed = exchange.routed = route(snapshot, self._operations, request)

        exchange.stage = "authenticate"
        verified = authenticate(snapshot, routed, request, exchange.now)
        if verified is not None:
            exchange.principal = verified.principal
            self.uses.note(verified.principal, routed.service, exchange.now)

        exchange.stage = "authorize"
        if not isinstance(routed, ToOperation):
            return self._handed_over(authorize(snapshot, routed, request, verified, exchange.now), exchange)
        decided = partial(authorize, snapshot, routed, request, verified, exchange.now)
        call = self._call(exchange, judge_of(snapshot, request, verified, exchange.now))
        given = routed.given(request.body)
        if routed.asks is Ask.PERMISSION:
            return self._permitted(routed.served.permissions(call, given), decided, exchange, call, given)
        return self._handed_over(decided(), exchange, call, given)

    async def _permitted(
        self,
        permissions: Awaitable[Sequence[Permission]],
        decided: Callable[[Sequence[Permission]], Decision],
        exchange: Exchange,
        call: Call,
        given: Any,
    ) -> Response | None:
        """Authorize an operation, which may have to read the store to know what permissions it takes."""
        return await self._handed_over(decided(await permissions), exchange, call, given)

    def _handed_over(
        self, decision: Decision, exchange: Exchange, call: Call | None = None, given: Any = None
    ) -> Awaitable[Response | None]:
        """Hand over what was decided on.

        INVARIANT: without a decision about this very request, nothing behind is called.
        """
        exchange.stage = "integrate"
        check(decision, exchange.request)
        exchange.decision = decision
        routed = decision.routed
        if isinstance(routed, ToApi):
            return routed.integration(decision, exchange)
        if isinstance(routed, ToOperation):
            return routed.perform(call, given, exchange.request_id, exchange.now)
        return self._answered(decision, exchange)

    async def _answered(self, decision: Decision, exchange: Exchange) -> Response:
        """What the gate answers by itself."""
        routed = decision.routed
        if isinstance(routed, ToAnswer):
            return routed.response(exchange.request_id, exchange.now)
        if isinstance(routed, ToOwn) and routed.name == KEY_SET and decision.request.method in ("GET", "HEAD"):
            return own.key_set(await self._key_set(exchange.now), exchange)
        return own.answer(decision, exchange, self)

    async def _refuse(self, exchange: Exchange, failure: ServiceError) -> None:
        """Answer in the words of whoever was asked."""
        routed = exchange.routed or unrouted(self.snapshot, exchange.request)
        await exchange.respond(routed.refusal(failure, exchange.request_id, exchange.now))

    def remember(self, record: Record, seconds: float) -> None:
        """Keep, count and log what was decided."""
        failure = record.error
        if record.entrance != "own":
            self.decisions.add(record)
        if failure is None:
            self.metrics.count(record.entrance, ALLOWED, record.status, seconds)
            if self.log_allowed:
                log_allowed(record)
        else:
            self.metrics.count(record.entrance, outcome_of(failure), record.status, seconds)
            self.metrics.refuse(record.stage, failure.code)
            log_refusal(record, failure)


def _record(exchange: Exchange, failure: ServiceError | None) -> Record:
    routed, decision, request = exchange.routed, exchange.decision, exchange.request
    resource, verdict = (decision.resource, decision.verdict) if decision is not None else ("", None)
    if failure is not None and isinstance(failure, PolicyDenied):
        resource, verdict = failure.query.resource if failure.query is not None else "", failure.verdict
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
