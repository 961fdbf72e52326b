"""Calls that go together: whoever asks while a group is under way is in the next one.

A piece of work for the database costs two changes of thread and, if it writes, an fsync, however little it does. So
what many ask for at once is done as one piece of work.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from gatepass.store.detached import Detached

LARGEST_GROUP = 256

Given = TypeVar("Given")
Result = TypeVar("Result")


class Together(Generic[Given, Result]):
    """One group at a time; used from one event loop.

    Args:
        do: gives a result for each of what was given, in that order; what it raises, everyone in the group is told.
    """

    def __init__(self, detached: Detached, do: Callable[[Sequence[Given]], Awaitable[Sequence[Result]]]) -> None:
        self._detached = detached
        self._do = do
        self._waiting: list[tuple[Given, asyncio.Future[Result]]] = []
        self._is_running = False

    def ask(self, given: Given) -> asyncio.Future[Result]:
        """The result, when the group is done. Where the caller is cancelled, it is done all the same."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((given, future))
        if not self._is_running:
            self._is_running = True
            self._detached.start(self._run())  # it begins when all who ask in this turn of the event loop have asked
        return future

    async def _run(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
                await self._answer(group)
        finally:
            self._is_running = False

    async def _answer(self, group: list[tuple[Given, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._do([given for given, _ in group])
        except Exception as error:  # noqa: BLE001 — whatever it is, no caller may be left waiting
            for _, future in group:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(group, results, strict=True):
            if not future.done():  # its caller was cancelled
                future.set_result(result)
