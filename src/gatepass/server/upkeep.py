"""What a gate does for its store beside answering.

It writes when guests were seen and keys were used, and deletes guests long unseen.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

from gatepass.errors import StoreUnavailable
from gatepass.gateway.uses import Uses
from gatepass.store import Store
from gatepass.store.sightings import DAY

EVERY = 60.0
"""Seconds between two rounds: for so long, what was noted may be lost with the process."""

SWEPT_EVERY = 3600.0

PAUSE = 0.05
"""Seconds between two steps of a sweep, for everyone else who needs the store."""

_log = logging.getLogger(__name__)


class Upkeep:
    """Rounds in the background.

    Args:
        guests_ttl: days after which guests are deleted who were not seen; 0 for never.
        pause: waits for so many seconds.
    """

    def __init__(
        self, store: Store, uses: Uses, guests_ttl: int, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._store = store
        self._uses = uses
        self._guests_ttl = guests_ttl
        self._pause = pause
        self._swept = -SWEPT_EVERY
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Write what was noted, and end."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def round(self, now: float) -> int:
        """Write what was noted, and delete whom nobody misses, if it is time; gives how many guests that were.

        Raises: StoreUnavailable.
        """
        await self._write_uses()
        await self._store.sightings.write()
        if not self._guests_ttl or 0 <= now - self._swept < SWEPT_EVERY:
            return 0
        self._swept = now
        return await self._sweep(now)

    async def _write_uses(self) -> None:
        uses = self._uses.take()
        if not uses:
            return
        try:
            await self._store.last_uses.save(uses)
        except StoreUnavailable:
            self._uses.give_back(uses)
            raise

    async def _sweep(self, now: float) -> int:
        # Who was seen is written once a day, so that the last time may be a day later than what is written.
        before = now - (self._guests_ttl + 1) * DAY
        deleted = 0
        after: str | None = ""
        while after is not None and not self._stopping.is_set():
            after, more = await self._store.sightings.sweep(after, before=before, now=now)
            deleted += more
            await self._pause(PAUSE)
        if deleted:
            _log.info("deleted %d guests who were not seen for %d days", deleted, self._guests_ttl)
        return deleted

    async def _run(self) -> None:
        while True:
            last = self._stopping.is_set()
            try:
                await self.round(time.time())
            except StoreUnavailable:
                pass  # the engine has said so; the next round goes on
            except Exception:  # noqa: BLE001 — guests are kept for longer, that is all
                _log.exception("a round of upkeep failed")
            if last:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), EVERY)
