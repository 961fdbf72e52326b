"""How a request is handed over: to an ASGI app, to a function, to Chalice; and that handlers do not see each other."""

import asyncio
import contextvars
import copy
import json
import threading
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
from chalice.app import Blueprint, Chalice, CognitoUserPoolAuthorizer, CORSConfig, IAMAuthorizer

from gatepass.errors import ConfigurationError, InternalFailure, MalformedIntegrationResponse
from gatepass.gateway import Decision, Protection, Route, RouteTable
from gatepass.gateway.exchange import Exchange
from gatepass.gateway.integrations import threads as threads_module
from gatepass.gateway.integrations.asgi import AsgiIntegration
from gatepass.gateway.integrations.chalice import is_chalice, isolate, routes_of
from gatepass.gateway.integrations.function import FunctionIntegration
from gatepass.gateway.integrations.invocation import Function
from gatepass.gateway.integrations.preflight import PreflightIntegration
from gatepass.gateway.integrations.threads import HandlerFailed, HandlerThreads, TooManyHandlers
from gatepass.http import Headers

Message = MutableMapping[str, Any]
REQUEST_ID = "3f9c1d6e-8a41-4f0b-9a51-0f3d2a5b7c90"
FUNCTION = Function("pets", "arn:aws:lambda:us-east-1:123456789012:function:pets", timeout=3)


class Wire:
    """The server's side of one exchange."""

    def __init__(self, decision: Decision) -> None:
        request = decision.request
        self.sent: list[Message] = []
        scope: dict[str, Any] = {"type": "http", "method": request.method, "headers": request.headers, "root_path": ""}
        scope |= {"raw_path": request.path, "path": request.path.decode(), "query_string": request.query, "state": {}}
        self.exchange = Exchange(scope, self.receive, self.send, REQUEST_ID, 1_800_000_000.0)

    async def receive(self) -> Message:
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


def call(integration: Any, decision: Decision) -> tuple[Any, Wire]:
    wire = Wire(decision)
    return asyncio.run(integration(decision, wire.exchange)), wire


@pytest.fixture
def decide(world: Any) -> Callable[..., Decision]:
    """A decision about a guest's request."""

    def make(method: str = "GET", path: bytes = b"/api/pets/1", **more: Any) -> Decision:
        decision = world.decide(
            world.snapshot(), method, path, None if path == b"/api/open" else world.session(), **more
        )
        assert isinstance(decision, Decision)
        return decision

    return make


# --- ASGI


def asgi(app: Any, decision: Decision, state: dict[str, Any] | None = None) -> tuple[Any, Wire]:
    return call(AsgiIntegration(app, FUNCTION, state or {}), decision)


