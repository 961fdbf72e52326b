"""Answers a browser's preflight as the mock integration does that Chalice deploys for `cors=True`."""

from __future__ import annotations

from collections.abc import Mapping

from gatepass.gateway.authorizer import Decision
from gatepass.gateway.exchange import Exchange
from gatepass.http import Response
from gatepass.wire.gate import CONTENT_TYPE, identifiers


class PreflightIntegration:
    """Always the same headers, and no body.

    Args:
        headers: the `access-control-*` headers by name.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())

    async def __call__(self, decision: Decision, exchange: Exchange) -> Response | None:
        return Response(200, [CONTENT_TYPE, *self._headers, *identifiers(exchange.request_id)])
