"""API Gateway's own answers: what a REST API says when the request never reaches, or never leaves, the integration.

Names, statuses and bodies are byte for byte those of a regional REST API with `AWS_IAM`.
"""

from __future__ import annotations

import json

from gatepass.errors import AccessDenied, InternalFailure, ServiceError, SignatureMismatch
from gatepass.http import Response

CONTENT_TYPE = (b"content-type", b"application/json")
# Recorded with a blank after the colon, unlike every other body.
INTERNAL_SERVER_ERROR = b'{"message": "Internal server error"}'


def error(failure: ServiceError, request_id: str) -> Response:
    """The gate's refusal; the `detail` of the failure stays here."""
    if isinstance(failure, InternalFailure):
        body = INTERNAL_SERVER_ERROR
    else:
        # Policy denials alone say `Message`, whatever GetGatewayResponses lists.
        member = "Message" if isinstance(failure, AccessDenied) else "message"
        body = json.dumps({member: text(failure)}, ensure_ascii=False, separators=(",", ":")).encode()
    headers = (CONTENT_TYPE, *identifiers(request_id), (b"x-amzn-errortype", f"{failure.code}Exception".encode()))
    return Response(failure.status, headers, body)


def identifiers(request_id: str) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    """The two headers that every answer of an API carries."""
    return (b"x-amzn-requestid", request_id.encode()), (b"x-amz-apigw-id", extended_request_id(request_id).encode())


def identifier_lines(request_id: str) -> bytes:
    """The same two as lines of an HTTP/1.1 head."""
    return f"x-amzn-requestid: {request_id}\r\nx-amz-apigw-id: {extended_request_id(request_id)}\r\n".encode()


def extended_request_id(request_id: str) -> str:
    """Sixteen characters that end in `=`, as API Gateway's own look, derived from the request id."""
    return f"{request_id[24:]}{request_id[:3]}="


def text(failure: ServiceError) -> str:
    """The sentence of a failure; of a mismatch, with what the client should have signed."""
    if not isinstance(failure, SignatureMismatch):
        return failure.message
    canonical_request = failure.canonical_request.decode("utf-8", "replace")
    string_to_sign = failure.string_to_sign.decode("utf-8", "replace")
    return (
        f"{failure.message}\n\nThe Canonical String for this request should have been\n'{canonical_request}'"
        f"\n\nThe String-to-Sign should have been\n'{string_to_sign}'\n"
    )
