"""A change that others come before is made again, ten times; then the caller is told."""

import asyncio
from collections.abc import Callable

import pytest

from gatepass.errors import ConcurrentModification, NoSuchEntity
from gatepass.iam import changing
from gatepass.wire import query


def attempts(*results: int | None) -> tuple[Callable[[], "asyncio.Future[int | None]"], list[int | None]]:
    left = list(results)

    def attempt() -> "asyncio.Future[int | None]":
        future: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        future.set_result(left.pop(0))
        return future

    return attempt, left


async def fine() -> None:
    """Nothing stands in the way of another attempt."""


async def gone() -> None:
    raise NoSuchEntity("gone")


def test_the_first_that_succeeds_counts() -> None:
    async def run() -> tuple[int, int]:
        attempt, left = attempts(None, None, 3, 4)
        return await changing.change(attempt, fine), len(left)

    assert asyncio.run(run()) == (3, 1)


def test_what_cannot_succeed_is_not_tried_again() -> None:
    async def run() -> int:
        attempt, left = attempts(None, 2)
        with pytest.raises(NoSuchEntity):
            await changing.change(attempt, gone)
        return len(left)

    assert asyncio.run(run()) == 1


def test_after_ten_attempts_the_caller_is_told() -> None:
    async def run() -> tuple[ConcurrentModification, int]:
        attempt, left = attempts(*[None] * 11)
        with pytest.raises(ConcurrentModification) as raised:
            await changing.change(attempt, fine)
        return raised.value, len(left)

    failure, left = asyncio.run(run())
    assert left == 1
    response = query.error(failure, "iam", "request")
    assert response.status == 409
    assert b"<Code>ConcurrentModification</Code>" in response.body
    assert b"multiple requests to change this object were submitted simultaneously" in response.body
