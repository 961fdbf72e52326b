"""An issuer's public keys: which of a JSON Web Key Set can verify tokens, and with which algorithm.

A key id names one key, and a key one algorithm: what a token's header says chooses nothing. A key that is symmetric,
private, too short or made for something else is passed over.

Source: https://www.rfc-editor.org/rfc/rfc7517, https://www.rfc-editor.org/rfc/rfc7518#section-6
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from gatepass.tokens.jwt_json import read_object
from gatepass.tokens.jwt_text import LONGEST_KEY_ID

if TYPE_CHECKING:  # imported where keys are read: most gates start without ever seeing one
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    VerifyingKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

USUAL = frozenset({"RS256", "ES256"})
MOST_KEYS = 200
SHORTEST_RSA, LONGEST_RSA = 2048, 8192
LARGEST_EXPONENT = 2**32 + 1

_OF_TYPE = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}
_FITTING = {"RSA": {"RS256", "PS256"}, "EC": {"ES256"}, "OKP": {"EdDSA"}}


class PublicKey(NamedTuple):
    """A key that verifies, and the one algorithm it is for."""

    algorithm: str
    key: VerifyingKey


class UnusableKeys(Exception):
    """It is no key set, or there is no key in it that can verify a token."""


def read_keys(text: bytes, algorithms: Collection[str] = USUAL) -> Mapping[str, PublicKey]:
    """The keys of a JSON Web Key Set, by key id.

    Args:
        algorithms: those that may be used; a key for another is passed over.

    Raises:
        UnusableKeys: none is left.
    """
    try:
        entries = read_object(text).get("keys")
    except ValueError as error:
        raise UnusableKeys(f"the key set cannot be read: {error}") from None
    if not isinstance(entries, list) or len(entries) > MOST_KEYS:
        raise UnusableKeys(f"the key set has no list of keys, or more than {MOST_KEYS}")
    found: dict[str, tuple[dict[str, Any], PublicKey]] = {}
    ambiguous: set[str] = set()
    for entry in entries:
        key = _usable(entry, algorithms) if isinstance(entry, dict) else None
        if key is None:
            continue
        key_id = entry["kid"]
        if key_id in found and found[key_id][0] != entry:
            ambiguous.add(key_id)
        found[key_id] = entry, key
    keys = {key_id: key for key_id, (_, key) in found.items() if key_id not in ambiguous}
    if not keys:
        raise UnusableKeys("the key set has no key that could verify a token")
    return keys


def _usable(entry: dict[str, Any], algorithms: Collection[str]) -> PublicKey | None:
    """The key in this entry; None if it is not for verifying tokens."""
    kind, key_id = entry.get("kty"), entry.get("kid")
    if not isinstance(kind, str) or kind not in _FITTING:
        return None
    if not isinstance(key_id, str) or not 0 < len(key_id) <= LONGEST_KEY_ID:
        return None
    operations = entry.get("key_ops", ["verify"])
    if entry.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    algorithm = entry.get("alg", _OF_TYPE[kind])
    if not isinstance(algorithm, str) or algorithm not in _FITTING[kind] or algorithm not in algorithms:
        return None
    if "d" in entry:  # published with its private half: anyone could sign with it
        return None
    try:
        return PublicKey(algorithm, _READ[kind](entry))
    except ValueError:
        return None


def _rsa(entry: dict[str, Any]) -> RSAPublicKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    modulus, exponent = (int.from_bytes(_bytes(entry.get(name)), "big") for name in ("n", "e"))
    if not SHORTEST_RSA <= modulus.bit_length() <= LONGEST_RSA or not modulus % 2:
        raise ValueError("the key is too short or too long")
    if not 3 <= exponent <= LARGEST_EXPONENT:
        raise ValueError("the exponent is not a public one")
    return RSAPublicNumbers(exponent, modulus).public_key()


def _elliptic(entry: dict[str, Any]) -> EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers

    x, y = (_bytes(entry.get(name)) for name in ("x", "y"))
    if entry.get("crv") != "P-256" or len(x) != 32 or len(y) != 32:
        raise ValueError("not a point of P-256")
    return EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), SECP256R1()).public_key()


def _edwards(entry: dict[str, Any]) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if entry.get("crv") != "Ed25519":
        raise ValueError("not a point of Ed25519")
    return Ed25519PublicKey.from_public_bytes(_bytes(entry.get("x")))


_READ: Mapping[str, Callable[[dict[str, Any]], VerifyingKey]] = {"RSA": _rsa, "EC": _elliptic, "OKP": _edwards}


def _bytes(value: object) -> bytes:
    if not isinstance(value, str) or not value.isascii() or set(value) & set("+/= \n\r\t"):
        raise ValueError("not base64url")
    return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