def scope_of(decision: Decision, look: Callable[[Any], Any] = dict) -> Any:
    """What an app finds in its scope."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(look(scope))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    asgi(app, decision)
    return seen[0]


def test_what_an_asgi_app_is_told(decide: Callable[..., Decision]) -> None:
    """Event and context as Mangum gives them, the caller in headers, the stage as root path, no signature."""
    decision = decide(headers=[(b"x-app", b"1")])
    scope = scope_of(decision)
    headers = dict(scope["headers"])
    assert (scope["root_path"], scope["path"]) == ("/api", "/api/pets/1")
    assert b"authorization" not in headers
    assert headers[b"x-app"] == b"1"
    assert headers[b"x-gatepass-user-arn"].endswith(b"assumed-role/guests/CognitoIdentityCredentials")
    assert headers[b"x-gatepass-request-id"] == REQUEST_ID.encode()
    assert scope["aws.event"]["requestContext"]["identity"]["cognitoAuthenticationType"] == "unauthenticated"
    assert scope["aws.event"]["requestContext"]["requestId"] == REQUEST_ID
    assert scope["aws.context"].aws_request_id == REQUEST_ID
    assert 0 < scope["aws.context"].get_remaining_time_in_millis() <= 3000


@pytest.mark.parametrize(
    "look",
    [
        lambda scope: scope["aws.event"]["path"],
        lambda scope: scope.get("aws.event")["path"],
        lambda scope: scope.get("nix", scope["aws.event"])["path"] if "aws.event" in scope else None,
        lambda scope: dict(scope)["aws.event"]["path"],
        lambda scope: {**scope}["aws.event"]["path"],
        lambda scope: scope.copy()["aws.event"]["path"],
        lambda scope: copy.copy(scope)["aws.event"]["path"],
        lambda scope: (scope | {"x": 1})["aws.event"]["path"],
        lambda scope: {**{name: scope[name] for name in scope}}["aws.event"]["path"],
        lambda scope: dict(scope.items())["aws.event"]["path"],
        lambda scope: scope.pop("aws.event")["path"],
        lambda scope: scope.setdefault("aws.event", {"path": "/pets/1"})["path"],
    ],
)
def test_the_event_is_there_however_one_looks(decide: Callable[..., Decision], look: Callable[[Any], Any]) -> None:
    """It is made when someone asks for it; nobody can tell."""
    assert scope_of(decide(), look) == "/pets/1"


def test_what_the_gate_keeps_to_itself(decide: Callable[..., Decision]) -> None:
    scope = scope_of(decide())
    assert {"aws.event", "aws.context"} <= set(scope)
    assert not [name for name in scope if name.startswith("gatepass")]
    with pytest.raises(InternalFailure) as raised:
        scope_of(decide(), lambda scope: scope["aws.other"])
    assert isinstance(raised.value.__cause__, KeyError)


@pytest.mark.parametrize(
    "name", [b"x-gatepass-user-arn", b"X-Gatepass-Account", b"x_gatepass_caller", b"x-gatepass-zzz"]
)
def test_nobody_tells_an_app_who_he_is(decide: Callable[..., Decision], name: bytes) -> None:
    """On an open route what came from outside is left out; nothing but the request id is told."""
    headers = scope_of(decide(path=b"/api/open", headers=[(name, b"forged")]))["headers"]
    assert [key for key, _ in headers if b"gatepass" in key.lower()] == [b"x-gatepass-request-id"]


@pytest.mark.parametrize(("value", "kept"), [(b"Bearer x", True), (b"AWS4-HMAC-SHA256 Credential=a", False)])
def test_an_authorization_that_is_no_signature_is_kept(
    decide: Callable[..., Decision], value: bytes, kept: bool
) -> None:
    headers = dict(scope_of(decide(path=b"/api/open", headers=[(b"authorization", value)]))["headers"])
    assert (b"authorization" in headers) is kept


def test_the_body_that_was_verified(decide: Callable[..., Decision]) -> None:
    """Whole, once; after it the server's word."""
    got: list[Message] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        got.extend([await receive(), await receive()])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    asgi(app, decide("POST", b"/api/files/1", body=b"hello"))
    assert got == [{"type": "http.request", "body": b"hello", "more_body": False}, {"type": "http.disconnect"}]


def test_an_answer_streams_through(decide: Callable[..., Decision]) -> None:
    """Each part when it comes; only the identifiers are added."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": [(b"x-app", b"1")]})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})

    result, wire = asgi(app, decide())
    assert result is None
    assert [message.get("body") for message in wire.sent[1:]] == [b"one", b"two"]
    assert wire.headers[b"x-app"] == b"1"
    assert wire.headers[b"x-amzn-requestid"] == REQUEST_ID.encode()
    assert wire.exchange.status == 201


async def raises(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("boom")


async def answers_nothing(scope: Any, receive: Any, send: Any) -> None:
    return None


@pytest.mark.parametrize("app", [raises, answers_nothing])
def test_an_app_that_breaks(app: Any, decide: Callable[..., Decision], caplog: pytest.LogCaptureFixture) -> None:
    """API Gateway's internal server error; the traceback goes to the log."""
    with pytest.raises(InternalFailure):
        asgi(app, decide())
    assert ("boom" in caplog.text) is (app is raises)


def test_an_app_that_breaks_in_the_middle(decide: Callable[..., Decision]) -> None:
    """Too late to say so: the server cuts the answer off."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        asgi(app, decide())


def test_state_of_the_lifespan(decide: Callable[..., Decision]) -> None:
    """Every request gets a copy."""
    state = {"pool": object()}
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(dict(scope["state"]))
        scope["state"]["mine"] = 1
        await answers_nothing(scope, receive, send)

    for _ in range(2):
        with pytest.raises(InternalFailure):
            asgi(app, decide(), state)
    assert seen == [state, state]


# --- functions


def function(handler: Any, decision: Decision, threads: HandlerThreads | None = None) -> Any:
    return call(FunctionIntegration(handler, FUNCTION, threads or HandlerThreads()), decision)[0]


def test_a_function_gets_event_and_context(decide: Callable[..., Decision]) -> None:
    """And its answer is API Gateway's, identifiers and all."""
    seen: list[Any] = []

    def handler(event: Any, context: Any) -> Any:
        seen.extend([event, context.aws_request_id, context.function_name])
        return {"statusCode": 201, "headers": {"X-App": "1"}, "body": json.dumps(event["pathParameters"])}

    response = function(handler, decide())
    assert (response.status, response.body) == (201, b'{"id": "1"}')
    assert dict(response.headers)[b"x-amzn-requestid"] == REQUEST_ID.encode()
    assert seen[0]["resource"] == "/pets/{id}"
    assert seen[1:] == [REQUEST_ID, "pets"]


