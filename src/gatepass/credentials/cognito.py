"""What is said to Amazon Cognito Identity: GetId, then GetCredentialsForIdentity.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html (enhanced flow)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from gatepass.credentials.conversation import Ask, Conversation, Login, Send, Wait
from gatepass.credentials.provider import Credentials
from gatepass.errors import CredentialsError, CredentialsRefused, Unreachable
from gatepass.http import Request, Response
from gatepass.sigv4.dates import parse_http_date

T = TypeVar("T")

ATTEMPTS = 4
FIRST_DELAY = 0.2
THROTTLES = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling"})
_HINTS = {
    "Unauthenticated access is not supported for this identity pool.": (
        "let guests in (AllowUnauthenticatedIdentities of the pool), or log in"
    ),
    "Invalid identity pool configuration. Check assigned IAM roles for this pool.": (
        "the pool needs a role for this kind of identity, whose trust policy names the pool"
    ),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom to ask, and for what.

    Attributes:
        endpoint: without a trailing slash; a path in it is kept.
        logins: provider name -> token, or a function that gives one.
        pinned: the identity id was given by the caller, and no other will do.
    """

    identity_pool_id: str
    endpoint: str
    logins: Mapping[str, str | Login] = field(default_factory=dict, repr=False)
    custom_role_arn: str | None = None
    account_id: str | None = None
    pinned: bool = False


class Issued(NamedTuple):
    """What the pool gave.

    Attributes:
        served: the server's time when it answered, seconds since the epoch; None if it did not say.
    """

    identity_id: str
    credentials: Credentials
    served: float | None


def issue(terms: Terms, identity_id: str | None, jitter: Callable[[], float]) -> Conversation[Issued]:
    """Credentials for this identity, or for a new one.

    A guest whose identity is gone becomes a new guest, once. Someone who has logged in does not become someone else,
    nor does a caller who asked for one identity get another.

    Args:
        jitter: gives numbers from 0 to 1, to spread retries.
    """
    logins = yield from _tokens(terms.logins)
    if identity_id is None:
        identity_id = yield from _identity_id(terms, logins, jitter)
        return (yield from _credentials(terms, identity_id, logins, jitter))
    try:
        return (yield from _credentials(terms, identity_id, logins, jitter))
    except CredentialsRefused as error:
        if logins or terms.pinned or not _is_stale(error):
            raise
    identity_id = yield from _identity_id(terms, logins, jitter)
    return (yield from _credentials(terms, identity_id, logins, jitter))


def _is_stale(error: CredentialsRefused) -> bool:
    """Whether the identity does not exist any more, or has become someone who logs in."""
    if error.code == "NotAuthorizedException":
        return "Access to Identity" in str(error)
    return error.code == "ResourceNotFoundException"


def _tokens(logins: Mapping[str, str | Login]) -> Conversation[dict[str, str]]:
    tokens = {}
    for provider, login in logins.items():
        if isinstance(login, str):
            tokens[provider] = login
            continue
        try:
            token = yield Ask(login)
        except CredentialsError:
            raise
        except Exception as error:
            raise CredentialsError(f"the login for `{provider}` failed: {type(error).__name__}") from error
        if not isinstance(token, str) or not token:
            raise CredentialsError(
                f"the login for `{provider}` gave {'an empty token' if token == '' else type(token).__name__}",
                hint="it must return the token as a string",
            )
        tokens[provider] = token
    return tokens


def _identity_id(terms: Terms, logins: dict[str, str], jitter: Callable[[], float]) -> Conversation[str]:
    given: dict[str, Any] = {"IdentityPoolId": terms.identity_pool_id}
    if terms.account_id is not None:
        given["AccountId"] = terms.account_id
    if logins:
        given["Logins"] = logins
    # Every GetId of a guest makes an identity: it is repeated only when the first cannot have made one.
    answer, _ = yield from _call(terms, "GetId", given, jitter, repeatable=bool(logins))
    return _member(answer, "GetId", "IdentityId", str)


