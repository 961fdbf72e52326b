"""`SigV4`: sign what requests sends, with one argument.

    requests.get(url, auth=SigV4(IdentityPool("us-east-1:…")))

What is signed is what goes on the wire: the URL is brought into the form that requests and urllib3 leave alone, a file
is hashed in place, a stream is read before it is sent. A redirect within the origin is signed anew; to any other, no
signature and no session token goes along. A request refused for its date is repeated once, by the server's clock.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from hashlib import sha256
from io import TextIOBase
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from requests import PreparedRequest, Response
from requests.auth import AuthBase
from requests.cookies import extract_cookies_to_jar

from gatepass.credentials import Provider, from_environment, keys_of
from gatepass.errors import CredentialsError, SigningError
from gatepass.signing import (
    SIGNATURE_HEADERS,
    Origin,
    clock_offset,
    is_clock_refusal,
    sign_request,
    signing_scope,
    wire_path,
    wire_query,
)

__all__ = ["SigV4"]

SPOOL_LIMIT = 10 * 1024 * 1024  # what API Gateway takes
_CHUNK = 1024 * 1024
_LARGEST_REFUSAL = 256 * 1024


class SigV4(AuthBase):
    """Signs requests with AWS Signature Version 4.

    One object may serve any number of sessions and threads.

    Args:
        credentials: an `IdentityPool`, `Credentials`, or anything with `get_frozen_credentials()`; else the
            environment's: AWS_ACCESS_KEY_ID and what belongs to it, or the pool IDENTITY_POOL_ID.
        region: else the host name's, then AWS_REGION, AWS_DEFAULT_REGION, and the identity pool's.
        service: else the host name's; `execute-api` for hosts that are not AWS's.
        spool_limit: bytes of a stream that are read into memory to be signed; longer ones are refused.
        clock: seconds since the epoch, UTC.
    """

    def __init__(
        self,
        credentials: Provider | None = None,
        *,
        region: str | None = None,
        service: str | None = None,
        spool_limit: int = SPOOL_LIMIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = credentials
        self._region = region
        self._service = service
        self._spool_limit = spool_limit
        self._clock = clock
        self._offsets: dict[Origin, float] = {}

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Called by requests when the request is complete but for its signature."""
        r.__class__ = SignedRequest
        signed = cast(SignedRequest, r)
        signed.signer = self
        signed.origin = Origin.of(urlsplit(_text(r.url)))
        self.sign(signed)
        r.register_hook("response", self._answered)  # type: ignore[no-untyped-call]
        return r

    def sign(self, request: PreparedRequest) -> None:
        """Sign the request as it stands, in place of any signature it has."""
        parts = urlsplit(_text(request.url))
        origin = Origin.of(parts)
        path, query = wire_path(parts.path), wire_query(parts.query)
        request.url = urlunsplit((origin.scheme, _netloc(parts.netloc, origin), path, query, parts.fragment))
        hashed = _payload_hash(request, self._spool_limit)
        provider = self._provider()
        keys = keys_of(provider)
        if keys is None:
            raise CredentialsError("the credentials to sign with are empty")
        headers = [(_bytes(name).lower(), _bytes(value)) for name, value in request.headers.items()]
        host = _text(request.headers.get("Host"))
        if not host:
            headers.append((b"host", origin.netloc.encode()))
        remove_signature(request)
        signed = sign_request(
            _text(request.method),
            path.encode(),
            query.encode(),
            headers,
            hashed,
            keys=keys,
            scope=signing_scope(
                (urlsplit(f"//{host}").hostname if host else None) or origin.host,
                region=self._region,
                service=self._service,
                default_region=_default_region(provider),
            ),
            now=self._clock() + self._offsets.get(origin, 0.0),
        )
        for name, value in signed.headers:
            request.headers[_HEADER_NAMES[name]] = value.decode("latin-1")

    def _provider(self) -> Provider:
        if self._credentials is None:
            self._credentials = from_environment()
        return self._credentials

    def _answered(self, response: Response, **arguments: Any) -> Response:
        """Repeat a request that was refused for its date, once, with the date that the server has."""
        request = response.request
        length = response.headers.get("Content-Length", "")
        if (
            not 400 <= response.status_code < 500
            or not isinstance(request, SignedRequest)
            or request.origin is None
            or request.repeated
            or not (length.isdecimal() and int(length) <= _LARGEST_REFUSAL)
            or not is_clock_refusal(response.status_code, response.content or b"")
        ):
            return response
        date = response.headers.get("Date")
        offset = clock_offset(date.encode("latin-1") if date is not None else None, self._clock())
        if offset is None:
            return response
        self._offsets[request.origin] = offset
        response.close()
        again = request.copy()
        extract_cookies_to_jar(again._cookies, request, response.raw)  # type: ignore[no-untyped-call]
        again.prepare_cookies(again._cookies)
        again.repeated = True
        answer: Response = response.connection.send(again, **arguments)
        answer.history.append(response)
        answer.request = again
        return answer