def exits(event: Any, context: Any) -> Any:
    raise SystemExit(3)


@pytest.mark.parametrize("handler", [lambda event, context: 1 / 0, lambda event, context: "text", exits])
def test_a_function_that_breaks(handler: Any, decide: Callable[..., Decision]) -> None:
    """502, as for anything Lambda gives that is no proxy answer; the process goes on."""
    with pytest.raises(MalformedIntegrationResponse):
        function(handler, decide())


def test_no_request_waits_for_a_handler(decide: Callable[..., Decision]) -> None:
    """At the limit the answer is at once the internal server error."""
    release = threading.Event()
    threads = HandlerThreads(most=2)
    integration = FunctionIntegration(lambda event, context: release.wait(10) and {"body": "done"}, FUNCTION, threads)

    async def main() -> tuple[list[bytes], list[int]]:
        running = [asyncio.create_task(integration(decide(), Wire(decide()).exchange)) for _ in range(2)]
        while threads.active < 2:
            await asyncio.sleep(0)
        with pytest.raises(InternalFailure) as raised:
            await integration(decide(), Wire(decide()).exchange)
        assert raised.value.status == 500
        release.set()
        answers = [await task for task in running]
        return [answer.body for answer in answers if answer], [threads.active]

    assert asyncio.run(main()) == ([b"done", b"done"], [0])


def test_threads_are_used_again_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that rested last works next; one that rests long enough ends."""
    monkeypatch.setattr(threads_module, "IDLE_SECONDS", 0.05)
    threads = HandlerThreads()

    async def main() -> tuple[int | None, int | None]:
        one = await threads.run(threading.get_ident)
        while not threads._idle:
            await asyncio.sleep(0)
        other = await threads.run(threading.get_ident)
        while threads._idle:
            await asyncio.sleep(0.01)
        return one, other

    one, other = asyncio.run(main())
    assert one == other


def test_handlers_have_a_context_each() -> None:
    """What one sets no other finds, on the same thread or another."""
    variable = contextvars.ContextVar("variable", default="nothing")

    def handler(value: str) -> str:
        before = variable.get()
        variable.set(value)
        return before

    async def main() -> list[str]:
        threads = HandlerThreads()
        return [await threads.run(handler, str(number)) for number in range(5)]

    assert asyncio.run(main()) == ["nothing"] * 5


def test_a_handler_s_exception_is_the_cause() -> None:
    async def main() -> None:
        await HandlerThreads().run(int, "x")

    with pytest.raises(HandlerFailed) as raised:
        asyncio.run(main())
    assert isinstance(raised.value.__cause__, ValueError)


def test_a_system_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is as if the limit were reached."""

    def start(thread: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threads_module._Worker, "start", start)
    threads = HandlerThreads()

    async def main() -> None:
        await threads.run(int)

    with pytest.raises(TooManyHandlers):
        asyncio.run(main())
    assert threads.active == 0


# --- Chalice


def chalice_routes(app: Chalice) -> dict[str, Route]:
    async def serve(decision: Decision, exchange: Exchange) -> None:
        return None

    return {str(route): route for route in routes_of(app, serve)}


def test_the_routes_of_a_chalice_app() -> None:
    """Blueprints too; only those with an authorizer are careful about paths."""
    app, blueprint = Chalice("pets"), Blueprint("more")
    app.route("/", authorizer=IAMAuthorizer())(lambda: None)
    app.route("/pets/{id}", methods=["GET", "POST"])(lambda id: None)
    blueprint.route("/x", authorizer=IAMAuthorizer())(lambda: None)
    app.register_blueprint(blueprint, url_prefix="/more")
    routes = chalice_routes(app)
    assert {name: route.protection for name, route in routes.items()} == {
        "GET /": Protection.IAM,
        "GET /pets/{id}": Protection.OPEN,
        "POST /pets/{id}": Protection.OPEN,
        "GET /more/x": Protection.IAM,
    }
    assert [name for name, route in routes.items() if route.careful] == ["GET /", "GET /more/x"]
    assert RouteTable(routes.values())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"api_key_required": True}, "GET /x` requires an API key"),
        ({"authorizer": CognitoUserPoolAuthorizer("pool", ["arn"])}, "GET /x` has the authorizer `pool`"),
        ({"methods": ["FETCH"]}, "FETCH /x"),
    ],
)
def test_routes_the_gate_cannot_serve(options: dict[str, Any], said: str) -> None:
    """Refused at the start, by name: not served open."""
    app = Chalice("pets")
    app.route("/x", **options)(lambda: None)
    with pytest.raises(ConfigurationError, match=said):
        chalice_routes(app)


