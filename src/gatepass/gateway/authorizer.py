"""Who sent a request, and whether it may: the only place that makes decisions.

INVARIANT: nothing reaches an integration without a `Decision`, and a `Decision` is made here alone, only for what is
allowed. Everything else is raised.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import NoReturn, SupportsIndex, final

from gatepass.errors import (
    AccessDenied,
    MissingAuthenticationToken,
    StoreUnavailable,
    UnrecognizedClient,
)
from gatepass.gateway.headers import proven_header
from gatepass.gateway.paths import other_readings
from gatepass.gateway.routing import Ask, Routed, ToApi, ToOperation
from gatepass.gateway.snapshot import Snapshot
from gatepass.gateway.standing import Standing
from gatepass.http import Request
from gatepass.operation import Permission
from gatepass.policy import Context, ContextValue, PolicyType, Query, RequestContext, Verdict, denial_message, evaluate
from gatepass.sigv4 import EMPTY_PAYLOAD_HASH, Verified, payload_hash

_SEAL = object()
_ASKS_THE_STORE = (Ask.SIGNATURE, Ask.PERMISSION)
_ANY_RESOURCE = "*"
_NO_CONTEXT = Context()
Keys = Mapping[str, ContextValue | None]
_NO_KEYS: Keys = {}
_ALL_HEADERS = frozenset({b"user-agent", b"referer"})
"""To explain a denial: nothing is decided by them any more."""


class NoRoute(MissingAuthenticationToken):
    """No method of the API has this path and verb; API Gateway says it like this."""

    hint = "compare path and verb with the API's routes"


class PolicyDenied(AccessDenied):
    """No policy allows it, or one denies it.

    Attributes:
        query: what the policies were asked; None if nobody asked them.
        standing: whose policies they were.
    """

    def __init__(self, message: str, standing: Standing, query: Query | None, verdict: Verdict) -> None:
        super().__init__(message)
        self.standing = standing
        self.query = query
        self.verdict = verdict


@final
class Decision:
    """That a request may go where it was routed. Only `authorize` can make one.

    Attributes:
        standing: the verified caller's; None where nothing was asked.
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

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("only the authorizer makes decisions")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a decision is about one request: it is not copied")


def check(decision: object, request: Request | None) -> None:
    """Raises: TypeError, unless this is a decision about this very request."""
    if type(decision) is not Decision or decision.request is not request:
        raise TypeError("no decision was made about this request")


def authenticate(snapshot: Snapshot, routed: Routed, request: Request, now: float) -> Verified | None:
    """The second stage: what the request's signature proves; None where none is asked for.

    Raises: an AuthenticationError, or BadRequest; AccessDenied, where these credentials are never taken.
    """
    if routed.asks is Ask.NOTHING:
        return None
    digest = payload_hash(request.body) if request.body else EMPTY_PAYLOAD_HASH
    try:
        verified = snapshot.verifiers[routed.service].verify(request, digest, now)
    except MissingAuthenticationToken:
        if isinstance(routed, ToApi) and routed.match is None:
            raise _no_route(routed, request) from None
        raise
    if isinstance(routed, ToOperation) and verified.principal.is_user_session:
        _check_user_session(routed)
    return verified


def _check_user_session(routed: ToOperation) -> None:
    """Raises: UnrecognizedClient (IAM), AccessDenied (STS), where AWS does not take what `GetSessionToken` gave.

    IAM would take it with a code of MFA, which nobody has here.
    """
    operation = routed.served
    if operation.of_user_sessions:
        return
    why = f"credentials from GetSessionToken are not taken for {routed.action} without MFA; use the access key itself"
    if operation.service == "iam":
        raise UnrecognizedClient(detail=why)
    raise AccessDenied(f"Cannot call {operation.name} with session credentials", detail=why)


