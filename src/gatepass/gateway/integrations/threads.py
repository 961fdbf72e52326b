"""Threads that handlers run on: as many as there are handlers at work, up to a limit, and none that waits for one."""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")
IDLE_SECONDS = 10.0


class TooManyHandlers(Exception):
    """As many handlers are at work as may be."""


class HandlerFailed(Exception):
    """The handler raised; its exception is the cause."""


class HandlerThreads:
    """Runs handlers at the same time, each on a thread and in a context of its own.

    Args:
        most: handlers at work at the same time.
    """

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.active = 0
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()

    async def run(self, handler: Callable[..., Result], *arguments: Any) -> Result:
        """What the handler gives.

        Raises:
            TooManyHandlers: at once, if the limit is reached.
            HandlerFailed: the handler raised.
        """
        if self.active >= self.most:
            raise TooManyHandlers
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()

        def settle(result: Result | None, failure: BaseException | None) -> None:
            self.active -= 1
            if future.cancelled():
                return
            if failure is not None:
                failed = HandlerFailed()
                failed.__cause__ = failure
                future.set_exception(failed)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def work() -> None:
            result, failure = None, None
            try:
                result = contextvars.Context().run(handler, *arguments)
            except BaseException as raised:  # noqa: BLE001 (a handler's SystemExit ends the handler, not its thread)
                failure = raised
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, result, failure)

        self._start(work)
        self.active += 1
        return await future

    def _start(self, work: Callable[[], None]) -> None:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is not None:
            worker.queue.put(work)
            return
        try:
            _Worker(self, work).start()
        except RuntimeError as failure:  # the system gives no more threads
            raise TooManyHandlers from failure

    def rest(self, worker: _Worker) -> None:
        """A worker has nothing to do."""
        with self._lock:
            self._idle.append(worker)

    def leave(self, worker: _Worker) -> bool:
        """A worker wants to end; false if it has just been given something to do."""
        with self._lock:
            if worker not in self._idle:
                return False
            self._idle.remove(worker)
            return True


class _Worker(threading.Thread):
    """One thread: the one that rested last is given work first, so that the others may end."""

    def __init__(self, pool: HandlerThreads, work: Callable[[], None]) -> None:
        super().__init__(name="gatepass-handler", daemon=True)
        self.queue: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.queue.put(work)
        self._pool = pool

    def run(self) -> None:
        while True:
            try:
                work = self.queue.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                if self._pool.leave(self):
                    return
                work = self.queue.get()
            work()
            del work
            self._pool.rest(self)
