"""The authentication matrix: every route and operation × every form of credentials × every fault.

Rows come from the live tables, so that a route or operation cannot be left out. Only good credentials in one place pass
where something is asked; where nothing is asked everything passes. The same matrix runs over the wire, and in process
against gates that were broken on purpose: it must find each of them out.
"""

import asyncio
import http.client
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import pytest

from gatepass.errors import AuthenticationError
from gatepass.gateway import Api, RouteTable, authorizer
from gatepass.gateway import Protection as RouteProtection
from gatepass.gateway.ids import api_id
from gatepass.gateway.integrations.threads import HandlerThreads
from gatepass.gateway.routing import Ask
from gatepass.http import Request, Response
from gatepass.operation import Deployment, Operation
from gatepass.server import asgi, default_pool, files, hosting
from gatepass.server.operations import OPERATIONS
from gatepass.server.serving import Gate, application_of
from gatepass.server.settings import Settings
from gatepass.sigv4 import Keys, Verified, presign, sign
from gatepass.store import Store

APP = """\
from chalice import Blueprint, Chalice, IAMAuthorizer

app = Chalice(app_name="matrix")
more = Blueprint(__name__)
iam = IAMAuthorizer()


def served(**parameters):
    return {"served": True}


app.route("/", authorizer=iam)(served)
app.route("/pets/{id}", methods=["GET", "POST", "DELETE"], authorizer=iam)(served)
app.route("/files/{proxy+}", methods=["PUT"], authorizer=iam)(lambda: served())
app.route("/open", methods=["GET", "POST"])(served)
app.route("/mixed", authorizer=iam, cors=True)(served)
more.route("/more", authorizer=iam)(served)
app.register_blueprint(more, url_prefix="/nested")
"""
ROUTES = 10
DEPLOYMENT = Deployment("123456789012", "us-east-1")
FORMS = ("header", "query", "both", "neither")
FAULTS = ("good", "bad signature", "deadbeef", "other key's signature", "unknown key", "expired", "wrong scope")
AUTHENTICATION = {
    f"{code}Exception"
    for code in (
        "MissingAuthenticationToken",
        "IncompleteSignature",
        "InvalidSignature",
        "UnrecognizedClient",
        "ExpiredToken",
    )
}
VERSIONS = {"sts": "2011-06-15", "iam": "2010-05-08"}


# --- rows


@dataclass(frozen=True)
class Row:
    """What is asked for, and whether it asks for credentials."""

    name: str
    method: str
    path: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    service: str
    guarded: bool


def rows(api: Api) -> list[Row]:
    """One for each route of the table and each operation."""
    found = []
    for route in api.routes:
        sample = re.sub(r"\{[^}+]*\}", "a1", re.sub(r"\{[^}]*\+\}", "a/b", route.resource))
        body = b"{}" if route.method in ("POST", "PUT") else b""
        path, guarded = b"/api" + sample.encode(), route.protection is RouteProtection.IAM
        found.append(Row(str(route), route.method, path, (), body, "execute-api", guarded))
    return found + [of_operation(operation) for operation in OPERATIONS.values()]


def of_operation(operation: Operation) -> Row:
    name = f"{operation.service}:{operation.name}"
    if operation.service == "cognito-identity":
        target = (b"x-amz-target", f"AWSCognitoIdentityService.{operation.name}".encode())
        headers = (target, (b"content-type", b"application/x-amz-json-1.1"))
        return Row(name, "POST", b"/", headers, b"{}", operation.service, operation.signed)
    form = f"Action={operation.name}&Version={VERSIONS[operation.service]}".encode()
    kind = ((b"content-type", b"application/x-www-form-urlencoded"),)
    return Row(name, "POST", b"/", kind, form, operation.service, operation.signed)


