"""A Chalice app behind the gate: each handler its own caller, events as Lambda gives them, calls back into the gate."""

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from gatepass.http import Request
from gatepass.sigv4 import Keys, sign

APP = '''\
import json
import os
import threading
import urllib.request

from chalice import Blueprint, Chalice, CORSConfig, IAMAuthorizer, Response

app = Chalice(app_name="everything")
more = Blueprint(__name__)
iam = IAMAuthorizer()
together = threading.Barrier(50, timeout=60)
ENVIRONMENT = dict(os.environ)


def identity(request):
    return request.context["identity"]


@app.route("/who", authorizer=iam)
def who():
    before = identity(app.current_request)
    together.wait()
    return {"before": before, "after": identity(app.current_request), "request": app.lambda_context.aws_request_id,
            "context": app.current_request.context["requestId"]}


@more.route("/who-else", authorizer=iam)
def who_else():
    together.wait()
    return {"before": identity(more.current_request), "after": identity(more.current_request),
            "request": more.lambda_context.aws_request_id, "context": more.current_request.context["requestId"]}


@app.route("/event/{id}", methods=["GET", "POST", "PUT"], authorizer=iam,
           content_types=["application/json", "application/octet-stream", "text/plain"])
def event(id):
    return app.current_request.to_original_event()


@app.route("/open/{id}")
def opened(id):
    return app.current_request.to_original_event()


@app.route("/files/{proxy+}", authorizer=iam)
def files():
    return app.current_request.uri_params


@app.route("/bytes", content_types=["application/octet-stream"], methods=["GET", "POST"])
def binary():
    body = app.current_request.raw_body or bytes(range(256))
    return Response(body, headers={"Content-Type": "application/octet-stream"})


@app.route("/cookies")
def cookies():
    return Response("x", status_code=201, headers={"Set-Cookie": ["a=1", "b=2"], "Content-Type": "text/plain"})


@app.route("/cors", methods=["GET", "PUT"], cors=CORSConfig("https://app.test", max_age=60), authorizer=iam)
def cors():
    return {}


@app.route("/raises")
def raises():
    raise ValueError("boom")


@app.route("/not-an-answer")
def not_an_answer():
    return Response(b"bytes", headers={"Content-Type": "text/plain"})


@app.route("/environment")
def environment():
    return ENVIRONMENT


@app.route("/again/{times}")
def again(times):
    """Calls the gate, which calls this, and so on."""
    if int(times) == 0:
        return {"depth": 0}
    with urllib.request.urlopen(os.environ["API_URL"] + f"again/{int(times) - 1}") as answer:
        return {"depth": json.load(answer)["depth"] + 1}


app.register_blueprint(more)
'''


