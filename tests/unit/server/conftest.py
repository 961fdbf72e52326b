"""A gate in this process: the real application on a real store, without a socket."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode
from xml.sax.saxutils import unescape

import pytest

from gatepass.gateway import Api, Protection, Route, RouteTable
from gatepass.gateway.ids import api_id, identity_pool_id
from gatepass.gateway.integrations.asgi import AsgiIntegration
from gatepass.gateway.integrations.invocation import Function
from gatepass.gateway.integrations.threads import HandlerThreads
from gatepass.http import Headers, Request, Response
from gatepass.operation import Deployment
from gatepass.server import default_pool, files
from gatepass.server.asgi import Application
from gatepass.server.serving import Gate, application_of
from gatepass.server.settings import Settings
from gatepass.sigv4 import Keys, sign
from gatepass.store import Store

Result = TypeVar("Result")
DEPLOYMENT = Deployment("123456789012", "us-east-1")
HOST = b"gate.test"


@dataclass
class App:
    """An ASGI app that counts its requests and tells what it got."""

    scopes: list[Any] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        self.bodies.append((await receive())["body"])
        body = json.dumps({"path": scope["path"], "method": scope["method"]}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@dataclass
class House:
    """The gate, its app and its store."""

    runner: asyncio.Runner
    store: Store
    application: Application
    app: App
    administrator: Keys
    pool_id: str
    api: Api
    clock: Callable[[], float] = time.time

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    def send(self, request: Request, **scope: Any) -> Response:
        """What the gate answers to a request as the server would give it."""
        return self.run(self.answer(request, **scope))

    async def answer(self, request: Request, **scope: Any) -> Response:
        sent: list[MutableMapping[str, Any]] = []
        parts = [request.body]

        async def receive() -> MutableMapping[str, Any]:
            if not parts:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": parts.pop(), "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self.application(scope_of(request) | scope, receive, send)
        return Response(sent[0]["status"], sent[0]["headers"], b"".join(part.get("body", b"") for part in sent[1:]))

    def signed(
        self,
        method: str,
        path: bytes,
        keys: Keys,
        *,
        service: str = "execute-api",
        headers: Headers = (),
        body: bytes = b"",
        query: bytes = b"",
    ) -> Request:
        request = Request(method, path, query, [(b"host", HOST), *headers], body)
        added = sign(request, keys, region=DEPLOYMENT.region, service=service, now=time.time())
        names = {name for name, _ in added}
        return request._replace(headers=[*(each for each in request.headers if each[0] not in names), *added])

    def cognito(self, name: str, keys: Keys | None = None, **given: Any) -> Any:
        """Call an operation of Cognito Identity; what it answers, as JSON values."""
        headers = [
            (b"x-amz-target", f"AWSCognitoIdentityService.{name}".encode()),
            (b"content-type", b"application/x-amz-json-1.1"),
        ]
        body = json.dumps(given).encode()
        request = Request("POST", b"/", b"", [(b"host", HOST), *headers], body)
        if keys is not None:
            request = self.signed("POST", b"/", keys, service="cognito-identity", headers=headers, body=body)
        answer = self.send(request)
        return json.loads(answer.body) if answer.body else {}

    def query(self, service: str, name: str, keys: Keys | None, **given: str) -> Response:
        """What STS or IAM answers to parameters as they stand in the form."""
        version = {"sts": "2011-06-15", "iam": "2010-05-08"}[service]
        body = urlencode({"Action": name, "Version": version, **given}).encode()
        headers = [(b"content-type", b"application/x-www-form-urlencoded")]
        if keys is None:
            return self.send(Request("POST", b"/", b"", [(b"host", HOST), *headers], body))
        return self.send(self.signed("POST", b"/", keys, service=service, headers=headers, body=body))

    def user(self, name: str, *actions: str, statements: Sequence[dict[str, Any]] = ()) -> Keys:
        """A new user who may do this, and what the statements say; its access key."""
        assert self.query("iam", "CreateUser", self.administrator, UserName=name).status == 200
        if actions or statements:
            of_actions = [{"Effect": "Allow", "Action": actions, "Resource": "*"}] if actions else []
            document = json.dumps({"Version": "2012-10-17", "Statement": [*of_actions, *statements]})
            given = {"UserName": name, "PolicyName": "may", "PolicyDocument": document}
            assert self.query("iam", "PutUserPolicy", self.administrator, **given).status == 200
        return keys_in(self.query("iam", "CreateAccessKey", self.administrator, UserName=name))

    def session(self, keys: Keys) -> Keys:
        """What `GetSessionToken` gives for them."""
        return keys_in(self.query("sts", "GetSessionToken", keys))

    def guest(self) -> Keys:
        """Credentials of a new guest of the default pool."""
        identity = self.cognito("GetId", IdentityPoolId=self.pool_id)["IdentityId"]
        credentials = self.cognito("GetCredentialsForIdentity", IdentityId=identity)["Credentials"]
        return Keys(credentials["AccessKeyId"], credentials["SecretKey"], credentials["SessionToken"])

    def decision(self, answer: Response) -> Any:
        """What the gate remembers of an answer."""
        record = self.application.decisions.get(dict(answer.headers)[b"x-amzn-requestid"].decode())
        assert record is not None
        return record.to_json()


def text_in(answer: Response, name: str) -> str:
    """The text of the first XML element of this name; empty if there is none."""
    return unescape(answer.body.decode().partition(f"<{name}>")[2].partition("<")[0])


def keys_in(answer: Response) -> Keys:
    """The credentials in an answer of STS or IAM."""
    assert answer.status == 200, answer.body
    id_, secret, token = (text_in(answer, name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    return Keys(id_, secret, token or None)


def scope_of(request: Request) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path.decode("latin-1"),
        "raw_path": request.path,
        "query_string": request.query,
        "headers": list(request.headers),
        "root_path": "",
        "client": ("192.0.2.7", 1234),
        "server": ("192.0.2.1", 80),
        "state": {},
    }


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """`ANY /` and `ANY /{proxy+}` behind IAM, `GET /open` open; the default pool and its role in the store."""
    with opened(tmp_path / "data") as made:
        yield made


@contextmanager
def opened(folder: Path, url: str | None = None) -> Iterator[House]:
    """The house on a store: the folder's own, or one on PostgreSQL."""
    app = App()
    integration = AsgiIntegration(app, Function("pets", "arn"), {})
    routes = RouteTable(
        [
            Route("ANY", "/", Protection.IAM, integration),
            Route("ANY", "/{proxy+}", Protection.IAM, integration),
            Route("GET", "/open", Protection.OPEN, integration, exact=True),
            Route("ANY", "/open", Protection.IAM, integration),
        ]
    )
    account, region = DEPLOYMENT.account, DEPLOYMENT.region
    api = Api(api_id(account, region, "pets"), "pets", "api", routes, DEPLOYMENT)
    with asyncio.Runner() as runner:
        store = runner.run(Store.open(folder, account=account, region=region, url=url))
        try:
            administrator = files.administrator(folder, account)
            runner.run(default_pool.ensure(store, DEPLOYMENT, api, time.time()))
            gate = Gate(Settings(), folder, "http://gate.test", api, None, HandlerThreads())
            application = application_of(gate, store, administrator)
            keys = Keys(administrator.id, administrator.secret_access_key)
            pool_id = identity_pool_id(account, region, "pets")
            yield House(runner, store, application, app, keys, pool_id, api)
        finally:
            runner.run(store.close())