def request(row: Row, form: str, fault: str, keys: Keys, other: Keys, host: bytes) -> Request:
    """The row's request with credentials of a form, with a fault."""
    bare = Request(row.method, row.path, b"", [(b"host", host), *row.headers], row.body)
    if form == "neither":
        return bare
    signing, now, region = keys, time.time(), DEPLOYMENT.region
    if fault == "other key's signature":
        signing = keys._replace(secret_access_key=other.secret_access_key)
    elif fault == "unknown key":
        signing = Keys("AKIANOBODYNOBODYNOBO", "x" * 40)
    elif fault == "expired":
        now -= 3600
    elif fault == "wrong scope":
        region = "eu-central-1"
    made = bare
    if form in ("query", "both"):
        made = made._replace(query=presign(bare, signing, region=region, service=row.service, now=now, expires=300))
        made = made._replace(query=spoilt(made.query, rb"(X-Amz-Signature=)([0-9a-f]{64})", fault))
    if form in ("header", "both"):
        added = sign(bare, signing, region=region, service=row.service, now=now)
        names = {name for name, _ in added}
        added = [(name, spoilt(value, rb"(Signature=)([0-9a-f]{64})", fault)) for name, value in added]
        made = made._replace(headers=[*(each for each in made.headers if each[0] not in names), *added])
    return made


def spoilt(text: bytes, pattern: bytes, fault: str) -> bytes:
    if fault == "deadbeef":
        return re.sub(pattern, rb"\1deadbeef", text)
    if fault == "bad signature":
        flip = lambda found: found[1] + (b"0" if found[2][:1] != b"0" else b"1") + found[2][1:]  # noqa: E731
        return re.sub(pattern, flip, text)
    return text


# --- gates


class Asked(Protocol):
    """A gate that can be asked."""

    host: bytes
    administrator: Keys

    def send(self, request: Request) -> Response: ...

    def decision(self, request_id: str) -> dict[str, Any]: ...


class OnTheWire:
    """The gate of another process."""

    def __init__(self, gate: Any) -> None:
        self.host = f"127.0.0.1:{gate.port}".encode()
        self.administrator: Keys = gate.administrator
        self._connection = http.client.HTTPConnection("127.0.0.1", gate.port, timeout=60)

    def send(self, request: Request) -> Response:
        target = (request.path + (b"?" + request.query if request.query else b"")).decode()
        self._connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers:
            self._connection.putheader(name.decode(), value)
        if request.body:
            self._connection.putheader("content-length", str(len(request.body)))
        self._connection.endheaders(request.body or None)
        answer = self._connection.getresponse()
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.getheaders()]
        return Response(answer.status, headers, answer.read())

    def decision(self, request_id: str) -> dict[str, Any]:
        asked = Request("GET", f"/_gatepass/decisions/{request_id}".encode(), b"", [(b"host", self.host)])
        added = sign(asked, self.administrator, region="us-east-1", service="execute-api", now=time.time())
        answer = self.send(asked._replace(headers=[*asked.headers, *(each for each in added if each[0] != b"host")]))
        found: dict[str, Any] = json.loads(answer.body)
        return found


class Inside:
    """The gate of this process."""

    host = b"gate.test"

    def __init__(
        self, runner: asyncio.Runner, store: Store, application: asgi.Application, administrator: Keys
    ) -> None:
        self.runner, self.store, self.application, self.administrator = runner, store, application, administrator

    def send(self, request: Request) -> Response:
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": request.method, "raw_path": request.path, "query_string": request.query}
        scope |= {"headers": list(request.headers), "client": ("192.0.2.7", 1), "path": "", "scheme": "http"}
        self.runner.run(self.application(scope, receive, send))
        return Response(sent[0]["status"], sent[0]["headers"], b"".join(part.get("body", b"") for part in sent[1:]))

    def decision(self, request_id: str) -> dict[str, Any]:
        record = self.application.decisions.get(request_id)
        assert record is not None
        return record.to_json()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("matrix")
    (folder / "app.py").write_text(APP)
    return folder


@contextmanager
def loaded(folder: Path) -> Iterator[Api]:
    """The app's live route table, loaded as `serve` does."""
    here, path, modules = Path.cwd(), list(sys.path), set(sys.modules)
    settings = Settings(app=str(folder))
    try:
        found = hosting.find(settings)
        assert found is not None
        routes = hosting.load(found, settings, "arn", HandlerThreads()).routes
        id_ = api_id(DEPLOYMENT.account, DEPLOYMENT.region, found.name)
        yield Api(id_, found.name, found.stage, RouteTable(routes), DEPLOYMENT)
    finally:
        os.chdir(here)
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if name == "app":
                del sys.modules[name]


