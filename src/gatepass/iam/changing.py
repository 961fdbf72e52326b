"""Changing an entity while others do."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from gatepass.errors import ConcurrentModification

MOST_ATTEMPTS = 10

T = TypeVar("T")


async def change(attempt: Callable[[], Awaitable[T | None]], check: Callable[[], Awaitable[object]]) -> T:
    """Attempt until something comes of it; between attempts `check` raises where no further one could help.

    Raises:
        ConcurrentModification: others were faster every time.
    """
    for _ in range(MOST_ATTEMPTS):
        result = await attempt()
        if result is not None:
            return result
        await check()
    raise overtaken()


def overtaken() -> ConcurrentModification:
    return ConcurrentModification(
        "The request was rejected because multiple requests to change this object were submitted simultaneously. Wait a"
        " few minutes and submit your request again."
    )
