"""A gate with a few keys, requests signed in every way, and the cases that the `refusals_*` files register.

A case builds the request to be judged. Each is judged twice: by a verifier that has never seen the signer, and by one
that knows it (`gate.show` lets it see a valid request first), because the two take different ways through the code.
The same cases are what the deliberately broken verifiers of `tests/mutation` must stumble over.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from gatepass.errors import ServiceError, UnrecognizedClient
from gatepass.http import Request
from gatepass.principal import Principal
from gatepass.sigv4 import Key, Keys, Verified, Verifier, canonical_path, payload_hash, presign, sign

NOW = 1_784_115_296
"""15 July 2026, 11:34:56 UTC."""
DATE = "20260715T113456Z"
REGION, SERVICE, HOST = "eu-west-1", "execute-api", b"a1b2c3.execute-api.eu-west-1.example.test"
SCOPE = f"20260715/{REGION}/{SERVICE}/aws4_request"
ROOT = Keys("AKIAQAAAAAAAROOTKEY1", "root/secret+access/key")
GUEST = Keys("ASIAQAAAAAAAGUESTKEY", "guest/secret+access/key", "IQoJb3JpZ2luX2Vj/guest+session/token==")
OTHER = Keys("ASIAQAAAAAAAOTHERKEY", "other/secret+access/key", "IQoJb3JpZ2luX2Vj/other+session/token==")
LIFETIME = 3600

Headers = Sequence[tuple[bytes, bytes]]


def principal(access_key_id: str) -> Principal:
    return Principal("root", "123456789012", "arn:aws:iam::123456789012:root", "123456789012", access_key_id)


@dataclass
class Gate:
    """A verifier and the keys it knows; `known` lets it see valid requests before it judges."""

    known: bool = False
    service: str = SERVICE
    regions: Sequence[str] = (REGION,)
    keys: dict[Keys, float | None] = field(
        default_factory=lambda: {ROOT: None, GUEST: NOW + LIFETIME, OTHER: NOW + LIFETIME}
    )

    def __post_init__(self) -> None:
        self.verifier = Verifier(self.look_up, service=self.service, regions=self.regions)

    def look_up(self, access_key_id: str, session_token: str | None, now: float) -> Key:
        for keys, expiration in self.keys.items():
            if keys.access_key_id == access_key_id and keys.session_token == session_token:
                return Key(keys.secret_access_key, principal(access_key_id), expiration)
        raise UnrecognizedClient

    def verify(self, request: Request, now: float = NOW) -> Verified:
        return self.verifier.verify(request, payload_hash(request.body), now)

    def show(self, request: Request, now: float = NOW) -> Request:
        """Let the verifier see a request that is as it should be."""
        if self.known:
            self.verify(request, now)
            self.verify(request, now)
        return request


# --- building requests


def plain_request(**changes: Any) -> Request:
    defaults = Request("GET", b"/prod/items", b"a=1&b=2", [(b"host", HOST), (b"accept", b"*/*")])
    return defaults._replace(**changes)


def signed(keys: Keys = GUEST, *, now: float = NOW, options: dict[str, Any] | None = None, **changes: Any) -> Request:
    request = plain_request(**changes)
    added = sign(request, keys, region=REGION, service=SERVICE, now=now, **(options or {}))
    return request._replace(headers=[*request.headers, *added])


def presigned(keys: Keys = GUEST, *, now: float = NOW, expires: int = 900, **changes: Any) -> Request:
    request = plain_request(**changes)
    return request._replace(query=presign(request, keys, region=REGION, service=SERVICE, now=now, expires=expires))


def by_hand(
    signed_headers: bytes,
    *,
    keys: Keys = GUEST,
    scope: str = SCOPE,
    date: str = DATE,
    algorithm: str = "AWS4-HMAC-SHA256",
    hashed: str | None = None,
    **changes: Any,
) -> Request:
    """A request signed exactly as told, however odd: its signature is right for what it claims."""
    request = plain_request(**changes)
    names = signed_headers.split(b";")
    headers = [*request.headers]
    if not any(name in (b"x-amz-date", b"date") for name, _ in headers):
        headers.append((b"x-amz-date", date.encode()))
    if keys.session_token is not None:
        headers.append((b"x-amz-security-token", keys.session_token.encode()))
    lines = [name + b":" + b",".join(v for n, v in headers if n == name) + b"\n" for name in names]
    query = b"&".join(sorted(request.query.split(b"&")))
    hashed = payload_hash(request.body) if hashed is None else hashed
    target = [request.method.encode(), canonical_path(request.path), query]
    canonical = b"\n".join([*target, b"".join(lines), signed_headers, hashed.encode()])
    value = hand_signature(keys, scope, date, canonical)
    credential = f"{keys.access_key_id}/{scope}"
    authorization = f"{algorithm} Credential={credential}, SignedHeaders=".encode() + signed_headers
    return request._replace(headers=[*headers, (b"authorization", authorization + b", Signature=" + value)])


def presigned_by_hand(expires: str = "900", *extra: bytes) -> Request:
    """A presigned request as told, whose signature is right for all of the query but `X-Amz-Signature`."""
    credential = f"{ROOT.access_key_id}/{SCOPE}".replace("/", "%2F")
    parts = [
        *extra,
        b"X-Amz-Algorithm=AWS4-HMAC-SHA256",
        f"X-Amz-Credential={credential}".encode(),
        f"X-Amz-Date={DATE}".encode(),
        f"X-Amz-Expires={quote(expires)}".encode(),
        b"X-Amz-SignedHeaders=host",
    ]
    query = b"&".join(sorted(part for part in parts if not part.startswith(b"X-Amz-Signature")))
    canonical = b"GET\n/\n%b\nhost:%b\n\nhost\n%b" % (query, HOST, payload_hash(b"").encode())
    value = hand_signature(ROOT, SCOPE, DATE, canonical)
    return Request("GET", b"/", b"&".join([*parts, b"X-Amz-Signature=" + value]), [(b"host", HOST)])


def hand_signature(keys: Keys, scope: str, date: str, canonical: bytes) -> bytes:
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical).hexdigest()}"
    key = b"AWS4" + keys.secret_access_key.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex().encode()


def header(request: Request, name: bytes) -> bytes:
    return dict(request.headers)[name]


def with_header(request: Request, name: bytes, value: bytes) -> Request:
    """With this value in the place of the header's own; the header must be there."""
    assert name in dict(request.headers), name
    return request._replace(headers=[(n, value if n == name else v) for n, v in request.headers])


