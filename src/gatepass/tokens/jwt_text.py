"""A signed token as text: three parts with dots between, read strictly, before any library sees it.

Nothing in it is believed here. What more than one reader could understand differently is refused: padding, other
spellings of the same base64, members that are there twice. So is every header that would tell the reader which key to
take, or that it must understand an extension; keys come from the issuer (`gatepass.issuers`), never from the token.

Source: https://www.rfc-editor.org/rfc/rfc7515 (compact form), https://www.rfc-editor.org/rfc/rfc8725 (what goes wrong)
"""

import re
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gatepass.tokens.jwt_json import read_object
from gatepass.tokens.jwt_refused import NotAnIdToken, Unreadable, Unverifiable, shown

LONGEST = 50_000
"""Characters of a token that is looked at: as many as Cognito takes."""

LONGEST_HEADER = 4096
LONGEST_KEY_ID = 256

ALGORITHMS = frozenset({"RS256", "ES256", "PS256", "EdDSA"})
"""What an issuer may sign with, if its key says so; the last two only where an operator named the issuer's keys."""

# `crit` and `b64` change what is signed, `zip` and `enc` what is read, and the others bring a key along.
_REFUSED_HEADERS = ("crit", "b64", "jku", "jwk", "x5u", "x5c", "zip", "enc", "cty", "epk", "apu", "apv", "p2s", "p2c")
_TYPES = frozenset({"jwt", "jws"})
_PART = re.compile(rb"[A-Za-z0-9_-]+")
_TO_BASE64 = bytes.maketrans(b"-_+/", b"+/!!")
"""What only base64 has becomes what neither has."""


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a token says of itself. Anyone may have written it.

    Attributes:
        algorithm, key_id: how it claims to be signed.
        signed: the bytes that the signature is over.
    """

    algorithm: str
    key_id: str
    claims: Mapping[str, Any] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def issuer(self) -> str | None:
        """Who it claims to come from; None if it says no such thing."""
        issuer = self.claims.get("iss")
        return issuer if isinstance(issuer, str) else None


def read(text: str, algorithms: Collection[str] = ALGORITHMS) -> UnverifiedToken:
    """Read a token.

    Raises:
        Unreadable: not a token, or one that can be read in two ways.
        NotAnIdToken: its type is another's.
        Unverifiable: its algorithm is not one of these, or its header brings a key or an extension along.
    """
    if len(text) > LONGEST:
        raise Unreadable(f"it has more than {LONGEST} characters")
    try:
        parts = text.encode("ascii").split(b".")
    except UnicodeEncodeError:
        raise Unreadable("it has characters that no token has") from None
    if len(parts) != 3:
        raise Unreadable("it does not have three parts")
    if len(parts[0]) > LONGEST_HEADER:
        raise Unreadable(f"its header has more than {LONGEST_HEADER} characters")
    header = _object(parts[0], "header")
    claims = _object(parts[1], "payload")
    key_id = _check_header(header, algorithms)
    signature = _decoded(parts[2], "signature") if parts[2] else b""
    signed = parts[0] + b"." + parts[1]
    return UnverifiedToken(header["alg"], key_id, MappingProxyType(claims), signed, signature)


def _check_header(header: dict[str, Any], algorithms: Collection[str]) -> str:
    """The key id of a header that asks for nothing."""
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise Unverifiable(f"its algorithm {shown(algorithm)} is not taken")
    for name in _REFUSED_HEADERS:
        if name in header:
            raise Unverifiable(f"its header has a `{name}`")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise NotAnIdToken(f"its type is {shown(kind)}")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= LONGEST_KEY_ID:
        raise Unverifiable("its header names no key")
    return key_id


def _object(part: bytes, name: str) -> dict[str, Any]:
    try:
        return read_object(_decoded(part, name))
    except ValueError as error:
        raise Unreadable(f"its {name} cannot be read: {_why(error)}") from None


def _decoded(part: bytes, name: str) -> bytes:
    """Raises: Unreadable, unless these are the one spelling of some bytes."""
    standard = part.translate(_TO_BASE64)
    try:
        decoded = a2b_base64(standard + b"=" * (-len(part) % 4))
    except Error:
        raise Unreadable(f"its {name} is not base64url") from None
    if part and b2a_base64(decoded, newline=False).rstrip(b"=") == standard:
        return decoded
    spelled = "has another spelling" if _PART.fullmatch(part) else "is not base64url"
    raise Unreadable(f"its {name} {spelled}")


def _why(error: ValueError) -> str:
    """The reason, without what a decoder cites of the text."""
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    return "it is not JSON" if type(error) is not ValueError else str(error)
