"""Hands requests to an ASGI app, in this process and event loop."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any

from gatepass.errors import InternalFailure
from gatepass.gateway.authorizer import Decision
from gatepass.gateway.exchange import ANSWER, AsgiApp, Exchange, Scope
from gatepass.gateway.integrations.invocation import Function, LambdaContext, event_of, method_of
from gatepass.http import Headers, Response
from gatepass.wire.event import is_signature

RESERVED = b"x-gatepass-"
EVENT, CONTEXT = "aws.event", "aws.context"
_LATE = frozenset({EVENT, CONTEXT})

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
        scope = LateScope(exchange.scope, decision, exchange, self._function)
        scope["root_path"] = method_of(decision).root_path
        scope["headers"] = _headers(decision, exchange.request_id)
        scope["state"] = dict(self._state)
        try:
            await self._app(scope, exchange.receiver(decision.request.body), exchange.sender())
        except Exception as failure:
            if exchange.status:
                raise  # the answer has begun: the server can only cut it off
            logger.exception("the app raised an exception (request %s)", exchange.request_id)
            raise InternalFailure(detail=f"the app raised {type(failure).__name__}") from failure
        if not exchange.status:
            raise InternalFailure(detail="the app returned without an answer")
        return None


class LateScope(dict[str, Any]):
    """A scope whose `aws.event` and `aws.context` are made when someone asks for them: most apps never do.

    Whoever lists or copies it gets them, too.
    """

    __slots__ = ("_late",)

    def __init__(self, scope: Scope, decision: Decision, exchange: Exchange, function: Function) -> None:
        dict.__init__(self, scope)
        dict.pop(self, ANSWER, None)
        self._late: tuple[Decision, Exchange, Function] | None = (decision, exchange, function)

    def _make(self) -> None:
        late, self._late = self._late, None
        if late is not None:
            decision, exchange, function = late
            self.setdefault(EVENT, event_of(decision, exchange))
            self.setdefault(CONTEXT, LambdaContext(exchange.request_id, function))

    def __missing__(self, key: str) -> Any:
        if key in _LATE and self._late is not None:
            self._make()
            return self[key]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (key in _LATE and self._late is not None)

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

    def copy(self) -> dict[str, Any]:
        return dict(self.items())

    __copy__ = copy

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (self.copy(),)


def _after_making(name: str) -> Callable[..., Any]:
    method = getattr(dict, name)

    @functools.wraps(method)
    def made(scope: LateScope, *given: Any, **named: Any) -> Any:
        scope._make()
        return method(scope, *given, **named)

    return made


for _name in (
    *("__eq__", "__iter__", "__len__", "__ne__", "__or__", "__repr__", "__reversed__", "__ror__", "clear", "items"),
    *("keys", "pop", "popitem", "values"),
):
    setattr(LateScope, _name, _after_making(_name))


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
