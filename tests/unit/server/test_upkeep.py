"""Guests who did not come back are deleted, in steps that leave the store to others; when is a matter of the clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.store.conftest import POOL, opened

from gatepass.gateway.uses import Uses
from gatepass.server import upkeep
from gatepass.server.upkeep import SWEPT_EVERY, Upkeep
from gatepass.store import Identity, Store, sightings
from gatepass.store.sightings import DAY

USES = Uses("us-east-1")


async def add(store: Store, name: str, *, created: float = 0.0) -> None:
    await store.identities.add(Identity(f"us-east-1:{name}", POOL.id, created=created, modified=created))


async def left(store: Store) -> set[str]:
    return {identity.id.removeprefix("us-east-1:") for identity in await store.identities.list(POOL.id, limit=9999)}


class Pauses:
    """Counts them instead of waiting."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self, seconds: float) -> None:
        self.count += 1


async def test_a_guest_is_kept_for_as_long_as_was_said_and_at_most_a_day_longer(tmp_path: Path) -> None:
    """Since they came last: to the gate that they were noted by, not only to this process."""
    async with opened(tmp_path) as store:
        caring = Upkeep(store, USES, 30, pause=Pauses())
        await add(store, "made-and-gone")
        await add(store, "came-back")
        store.sightings.note("us-east-1:came-back", 20.9 * DAY)
        assert await caring.round(30.99 * DAY) == 0
        assert await caring.round(31.01 * DAY + SWEPT_EVERY) == 1
        assert await left(store) == {"came-back"}
        assert await caring.round(50.8 * DAY) == 0
        assert await caring.round(52 * DAY) == 1


async def test_without_a_time_to_live_guests_are_kept_for_ever(tmp_path: Path) -> None:
    """As on AWS; when they came is written all the same, for the day on which someone gives one."""
    async with opened(tmp_path) as store:
        careless = Upkeep(store, USES, 0, pause=Pauses())
        await add(store, "2")
        store.sightings.note("us-east-1:2", 2 * DAY)
        assert await careless.round(1000 * DAY) == 0
        assert await left(store) == {"2"}
        assert await Upkeep(store, USES, 1, pause=Pauses()).round(3.5 * DAY) == 0
        assert await Upkeep(store, USES, 1, pause=Pauses()).round(4.5 * DAY) == 1


async def test_a_sweep_comes_once_an_hour(tmp_path: Path) -> None:
    """Or when the clock was set back."""
    async with opened(tmp_path) as store:
        caring = Upkeep(store, USES, 1, pause=Pauses())
        now = 10 * DAY
        for number, (at, gone) in enumerate(
            ((now, 1), (now + SWEPT_EVERY - 1, 0), (now + SWEPT_EVERY, 2), (now + 10, 1), (now + 20, 0))
        ):
            await add(store, f"{number}")
            assert await caring.round(at) == gone


async def test_a_sweep_pauses_after_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "PAGE", 10)
    async with opened(tmp_path) as store:
        pauses = Pauses()
        for number in range(21):
            await add(store, f"{number:05}")
        assert await Upkeep(store, USES, 1, pause=pauses).round(10 * DAY) == 21
        assert pauses.count == 3


async def test_what_was_noted_is_written_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next round may be an hour away."""
    monkeypatch.setattr(upkeep, "EVERY", 3600.0)
    async with opened(tmp_path) as store:
        running = Upkeep(store, USES, 0, pause=Pauses())
        running.start()
        await add(store, "2")
        store.sightings.note("us-east-1:2", 2 * DAY)
        await running.stop()
        assert await store.sightings.write() == 0
        assert await left(store) == {"2"}


async def test_a_round_that_fails_is_not_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it end the gate."""
    async with opened(tmp_path) as store:
        monkeypatch.setattr(upkeep, "EVERY", 0.001)
        rounds = Pauses()

        async def fail(now: float) -> int:
            await rounds(now)
            raise RuntimeError("whatever it is")

        running = Upkeep(store, USES, 1)
        monkeypatch.setattr(running, "round", fail)
        running.start()
        while rounds.count < 3:
            await store.guests.count(POOL.id)
        await running.stop()