class SignedRequest(PreparedRequest):
    """A request whose signature follows it: requests copies a request to send it somewhere else.

    Attributes:
        origin: where its signature, and the session token, may go; None once it has been sent elsewhere, so that
            nobody else can choose what is signed for it.
        repeated: it has been repeated with another date already.
    """

    signer: SigV4
    origin: Origin | None
    repeated: bool = False
    _cookies: Any

    def copy(self) -> SignedRequest:
        copied = super().copy()
        copied.__class__ = SignedRequest
        signed = cast(SignedRequest, copied)
        signed.signer, signed.origin, signed.repeated = self.signer, self.origin, self.repeated
        return signed

    def prepare_cookies(self, cookies: Any) -> None:
        """Called for a copy when all but its signature is set: address, method, body and headers of a redirect."""
        super().prepare_cookies(cookies)
        if Origin.of(urlsplit(_text(self.url))) == self.origin:
            self.signer.sign(self)
        else:
            self.origin = None
            remove_signature(self)

    def prepare_auth(self, auth: Any, url: Any = "") -> None:
        """Called for a copy with what ~/.netrc holds for its host: a name and password must not replace a signature."""
        if self.origin is None or not isinstance(auth, tuple):
            super().prepare_auth(auth, url)


_HEADER_NAMES = {
    b"authorization": "Authorization",
    b"x-amz-date": "X-Amz-Date",
    b"x-amz-security-token": "X-Amz-Security-Token",
    b"x-amz-content-sha256": "X-Amz-Content-SHA256",
}


def remove_signature(request: PreparedRequest) -> None:
    """Take every header away that a signature consists of."""
    for name in SIGNATURE_HEADERS:
        request.headers.pop(_HEADER_NAMES[name], None)


def _default_region(provider: Provider) -> str | None:
    found = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return found or getattr(provider, "region", None)


def _netloc(netloc: str, origin: Origin) -> str:
    """What may stand before the host, kept, and the host as the `Host` header will have it."""
    user, at, _ = netloc.rpartition("@")
    return user + at + origin.netloc


def _payload_hash(request: PreparedRequest, spool_limit: int) -> str:
    """The SHA-256 of what will be sent; what can be read only once is read now, and sent from memory."""
    body: Any = request.body
    if body is None:
        return sha256(b"").hexdigest()
    if isinstance(body, str):
        request.body = body = body.encode()
    if isinstance(body, bytes | bytearray | memoryview):
        return sha256(body).hexdigest()
    if hasattr(body, "read") and not isinstance(body, TextIOBase) and _position(body) is not None:
        return _hash_in_place(request, body)
    request.body = spooled = _spooled(body, spool_limit)
    vars(request)["_body_position"] = None  # where requests would set the file back to
    request.headers.pop("Transfer-Encoding", None)
    request.headers["Content-Length"] = str(len(spooled))
    return sha256(spooled).hexdigest()


def _position(body: Any) -> int | None:
    """Where a file stands that can be read twice; None if it cannot."""
    try:
        position = body.tell()
        body.seek(position)
    except (AttributeError, OSError, ValueError):
        return None
    return int(position)


def _hash_in_place(request: PreparedRequest, file: Any) -> str:
    """Hash a file from where it will be sent from, and set it back there."""
    recorded = vars(request).get("_body_position")
    start = recorded if isinstance(recorded, int) else file.tell()
    file.seek(start)
    hashed = sha256()
    while chunk := file.read(_CHUNK):
        if isinstance(chunk, str):
            raise SigningError("the body gives text, not bytes")
        hashed.update(chunk)
    file.seek(start)
    return hashed.hexdigest()


def _spooled(body: Any, limit: int) -> bytes:
    """Everything a stream gives.

    Raises: SigningError, if that is more than `limit` bytes, or no bytes at all.
    """
    chunks: Iterable[Any] = iter(lambda: body.read(_CHUNK), b"") if hasattr(body, "read") else body
    spooled = bytearray()
    for chunk in chunks:
        if not isinstance(chunk, bytes | bytearray | memoryview):
            if not isinstance(chunk, str):
                raise SigningError(f"the body gives {type(chunk).__name__}, not bytes")
            if not chunk:
                break
            chunk = chunk.encode()
        spooled += chunk
        if len(spooled) > limit:
            raise SigningError(
                f"the body is a stream of more than {limit} bytes, and its hash goes before it",
                hint='pass a file opened with mode "rb", or a higher spool_limit',
            )
    return bytes(spooled)


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


def _text(value: str | bytes | None) -> str:
    if isinstance(value, bytes):
        return value.decode()
    return value or ""
