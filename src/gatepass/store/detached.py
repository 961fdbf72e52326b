"""Coroutines that run to their end, even where who waits for them is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from gatepass.store.database import T


class Detached:
    """A write and what must follow it belong together: a caller who goes away must not come between them."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return await asyncio.shield(self.start(coroutine))

    def start(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Let it run, whether someone waits for it or not."""
        task = asyncio.ensure_future(coroutine)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def finished(self) -> None:
        """Wait for those whose callers have gone away."""
        if self._running:
            await asyncio.wait(self._running)
