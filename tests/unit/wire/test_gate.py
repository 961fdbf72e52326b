"""API Gateway's own answers: bytes, status and headers of every refusal."""

import json
import re

import pytest

from gatepass import errors
from gatepass.wire import gate

REQUEST_ID = "3f9c1d6e-8a41-4f0b-9a51-0f3d2a5b7c90"
MISMATCH = errors.SignatureMismatch(
    b"GET\n/prod/path\n\nhost:a.test\nx-amz-date:20200211T205529Z\n\nhost;x-amz-date\ne3b0",
    b"AWS4-HMAC-SHA256\n20200211T205529Z\n20200211/us-east-1/execute-api/aws4_request\n6f2a",
)

ANSWERS: list[tuple[errors.ServiceError, int, str, bytes]] = [
    (
        errors.MissingAuthenticationToken(),
        403,
        "MissingAuthenticationTokenException",
        b'{"message":"Missing Authentication Token"}',
    ),
    (errors.Forbidden(), 403, "ForbiddenException", b'{"message":"Forbidden"}'),
    (errors.BadRequest(detail="never seen"), 400, "BadRequestException", b'{"message":"Bad Request"}'),
    (errors.RequestTooLarge(), 413, "RequestTooLargeException", b'{"message":"Request Entity Too Large"}'),
    (errors.InternalFailure(), 500, "InternalServerErrorException", b'{"message": "Internal server error"}'),
    (
        errors.MalformedIntegrationResponse(),
        502,
        "InternalServerErrorException",
        b'{"message": "Internal server error"}',
    ),
    (
        errors.UnrecognizedClient(),
        403,
        "UnrecognizedClientException",
        b'{"message":"The security token included in the request is invalid."}',
    ),
    (
        errors.ExpiredToken(),
        403,
        "ExpiredTokenException",
        b'{"message":"The security token included in the request is expired"}',
    ),
    (
        errors.SignatureExpired("Signature expired: …"),
        403,
        "InvalidSignatureException",
        '{"message":"Signature expired: …"}'.encode(),
    ),
    (errors.IncompleteSignature("x"), 403, "IncompleteSignatureException", b'{"message":"x"}'),
    (errors.AccessDenied("User: …"), 403, "AccessDeniedException", '{"Message":"User: …"}'.encode()),
]


@pytest.mark.parametrize(("failure", "status", "name", "body"), ANSWERS, ids=lambda value: type(value).__name__)
def test_every_refusal_has_its_bytes(failure: errors.ServiceError, status: int, name: str, body: bytes) -> None:
    """Status, body and bare exception name are API Gateway's; our reasons stay inside."""
    response = gate.error(failure, REQUEST_ID)
    assert (response.status, response.body) == (status, body)
    assert dict(response.headers)[b"x-amzn-errortype"].decode() == name


def test_the_lengths_are_those_recorded() -> None:
    """Content-Length was recorded on AWS for these three."""
    lengths = [
        len(gate.error(failure, REQUEST_ID).body)
        for failure in (errors.MissingAuthenticationToken(), errors.UnrecognizedClient(), errors.InternalFailure())
    ]
    assert lengths == [42, 68, 36]


def test_the_headers_of_a_refusal() -> None:
    """Content type, the request id as it is, and an extended id of AWS's looks."""
    headers = dict(gate.error(errors.Forbidden(), REQUEST_ID).headers)
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"x-amzn-requestid"].decode() == REQUEST_ID
    assert re.fullmatch(rb"[A-Za-z0-9+/]{15}=", headers[b"x-amz-apigw-id"])


def test_a_mismatch_shows_what_should_have_been_signed() -> None:
    """The dump, its quotes and its line ends are AWS's."""
    body = gate.error(MISMATCH, REQUEST_ID).body.decode()
    assert json.loads(body)["message"] == (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access"
        " Key and signing method. Consult the service documentation for details.\n\n"
        "The Canonical String for this request should have been\n'GET\n/prod/path\n\nhost:a.test\n"
        "x-amz-date:20200211T205529Z\n\nhost;x-amz-date\ne3b0'\n\n"
        "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20200211T205529Z\n"
        "20200211/us-east-1/execute-api/aws4_request\n6f2a'\n"
    )
    assert body.endswith("\\n6f2a'\\n\"}")


@pytest.mark.parametrize("value", [b'"quoted"', b"back\\slash", b"\x01\x1f", b"caf\xc3\xa9", b"\xff\xfe"])
def test_a_mismatch_is_json_whatever_was_sent(value: bytes) -> None:
    """A header's bytes reach the dump; they never break out of the string."""
    body = gate.error(errors.SignatureMismatch(b"GET\n/\n\nx:" + value, b"AWS4"), REQUEST_ID).body
    assert value.decode("utf-8", "replace") in json.loads(body)["message"]
