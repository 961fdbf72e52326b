"""The Lambda proxy event, and the answers a proxy function may give."""

import base64
from typing import Any

import pytest

from gatepass.errors import MalformedIntegrationResponse
from gatepass.http import Headers, Request
from gatepass.principal import Principal
from gatepass.wire.event import Event, Place, proxy_event, proxy_response

PLACE = Place(
    account="123456789012",
    api_id="a1b2c3d4e5",
    stage="api",
    resource_id="abc123",
    deployment_id="dep456",
    resource="/pets/{id}",
    path="/pets/a%20b",
    stage_path="/api/pets/a%20b",
    parameters={"id": "a%20b"},
)
GUEST = Principal(
    kind="role-session",
    account="123456789012",
    arn="arn:aws:sts::123456789012:assumed-role/guests/CognitoIdentityCredentials",
    user_id="AROAEXAMPLE:CognitoIdentityCredentials",
    access_key_id="ASIAEXAMPLE",
    identity_id="us-east-1:1412aab6-0000-4000-8000-000000000000",
    identity_pool_id="us-east-1:6ef41744-0000-4000-8000-000000000000",
    amr=("unauthenticated",),
)


def event(
    query: bytes = b"",
    headers: Headers = ((b"host", b"api.test:8080"),),
    body: bytes = b"",
    principal: Principal | None = GUEST,
    binary: tuple[str, ...] = (),
) -> Event:
    request = Request("GET", b"/api/pets/a%20b", query, headers, body, "192.0.2.7")
    return proxy_event(
        request, PLACE, principal, request_id="3f9c1d6e-8a41-4f0b-9a51-0f3d2a5b7c90", now=1718636305.5, binary=binary
    )


def test_the_members_of_an_event() -> None:
    """Every member is there; what is absent is null."""
    found = event()
    assert list(found) == [
        *("resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters"),
        *("multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext", "body"),
        "isBase64Encoded",
    ]
    assert (found["resource"], found["path"], found["httpMethod"]) == ("/pets/{id}", "/pets/a%20b", "GET")
    assert found["pathParameters"] == {"id": "a%20b"}
    assert found["queryStringParameters"] is None
    assert found["multiValueQueryStringParameters"] is None
    assert found["stageVariables"] is None
    assert found["body"] is None
    assert found["isBase64Encoded"] is False


