"""The gate's own paths: `/_gatepass/health`, `/_gatepass/metrics`, `/_gatepass/decisions/ID` (or `…/last`).

And `/.well-known/jwks_uri`, where AWS has the public keys of OpenID tokens.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatepass.errors import Forbidden, NoSuchEntity
from gatepass.gateway.authorizer import Decision
from gatepass.gateway.exchange import Exchange
from gatepass.gateway.routing import ToOwn
from gatepass.http import Response
from gatepass.server.metrics import CONTENT_TYPE as METRICS_TYPE
from gatepass.wire.gate import CONTENT_TYPE

if TYPE_CHECKING:
    from gatepass.server.asgi import Application

_DECISIONS = "decisions/"


def answer(decision: Decision, exchange: Exchange, application: Application) -> Response:
    """What the gate says about itself.

    Raises:
        Forbidden: there is no such path.
        NoSuchEntity: no decision of this id is kept.
    """
    assert isinstance(decision.routed, ToOwn)  # noqa: S101 (the other entrances have integrations)
    name, request_id = decision.routed.name, (b"x-amzn-requestid", exchange.request_id.encode())
    if decision.request.method in ("GET", "HEAD"):
        if name == "health":
            status, text = (200, "ok") if application.snapshot.is_current() else (503, "the store is away")
            return Response(status, [CONTENT_TYPE, request_id], b'{"status":"%b"}' % text.encode())
        if name == "metrics":
            return Response(200, [(b"content-type", METRICS_TYPE), request_id], application.metrics.text())
        if name.startswith(_DECISIONS):
            return Response(200, [CONTENT_TYPE, request_id], _decision(name[len(_DECISIONS) :], application))
    raise Forbidden(detail=f"the gate has no path `/_gatepass/{name}`")


def key_set(keys: bytes, exchange: Exchange) -> Response:
    """The public keys of OpenID tokens; whoever verifies them may keep these for an hour."""
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"public, max-age=3600")]
    return Response(200, [*headers, (b"x-amzn-requestid", exchange.request_id.encode())], keys)


def _decision(request_id: str, application: Application) -> bytes:
    kept = application.decisions
    record = kept.last() if request_id == "last" else kept.get(request_id)
    if record is None:
        raise NoSuchEntity(f"No decision about request {request_id} is kept.")
    return json.dumps(record.to_json(), ensure_ascii=False, separators=(",", ":")).encode()
