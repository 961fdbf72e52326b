"""Sealed page tokens: where a listing goes on (`NextToken`, `Marker`), readable here only.

A caller can neither read where a listing stands nor make one go on somewhere else.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from gatepass.tokens.keys import KeyRing
from gatepass.tokens.seal import BrokenSeal, Purpose, open_sealed, seal

_LIMIT = 4096


def seal_page(ring: KeyRing, listing: str, position: str, *, salt: bytes) -> str:
    """A token to hand out.

    Args:
        listing: which listing it is: the operation and what it was given, such as `ListIdentities us-east-1:…`.
        position: the last entry of the page before.
        salt: 16 random bytes.
    """
    return urlsafe_b64encode(seal(ring, Purpose.PAGE, listing, position.encode(), salt=salt)).decode("ascii")


def open_page(ring: KeyRing, listing: str, token: str) -> str | None:
    """The position; None if the token was not handed out for this listing."""
    if len(token) > _LIMIT:
        return None
    try:
        encoded = token.encode("ascii")
        sealed = urlsafe_b64decode(encoded)
        if urlsafe_b64encode(sealed) != encoded:
            return None  # another spelling of the same bytes
        return open_sealed(ring, Purpose.PAGE, listing, sealed).value.decode()
    except (BrokenSeal, ValueError):
        return None
