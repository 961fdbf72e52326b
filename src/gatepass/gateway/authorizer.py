"""Who sent a request, and whether it may: the only place that makes decisions.

INVARIANT: nothing reaches an integration without a `Decision`, and a `Decision` is made here alone, only for what is
allowed. Everything else is raised.
"""

from __future__ import annotations

from typing import NoReturn, final

from gatepass.errors import AccessDenied, MissingAuthenticationToken
from gatepass.gateway.context import RequestContext
from gatepass.gateway.paths import other_readings
from gatepass.gateway.routing import Ask, Routed, ToApi
from gatepass.gateway.snapshot import Snapshot, Standing
from gatepass.http import Request
from gatepass.policy import Query, Verdict, evaluate
from gatepass.sigv4 import EMPTY_PAYLOAD_HASH, Verified, payload_hash
from gatepass.wire import gate

_SEAL = object()
_ANY_RESOURCE = "*"


class NoRoute(MissingAuthenticationToken):
    """No method of the API has this path and verb; API Gateway says it like this."""

    hint = "compare path and verb with the API's routes"


class PolicyDenied(AccessDenied):
    """No policy allows it, or one denies it."""

    def __init__(self, message: str, resource: str, verdict: Verdict, *, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.resource = resource
        self.verdict = verdict


@final
class Decision:
    """That a request may go where it was routed. Only `authorize` can make one.

    Attributes:
        standing: the verified caller; None where nothing was asked.
        resource: what the permission was for; empty where none was needed.
        verdict: the policies' answer; None where they were not asked.
    """

    __slots__ = ("request", "resource", "routed", "standing", "verdict")

    def __init__(
        self,
        seal: object,
        request: Request,
        routed: Routed,
        standing: Standing | None,
        resource: str,
        verdict: Verdict | None,
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("only the authorizer makes decisions")
        self.request = request
        self.routed = routed
        self.standing = standing
        self.resource = resource
        self.verdict = verdict


def check(decision: object, request: Request | None) -> None:
    """Raises: TypeError, unless this is a decision about this very request."""
    if type(decision) is not Decision or decision.request is not request:
        raise TypeError("no decision was made about this request")


def authenticate(snapshot: Snapshot, routed: Routed, request: Request, now: float) -> Verified | None:
    """The second stage: what the request's signature proves; None where none is asked for.

    Raises: an AuthenticationError, or BadRequest.
    """
    if routed.asks is Ask.NOTHING:
        return None
    digest = payload_hash(request.body) if request.body else EMPTY_PAYLOAD_HASH
    try:
        return snapshot.verifiers[routed.service].verify(request, digest, now)
    except MissingAuthenticationToken:
        if isinstance(routed, ToApi) and routed.match is None:
            raise _no_route(routed, request) from None
        raise


def authorize(
    snapshot: Snapshot,
    routed: Routed,
    request: Request,
    verified: Verified | None,
    now: float,
    resource: str = _ANY_RESOURCE,
) -> Decision:
    """The third stage: whether all policies together allow it. Awaits nothing and reads no database.

    Args:
        resource: what an operation's permission is asked for; a method's follows from the request.

    Raises:
        MissingAuthenticationToken: the path has no route: API Gateway's words for it.
        UnrecognizedClient: the session was taken back.
        AccessDenied: it is not allowed.
    """
    asks = routed.asks
    if asks is Ask.NOTHING:
        return Decision(_SEAL, request, routed, None, "", None)
    if verified is None:
        raise MissingAuthenticationToken(detail="nobody authenticated the request")
    standing = snapshot.standing(verified.principal)
    if isinstance(routed, ToApi):
        if routed.match is None:
            raise _no_route(routed, request)
        return _authorize_method(snapshot, routed, request, verified, standing, now)
    if asks is Ask.ROOT and standing.principal.kind != "root":
        verdict = Verdict("implicitDeny", None)
        message = gate.denial(standing.caller.arn, routed.action, resource, "identity", explicit=False)
        raise PolicyDenied(message, resource, verdict, detail="only the administrator may")
    if asks is not Ask.PERMISSION:
        return Decision(_SEAL, request, routed, standing, "", None)
    context = RequestContext(request, standing.principal, verified.signed_headers, snapshot.deployment.region, now)
    query = Query(routed.action, resource, standing.caller, snapshot.deployment.account, context)
    verdict = evaluate(standing.policies, query)
    if verdict.outcome != "allowed":
        _deny(standing, routed.action, resource, resource, verdict)
    return Decision(_SEAL, request, routed, standing, resource, verdict)


def _authorize_method(
    snapshot: Snapshot, routed: ToApi, request: Request, verified: Verified, standing: Standing, now: float
) -> Decision:
    """`execute-api:Invoke` on the method, by the path as it was received.

    A Deny for another spelling of the same path counts too: who wrote it meant the resource.
    """
    deployment = snapshot.deployment
    path = routed.path.decode("latin-1")[1:]
    resource = routed.api.method_arn(request.method, path)
    context = RequestContext(request, standing.principal, verified.signed_headers, deployment.region, now)
    verdict = evaluate(standing.policies, Query(routed.action, resource, standing.caller, deployment.account, context))
    if verdict.outcome == "allowed":
        for reading in other_readings(path):
            other = routed.api.method_arn(request.method, reading)
            second = evaluate(
                standing.policies, Query(routed.action, other, standing.caller, deployment.account, context)
            )
            if second.outcome == "explicitDeny":
                verdict = second
                break
    if verdict.outcome != "allowed":
        _deny(standing, routed.action, resource, gate.masked(resource), verdict)
    return Decision(_SEAL, request, routed, standing, resource, verdict)


def _deny(standing: Standing, action: str, resource: str, printed: str, verdict: Verdict) -> NoReturn:
    limit = verdict.policy_type.value if verdict.policy_type is not None else "identity"
    message = gate.denial(standing.caller.arn, action, printed, limit, explicit=verdict.outcome == "explicitDeny")
    raise PolicyDenied(message, resource, verdict, detail=standing.unreadable)


def _no_route(routed: ToApi, request: Request) -> NoRoute:
    return NoRoute(detail=f"there is no route for {request.method} {routed.path.decode('latin-1') or '/'}")