@pytest.fixture
def inside(project: Path, tmp_path: Path) -> Iterator[tuple[Inside, Api]]:
    account, region = DEPLOYMENT.account, DEPLOYMENT.region
    with loaded(project) as api, asyncio.Runner() as runner:
        store = runner.run(Store.open(tmp_path, account=account, region=region))
        try:
            root = files.administrator(tmp_path, account)
            runner.run(default_pool.ensure(store, DEPLOYMENT, api, time.time()))
            gate = Gate(Settings(), tmp_path, "http://gate.test", api, None, HandlerThreads())
            application = application_of(gate, store, root)
            yield Inside(runner, store, application, Keys(root.id, root.secret_access_key)), api
        finally:
            runner.run(store.close())


# --- the matrix


def guest(gate: Asked) -> Keys:
    def ask(name: str, **given: Any) -> Any:
        target = (b"x-amz-target", f"AWSCognitoIdentityService.{name}".encode())
        answer = gate.send(Request("POST", b"/", b"", [(b"host", gate.host), target], json.dumps(given).encode()))
        return json.loads(answer.body)

    pools = _pool_id()
    found = ask("GetCredentialsForIdentity", IdentityId=ask("GetId", IdentityPoolId=pools)["IdentityId"])["Credentials"]
    return Keys(found["AccessKeyId"], found["SecretKey"], found["SessionToken"])


def _pool_id() -> str:
    from gatepass.gateway.ids import identity_pool_id

    return identity_pool_id(DEPLOYMENT.account, DEPLOYMENT.region, "matrix")


def passed(gate: Asked, answer: Response) -> bool:
    """Whether the request got past the authorizer, by what the gate remembers and by what came back."""
    told = gate.decision(dict(answer.headers)[b"x-amzn-requestid"].decode())
    error = told["error"]
    refused = error is not None and (
        error["code"] in AUTHENTICATION or (error["code"] == "AccessDeniedException" and told["stage"] == "authorize")
    )
    served = answer.body == b'{"served":true}' or b"access-control-allow-methods" in dict(answer.headers)
    if told["entrance"] == "api":
        assert served is not refused, (told, answer)
    return not refused


def wrong(gate: Asked, table: list[Row]) -> list[str]:
    """The cells of the matrix that are not as they must be."""
    guests = guest(gate), guest(gate)
    root = gate.administrator, replace_secret(gate.administrator)
    found, seen = [], set()
    for row, form, fault in product(table, FORMS, FAULTS):
        keys, other = guests if row.service == "execute-api" else root
        answer = gate.send(request(row, form, fault, keys, other, gate.host))
        expected = not row.guarded or (form in ("header", "query") and fault == "good")
        if passed(gate, answer) is not expected:
            found.append(f"{row.name}: {form}, {fault}: {answer.status}")
        seen.add(row.name)
    assert seen == {row.name for row in table}
    return found


def replace_secret(keys: Keys) -> Keys:
    return keys._replace(secret_access_key="y" * 40)


def test_every_route_and_operation_is_a_row(inside: tuple[Inside, Api]) -> None:
    """From the tables that are served: none is left out, none is made up."""
    _, api = inside
    names = [row.name for row in rows(api)]
    assert len(names) == len(set(names))
    routes = {str(route) for route in api.routes}
    assert len(routes) == ROUTES
    assert set(names) == routes | {f"{service}:{name}" for service, name in OPERATIONS}
    signed = [row for row in rows(api) if row.guarded]
    assert len(signed) > 20
    assert {"cognito-identity:GetId", "cognito-identity:GetCredentialsForIdentity"} <= set(names) - {
        row.name for row in signed
    }


def test_a_row_that_is_missing_is_noticed(inside: tuple[Inside, Api]) -> None:
    """A route added to the app but not to the matrix fails the test above."""
    _, api = inside
    route = next(iter(api.routes))
    grown = RouteTable([*api.routes, replace(route, resource="/new")])
    assert {str(each) for each in grown} != {row.name for row in rows(api) if row.service == "execute-api"}