@pytest.fixture(scope="module")
def gate(a_gate: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("everything")
    (folder / "app.py").write_text(APP)
    (folder / ".chalice").mkdir()
    config = {"api_gateway_stage": "v1", "environment_variables": {"MINE": "1", "API_URL": "https://aws"}}
    (folder / ".chalice" / "config.json").write_text(json.dumps(config))
    with a_gate(folder / "data", str(folder)) as running:
        yield running


def operation(gate: Any, name: str, **given: Any) -> Any:
    headers = {"X-Amz-Target": f"AWSCognitoIdentityService.{name}", "Content-Type": "application/x-amz-json-1.1"}
    request = urllib.request.Request(gate.endpoint, json.dumps(given).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def guest(gate: Any) -> tuple[str, Keys]:
    """A new guest's identity id and keys."""
    identity_id = operation(gate, "GetId", IdentityPoolId=gate.pool_id)["IdentityId"]
    found = operation(gate, "GetCredentialsForIdentity", IdentityId=identity_id)["Credentials"]
    return identity_id, Keys(found["AccessKeyId"], found["SecretKey"], found["SessionToken"])


Answer = tuple[int, Any, bytes]


def call(
    gate: Any,
    path: str,
    keys: Keys | None = None,
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Status, headers and body of a call of the API."""
    split = urlsplit(gate.url + path)
    given = {"host": split.netloc, **(headers or {})}
    if keys is not None:
        raw = [(name.encode(), value.encode()) for name, value in given.items()]
        request = Request(method, split.path.encode(), split.query.encode(), raw, body)
        added = sign(request, keys, region=gate.region, service="execute-api", now=time.time())
        given |= {name.decode(): value.decode() for name, value in added}
    sent = urllib.request.Request(gate.url + path, body or None, given, method=method)
    try:
        with urllib.request.urlopen(sent, timeout=90) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


@pytest.mark.parametrize("path", ["who", "who-else"])
def test_fifty_callers_at_once(gate: Any, path: str) -> None:
    """All of them at work at the same time, each sees its own identity from beginning to end."""
    guests = [guest(gate) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda each: call(gate, path, each[1]), guests))
    seen = set()
    for (identity_id, keys), (status, headers, body) in zip(guests, answers, strict=True):
        assert status == 200, body
        told = json.loads(body)
        for moment in ("before", "after"):
            assert told[moment]["cognitoIdentityId"] == identity_id
            assert told[moment]["accessKey"] == keys.access_key_id
        assert told["request"] == told["context"] == headers["x-amzn-requestid"]
        seen.add(told["request"])
    assert len(seen) == 50


def test_the_event_of_a_guest(gate: Any) -> None:
    """As captured on AWS: no signature, lower-case names, every value of a repeated key."""
    identity_id, keys = guest(gate)
    status, headers, body = call(gate, "event/a%20b?x=1&x=2&y=a%20b", keys, headers={"x-mine": "1"})
    event = json.loads(body)
    context = event["requestContext"]
    assert status == 200
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/event/{id}", "/event/a%20b", "GET")
    assert event["pathParameters"] == {"id": "a%20b"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": ["a b"]}
    assert event["queryStringParameters"] == {"x": "2", "y": "a b"}
    assert (event["body"], event["isBase64Encoded"]) == (None, False)
    assert "authorization" not in event["headers"]
    assert {"host", "x-mine", "x-amz-date", "x-amz-security-token"} <= set(event["headers"])
    assert (context["stage"], context["path"], context["resourcePath"]) == ("v1", "/v1/event/a%20b", "/event/{id}")
    assert context["apiId"] == gate.ready["apis"][0]["api_id"]
    assert context["requestId"] == headers["x-amzn-requestid"]
    assert context["extendedRequestId"] == headers["x-amz-apigw-id"]
    identity = context["identity"]
    assert identity == {
        "cognitoIdentityPoolId": gate.pool_id,
        "accountId": "123456789012",
        "cognitoIdentityId": identity_id,
        "caller": identity["user"],
        "sourceIp": "127.0.0.1",
        "principalOrgId": None,
        "accessKey": keys.access_key_id,
        "cognitoAuthenticationType": "unauthenticated",
        "cognitoAuthenticationProvider": None,
        "userArn": "arn:aws:sts::123456789012:assumed-role/everything-guests/CognitoIdentityCredentials",
        "userAgent": event["headers"]["user-agent"],
        "user": identity["user"],
    }
    assert identity["user"].startswith("AROA")
    assert identity["user"].endswith(":CognitoIdentityCredentials")


def test_an_open_route_knows_nobody(gate: Any) -> None:
    event = json.loads(call(gate, "open/1", headers={"authorization": "Bearer x"})[2])
    assert event["headers"]["authorization"] == "Bearer x"
    identity = event["requestContext"]["identity"]
    assert {name for name, value in identity.items() if value is not None} == {"sourceIp", "userAgent"}


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("application/json", b'{"a": 1}', ('{"a": 1}', False)),
        ("text/plain", "é".encode(), ("é", False)),
        ("application/octet-stream", bytes(range(256)), (base64.b64encode(bytes(range(256))).decode(), True)),
    ],
)
def test_bodies_in(gate: Any, kind: str, body: bytes, expected: tuple[str, bool]) -> None:
    """Text as text, binary types as Base64; verified either way."""
    _, keys = guest(gate)
    event = json.loads(call(gate, "event/1", keys, method="POST", body=body, headers={"content-type": kind})[2])
    assert (event["body"], event["isBase64Encoded"]) == expected


def test_bodies_out(gate: Any) -> None:
    """Bytes, if the first type of Accept is binary; else what API Gateway gives: Chalice's complaint, or Base64."""
    octets = "application/octet-stream"
    accepted = {"accept": octets, "content-type": octets}
    status, headers, body = call(gate, "bytes", headers=accepted)
    assert (status, headers["content-type"], body) == (200, octets, bytes(range(256)))
    assert call(gate, "bytes", method="POST", body=b"\x00\xff", headers=accepted)[2] == b"\x00\xff"
    later = {"accept": f"text/html,{octets}", "content-type": octets}
    assert base64.b64decode(call(gate, "bytes", headers=later)[2]) == bytes(range(256))
    assert call(gate, "bytes", headers={"accept": "text/html", "content-type": octets})[0] == 400


def test_repeated_headers_out(gate: Any) -> None:
    status, headers, body = call(gate, "cookies")
    assert (status, body, headers["content-type"]) == (201, b"x", "text/plain")
    assert headers.get_all("set-cookie") == ["a=1", "b=2"]


def test_greedy_paths_and_slashes(gate: Any) -> None:
    """A greedy parameter keeps what is in between; a slash at the end does not count for the route."""
    _, keys = guest(gate)
    assert json.loads(call(gate, "files/a/b%2Bc", keys)[2]) == {"proxy": "a/b%2Bc"}
    assert json.loads(call(gate, "files/a/", keys)[2]) == {"proxy": "a"}
    assert call(gate, "open/1/")[0] == 200


def test_preflight(gate: Any) -> None:
    """Open, and answered as the mock integration does that Chalice deploys; the routes themselves stay closed."""
    status, headers, body = call(gate, "cors", method="OPTIONS", headers={"origin": "https://app.test"})
    assert (status, body, headers["content-type"]) == (200, b"", "application/json")
    assert headers["access-control-allow-methods"] == "GET,PUT,OPTIONS"
    assert headers["access-control-allow-origin"] == "https://app.test"
    assert headers["access-control-max-age"] == "60"
    assert call(gate, "cors")[0] == 403
    assert call(gate, "cors", guest(gate)[1])[1]["access-control-allow-origin"] == "https://app.test"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "nix"), ("DELETE", "who"), ("OPTIONS", "who"), ("HEAD", "who"), ("HEAD", "open/1")]
)
def test_what_has_no_route(gate: Any, method: str, path: str) -> None:
    """API Gateway answers, not Chalice: neither 404 nor 405."""
    status, headers, body = call(gate, path, method=method)
    assert (status, headers["x-amzn-errortype"]) == (403, "MissingAuthenticationTokenException")
    assert body == (b"" if method == "HEAD" else b'{"message":"Missing Authentication Token"}')


