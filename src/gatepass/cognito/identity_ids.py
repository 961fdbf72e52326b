"""The ids of identity pools and identities: `region:uuid`, from chance alone.

An identity id is all a guest needs to get that guest's credentials, so nothing about it may be guessed: 122 bits are
random, none is a time or a count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

ENTROPY_BYTES = 16

_VARIANTS: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
"""The hexadecimal digit that says the UUID's variant in its two upper bits, by the one that chance gave."""


def new_id(region: str, entropy: Callable[[int], bytes]) -> str:
    """A new pool's or identity's id.

    Args:
        entropy: n -> n random bytes.
    """
    digits = entropy(ENTROPY_BYTES).hex()
    variant = _VARIANTS[digits[16]]
    return f"{region}:{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
