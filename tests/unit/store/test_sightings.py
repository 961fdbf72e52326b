"""Guests are noted in bounded memory, and what could not be written is written later."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.store.conftest import POOL, opened

from gatepass.errors import StoreUnavailable
from gatepass.store import Identity, Store, sightings
from gatepass.store.sightings import DAY


async def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many guests come, and for however long nothing can be written."""
    async with opened(tmp_path) as store:
        monkeypatch.setattr(sightings, "REMEMBERED", 100)
        monkeypatch.setattr(sightings, "WAITING", 150)
        for number in range(10_000):
            store.sightings.note(f"us-east-1:{number}", DAY + number)
        assert len(store.sightings) <= 250
        assert await store.sightings.write() == 150
        assert len(store.sightings) <= 100


async def test_a_new_day_begins_with_nobody(tmp_path: Path) -> None:
    """Whoever came yesterday is noted again; a clock that goes back notes nobody twice."""
    async with opened(tmp_path) as store:
        for now in (DAY + 10, DAY, DAY - 10, 2 * DAY - 1):
            store.sightings.note("us-east-1:2", now)
        assert await store.sightings.write() == 1
        store.sightings.note("us-east-1:2", 2 * DAY)
        store.sightings.note("us-east-1:3", 2 * DAY)
        assert await store.sightings.write() == 2


async def test_what_was_deleted_meanwhile_does_not_come_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.identities.add(Identity("us-east-1:2", POOL.id))
        store.sightings.note("us-east-1:2", DAY)
        await store.identities.delete("us-east-1:2")
        assert await store.sightings.write() == 1
        assert await store.identities.get("us-east-1:2") is None


async def test_what_cannot_be_written_waits(tmp_path: Path) -> None:
    """A store that is away loses no note, up to the bound."""
    store = await Store.open(tmp_path, account="123456789012", region="us-east-1")
    store.sightings.note("us-east-1:2", DAY)
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.sightings.write()
    assert len(store.sightings) == 2
