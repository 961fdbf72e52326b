"""Calls that go together: one piece of work for all who ask at once, and everyone gets their own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gatepass.store import together as together_module
from gatepass.store.detached import Detached
from gatepass.store.together import Together


class Desk:
    """Squares numbers; remembers the groups it was given. A negative number breaks its group."""

    def __init__(self) -> None:
        self.detached = Detached()
        self.groups: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.together = Together(self.detached, self.square)

    async def square(self, numbers: Sequence[int]) -> Sequence[int]:
        self.groups.append(list(numbers))
        await self.open.wait()
        if min(numbers) < 0:
            raise ValueError("negative")
        return [number * number for number in numbers]


def test_who_asks_at_once_is_in_one_group_and_gets_their_own_answer() -> None:
    async def scenario() -> None:
        desk = Desk()
        assert await asyncio.gather(*map(desk.together.ask, range(10))) == [number**2 for number in range(10)]
        assert desk.groups == [list(range(10))]

    asyncio.run(scenario())


def test_who_asks_while_a_group_is_under_way_is_in_the_next_one() -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.open.clear()
        first = desk.together.ask(1)
        while not desk.groups:
            await asyncio.sleep(0)
        others = [desk.together.ask(2), desk.together.ask(3)]
        desk.open.set()
        assert await asyncio.gather(first, *others) == [1, 4, 9]
        assert desk.groups == [[1], [2, 3]]

    asyncio.run(scenario())


def test_a_group_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together_module, "LARGEST_GROUP", 4)

    async def scenario() -> None:
        desk = Desk()
        assert await asyncio.gather(*map(desk.together.ask, range(10))) == [number**2 for number in range(10)]
        assert list(map(len, desk.groups)) == [4, 4, 2]

    asyncio.run(scenario())


def test_a_failure_is_told_to_everyone_in_its_group_and_to_nobody_else() -> None:
    async def scenario() -> None:
        desk = Desk()
        failed = await asyncio.gather(*map(desk.together.ask, (1, -1)), return_exceptions=True)
        assert [type(error) for error in failed] == [ValueError, ValueError]
        assert await desk.together.ask(3) == 9

    asyncio.run(scenario())


def test_who_is_cancelled_takes_nobody_along() -> None:
    async def scenario() -> None:
        desk = Desk()
        desk.open.clear()
        gone, stays = (asyncio.ensure_future(desk.together.ask(number)) for number in (1, 2))
        while not desk.groups:
            await asyncio.sleep(0)
        gone.cancel()
        desk.open.set()
        assert await stays == 4
        assert gone.cancelled()

    asyncio.run(scenario())


def test_what_was_asked_for_is_finished_before_the_store_is_closed() -> None:
    async def scenario() -> None:
        desk = Desk()
        asked = [desk.together.ask(number) for number in (1, 2)]
        await desk.detached.finished()
        assert all(future.done() for future in asked)

    asyncio.run(scenario())
