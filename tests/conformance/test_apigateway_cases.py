"""What API Gateway answers, case by case: the recorded, documented and reported answers of `AWS_IAM`.

Every case of the file is either asked of the gate here, or named in `NOT_SERVED` with the reason.
"""

import asyncio
import dataclasses
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gatepass.gateway import Api, Decision, Protection, Route, RouteTable, Snapshot
from gatepass.gateway.exchange import Exchange
from gatepass.http import Request, Response
from gatepass.operation import Deployment
from gatepass.server.asgi import Application
from gatepass.sigv4 import Keys, presign, sign
from gatepass.store import AccessKey, Directory, Role
from gatepass.store.sharded import ShardedMap
from gatepass.tokens import KeyRing, Session, mint

CASES = json.loads((Path(__file__).parents[1] / "data" / "apigateway_cases.json").read_text())["cases"]
NOT_SERVED = {
    "resource policies of APIs come with templates": (
        *("anonymous-resource-policy-implicit", "anonymous-resource-policy-explicit", "policy-same-allow-allow"),
        *("policy-same-allow-deny", "policy-same-silent-silent", "policy-cross-allow-deny", "policy-cross-deny-allow"),
        *("policy-cross-deny-silent", "policy-cross-deny-deny", "none-auth-resource-policy-silent"),
    ),
    "a route with an API key is refused at the start": ("api-key-missing",),
}
NOW = 1_800_000_000.0
DEPLOYMENT = Deployment("123456789012", "us-east-1")
RING = KeyRing.of("deployment", os.urandom(32))
HOST = (b"host", b"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com")
ARN = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/"
ROLE = Role("guests", "/", "AROAGUESTSGUESTSGUEST", "arn:aws:iam::123456789012:role/guests", "{}")
ALLOWED, DENIED = ("*/*",), ("GET/something-else",)


async def answers(decision: Decision, exchange: Exchange) -> Response | None:
    return Response(200, [(b"content-type", b"application/json")], b"{}")


async def breaks(decision: Decision, exchange: Exchange) -> Response | None:
    raise ZeroDivisionError


async def no_keys(now: float) -> bytes:
    return b""


def application(resources: tuple[str, ...], integration: Any, open_: bool) -> Application:
    """An API whose guests may call these resources."""
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": [ARN + each for each in resources]}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    role = dataclasses.replace(ROLE, inline_policies={"p": document})
    protection = Protection.OPEN if open_ else Protection.IAM
    paths = (("GET", "/"), ("GET", "/pets"), ("GET", "/pets/{petId}"), ("GET", "/path/{proxy+}"))
    routes = RouteTable(Route(method, path, protection, integration) for method, path in paths)
    api = Api("a1b2c3d4e5", "pets", "prod", routes, DEPLOYMENT)
    names = [field.name for field in dataclasses.fields(Directory) if field.name not in ("revision", "changed")]
    maps: dict[str, Any] = {name: ShardedMap([("guests", role)] if name == "roles" else []) for name in names}
    snapshot = Snapshot(DEPLOYMENT, [api], Directory(revision=1, **maps), RING, AccessKey("AKIAROOT", "x"))
    call: Any = None
    return Application(snapshot, {}, call, no_keys, clock=lambda: NOW)


def session(expiration: float = NOW + 3600) -> Keys:
    session = Session(
        *("role-session", "123456789012", int(NOW - 7200), int(expiration), ROLE.arn, ROLE.id),
        *("CognitoIdentityCredentials", "us-east-1:identity", "us-east-1:pool", ("unauthenticated",), True),
    )
    minted = mint(RING, session, salt=os.urandom(16), access_key_entropy=os.urandom(6))
    return Keys(minted.access_key_id, minted.secret_access_key, minted.session_token)


KEYS = session()
Change = Callable[[Request], Request]


def signed(keys: Keys = KEYS, *, change: Change | None = None, now: float = NOW) -> Change:
    """Sign, then change something."""

    def make(request: Request) -> Request:
        added = sign(request, keys, region="us-east-1", service="execute-api", now=now)
        names = {name for name, _ in added}
        made = request._replace(headers=[*(each for each in request.headers if each[0] not in names), *added])
        return made if change is None else change(made)

    return make


def header(name: bytes, edit: Callable[[str], str | None]) -> Change:
    """Replace a header's value; None leaves it out."""

    def change(request: Request) -> Request:
        headers = []
        for key, value in request.headers:
            new = edit(value.decode()) if key == name else value.decode()
            headers += [(key, new.encode())] if new is not None else []
        return request._replace(headers=headers)

    return change


def authorization(edit: Callable[[str], str]) -> Change:
    return signed(change=header(b"authorization", edit))


def given(value: str) -> Change:
    """As it is, in Authorization."""
    return lambda request: request._replace(headers=[HOST, (b"authorization", value.encode())])


def presigned(request: Request) -> Request:
    query = presign(request, KEYS, region="us-east-1", service="execute-api", now=NOW, expires=300)
    return request._replace(query=query)


