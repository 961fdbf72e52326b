"""Sealed authorization messages: why something was denied, for those only who may know (`DecodeAuthorizationMessage`).

What the caller of a denied request may not read for itself can be handed to it all the same: it takes it to someone
with the permission to decode.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from gatepass.tokens.keys import KeyRing
from gatepass.tokens.seal import BrokenSeal, Purpose, open_sealed, seal

LONGEST = 10_240
"""Characters of a message, as many as the operation takes."""

_INFLATE_LIMIT = 1 << 20
_SUBJECT = "authorization message"


def seal_message(ring: KeyRing, text: str, *, salt: bytes) -> str:
    """A message to hand out.

    Args:
        salt: 16 random bytes.

    Raises:
        ValueError: the text is too long to be decoded.
    """
    sealed = seal(ring, Purpose.MESSAGE, _SUBJECT, zlib.compress(text.encode()), salt=salt)
    message = urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")
    if len(message) > LONGEST:
        raise ValueError(f"a message has at most {LONGEST} characters")
    return message


def open_message(ring: KeyRing, message: str) -> str | None:
    """The text; None if the message was not sealed here."""
    try:
        encoded = message.encode("ascii")
        sealed = urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
        if urlsafe_b64encode(sealed).rstrip(b"=") != encoded:
            return None  # another spelling of the same bytes
        deflated = open_sealed(ring, Purpose.MESSAGE, _SUBJECT, sealed).value
        return zlib.decompressobj().decompress(deflated, _INFLATE_LIMIT).decode()
    except (BrokenSeal, ValueError, zlib.error):
        return None