def test_the_matrix_on_the_wire(a_gate: Any, project: Path, tmp_path: Path) -> None:
    """A real gate, over HTTP: each cell as it must be."""
    with loaded(project) as api:
        table = rows(api)
    with a_gate(tmp_path, str(project)) as gate:
        assert wrong(OnTheWire(gate), table) == []


# --- gates that are broken on purpose


def looks_at_the_key_id_only(snapshot: Any, routed: Any, request: Request, now: float) -> Verified | None:
    """As floci #2332 did: whoever names a key has it."""
    try:
        return authorizer.authenticate(snapshot, routed, request, now)
    except AuthenticationError:
        text = b"".join(value for _, value in request.headers) + request.query
        known = re.search(rb"Credential=((?:AKIA|ASIA)[A-Z0-9]{16})", text)
        standing = snapshot.standings._known.get(known[1].decode()) if known else None
        if standing is None:
            raise
        return Verified(standing.principal, frozenset(), False, now)


def forgets_the_clock(snapshot: Any, routed: Any, request: Request, now: float) -> Verified | None:
    """As Keystone CVE-2020-12692: signatures for ever."""
    try:
        return authorizer.authenticate(snapshot, routed, request, now)
    except AuthenticationError:
        return authorizer.authenticate(snapshot, routed, request, now - 3600)


def looks_at_the_header_only(snapshot: Any, routed: Any, request: Request, now: float) -> Verified | None:
    """As MinIO CVE-2026-41145: credentials in the query are not looked at."""
    bare = request._replace(query=b"") if request.header(b"authorization") is not None else request
    return authorizer.authenticate(snapshot, routed, bare, now)


def takes_any_region(snapshot: Any, routed: Any, request: Request, now: float) -> Verified | None:
    if routed.asks is not Ask.NOTHING:
        snapshot.verifiers[routed.service]._regions = frozenset({"us-east-1", "eu-central-1"})
    return authorizer.authenticate(snapshot, routed, request, now)


def skips_one_handler(snapshot: Any, routed: Any, request: Request, now: float) -> Verified | None:
    """As MinIO CVE-2026-40344: one handler without the check."""
    if request.path == b"/api/nested/more":
        routed.asks = Ask.NOTHING
    return authorizer.authenticate(snapshot, routed, request, now)


def refuses_open_routes(snapshot: Any, routed: Any, request: Request, now: float) -> Verified | None:
    """Too strict is wrong, too."""
    if routed.service == "execute-api" and routed.asks is Ask.NOTHING:
        routed.asks = Ask.PERMISSION
    return authorizer.authenticate(snapshot, routed, request, now)


MUTANTS: tuple[Callable[..., Any], ...] = (
    looks_at_the_key_id_only,
    forgets_the_clock,
    looks_at_the_header_only,
    takes_any_region,
    skips_one_handler,
    refuses_open_routes,
)


def test_the_matrix_in_process(inside: tuple[Inside, Api]) -> None:
    """The gate as it is."""
    gate, api = inside
    assert wrong(gate, rows(api)) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_the_matrix_finds_a_broken_gate_out(
    inside: tuple[Inside, Api], monkeypatch: pytest.MonkeyPatch, mutant: Callable[..., Any]
) -> None:
    """A matrix that finds nothing here would prove nothing there."""
    gate, api = inside
    monkeypatch.setattr(asgi, "authenticate", mutant)
    routes = [row for row in rows(api) if row.service == "execute-api"]
    assert wrong(gate, routes)


@pytest.mark.parametrize("answer", [None, True, object()])
def test_what_is_no_decision_serves_nobody(
    inside: tuple[Inside, Api], monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    """An authorizer that says yes in other words lets nobody in: not one cell is served."""
    gate, api = inside
    keys = guest(gate)
    monkeypatch.setattr(asgi, "authorize", lambda *given: answer)
    for row, form, fault in product(rows(api), FORMS, ("good", "bad signature")):
        signing = keys if row.service == "execute-api" else gate.administrator
        sent = gate.send(request(row, form, fault, signing, signing, gate.host))
        assert b"served" not in sent.body
        assert sent.status >= 400
