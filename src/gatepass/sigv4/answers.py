"""What a verifier asks for and what it answers."""

from collections.abc import Callable
from typing import NamedTuple

from gatepass.principal import Principal


class Key(NamedTuple):
    """What a lookup gives for an access key id.

    Attributes:
        expiration: seconds since the epoch, UTC; None for a long-lived key.
    """

    secret_access_key: str
    principal: Principal
    expiration: float | None

    def __repr__(self) -> str:
        return f"Key(secret_access_key='***', principal={self.principal!r}, expiration={self.expiration!r})"


Lookup = Callable[[str, str | None, float], Key]
"""(access key id, session token, now) -> Key; raises UnrecognizedClient or ExpiredToken."""


class Verified(NamedTuple):
    """What a signature proved.

    Attributes:
        signed_headers: names; what any other header says is not proven.
        date: the request's own, seconds since the epoch, UTC.
    """

    principal: Principal
    signed_headers: frozenset[bytes]
    presigned: bool
    date: float
