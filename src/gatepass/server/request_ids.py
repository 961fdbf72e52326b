"""Request ids: random UUIDs, made cheaply."""

from __future__ import annotations

import os

_AT_ONCE = 256
_VARIANTS = "89ab"


class RequestIds:
    """Gives random UUIDs of version 4; asks the system for randomness once in a while."""

    def __init__(self) -> None:
        self._random = ""
        self._position = 0

    def __call__(self) -> str:
        position = self._position
        if position == len(self._random):
            self._random, position = os.urandom(16 * _AT_ONCE).hex(), 0
        self._position = position + 32
        digits = self._random[position : position + 32]
        variant = _VARIANTS[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
