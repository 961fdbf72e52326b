"""The first stage: what a request is for, before anyone asks who sent it.

Three entrances share one port: the APIs, the AWS operations (`/`) and the gate's own paths (`/_gatepass/…`). Each
knows what it asks of a caller and how it says no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import product
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from gatepass.errors import BadRequest, Forbidden, ServiceError, UnknownOperation
from gatepass.gateway.paths import ambiguity
from gatepass.gateway.routes import Match, Protection
from gatepass.gateway.snapshot import EXECUTE_API, Api, Snapshot
from gatepass.http import Request, Response
from gatepass.operation import Call, Operation
from gatepass.wire import gate, json11, query

if TYPE_CHECKING:
    from gatepass.gateway.integrations import Integration

INVOKE = "execute-api:Invoke"
JSON11, QUERY = "json11", "query"
COGNITO_IDENTITY = "cognito-identity"

_SLASH = ord("/")
_OWN = b"/_gatepass/"
_APIS = b"/_apis/"
_KEY_SET = b"/.well-known/jwks_uri"
KEY_SET = "/.well-known/jwks_uri"

# Paths whose route is remembered: how many, and how long one may be.
_MOST_REMEMBERED = 4096
_LONGEST_REMEMBERED = 256

Operations = Mapping[tuple[str, str], Operation]


class Ask(Enum):
    """What is asked of a caller."""

    NOTHING = "nothing"
    SIGNATURE = "a signature"
    PERMISSION = "a signature and a permission"
    ROOT = "the administrator's signature"


@dataclass(slots=True, eq=False)
class ToApi:
    """A method of an API, or a path that has none.

    INVARIANT: it does not change; it is remembered for requests to the same path.

    Attributes:
        match: None for a path or verb that has no route.
        base: what of the path comes before the resource: `/api`.
        path: the rest of it, as received.
        resource: the method ARN.
        root_path: `base`, as ASGI spells it.
    """

    api: Api
    match: Match | None
    asks: Ask
    base: bytes
    path: bytes
    resource: str
    root_path: str = field(init=False)

    entrance: ClassVar[str] = "api"
    service: ClassVar[str] = EXECUTE_API
    action: ClassVar[str] = INVOKE

    def __post_init__(self) -> None:
        self.root_path = self.base.decode("latin-1")

    @property
    def integration(self) -> Integration:
        assert self.match is not None  # noqa: S101 (no decision is made about a path without a route)
        return self.match.route.integration

    def refusal(self, failure: ServiceError, request_id: str, now: float) -> Response:
        return gate.error(failure, request_id)


@dataclass(slots=True, eq=False)
class ToOperation:
    """An AWS operation.

    Attributes:
        protocol: `json11` or `query`.
        service: empty while it is not known.
        operation: None only in a refusal: it is not served, or the request could not be read.
        form: the parameters, of the query protocol.
        origin: the request's `Origin` header.
    """

    protocol: str
    service: str
    region: str
    operation: Operation | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    origin: bytes | None = None
    action: str = field(init=False)
    asks: Ask = field(init=False)

    entrance: ClassVar[str] = "operation"

    def __post_init__(self) -> None:
        operation = self.operation
        self.action = operation.action if operation is not None else ""
        if operation is None or not operation.signed:
            self.asks = Ask.NOTHING
        else:
            self.asks = Ask.PERMISSION if operation.needs_permission else Ask.SIGNATURE

    @property
    def served(self) -> Operation:
        assert self.operation is not None  # noqa: S101 (one that is not served was refused by the route stage)
        return self.operation

    def given(self, body: bytes) -> Struct:
        """The operation's input. Raises: what its protocol says of a body that is none."""
        if self.protocol == JSON11:
            return json11.decode(body, self.served.takes)
        return query.decode(self.form, self.served.takes, service=self.query_service or "iam")

    async def perform(self, call: Call | None, given: Struct | None, request_id: str, now: float) -> Response:
        """What the operation answers."""
        assert call is not None  # noqa: S101 (made before the decision)
        output = await self.served.answer(call, given)
        if self.protocol == JSON11:
            return json11.answer(output, request_id, self.origin)
        extended = query.extended_request_id(request_id, self.region, now)
        return query.answer(self.served.name, output, self.query_service or "iam", request_id, extended)

    def refusal(self, failure: ServiceError, request_id: str, now: float) -> Response:
        if self.protocol == JSON11:
            return json11.error(failure, request_id, self.origin)
        extended = query.extended_request_id(request_id, self.region, now)
        return query.error(failure, self.query_service, request_id, extended)

    @property
    def query_service(self) -> query.Service | None:
        return "sts" if self.service == "sts" else "iam" if self.service == "iam" else None


@dataclass(slots=True, eq=False)
class ToOwn:
    """A path of the gate's own: `health`, `metrics`, `decisions/ID`; and the public keys of OpenID tokens."""

    name: str

    entrance: ClassVar[str] = "own"
    service: ClassVar[str] = EXECUTE_API

    @property
    def action(self) -> str:
        return "gatepass:GetDecision" if self.asks is Ask.ROOT else ""

    @property
    def asks(self) -> Ask:
        return Ask.ROOT if self.name.startswith("decisions/") else Ask.NOTHING

    def refusal(self, failure: ServiceError, request_id: str, now: float) -> Response:
        return gate.error(failure, request_id)


@dataclass(slots=True, eq=False)
class ToAnswer:
    """What is answered without asking anyone: a browser's preflight, a redirect."""

    response: Callable[[str, float], Response]

    entrance: ClassVar[str] = "operation"
    service: ClassVar[str] = ""
    action: ClassVar[str] = ""
    asks: ClassVar[Ask] = Ask.NOTHING

    def refusal(self, failure: ServiceError, request_id: str, now: float) -> Response:
        return gate.error(failure, request_id)


