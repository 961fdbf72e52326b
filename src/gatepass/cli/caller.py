"""One signed call after another until there is an answer to show: redirects, a wrong clock, and where keys may go."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from gatepass.credentials import Provider, keys_of
from gatepass.credentials.transport import Received, exchange
from gatepass.errors import CredentialsError, Unreachable
from gatepass.http import Request
from gatepass.signing import (
    SIGNATURE_HEADERS,
    Origin,
    Scope,
    Signed,
    clock_offset,
    is_clock_refusal,
    sign_request,
    wire_path,
    wire_query,
)
from gatepass.sigv4.canonical import payload_hash

MOST_REDIRECTS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What a header given for one origin must not tell another.
_FOR_ONE_ORIGIN = frozenset({*SIGNATURE_HEADERS, b"cookie", b"host"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request to be made: a URL as it was typed, headers without a signature."""

    method: str
    url: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes = b""


class Exchanged(NamedTuple):
    """One request as it was sent, and its answer; `signed` is None where no signature went along."""

    origin: Origin
    request: Request
    signed: Signed | None
    received: Received


@dataclass(slots=True)
class Caller:
    """Sends requests, signed for one origin.

    Attributes:
        scope: region and service for a host name.
        watch: is shown every exchange.
    """

    provider: Provider
    scope: Callable[[str], Scope]
    timeout: float
    watch: Callable[[Exchanged], None]
    clock: Callable[[], float] = time.time
    offset: float = 0.0

    def call(self, wanted: Wanted, *, follow: bool) -> Exchanged:
        """The last exchange; redirects are followed on demand, and signed within the first origin only.

        Once a redirect has led elsewhere nothing is signed any more: nobody else chooses what these keys sign.
        """
        home = Origin.of(urlsplit(wanted.url))
        at_home = True
        for _ in range(MOST_REDIRECTS + 1):
            done = self._once(wanted, signed=at_home)
            if at_home and self._corrected(done):
                done = self._once(wanted, signed=True)
            location = _header(done.received, "location")
            if not follow or done.received.status not in _REDIRECTS or location is None:
                return done
            wanted = redirected(wanted, done.received.status, location)
            at_home = at_home and Origin.of(urlsplit(wanted.url)) == home
            if not at_home:
                kept = [header for header in wanted.headers if header[0] not in _FOR_ONE_ORIGIN]
                wanted = replace(wanted, headers=kept)
        raise Unreachable(f"more than {MOST_REDIRECTS} redirects, the last to {wanted.url}", sent=True)

    def _once(self, wanted: Wanted, *, signed: bool) -> Exchanged:
        parts = urlsplit(wanted.url)
        origin = Origin.of(parts)
        headers = list(wanted.headers)
        if not any(name == b"host" for name, _ in headers):
            headers.insert(0, (b"host", origin.netloc.encode()))
        path, query = wire_path(parts.path).encode(), wire_query(parts.query).encode()
        signature = None
        if signed:
            signature = self._sign(wanted, path, query, headers)
            headers = [header for header in headers if header[0] not in SIGNATURE_HEADERS] + signature.headers
        request = Request(wanted.method, path, query, headers, wanted.body)
        done = Exchanged(origin, request, signature, exchange(str(origin), request, timeout=self.timeout))
        self.watch(done)
        return done

    def _sign(self, wanted: Wanted, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]]) -> Signed:
        keys = keys_of(self.provider)
        if keys is None:
            raise CredentialsError("the credentials to sign with are empty")
        host = next(value for name, value in headers if name == b"host").decode("latin-1")
        return sign_request(
            wanted.method,
            path,
            query,
            headers,
            payload_hash(wanted.body),
            keys=keys,
            scope=self.scope(urlsplit(f"//{host}").hostname or ""),
            now=self.clock() + self.offset,
        )

    def _corrected(self, done: Exchanged) -> bool:
        """Whether the request was refused for its date, and the server's is known now."""
        if not is_clock_refusal(done.received.status, done.received.body):
            return False
        date = _header(done.received, "date")
        offset = clock_offset(date.encode() if date is not None else None, self.clock())
        self.offset = offset or 0.0
        return offset is not None


def _header(received: Received, name: str) -> str | None:
    """Its first value; read as UTF-8 where it is, as browsers do."""
    value = next((value for key, value in received.headers if key.lower() == name), None)
    if value is None:
        return None
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value


def redirected(wanted: Wanted, status: int, location: str) -> Wanted:
    """The request that a redirect asks for: 307 and 308 keep method and body, the others make a GET of a POST."""
    url = urljoin(wanted.url, location)
    if status in (307, 308) or wanted.method in ("GET", "HEAD"):
        return replace(wanted, url=url)
    if status != 303 and wanted.method != "POST":
        return replace(wanted, url=url)
    headers = [header for header in wanted.headers if not header[0].startswith(b"content-")]
    return Wanted("GET", url, headers)
