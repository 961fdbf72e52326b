"""API Gateway's own answers: what a REST API says when the request never reaches, or never leaves, the integration.

Names, statuses and bodies are byte for byte those of a regional REST API with `AWS_IAM`.
"""

from __future__ import annotations

import base64
import json
from typing import Literal

from gatepass.errors import AccessDenied, InternalFailure, ServiceError, SignatureMismatch
from gatepass.http import Response

CONTENT_TYPE = (b"content-type", b"application/json")
# Recorded with a blank after the colon, unlike every other body.
INTERNAL_SERVER_ERROR = b'{"message": "Internal server error"}'

Limit = Literal["identity", "session", "boundary", "resource", "scp", "rcp", "vpce"]

_POLICIES: dict[str, str] = {
    "identity": "identity-based policy",
    "session": "session policy",
    "boundary": "permissions boundary",
    "resource": "resource-based policy",
    "scp": "service control policy",
    "rcp": "resource control policy",
    "vpce": "VPC endpoint policy",
}


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


def extended_request_id(request_id: str) -> str:
    """Sixteen characters that end in `=`, derived from the request id."""
    return base64.b64encode(bytes.fromhex(request_id.replace("-", ""))[5:]).decode()


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


def denial(caller: str, action: str, resource: str, limit: str, *, explicit: bool) -> str:
    """AWS's sentence for a request that no policy allows, or that one denies.

    Args:
        caller: an ARN, or `anonymous`.
        limit: the type of the policy that denies, or that is missing an Allow.
    """
    policy = _POLICIES[limit]
    sentence = f"User: {caller} is not authorized to perform: {action} on resource: {resource}"
    if explicit:
        article = "an" if policy[0] in "aeiou" else "a"
        return f"{sentence} with an explicit deny in {article} {policy}"
    return f"{sentence} because no {policy} allows the {action} action"


def masked(method_arn: str) -> str:
    """A method ARN as a denial prints it: of the account, only the last four digits."""
    parts = method_arn.split(":", 5)
    parts[4] = "********" + parts[4][-4:]
    return ":".join(parts)
