"""What stands behind the gate: ways to hand a request over once it was decided on.

An integration gets a `Decision` and an `Exchange`. It either gives a `Response`, or sends the answer itself and gives
None. It knows nothing of signatures and policies, and asks no questions about the caller: the decision says who it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gatepass.gateway.authorizer import Decision
    from gatepass.gateway.exchange import Exchange
    from gatepass.http import Response


class Integration(Protocol):
    """Serves the requests of a route."""

    async def __call__(self, decision: Decision, exchange: Exchange) -> Response | None: ...


__all__ = ["Integration"]