def unsigned(request: Request) -> Request:
    return request


def without(part: str) -> Change:
    return authorization(
        lambda value: re.sub(rf"(, )?{part}=[^,]*(, )?", lambda m: ", " if m[1] and m[2] else " ", value)
    )


OTHER = session()
MAKE: dict[str, Change] = {
    "no-auth-iam-method": unsigned,
    "unrouted-path-no-auth": unsigned,
    "unrouted-verb-no-auth": unsigned,
    "missing-signature": without("Signature"),
    "missing-signedheaders": without("SignedHeaders"),
    "bad-date-format": signed(change=header(b"x-amz-date", lambda value: "201")),
    "unsupported-algorithm": authorization(lambda value: value.replace("SHA256", "SHA25", 1)),
    "wrong-terminator": authorization(lambda value: value.replace("aws4_request", "aws5_request")),
    "scope-date-mismatch": authorization(lambda value: value.replace("/20270115/", "/20270114/")),
    "unknown-access-key": signed(Keys("AKIAUNKNOWN00000000", "x" * 40)),
    "asia-key-without-token": signed(KEYS._replace(session_token=None)),
    "token-of-other-session": signed(KEYS._replace(session_token=OTHER.session_token)),
    "token-corrupt": signed(KEYS._replace(session_token=(KEYS.session_token or "")[:-20])),
    "token-expired": signed(session(expiration=NOW - 60)),
    "unknown-key-before-bad-signature": signed(
        Keys("AKIAUNKNOWN00000000", "x" * 40), change=header(b"authorization", lambda value: value[:-8] + "deadbeef")
    ),
    "wrong-secret": signed(KEYS._replace(secret_access_key="x" * 40)),
    "unsigned-payload": lambda request: signed()(
        request._replace(headers=[HOST, (b"x-amz-content-sha256", b"UNSIGNED-PAYLOAD")])
    )._replace(body=b"hello"),
    "unsigned-content-sha256-header": signed(
        change=lambda made: made._replace(
            headers=[
                *made.headers,
                (b"x-amz-content-sha256", b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ]
        )
    ),
    "query-auth-without-algorithm": unsigned,
    "query-and-header-auth": given("X"),
    "presigned-get": presigned,
    "trailing-slash-routes": unsigned,
    "head-not-implied-by-get": unsigned,
}
ROUTES_DENIED = frozenset({"arn-masks-account", "arn-root", "arn-trailing-slash-kept"})


def made(case: dict[str, Any]) -> Request:
    """The request of a case."""
    asked = case["given"]
    path, _, query = asked["path"].replace(" ", "%20").partition("?")
    if case["id"] == "presigned-get":
        query = ""
    request = Request(asked["verb"], path.encode(), query.encode(), [HOST])
    if case["id"] in MAKE:
        return MAKE[case["id"]](request)
    text = asked.get("authorization")
    if text is None:
        return request
    recipes = {"valid": signed(), "canonical": signed(), "unauthenticated identity": signed()}
    for beginning, recipe in recipes.items():
        if text.startswith(beginning):
            return recipe(request)
    return given(text)(request)


def ask(case: dict[str, Any]) -> Response:
    request = made(case)
    allowed = DENIED if case["id"] in ROUTES_DENIED else ALLOWED
    if case["id"] == "arn-uses-actual-path":
        allowed = ("GET/pets/a1b2",)
    integration = breaks if case["given"].get("integration") == "broken" else answers
    gate = application(allowed, integration, case["given"]["method_auth"] == "NONE")
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": request.method, "raw_path": request.path, "query_string": request.query}
    asyncio.run(gate({**scope, "headers": list(request.headers), "client": ("192.0.2.7", 1)}, receive, send))
    return Response(sent[0]["status"], sent[0]["headers"], sent[1]["body"])


SERVED = [case for case in CASES if not any(case["id"] in ids for ids in NOT_SERVED.values())]


@pytest.mark.parametrize("case", SERVED, ids=lambda case: case["id"])
def test_a_case(case: dict[str, Any]) -> None:
    """Status, exception name and body are API Gateway's."""
    answer = ask(case)
    headers = dict(answer.headers)
    assert answer.status == case["status"], answer
    if case.get("error_type") is not None:
        assert headers[b"x-amzn-errortype"].decode() == case["error_type"]
        assert headers[b"content-type"] == b"application/json"
        assert re.fullmatch(
            rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", headers[b"x-amzn-requestid"]
        )
        assert re.fullmatch(rb"[A-Za-z0-9+/_-]+=+", headers[b"x-amz-apigw-id"])
    body = answer.body.decode()
    if "body" in case:
        assert body == case["body"]
    if "body_regex" in case:
        assert re.search(case["body_regex"], body), body


def test_no_case_is_forgotten() -> None:
    """What is not asked is named, and nothing is named that is not there."""
    named = {id_ for ids in NOT_SERVED.values() for id_ in ids}
    known = {case["id"] for case in CASES}
    assert named <= known
    assert set(MAKE) <= known
    assert len(SERVED) + len(named) == len(CASES)