def test_a_custom_authorizer_is_refused() -> None:
    app = Chalice("pets")

    @app.authorizer()
    def mine(request: Any) -> Any:
        return None

    app.route("/x", authorizer=mine)(lambda: None)
    with pytest.raises(ConfigurationError, match="`mine`"):
        chalice_routes(app)


def test_preflight() -> None:
    """`cors=True` deploys an open OPTIONS that answers headers; one of the app's own is left alone."""
    app = Chalice("pets")
    app.route("/x", methods=["GET", "PUT"], cors=True, authorizer=IAMAuthorizer())(lambda: None)
    app.route("/y", cors=CORSConfig("https://app.test", max_age=60))(lambda: None)
    app.route("/z", methods=["OPTIONS"])(lambda: None)
    routes = chalice_routes(app)
    assert {name: routes[name].protection.value for name in ("OPTIONS /x", "OPTIONS /y", "OPTIONS /z")} == {
        "OPTIONS /x": "NONE",
        "OPTIONS /y": "NONE",
        "OPTIONS /z": "NONE",
    }
    assert isinstance(routes["OPTIONS /x"].integration, PreflightIntegration)
    assert not isinstance(routes["OPTIONS /z"].integration, PreflightIntegration)


def headers_of(integration: Any, decision: Decision) -> Headers:
    response = call(integration, decision)[0]
    assert (response.status, response.body) == (200, b"")
    headers: Headers = response.headers
    return headers


def test_what_a_preflight_answers(decide: Callable[..., Decision]) -> None:
    app = Chalice("pets")
    app.route("/x", methods=["GET", "PUT"], cors=True)(lambda: None)
    headers = dict(headers_of(chalice_routes(app)["OPTIONS /x"].integration, decide(path=b"/api/open")))
    assert headers[b"access-control-allow-methods"] == b"GET,PUT,OPTIONS"
    assert headers[b"access-control-allow-origin"] == b"*"
    assert b"X-Amz-Security-Token" in headers[b"access-control-allow-headers"]
    assert b"x-amzn-requestid" in headers


def test_an_app_is_known_by_its_class() -> None:
    class Mine(Chalice):
        pass

    assert is_chalice(Chalice("a"))
    assert is_chalice(Mine("a"))
    assert not is_chalice(object())


def test_handlers_of_an_app_see_their_own_request(decide: Callable[..., Decision]) -> None:
    """Fifty at once, through app and blueprint: each its own request and context, from beginning to end."""
    app: Any = Chalice("pets")
    blueprint: Any = Blueprint("more")
    barrier = threading.Barrier(50, timeout=20)

    def pet(id: str) -> Any:
        first = app.current_request.uri_params["id"], app.lambda_context.aws_request_id
        barrier.wait()
        again = blueprint.current_request.uri_params["id"], blueprint.lambda_context.aws_request_id
        return {"asked": id, "first": first, "again": again}

    blueprint.route("/pets/{id}")(pet)
    app.register_blueprint(blueprint)
    isolate(app)
    integration = FunctionIntegration(app, FUNCTION, HandlerThreads())

    async def one(number: int) -> Any:
        decision = decide(path=f"/api/pets/{number}".encode())
        wire = Wire(decision)
        wire.exchange.request_id = f"{number:08}-0000-4000-8000-000000000000"
        response = await integration(decision, wire.exchange)
        assert response is not None
        return json.loads(response.body)

    async def main() -> list[Any]:
        return await asyncio.gather(*(one(number) for number in range(50)))

    for number, answer in enumerate(asyncio.run(main())):
        expected = [str(number), f"{number:08}-0000-4000-8000-000000000000"]
        assert answer == {"asked": str(number), "first": expected, "again": expected}
    assert app.current_request is None, "nothing is left behind"
