"""Sealing: AES-256-GCM under a key of its own for each sealed value.

A sealed value is version, key id, salt, then ciphertext and tag. The sealing key and the nonce are derived from the
ring's key and the salt, so no two values share a key unless they share a salt. Version, key id, purpose, deployment id
and subject are authenticated: a value opens only where, and for what, it was sealed.

Source: NIST SP 800-38D (GCM), RFC 5869 (one HMAC as extract-and-expand of an already uniform key)
"""

from enum import StrEnum
from functools import lru_cache
from hashlib import sha512
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gatepass.mac import hmac_digest, hmac_states
from gatepass.tokens.keys import KEY_ID_BYTES, KeyRing

if TYPE_CHECKING:
    from _hashlib import HASH

VERSION = 1
SALT_BYTES = 16

_HEAD_BYTES = 1 + KEY_ID_BYTES + SALT_BYTES
_TAG_BYTES = 16


class Purpose(StrEnum):
    """What a sealed value is for; one never passes for another."""

    SESSION = "session"
    OPENID = "openid"
    PAGE = "page"
    ACCESS_KEY = "access-key"
    SIGNING_KEY = "signing-key"
    MESSAGE = "message"


class BrokenSeal(Exception):
    """The value was not sealed here, for this purpose and subject, by a key of the ring; the text says which part."""


class Opened(NamedTuple):
    """What was sealed, and with what."""

    value: bytes
    key: bytes
    salt: bytes


def seal(ring: KeyRing, purpose: Purpose, subject: str, value: bytes, *, salt: bytes) -> bytes:
    """Seal a value under the active key.

    Args:
        subject: whose it is, such as an access key id; needed again to open.
        salt: 16 random bytes, never used before.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, this one {len(salt)}")
    key_id = bytes.fromhex(ring.active)
    key, nonce = _derive(ring.keys[ring.active], purpose, salt)
    associated = _associated(ring.deployment_id, purpose, key_id, subject)
    return bytes([VERSION]) + key_id + salt + AESGCM(key).encrypt(nonce, value, associated)


def open_sealed(ring: KeyRing, purpose: Purpose, subject: str, sealed: bytes) -> Opened:
    """Raises: BrokenSeal, whatever the bytes are."""
    if len(sealed) < _HEAD_BYTES + _TAG_BYTES:
        raise BrokenSeal("it is too short")
    if sealed[0] != VERSION:
        raise BrokenSeal("its version is not known")
    key_id, salt = sealed[1 : 1 + KEY_ID_BYTES], sealed[1 + KEY_ID_BYTES : _HEAD_BYTES]
    ring_key = ring.keys.get(key_id.hex())
    if ring_key is None:
        raise BrokenSeal("its key is not in the key ring")
    key, nonce = _derive(ring_key, purpose, salt)
    try:
        associated = _associated(ring.deployment_id, purpose, key_id, subject)
        value = AESGCM(key).decrypt(nonce, sealed[_HEAD_BYTES:], associated)
    except (InvalidTag, UnicodeEncodeError):
        raise BrokenSeal("it was altered, or sealed for another subject, purpose or deployment") from None
    return Opened(value, ring_key, salt)


def _derive(ring_key: bytes, purpose: Purpose, salt: bytes) -> tuple[bytes, bytes]:
    """The 32-byte key and 12-byte nonce of one sealed value."""
    derived = hmac_digest(_deriving(ring_key, purpose), salt)
    return derived[:32], derived[32:44]


@lru_cache(maxsize=64)
def _deriving(ring_key: bytes, purpose: Purpose) -> "tuple[HASH, HASH]":
    """HMAC of all but the salt."""
    inner, outer = hmac_states(ring_key, sha512)
    inner.update(b"gatepass seal\0" + purpose.encode() + b"\0")
    return inner, outer


def _associated(deployment_id: str, purpose: Purpose, key_id: bytes, subject: str) -> bytes:
    """What is authenticated beside the value; each part with its length, so that no two lists of parts are alike."""
    return _before_subject(deployment_id, purpose, key_id) + _with_length(subject.encode())


@lru_cache(maxsize=64)
def _before_subject(deployment_id: str, purpose: Purpose, key_id: bytes) -> bytes:
    return b"".join(map(_with_length, (bytes([VERSION]), key_id, purpose.encode(), deployment_id.encode())))


def _with_length(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part
