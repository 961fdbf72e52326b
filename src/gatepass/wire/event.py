"""The Lambda proxy event of a REST API, and what a proxy function may answer.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from gatepass.errors import MalformedIntegrationResponse
from gatepass.http import Headers, Request, Response
from gatepass.principal import Principal
from gatepass.wire.gate import extended_request_id

Event = dict[str, Any]
MediaTypes = Sequence[str]


class Place(NamedTuple):
    """Where in which API the request was routed to.

    Attributes:
        account: the API's owner.
        resource: the template that matched: `/pets/{petId}`.
        path: what was asked for, without the stage.
        stage_path: the same with the stage.
        parameters: of the path; as received, not decoded.
    """

    account: str
    api_id: str
    stage: str
    resource_id: str
    deployment_id: str
    resource: str
    path: str
    stage_path: str
    parameters: Mapping[str, str] | None


# --- the event


def proxy_event(
    request: Request, place: Place, principal: Principal | None, *, request_id: str, now: float, binary: MediaTypes
) -> Event:
    """What a function is called with.

    Args:
        binary: media types whose bodies are Base64, as the API's `binaryMediaTypes`.
    """
    single, multiple = _headers(request.headers)
    query = _query(request.query)
    body, is_base64 = _body(request, binary)
    return {
        "resource": place.resource,
        "path": place.path,
        "httpMethod": request.method,
        "headers": single or None,
        "multiValueHeaders": multiple or None,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(place.parameters) if place.parameters else None,
        "stageVariables": None,
        "requestContext": _request_context(request, place, principal, single, request_id, now),
        "body": body,
        "isBase64Encoded": is_base64,
    }


def _headers(headers: Headers) -> tuple[dict[str, str], dict[str, list[str]]]:
    """By name: the last value, and all of them. What proved the caller is dropped, any other Authorization kept."""
    single: dict[str, str] = {}
    multiple: dict[str, list[str]] = {}
    for key, raw in headers:
        if key == b"authorization" and is_signature(raw):
            continue
        name, value = key.decode("latin-1"), _decoded(raw)
        single[name] = value
        multiple.setdefault(name, []).append(value)
    return single, multiple


def is_signature(authorization: bytes) -> bool:
    """Whether this value of `Authorization` is a Signature Version 4."""
    return authorization.startswith(b"AWS4-")


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _query(query: bytes) -> dict[str, list[str]]:
    """Decoded values by decoded name. API Gateway splits at `;` too."""
    values: dict[str, list[str]] = {}
    for part in query.decode("latin-1").replace(";", "&").split("&"):
        if part:
            name, _, value = part.partition("=")
            values.setdefault(_unquoted(name), []).append(_unquoted(value))
    return values


def _unquoted(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text


def _body(request: Request, binary: MediaTypes) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    if _is_binary(request.header(b"content-type"), binary):
        return base64.b64encode(request.body).decode(), True
    return request.body.decode("utf-8", "replace"), False


def _is_binary(value: bytes | None, binary: MediaTypes) -> bool:
    """Whether the first media type of a `Content-Type` or `Accept` is one of the binary ones."""
    if "*/*" in binary:
        return True
    if not value:
        return False
    media_type = value.decode("latin-1").partition(",")[0].partition(";")[0].strip().lower()
    if "/" not in media_type:
        return False
    any_of_kind = media_type.partition("/")[0] + "/*"
    return any(known.partition(";")[0].lower() in (media_type, any_of_kind) for known in binary)


def _request_context(
    request: Request, place: Place, principal: Principal | None, headers: Mapping[str, str], request_id: str, now: float
) -> dict[str, Any]:
    host = headers.get("host", "")
    domain = host if host.startswith("[") else host.partition(":")[0]
    return {
        "resourceId": place.resource_id,
        "resourcePath": place.resource,
        "httpMethod": request.method,
        "extendedRequestId": extended_request_id(request_id),
        "requestTime": _request_time(int(now)),
        "path": place.stage_path,
        "accountId": place.account,
        "protocol": "HTTP/1.1",
        "stage": place.stage,
        "domainPrefix": domain.partition(".")[0],
        "requestTimeEpoch": int(now * 1000),
        "requestId": request_id,
        "identity": identity(principal, request.source_ip, headers.get("user-agent")),
        "domainName": domain,
        "deploymentId": place.deployment_id,
        "apiId": place.api_id,
    }


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=4)
def _request_time(now: int) -> str:
    """`17/Jun/2024:14:58:25 +0000`, whatever the locale."""
    moment = datetime.fromtimestamp(now, UTC)
    return f"{moment:%d}/{_MONTHS[moment.month - 1]}/{moment:%Y:%H:%M:%S} +0000"


def identity(principal: Principal | None, source_ip: str, user_agent: str | None) -> dict[str, str | None]:
    """`requestContext.identity`: always twelve keys, null for what is unknown."""
    amr = principal.amr if principal else ()
    return {
        "cognitoIdentityPoolId": principal.identity_pool_id if principal else None,
        "accountId": principal.account if principal else None,
        "cognitoIdentityId": principal.identity_id if principal else None,
        "caller": principal.user_id if principal else None,
        "sourceIp": source_ip or None,
        "principalOrgId": None,
        "accessKey": principal.access_key_id if principal else None,
        "cognitoAuthenticationType": amr[0] if amr else None,
        "cognitoAuthenticationProvider": ",".join(amr[1:]) or None,
        "userArn": principal.arn if principal else None,
        "userAgent": user_agent,
        "user": principal.user_id if principal else None,
    }


# --- the answer

_MEMBERS = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FORBIDDEN_IN_VALUES = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# Those of the connection are the gate's own affair; these it passes on under another name.
_DROPPED = frozenset({"transfer-encoding", "te", "trailer", "upgrade", "keep-alive", "proxy-connection"})
_REMAPPED = frozenset({"authorization", "connection", "content-length", "date", "server", "www-authenticate"})


def proxy_response(result: object, accept: bytes | None, binary: MediaTypes) -> Response:
    """What a function's answer becomes.

    Args:
        accept: the request's `Accept`; its first media type decides whether Base64 is decoded.

    Raises: MalformedIntegrationResponse, for anything that is not a proxy answer; `detail` says what.
    """
    if not isinstance(result, dict):
        raise _malformed(f"it is {type(result).__name__}, not a dictionary")
    if unknown := sorted(str(name) for name in result.keys() - _MEMBERS):
        raise _malformed(f"`{unknown[0]}` is no member of a proxy answer")
    body = result.get("body")
    if body is not None and not isinstance(body, str):
        raise _malformed(f"`body` is {type(body).__name__}, not a string")
    content = (body or "").encode("utf-8", "surrogatepass")
    if result.get("isBase64Encoded") and _is_binary(accept, binary):
        content = _from_base64(content)
    return Response(_status(result.get("statusCode")), _answer_headers(result), content)


def _malformed(why: str) -> MalformedIntegrationResponse:
    return MalformedIntegrationResponse(detail=f"malformed Lambda proxy response: {why}")


def _status(value: object) -> int:
    try:
        status = int(value) if isinstance(value, int | str) and value else 200 if value is None else 0
    except ValueError:
        status = 0
    if not 200 <= status <= 599:
        raise _malformed(f"`statusCode` is {value!r}")
    return status


def _from_base64(body: bytes) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as failure:
        raise _malformed(f"`body` is not Base64: {failure}") from failure


def _answer_headers(result: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """`multiValueHeaders`, then those of `headers` that add something; JSON is the default type."""
    pairs: list[tuple[bytes, bytes]] = []
    for member in ("multiValueHeaders", "headers"):
        headers = result.get(member)
        if headers is None:
            continue
        if not isinstance(headers, dict):
            raise _malformed(f"`{member}` is {type(headers).__name__}, not a dictionary")
        for name, values in headers.items():
            for value in values if isinstance(values, list | tuple) else (values,):
                pair = _header(name, value, member)
                if pair is not None and (member == "multiValueHeaders" or pair not in pairs):
                    pairs.append(pair)
    if not any(name == b"content-type" for name, _ in pairs):
        pairs.append((b"content-type", b"application/json"))
    return pairs


def _header(name: object, value: object, member: str) -> tuple[bytes, bytes] | None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _malformed(f"`{member}` has a name that no header can have: {name!r}")
    if not isinstance(value, str | bool):
        raise _malformed(f"the header `{name}` is {type(value).__name__}, not a string")
    text = str(value).lower() if isinstance(value, bool) else value
    if _FORBIDDEN_IN_VALUES.search(text):
        raise _malformed(f"the header `{name}` has a control character")
    key = name.lower()
    if key in _DROPPED:
        return None
    if key in _REMAPPED:
        key = "x-amzn-remapped-" + key
    return key.encode(), text.encode("utf-8", "replace")