def _credentials(
    terms: Terms, identity_id: str, logins: dict[str, str], jitter: Callable[[], float]
) -> Conversation[Issued]:
    given: dict[str, Any] = {"IdentityId": identity_id}
    if logins:
        given["Logins"] = logins
    if terms.custom_role_arn is not None:
        given["CustomRoleArn"] = terms.custom_role_arn
    name = "GetCredentialsForIdentity"
    answer, served = yield from _call(terms, name, given, jitter, repeatable=True)
    keys = _member(answer, name, "Credentials", dict)
    expiration = keys.get("Expiration")
    if not isinstance(expiration, int | float):
        raise CredentialsError(f"cognito-identity answered {name} without an Expiration")
    credentials = Credentials(
        access_key_id=_member(keys, name, "AccessKeyId", str),
        secret_access_key=_member(keys, name, "SecretKey", str),
        session_token=_member(keys, name, "SessionToken", str),
        expiration=float(expiration),
    )
    # The id that comes back is the one to keep: it is another one after identities were merged.
    return Issued(_member(answer, name, "IdentityId", str), credentials, served)


def _member(answer: Mapping[str, Any], operation: str, name: str, kind: type[T]) -> T:
    value = answer.get(name)
    if not isinstance(value, kind) or not value:
        raise CredentialsError(f"cognito-identity answered {operation} without {name}")
    return value


def _call(
    terms: Terms, operation: str, given: Mapping[str, Any], jitter: Callable[[], float], *, repeatable: bool
) -> Conversation[tuple[dict[str, Any], float | None]]:
    """One operation, repeated after what may pass; gives its output and the server's time."""
    step = _request(terms.endpoint, operation, given)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            response: Response = yield step
        except Unreachable as error:
            if attempt == ATTEMPTS or (error.sent and not repeatable):
                raise CredentialsError(f"{operation}: {error}", hint=error.hint) from error
        else:
            if response.status == 200:
                return _output(response, operation)
            refusal = _refusal(response, operation)
            passing = refusal.code in THROTTLES or response.status == 429 or (repeatable and response.status >= 500)
            if attempt == ATTEMPTS or not passing:
                raise refusal
        yield Wait(FIRST_DELAY * 2 ** (attempt - 1) * (0.5 + jitter() / 2))
    raise AssertionError("the last attempt returns or raises")


def _request(endpoint: str, operation: str, given: Mapping[str, Any]) -> Send:
    parts = urlsplit(endpoint)
    body = json.dumps(given, separators=(",", ":")).encode()
    headers = (
        (b"content-type", b"application/x-amz-json-1.1"),
        (b"x-amz-target", b"AWSCognitoIdentityService." + operation.encode()),
        (b"accept", b"application/json"),
    )
    request = Request("POST", (parts.path.rstrip("/") + "/").encode(), headers=headers, body=body)
    return Send(f"{parts.scheme}://{parts.netloc}", request)


def _output(response: Response, operation: str) -> tuple[dict[str, Any], float | None]:
    output = _json_object(response.body)
    if output is None:
        raise CredentialsError(f"{operation} was answered with something other than a JSON object")
    date = next((value for name, value in response.headers if name == b"date"), None)
    return output, parse_http_date(date) if date is not None else None


def _refusal(response: Response, operation: str) -> CredentialsRefused:
    answer = _json_object(response.body) or {}
    header = next((value.decode("latin-1") for name, value in response.headers if name == b"x-amzn-errortype"), "")
    # `__type` may carry a namespace before a `#`; the header ends in a colon or an address after one.
    code = str(answer.get("__type") or header).rpartition("#")[2].partition(":")[0] or f"HTTP {response.status}"
    message = str(answer.get("message") or answer.get("Message") or "")
    text = f"{operation}: {code}: {message}" if message else f"{operation}: {code}"
    return CredentialsRefused(text, code=code, hint=_HINTS.get(message, ""))


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