def test_content_types_are_chalice_s_affair(gate: Any) -> None:
    _, keys = guest(gate)
    status, _, body = call(gate, "event/1", keys, method="PUT", body=b"x", headers={"content-type": "text/html"})
    assert (status, json.loads(body)["Code"]) == (415, "UnsupportedMediaType")


def test_handlers_that_break(gate: Any) -> None:
    """Chalice's own answer for an exception; API Gateway's for what is no answer."""
    status, _, body = call(gate, "raises")
    assert (status, json.loads(body)["Code"]) == (500, "InternalServerError")
    status, headers, body = call(gate, "not-an-answer")
    assert (status, body) == (502, b'{"message": "Internal server error"}')
    assert headers["x-amzn-errortype"] == "InternalServerErrorException"


def test_the_environment(gate: Any) -> None:
    """Set when the app is imported; it leads here, and holds no key of the administrator's."""
    found = json.loads(call(gate, "environment")[2])
    expected = {
        "IDENTITY_POOL_ID": gate.pool_id,
        "API_URL": gate.url,
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY": gate.endpoint,
        "AWS_ENDPOINT_URL_STS": gate.endpoint,
        "AWS_ENDPOINT_URL_IAM": gate.endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MINE": "1",
    }
    assert {name: found.get(name) for name in expected} == expected
    assert "AWS_ENDPOINT_URL" not in found
    assert gate.administrator.secret_access_key not in json.dumps(found)


def test_the_app_calls_back(gate: Any) -> None:
    """Many at once, each many deep: handlers wait for handlers, and nobody waits for a thread."""
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: call(gate, "again/20"), range(20)))
    assert [(status, json.loads(body)) for status, _, body in answers] == [(200, {"depth": 20})] * 20


def test_at_the_limit_the_answer_comes_at_once(gate: Any) -> None:
    """Ever deeper: at a thousand handlers one is refused, all of them end, and the gate goes on."""
    status, _, body = call(gate, "again/1100")
    assert status == 500
    assert json.loads(body)["Code"] == "InternalServerError"
    assert call(gate, "again/1")[0] == 200


def test_by_host_and_by_path(gate: Any) -> None:
    """An API answers to its own host name and path, too."""
    api_id = gate.ready["apis"][0]["api_id"]
    host = {"host": f"{api_id}.execute-api.us-east-1.amazonaws.com"}
    assert json.loads(call(gate, "open/1", headers=host)[2])["requestContext"]["domainPrefix"] == api_id
    with urllib.request.urlopen(f"{gate.endpoint}/_apis/{api_id}/v1/open/1", timeout=30) as answer:
        assert json.load(answer)["requestContext"]["path"] == "/v1/open/1"
    unknown = {"host": "zzzzzzzzzz.execute-api.us-east-1.amazonaws.com"}
    assert call(gate, "open/1", headers=unknown)[0] == 403
