"""Fetching a small document over HTTP, from where it may be fetched and no further.

The host is resolved once, every address is judged, and the connection goes to an address that passed: what the name
resolves to a moment later changes nothing. TLS is verified against the name. Redirects are not followed, proxies and
`.netrc` of the environment are not used, and what is too long, compressed or slow is cut off.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gatepass.issuers.addresses import Reach, Url, as_address, may_connect

if TYPE_CHECKING:
    import ssl

    import httpx

LARGEST = 64 * 1024
PATIENCE = 3.0
"""Seconds for everything: name, connection, TLS and the last byte."""

MOST_ADDRESSES = 4

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})(?:$|[\s,])", re.IGNORECASE)

Resolve = Callable[[str, int], Awaitable[list[str]]]


class Unfetchable(Exception):
    """The document could not be had; the text says why, for the log."""


class Fetched(NamedTuple):
    """A document, and for how many seconds its sender says it stays good; None if it does not say."""

    body: bytes
    max_age: int | None


class Fetch(Protocol):
    """Gets a document. Raises: Unfetchable."""

    async def __call__(self, url: Url, reach: Reach) -> Fetched: ...


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the order in which the system would try them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Fetcher:
    """Fetches with httpx, which is imported for the first fetch."""

    def __init__(self, *, resolve: Resolve = resolve, tls: Callable[[], ssl.SSLContext] | None = None) -> None:
        """Args: tls: makes what verifies certificates; by default certifi's, or what SSL_CERT_FILE and _DIR say."""
        self._resolve = resolve
        self._make_tls = tls
        self._tls: ssl.SSLContext | None = None

    async def __call__(self, url: Url, reach: Reach) -> Fetched:
        tls = await self._prepared()
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._fetch(url, await self._addresses(url, reach), tls)
        except TimeoutError:
            raise Unfetchable(f"{url} did not answer in {PATIENCE:g} seconds") from None

    async def _prepared(self) -> ssl.SSLContext:
        """httpx and the trusted certificates; both take long to load, so a thread does it."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(self._make_tls or _default_tls)
        return self._tls

    async def _addresses(self, url: Url, reach: Reach) -> list[str]:
        """Raises: Unfetchable, if one of the addresses is where nothing may be fetched."""
        if as_address(url.host) is not None:
            addresses = [url.host]
        else:
            try:
                addresses = await self._resolve(url.host, url.port)
            except OSError as error:
                raise Unfetchable(f"the name {url.host} does not resolve: {error.strerror or error}") from None
        refused = [address for address in addresses if not may_connect(address, reach)]
        if refused:
            raise Unfetchable(f"{url.host} is at {refused[0]}, which is not on {reach.value}")
        return addresses[:MOST_ADDRESSES]

    async def _fetch(self, url: Url, addresses: list[str], tls: ssl.SSLContext) -> Fetched:
        import httpx

        why: Exception | str = "it has no address"
        async with httpx.AsyncClient(verify=tls, trust_env=False, follow_redirects=False, timeout=PATIENCE) as client:
            for address in addresses:
                try:
                    return await _answer(client, _request(client, url, address))
                except httpx.ConnectError as error:
                    why = error
                except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                    raise Unfetchable(f"{url} cannot be fetched: {_reason(error)}") from None
        raise Unfetchable(f"{url} cannot be reached: {_reason(why)}")


def _default_tls() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


def _request(client: httpx.AsyncClient, url: Url, address: str) -> httpx.Request:
    """To an address, in the name of the host."""
    import httpx

    headers = {
        "host": url.authority,
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": "gatepass",
        "connection": "close",
    }
    target = httpx.URL(scheme=url.scheme, host=address, port=url.port, raw_path=url.target.encode("ascii"))
    return client.build_request("GET", target, headers=headers, extensions={"sni_hostname": url.host})


async def _answer(client: httpx.AsyncClient, request: httpx.Request) -> Fetched:
    """Raises: Unfetchable, and what httpx raises."""
    response = await client.send(request, stream=True)
    try:
        if response.status_code != 200:
            raise Unfetchable(f"{request.headers['host']} answered with status {response.status_code}")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise Unfetchable(f"{request.headers['host']} answered with a compressed body")
        body = bytearray()
        async for part in response.aiter_raw():
            body += part
            if len(body) > LARGEST:
                raise Unfetchable(f"{request.headers['host']} answered with more than {LARGEST} bytes")
        found = _MAX_AGE.search(response.headers.get("cache-control", ""))
        return Fetched(bytes(body), int(found[1]) if found else None)
    finally:
        await response.aclose()


def _reason(why: Exception | str) -> str:
    return str(why) or type(why).__name__
