"""The ids of identity pools and identities: `region:uuid`, from chance alone.

An identity id is all a guest needs to get that guest's credentials, so nothing about it may be guessed: 122 bits are
random, none is a time or a count.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

ENTROPY_BYTES = 16


def new_id(region: str, entropy: Callable[[int], bytes]) -> str:
    """A new pool's or identity's id.

    Args:
        entropy: n -> n random bytes.
    """
    return f"{region}:{UUID(bytes=entropy(ENTROPY_BYTES), version=4)}"
