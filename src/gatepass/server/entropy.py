"""Random bytes of the operating system, fetched many at a time."""

from __future__ import annotations

import os

_AT_ONCE = 4096


class Entropy:
    """Gives bytes of `os.urandom`, each of them once.

    Asking the operating system lets other threads run, and to come back takes longer than what is asked for.
    INVARIANT: used from one event loop, in a process that does not fork: no two callers get the same bytes.
    """

    def __init__(self) -> None:
        self._bytes = b""
        self._position = 0

    def __call__(self, size: int) -> bytes:
        start = self._position
        end = start + size
        if end > len(self._bytes):
            self._bytes = os.urandom(max(_AT_ONCE, size))
            start, end = 0, size
        self._position = end
        return self._bytes[start:end]
