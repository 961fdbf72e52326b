"""The gate: what a request is for, who sent it, whether it may, and the handing over to what serves it.

This room owns routes, the snapshot that decisions are made from, the authorizer, the ring of decisions, and the ways
to call an app (`integrations/`). It knows nothing of sockets, settings or processes, and no operation's meaning.

One request, five stages, each a function, the same for every entrance::

    route        routing.route               which API and method, which operation, or which own path
    authenticate authorizer.authenticate     whose signature it carries
    authorize    authorizer.authorize        whether all policies together allow it: gives a Decision, or raises
    integrate    integrations, operations    only with a Decision in hand
    respond      Exchange.respond            what goes back
"""

from gatepass.gateway.authorizer import Decision, authenticate, authorize
from gatepass.gateway.decisions import Decisions, Record
from gatepass.gateway.routes import Protection, Route, RouteTable
from gatepass.gateway.routing import Routed, route
from gatepass.gateway.snapshot import Api, Snapshot

__all__ = [
    "Api",
    "Decision",
    "Decisions",
    "Protection",
    "Record",
    "Route",
    "RouteTable",
    "Routed",
    "Snapshot",
    "authenticate",
    "authorize",
    "route",
]
