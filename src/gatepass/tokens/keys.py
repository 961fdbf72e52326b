"""The key ring: the keys that seal, one of them in use, and its rotation in two steps.

A new key is prepared (every replica can open with it), then activated (new tokens are sealed with it); the old one
stays until the last session it sealed has ended, then it is retired. Each step gives a new ring.
"""

import hashlib
import hmac
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

KEY_BYTES = 32
KEY_ID_BYTES = 4


class KeyRing:
    """Keys by id, and which of them seals; immutable.

    Attributes:
        deployment_id: what is sealed here can be opened in this deployment only, even where keys are shared.
        active: the id of the key that seals.
        keys: 32 bytes each, by id.
    """

    __slots__ = ("active", "deployment_id", "keys")

    active: str
    deployment_id: str
    keys: Mapping[str, bytes]

    def __init__(self, deployment_id: str, active: str, keys: Mapping[str, bytes]) -> None:
        """Raises: ValueError, if a key is not one that a random source made, or its id is not its own."""
        if not deployment_id:
            raise ValueError("a key ring belongs to a deployment")
        for id_, key in keys.items():
            _check(key)
            if id_ != key_id(key):
                raise ValueError(f"key `{id_}` is not the key that has this id")
        if active not in keys:
            raise ValueError(f"the active key `{active}` is not in the key ring")
        object.__setattr__(self, "deployment_id", deployment_id)
        object.__setattr__(self, "active", active)
        object.__setattr__(self, "keys", MappingProxyType(dict(keys)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a key ring does not change; prepare, activate and retire give a new one")

    def __repr__(self) -> str:
        return f"KeyRing(deployment_id={self.deployment_id!r}, active={self.active!r}, keys={sorted(self.keys)})"

    @classmethod
    def of(cls, deployment_id: str, key: bytes) -> "KeyRing":
        """A ring of one key."""
        _check(key)
        return cls(deployment_id, key_id(key), {key_id(key): key})

    def prepare(self, key: bytes) -> "KeyRing":
        """A ring that can also open what this key sealed. Raises: ValueError, if its id is taken."""
        _check(key)
        if key_id(key) in self.keys:
            raise ValueError(f"key `{key_id(key)}` is in the key ring already")
        return KeyRing(self.deployment_id, self.active, {**self.keys, key_id(key): key})

    def activate(self, id_: str) -> "KeyRing":
        """A ring that seals with a prepared key. Raises: ValueError, if it is not in the ring."""
        return KeyRing(self.deployment_id, id_, self.keys)

    def retire(self, id_: str) -> "KeyRing":
        """A ring without a key; what it sealed opens no more. Raises: ValueError, if it is active or not there."""
        if id_ == self.active:
            raise ValueError(f"key `{id_}` is active; activate another one first")
        if id_ not in self.keys:
            raise ValueError(f"key `{id_}` is not in the key ring")
        return KeyRing(
            self.deployment_id, self.active, {known: key for known, key in self.keys.items() if known != id_}
        )


def key_id(key: bytes) -> str:
    """Eight hexadecimal digits that follow from the key, so that a damaged key is noticed."""
    return hmac.digest(key, b"gatepass key id", hashlib.sha256)[:KEY_ID_BYTES].hex()


def _check(key: bytes) -> None:
    """Refuse what no random source gives: a wrong length, zeros, patterns, counting, text.

    A random key fails one of these once in 10**13 times.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, this one {len(key)}")
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    halves_equal = key[: KEY_BYTES // 2] == key[KEY_BYTES // 2 :]
    text = all(0x20 <= byte < 0x7F for byte in key)
    if len(set(key)) < 16 or len(steps) < 8 or halves_equal or text:
        raise ValueError("a key is not random: zeros, a pattern or text")
