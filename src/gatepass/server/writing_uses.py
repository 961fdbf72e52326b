"""Writes last uses into the store: once a minute, and at the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from gatepass.errors import StoreUnavailable
from gatepass.gateway.uses import COARSE, Uses
from gatepass.store import Store

_log = logging.getLogger(__name__)


class UseWriter:
    """Runs until it is stopped. What could not be written while the store was away is written when it is back."""

    def __init__(self, uses: Uses, store: Store, *, every: float = COARSE) -> None:
        self._uses = uses
        self._store = store
        self._every = every
        self._stopping = asyncio.Event()
        self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Write what is left, and end."""
        self._stopping.set()
        await self._task

    async def _run(self) -> None:
        stopping = False
        while not stopping:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._every)
            stopping = self._stopping.is_set()  # what is noted while this is written is written once more
            await self._write()

    async def _write(self) -> None:
        uses = self._uses.take()
        if not uses:
            return
        try:
            await self._store.last_uses.save(uses)
        except StoreUnavailable:  # the engine has said so
            self._uses.give_back(uses)
        except Exception:  # noqa: BLE001 — what decides nothing ends nothing
            _log.exception("last uses could not be written")
