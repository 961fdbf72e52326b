"""A request and a response as plain values: no socket, no parsing.

Header names are lower-case bytes, as ASGI gives them; order and repeats are kept.
"""

from collections.abc import Sequence
from typing import NamedTuple

Headers = Sequence[tuple[bytes, bytes]]


class Request(NamedTuple):
    """What arrived, byte for byte.

    Attributes:
        method: upper-case verb.
        path: the request target's path, still percent-encoded.
        query: what follows the first `?`, still percent-encoded, without it.
        source_ip: the peer's address; empty if it has none (a Unix socket).
        secure: the request came over TLS.
    """

    method: str
    path: bytes
    query: bytes = b""
    headers: Headers = ()
    body: bytes = b""
    source_ip: str = ""
    secure: bool = False

    def header(self, name: bytes) -> bytes | None:
        """The first value of the header with this lower-case name."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


class Response(NamedTuple):
    """What is answered."""

    status: int
    headers: Headers = ()
    body: bytes = b""