def authorize(
    snapshot: Snapshot,
    routed: Routed,
    request: Request,
    verified: Verified | None,
    now: float,
    permissions: Sequence[Permission] = (),
) -> Decision:
    """The third stage: whether all policies together allow it. Awaits nothing and reads no database.

    Args:
        permissions: what an operation takes, all of it; a method's follows from the request. Their keys add to those of
            the request and of its caller, and replace none.

    Raises:
        StoreUnavailable: what is known is too old to decide anything, or to answer an operation.
        NoRoute: the path has no route.
        UnrecognizedClient: the session was taken back.
        UnsignedHeader: a policy decides by a header that was not signed.
        PolicyDenied: it is not allowed.
    """
    asks = routed.asks
    if not snapshot.is_current() and (asks in _ASKS_THE_STORE or isinstance(routed, ToOperation)):
        raise StoreUnavailable(detail="the store was away for too long: nothing is decided by what was known then")
    if asks is Ask.NOTHING:
        return Decision(_SEAL, request, routed, None, "", None)
    if verified is None:
        raise MissingAuthenticationToken(detail="nobody authenticated the request")
    standing = snapshot.standings.of(verified.principal)
    if asks is Ask.PERMISSION:
        action, resource, keys = routed.action, _ANY_RESOURCE, _NO_KEYS
        if permissions:
            action, resource, keys = permissions[0]
        elif isinstance(routed, ToApi):
            if routed.match is None:
                raise _no_route(routed, request)
            resource = routed.resource
        verdict = snapshot.standings.allowed(standing, action, resource)
        if verdict is None:
            verdict = _ask(snapshot, routed, request, standing, verified.signed_headers, now, action, resource, keys)
            snapshot.standings.allow(standing, action, resource, verdict)
        for other in permissions[1:]:
            _ask(snapshot, routed, request, standing, verified.signed_headers, now, *other)
        return Decision(_SEAL, request, routed, standing, resource, verdict)
    if asks is Ask.ROOT and standing.principal.kind != "root":
        verdict = Verdict("implicitDeny", PolicyType.IDENTITY)
        query = Query(routed.action, _ANY_RESOURCE, standing.caller)
        raise PolicyDenied(denial_message(verdict, query), standing, None, verdict)
    return Decision(_SEAL, request, routed, standing, "", None)


def _ask(
    snapshot: Snapshot,
    routed: Routed,
    request: Request,
    standing: Standing,
    signed_headers: frozenset[bytes],
    now: float,
    action: str,
    resource: str,
    keys: Keys,
) -> Verdict:
    """The policies' answer, if it is yes.

    A Deny for another spelling of the same path counts too: who wrote it meant the resource.

    Raises: PolicyDenied.
    """
    path = routed.path.decode("latin-1")[1:] if isinstance(routed, ToApi) else ""
    context = _NO_CONTEXT
    if standing.asks_context:
        context = _context(snapshot, request, standing, signed_headers, now, keys)
    query = Query(action, resource, standing.caller, snapshot.deployment.account, context)
    verdict = evaluate(standing.policies, query)
    if verdict.outcome == "allowed":
        if "%" not in path and path[-1:] != "/":
            return verdict
        for reading in other_readings(path):
            other = query._replace(resource=resource[: len(resource) - len(path)] + reading)
            second = evaluate(standing.policies, other)
            if second.outcome == "explicitDeny":
                query, verdict = other, second
                break
        else:
            return verdict
    printed = denial_message(verdict, query._replace(resource=resource), mask_account=isinstance(routed, ToApi))
    known = _context(snapshot, request, standing, _ALL_HEADERS, now, keys).known()
    raise PolicyDenied(printed, standing, query._replace(context=Context(known)), verdict)


def _context(
    snapshot: Snapshot, request: Request, standing: Standing, signed_headers: Container[bytes], now: float, keys: Keys
) -> RequestContext:
    headers, region = _ProvenHeaders(request, signed_headers), snapshot.deployment.region
    return RequestContext(
        *(standing.constants, now, request.source_ip, request.secure),
        *(headers.user_agent, headers.referer, region),
        {name: value for name, value in keys.items() if value is not None} if keys else None,
    )


class _ProvenHeaders:
    """Headers that a policy may decide by: only if they were signed."""

    __slots__ = ("_request", "_signed_headers")

    def __init__(self, request: Request, signed_headers: Container[bytes]) -> None:
        self._request = request
        self._signed_headers = signed_headers

    def user_agent(self) -> str | None:
        return proven_header(self._request, self._signed_headers, b"user-agent")

    def referer(self) -> str | None:
        return proven_header(self._request, self._signed_headers, b"referer")


def _no_route(routed: ToApi, request: Request) -> NoRoute:
    return NoRoute(detail=f"there is no route for {request.method} {routed.path.decode('latin-1') or '/'}")