@dataclass(slots=True, eq=False)
class ToNowhere:
    """A path that nobody knows."""

    entrance: ClassVar[str] = "api"

    def refusal(self, failure: ServiceError, request_id: str, now: float) -> Response:
        return gate.error(failure, request_id)


Routed = ToApi | ToOperation | ToOwn | ToAnswer


def route(snapshot: Snapshot, operations: Operations, request: Request) -> Routed:
    """What the request is for.

    Raises:
        Forbidden: no API or stage has this path.
        BadRequest: the path could be read in two ways, or the method is overridden.
        UnknownOperation, and what a protocol's parser raises: `unrouted` says how to answer it.
    """
    path = request.path
    host = None
    for name, value in request.headers:
        if name == b"host":
            host = value
        elif name in _OVERRIDES:
            raise BadRequest(detail="the request overrides its method")
    if host is not None and b".execute-api." in host.lower():
        api_id = host.lower().partition(b".execute-api.")[0]
        return _by_stage(snapshot.apis.get(api_id.decode("latin-1")), request, b"", path)
    known = snapshot.routed.get((request.method, path))
    if known is not None:
        return known
    if path == b"/":
        return _operation(snapshot, operations, request)
    if path.startswith(b"/_"):
        if path.startswith(_OWN):
            return ToOwn(path[len(_OWN) :].decode("latin-1"))
        if path.startswith(_APIS):
            id_, slash, rest = path[len(_APIS) :].partition(b"/")
            return _by_stage(snapshot.apis.get(id_.decode("latin-1")), request, _APIS + id_, slash + rest)
    if path == _KEY_SET:
        return ToOwn(KEY_SET)
    routed = _by_stage(snapshot.only_api, request, b"", path)
    if routed.match is not None and len(path) <= _LONGEST_REMEMBERED:
        if len(snapshot.routed) >= _MOST_REMEMBERED:
            snapshot.routed.clear()
        snapshot.routed[request.method, path] = routed
    return routed


def unrouted(snapshot: Snapshot, request: Request | None) -> ToOperation | ToNowhere:
    """Whose words answer a request that was refused before it had a route."""
    if request is None or request.path != b"/" or not _may_ask(request):
        return ToNowhere()
    protocol = JSON11 if _speaks_json(request) else QUERY
    return ToOperation(protocol, "", snapshot.deployment.region, origin=request.header(b"origin"))


def _by_stage(api: Api | None, request: Request, before: bytes, path: bytes) -> ToApi:
    """The method of an API that a path beginning with a stage is for."""
    if api is None:
        raise Forbidden(detail="no API is served here")
    base = api.base
    if path[:2] == b"//":  # which API Gateway reads as one
        base = path[: len(path) - len(path.lstrip(b"/")) - 1] + base
    rest = path[len(base) :]
    if not path.startswith(base) or (rest and rest[0] != _SLASH):
        raise Forbidden(detail=f"the API has no such stage: its stage is `{api.stage}`")
    match = api.routes.match(request.method, rest)
    asks = Ask.PERMISSION
    if match is not None:
        route = match[0]
        if route.protection is Protection.OPEN:
            asks = Ask.NOTHING
        if route.careful and (unclear := ambiguity(request.path)):
            raise BadRequest(detail=f"the path could be read in two ways: {unclear!r}")
    resource = api.method_arn(request.method, rest.decode("latin-1")[1:])
    return ToApi(api, match, asks, before + base, rest, resource)


# A WSGI application cannot tell `x_http_method` from `x-http-method`.
_OVERRIDES = frozenset(
    b"".join(spelling)
    for words in ((b"x", b"http", b"method", b"override"), (b"x", b"http", b"method"), (b"x", b"method", b"override"))
    for spelling in product(*([word + b"-", word + b"_"] for word in words[:-1]), words[-1:])
)


def _operation(snapshot: Snapshot, operations: Operations, request: Request) -> Routed:
    region = snapshot.deployment.region
    origin = request.header(b"origin")
    if request.method == "OPTIONS":
        return ToAnswer(lambda request_id, now: json11.preflight(request, request_id))
    if not _may_ask(request):
        raise Forbidden(detail="AWS operations are asked for with POST, or with GET and an Action in the query")
    target = json11.target(request) if request.method == "POST" else None
    if target is not None or _speaks_json(request):
        operation = operations.get((COGNITO_IDENTITY, target or ""))
        if operation is None:
            raise UnknownOperation(detail=f"`{target}` is not served" if target else "no X-Amz-Target")
        return ToOperation(JSON11, COGNITO_IDENTITY, region, operation, origin=origin)
    asked = query.action(request)
    if asked is None:
        return ToAnswer(lambda request_id, now: query.redirect(request_id))
    operation = operations.get((asked.service or "", asked.name))
    if operation is None or asked.service is None:
        raise query.unknown_operation(asked)
    return ToOperation(QUERY, asked.service, region, operation, asked.parameters, origin)


def _may_ask(request: Request) -> bool:
    """Whether an operation could be asked for like this; all else about `/` is an API's, which has no such stage."""
    return request.method == "POST" or (request.method == "GET" and query.names_action(request))


def _speaks_json(request: Request) -> bool:
    if request.method == "GET":
        return False
    kind = request.header(b"content-type") or b""
    return request.header(b"x-amz-target") is not None or kind.startswith(b"application/x-amz-json")
