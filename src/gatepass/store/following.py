"""Keeping the directory as new as a store that other processes write to, and knowing how old it is."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from gatepass.errors import StoreUnavailable
from gatepass.store.database import Database

POLL_SECONDS = 2.0
"""How long a change may stay unnoticed where nothing is heard of it."""

MAX_STALE = 900.0
"""Seconds for which decisions are made on the last directory while the store is away, unless told otherwise."""

_log = logging.getLogger(__name__)


class Freshness:
    """Whether the directory may still decide.

    INVARIANT: it may not once the store was not seen for `max_stale` seconds, whatever else goes wrong: nothing has to
    happen for time to pass. An exclusive store changes through this process alone, which knows.

    Attributes:
        seen: when the directory was last known to be as new as the store; of the monotonic clock.
    """

    def __init__(self, max_stale: float, seen: float, *, exclusive: bool) -> None:
        self.seen = seen
        self._max_stale = max_stale
        self._exclusive = exclusive

    @property
    def age(self) -> float:
        """Seconds since the directory was known to be as new as the store."""
        return 0.0 if self._exclusive else time.monotonic() - self.seen

    def is_good(self) -> bool:
        return self._exclusive or time.monotonic() - self.seen <= self._max_stale


class Follower:
    """Refreshes when something is heard, and every two seconds anyway."""

    def __init__(self, database: Database, refresh: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._refresh = refresh
        self._heard = asyncio.Event()
        self._stopping = False
        self._task = asyncio.ensure_future(self._follow())

    async def stop(self) -> None:
        self._stopping = True
        self._heard.set()
        await self._task

    async def _follow(self) -> None:
        while not self._stopping:
            self._heard.clear()
            try:
                await self._database.listen(self._heard.set)
                await self._refresh()
            except StoreUnavailable:
                pass  # the engine has said so; decisions go on until the directory is too old
            except Exception:  # noqa: BLE001 — it goes on: a directory that cannot be refreshed grows too old to decide
                _log.exception("the directory could not be refreshed")
            try:
                await asyncio.wait_for(self._heard.wait(), POLL_SECONDS)
            except TimeoutError:
                continue
