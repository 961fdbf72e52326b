"""Answers wait here for the end of the event loop's turn, and are then written one after the other.

Whoever reads them is woken once for all of them, not for each: waking is what costs most about a small answer.
"""

from __future__ import annotations

import asyncio


class Outbox:
    """What is to be written in this turn of the event loop; one for all connections of a server."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def put(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, data: bytes) -> None:
        """Write the last part of an answer soon. INVARIANT: nothing else is written to this transport before."""
        if not self._waiting:
            loop.call_soon(self.flush)
        self._waiting.append((transport, data))

    def flush(self) -> None:
        """Write all of it now."""
        waiting, self._waiting = self._waiting, []
        for transport, data in waiting:
            transport.write(data)
