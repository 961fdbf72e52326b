"""Ids that follow from names: the same on every machine and at every start."""

from __future__ import annotations

import hashlib
import uuid

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def derived_id(*names: str, length: int) -> str:
    """Lower-case letters and digits that follow from names in order, as API Gateway's ids look."""
    number = int.from_bytes(_digest(names), "big")
    characters = []
    for _ in range(length):
        number, index = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[index])
    return "".join(characters)


def api_id(account: str, region: str, name: str) -> str:
    """Ten characters."""
    return derived_id("api", account, region, name, length=10)


def identity_pool_id(account: str, region: str, name: str) -> str:
    """`region:uuid`."""
    return f"{region}:{uuid.UUID(bytes=_digest(('identity-pool', account, region, name))[:16], version=4)}"


def _digest(names: tuple[str, ...]) -> bytes:
    # Each with its length: no two lists of names are alike.
    return hashlib.sha256("".join(f"{len(name)}:{name}" for name in names).encode()).digest()
