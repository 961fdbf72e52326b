"""One request over the network with nothing but the standard library: no redirects, no repeats, exact bytes."""

from __future__ import annotations

import os
from base64 import b64encode
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from gatepass.errors import ConfigurationError, SigningError, Unreachable
from gatepass.http import Request, Response
from gatepass.signing.target import Origin

SMALL = 1024 * 1024
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})


class Received(NamedTuple):
    """An answer as it came: header names as the server wrote them."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


def send(origin: str, request: Request, *, timeout: float, limit: int | None = None) -> Response:
    """Send a request and give the answer.

    Args:
        origin: `https://host:port`.
        timeout: seconds, to connect and for each read.
        limit: bytes; a longer body is an error.

    Raises: Unreachable; ConfigurationError, if the origin is none.
    """
    received = exchange(origin, request, timeout=timeout, limit=limit)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in received.headers]
    return Response(received.status, headers, received.body)


def exchange(origin: str, request: Request, *, timeout: float, limit: int | None = None) -> Received:
    """The same, the answer as it came."""
    try:
        place = Origin.of(urlsplit(origin))
    except SigningError as error:
        raise ConfigurationError(f"`{origin}` cannot be sent to: {error}") from None
    connection, prefix, extra = _connection(place, timeout)
    sent = False
    try:
        connection.connect()
        sent = True
        _put(connection, place, prefix, request, extra)
        response = connection.getresponse()
        body = _read(response, limit)
        return Received(response.status, response.reason, response.getheaders(), body)
    except (OSError, HTTPException, UnicodeError) as error:  # the last for a host name with an empty or endless label
        reason = str(error) or type(error).__name__
        hint = "check the address, and that it is running" if isinstance(error, ConnectionRefusedError) else ""
        raise Unreachable(f"no answer from {place}: {reason}", sent=sent, hint=hint) from error
    finally:
        connection.close()


def _read(response: HTTPResponse, limit: int | None) -> bytes:
    body = response.read() if limit is None else response.read(limit + 1)
    if limit is not None and len(body) > limit:
        raise HTTPException(f"the answer is longer than {limit} bytes")
    return body


def _put(connection: HTTPConnection, place: Origin, prefix: str, request: Request, extra: dict[str, str]) -> None:
    names = {name for name, _ in request.headers}
    target = request.path + (b"?" + request.query if request.query else b"")
    connection.putrequest(
        request.method, prefix + (target or b"/").decode("latin-1"), skip_host=True, skip_accept_encoding=True
    )
    if b"host" not in names:
        connection.putheader("Host", place.netloc)
    for name, text in extra.items():
        connection.putheader(name, text)
    for header, value in request.headers:
        connection.putheader(header, value)
    if b"content-length" not in names and (request.body or request.method in _WITH_LENGTH):
        connection.putheader("Content-Length", str(len(request.body)))
    connection.endheaders(request.body or None)


def _connection(place: Origin, timeout: float) -> tuple[HTTPConnection, str, dict[str, str]]:
    """A connection, what goes before the request target on it, and headers that only a proxy reads."""
    proxy = _proxy(place)
    if proxy is None:
        return _direct(place, place.host, place.port, timeout), "", {}
    parts = urlsplit(proxy if "//" in proxy else f"//{proxy}", scheme="http")
    if parts.scheme != "http" or parts.hostname is None:
        raise ConfigurationError(f"the proxy `{parts.hostname or proxy}` is no http proxy")
    credentials = {}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        credentials = {"Proxy-Authorization": "Basic " + b64encode(pair.encode()).decode()}
    port = parts.port or 80
    if place.scheme == "http":
        return HTTPConnection(parts.hostname, port, timeout=timeout), str(place), credentials
    connection = _direct(place, parts.hostname, port, timeout)
    connection.set_tunnel(place.host, place.port, headers=credentials)
    return connection, "", {}


def _direct(place: Origin, host: str, port: int, timeout: float) -> HTTPConnection:
    if place.scheme == "http":
        return HTTPConnection(host, port, timeout=timeout)
    import ssl

    context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
    return HTTPSConnection(host, port, timeout=timeout, context=context)


def _proxy(place: Origin) -> str | None:
    """The proxy that the environment names for this origin; never one to reach this machine itself."""
    if place.host == "localhost" or place.host.startswith("127.") or place.host == "::1":
        return None
    from urllib.request import getproxies, proxy_bypass

    return None if proxy_bypass(place.host) else getproxies().get(place.scheme)
