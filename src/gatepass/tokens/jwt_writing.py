"""Signed tokens made here, and the public half of the key that signs them.

Source: https://www.rfc-editor.org/rfc/rfc7515#section-3.1, https://www.rfc-editor.org/rfc/rfc7638 (key ids)
"""

import hashlib
import json
from binascii import b2a_base64
from collections.abc import Mapping
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

_HASHES = {"RS256": SHA256, "RS512": SHA512}


def write(
    key: RSAPrivateKey,
    claims: Mapping[str, Any],
    *,
    key_id: str,
    algorithm: Literal["RS256", "RS512"] = "RS256",
    kind: str = "JWT",
) -> str:
    """A token with these claims."""
    header = {"kid": key_id, "typ": kind, "alg": algorithm}
    signed = _encoded(_json(header)) + "." + _encoded(_json(claims))
    return signed + "." + _encoded(key.sign(signed.encode("ascii"), PKCS1v15(), _HASHES[algorithm]()))


def as_jwk(key: RSAPublicKey, *, key_id: str, algorithm: Literal["RS256", "RS512"] = "RS256") -> dict[str, str]:
    """A public key as an entry of a JSON Web Key Set."""
    return {"kty": "RSA", "use": "sig", "alg": algorithm, "kid": key_id, **_numbers(key)}


def thumbprint(key: RSAPublicKey) -> str:
    """A key id that follows from the key: its RFC 7638 thumbprint."""
    return _encoded(hashlib.sha256(_json({**_numbers(key), "kty": "RSA"}, sort_keys=True)).digest())


def _numbers(key: RSAPublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    return {name: _encoded(_unsigned(number)) for name, number in (("n", numbers.n), ("e", numbers.e))}


def _unsigned(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _json(value: Mapping[str, Any], *, sort_keys: bool = False) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=sort_keys, ensure_ascii=False).encode()


def _encoded(value: bytes) -> str:
    return b2a_base64(value, newline=False).rstrip(b"=").translate(_TO_URL).decode("ascii")


_TO_URL = bytes.maketrans(b"+/", b"-_")