def also(request: Request, name: bytes, value: bytes) -> Request:
    """With this header added, whatever is there."""
    return request._replace(headers=[*request.headers, (name, value)])


def without(request: Request, *names: bytes) -> Request:
    return request._replace(headers=[item for item in request.headers if item[0] not in names])


def edited(request: Request, old: bytes, new: bytes, name: bytes = b"authorization") -> Request:
    """With a part of a header replaced; the part must be there."""
    value = header(request, name)
    assert old in value, (old, value)
    return with_header(request, name, value.replace(old, new, 1))


def asked(request: Request, old: bytes, new: bytes) -> Request:
    """With a part of the query replaced; the part must be there."""
    assert old in request.query, (old, request.query)
    return request._replace(query=request.query.replace(old, new, 1))


def hashed_authorization(value: bytes) -> str:
    return b64encode(hashlib.sha256(value).digest()).decode()


# --- the cases


class Case(NamedTuple):
    """What is sent, and the error that answers it; `message` is compared if it is given."""

    name: str
    error: str
    build: Callable[[Gate], Request]
    message: str | None = None
    now: float = NOW


CASES: list[Case] = []


def case(
    error: str, message: str | None = None, *, now: float = NOW, name: str = ""
) -> Callable[[Callable[[Gate], Request]], Callable[[Gate], Request]]:
    """Registers the case that the decorated function builds."""

    def register(build: Callable[[Gate], Request]) -> Callable[[Gate], Request]:
        CASES.append(Case(name or build.__name__.replace("_", " "), error, build, message, now))
        return build

    return register


def outcome(gate: Gate, one: Case) -> str:
    """What the verifier says: the error's name, and its message if the case gives one; or `accepted`."""
    request = one.build(gate)
    try:
        gate.verify(request, one.now)
    except ServiceError as error:
        return f"{type(error).__name__}: {error.message}" if one.message is not None else type(error).__name__
    return "accepted"


def expected(one: Case) -> str:
    return f"{one.error}: {one.message}" if one.message is not None else one.error
