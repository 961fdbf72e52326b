"""Request ids: UUIDs of version 4, made cheaply."""

from __future__ import annotations

import os
import uuid

_AT_ONCE = 256
_TAIL = 12
"""Hexadecimal digits of a UUID's last group."""


class RequestIds:
    """Gives UUIDs that share their first groups for a while; the last one, 48 bits, is random for each."""

    def __init__(self) -> None:
        self._head = ""
        self._tails = ""
        self._position = 0

    def __call__(self) -> str:
        position = self._position
        if position == len(self._tails):
            self._head = str(uuid.uuid4())[:-_TAIL]
            self._tails, position = os.urandom(_AT_ONCE * _TAIL // 2).hex(), 0
        self._position = end = position + _TAIL
        return self._head + self._tails[position:end]