def test_the_request_context() -> None:
    """All keys of a REST API's request context, times in both forms."""
    context = event()["requestContext"]
    assert set(context) == {
        *("resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "path", "accountId"),
        *("protocol", "stage", "domainPrefix", "requestTimeEpoch", "requestId", "identity", "domainName"),
        *("deploymentId", "apiId"),
    }
    assert context["requestTime"] == "17/Jun/2024:14:58:25 +0000"
    assert context["requestTimeEpoch"] == 1718636305500
    assert (context["path"], context["resourcePath"]) == ("/api/pets/a%20b", "/pets/{id}")
    assert (context["domainName"], context["domainPrefix"]) == ("api.test", "api")


TWELVE = {
    *("cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp", "principalOrgId", "accessKey"),
    *("cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "userAgent", "user"),
}


def test_the_identity_of_a_guest() -> None:
    """As captured on AWS: no provider, and `caller` and `user` are the same."""
    identity = event(headers=[(b"user-agent", b"curl/8")])["requestContext"]["identity"]
    assert set(identity) == TWELVE
    assert identity["cognitoAuthenticationType"] == "unauthenticated"
    assert identity["cognitoAuthenticationProvider"] is None
    assert identity["caller"] == identity["user"] == "AROAEXAMPLE:CognitoIdentityCredentials"
    assert identity["userArn"] == GUEST.arn
    assert (identity["accessKey"], identity["accountId"]) == ("ASIAEXAMPLE", "123456789012")
    assert (identity["sourceIp"], identity["userAgent"]) == ("192.0.2.7", "curl/8")
    assert identity["cognitoIdentityId"] == GUEST.identity_id
    assert identity["cognitoIdentityPoolId"] == GUEST.identity_pool_id


def test_the_identity_of_someone_who_logged_in() -> None:
    """The providers follow one another, divided by commas."""
    import dataclasses

    pool = "cognito-idp.us-east-1.amazonaws.com/us-east-1_6wth"
    user = dataclasses.replace(GUEST, amr=("authenticated", pool, f"{pool}:CognitoSignIn:sub-1"))
    identity = event(principal=user)["requestContext"]["identity"]
    assert identity["cognitoAuthenticationType"] == "authenticated"
    assert identity["cognitoAuthenticationProvider"] == f"{pool},{pool}:CognitoSignIn:sub-1"


def test_the_identity_of_nobody() -> None:
    """On an open route the same twelve keys, all null but the address."""
    identity = event(principal=None)["requestContext"]["identity"]
    assert set(identity) == TWELVE
    assert {name for name, value in identity.items() if value is not None} == {"sourceIp"}


def test_a_signature_is_not_handed_on() -> None:
    """A SigV4 Authorization is dropped; the date and the token it came with are not, nor is any other scheme."""
    headers = event(
        headers=[
            (b"authorization", b"AWS4-HMAC-SHA256 Credential=AKID"),
            (b"x-amz-date", b"20240617T145825Z"),
            (b"x-amz-security-token", b"token"),
        ]
    )["headers"]
    assert headers == {"x-amz-date": "20240617T145825Z", "x-amz-security-token": "token"}
    assert event(headers=[(b"authorization", b"Bearer x")])["headers"] == {"authorization": "Bearer x"}


def test_repeated_headers() -> None:
    """The last one is the single value; all are kept in order."""
    found = event(headers=[(b"x-a", b"1"), (b"x-b", b"2"), (b"x-a", b"3")])
    assert found["headers"] == {"x-a": "3", "x-b": "2"}
    assert found["multiValueHeaders"] == {"x-a": ["1", "3"], "x-b": ["2"]}


@pytest.mark.parametrize(
    ("query", "multiple"),
    [
        (b"a=1&a=2", {"a": ["1", "2"]}),
        (b"a&b=", {"a": [""], "b": [""]}),
        (b"a=x+y%2Bz&%C3%A9=%e2%82%ac", {"a": ["x y+z"], "é": ["€"]}),
        (b"a=1;b=2", {"a": ["1"], "b": ["2"]}),
        (b"&&a==", {"a": ["="]}),
        (b"a=%ff", {"a": ["\ufffd"]}),
    ],
)
def test_the_query(query: bytes, multiple: dict[str, list[str]]) -> None:
    """Decoded; the single value is the last one."""
    found = event(query)
    assert found["multiValueQueryStringParameters"] == multiple
    assert found["queryStringParameters"] == {name: values[-1] for name, values in multiple.items()}


@pytest.mark.parametrize(
    ("content_type", "binary", "is_base64"),
    [
        (b"image/png", ("image/png",), True),
        (b"Image/PNG; q=1", ("image/png",), True),
        (b"image/webp", ("image/*",), True),
        (b"image/png", ("*/*",), True),
        (b"text/plain", ("image/png",), False),
        (b"image", ("image/png",), False),
    ],
)
def test_a_binary_body(content_type: bytes, binary: tuple[str, ...], is_base64: bool) -> None:
    """Base64 if the media type is one of the binary ones, else text."""
    found = event(headers=[(b"content-type", content_type)], body=b"\x89PNG", binary=binary)
    assert found["isBase64Encoded"] is is_base64
    assert found["body"] == (base64.b64encode(b"\x89PNG").decode() if is_base64 else "\ufffdPNG")


# --- answers


def test_an_answer() -> None:
    """Every member is optional: an empty answer is an empty 200 of JSON."""
    assert proxy_response({}, None, ()) == (200, [(b"content-type", b"application/json")], b"")
    assert proxy_response({"statusCode": "404", "body": "é"}, None, ()).status == 404
    assert proxy_response({"body": "é"}, None, ()).body == "é".encode()


def test_headers_of_an_answer() -> None:
    """Several values of one name; what both maps name is sent once; booleans as JSON spells them."""
    response = proxy_response(
        {
            "headers": {"X-A": "1", "X-B": True, "Content-Type": "text/plain", "Transfer-Encoding": "chunked"},
            "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "x-a": ["1", "2"]},
        },
        None,
        (),
    )
    assert response.headers == [
        *((b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"x-a", b"1"), (b"x-a", b"2"), (b"x-b", b"true")),
        (b"content-type", b"text/plain"),
    ]


def test_headers_that_are_the_gates_own() -> None:
    """API Gateway passes them on under another name."""
    headers = {"Server": "mine", "WWW-Authenticate": "Basic", "Content-Length": "9"}
    response = proxy_response({"headers": headers}, None, ())
    assert response.headers[:3] == [
        (b"x-amzn-remapped-server", b"mine"),
        (b"x-amzn-remapped-www-authenticate", b"Basic"),
        (b"x-amzn-remapped-content-length", b"9"),
    ]


@pytest.mark.parametrize(
    ("accept", "body"),
    [
        (b"image/png", b"\x89PNG"),
        (b"image/png;q=0.5, text/html", b"\x89PNG"),
        (b"text/html,image/png", b"iVBORw=="),
        (None, b"iVBORw=="),
    ],
)
def test_a_binary_answer(accept: bytes | None, body: bytes) -> None:
    """Only the first media type of Accept decides, as on AWS."""
    answer = {"body": base64.b64encode(b"\x89PNG").decode(), "isBase64Encoded": True}
    assert proxy_response(answer, accept, ("image/png",)).body == body


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        ["list"],
        {"statusCode": 200, "extra": 1},
        {"statusCode": "many"},
        {"statusCode": 99},
        {"statusCode": 700},
        {"statusCode": [200]},
        {"body": b"bytes"},
        {"body": {"a": 1}},
        {"headers": ["a"]},
        {"headers": {"a": 1}},
        {"headers": {"a b": "1"}},
        {"headers": {"a": "1\r\nb: 2"}},
        {"headers": {"a": None}},
        {"multiValueHeaders": {"a": [1]}},
    ],
)
def test_what_is_no_answer(answer: Any) -> None:
    """Anything else is the 502 of a malformed proxy response."""
    with pytest.raises(MalformedIntegrationResponse) as raised:
        proxy_response(answer, None, ())
    assert raised.value.detail.startswith("malformed Lambda proxy response: ")
