"""Guests: a pool has no more than it may have, and those that nobody came back for are deleted, no others."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatepass.store import Identity, Login, Store
from gatepass.store.database import Connection
from gatepass.store.guests import COUNTED_EVERY, PoolIsFull
from gatepass.store.sightings import DAY, PAGE

if TYPE_CHECKING:
    from tests.conformance.store.conftest import Engine, Make

GOOGLE = "accounts.google.com"
LIMIT = 20


async def admitted(store: Store, guests: list[Identity]) -> int:
    """How many of these were added, all at the same time."""
    outcomes = await asyncio.gather(*(store.guests.add(guest) for guest in guests), return_exceptions=True)
    assert all(outcome is True or isinstance(outcome, PoolIsFull) for outcome in outcomes)
    return outcomes.count(True)


# --- the limit


async def test_a_pool_takes_as_many_guests_as_it_may(engine: Engine, make: Make) -> None:
    """Who comes at the same time included; what it has from before counts, another pool is not concerned."""
    async with engine.open(guests_limit=LIMIT) as store:
        for number in (1, 2):
            await store.identity_pools.add(make.pool(number))
        assert await admitted(store, [make.identity(n) for n in range(LIMIT - 5)]) == LIMIT - 5
    async with engine.open(guests_limit=LIMIT) as store:
        assert await admitted(store, [make.identity(n) for n in range(100, 200)]) == 5
        assert await store.guests.count(make.pool().id) == LIMIT
        assert await store.guests.add(make.identity(300, pool_id=make.pool(2).id))
        assert await store.identities.get(make.identity(300).id) is not None
    async with engine.open() as store:
        assert await admitted(store, [make.identity(n) for n in range(400, 500)]) == 100


async def test_who_has_logged_in_is_no_guest(engine: Engine, make: Make) -> None:
    """Logins of one identity count once; an identity that lost its last one counts again."""
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1))
        await store.identities.add(make.identity(2, logins=(Login(GOOGLE, "ann"), Login("dev", "ann"))))
        assert await store.guests.count(make.pool().id) == 1
        assert await store.identities.save(make.identity(1, logins=(Login(GOOGLE, "bob"),)))
        assert await store.guests.count(make.pool().id) == 0
        assert await store.identities.save(make.identity(1, enabled=False, revision=2))
        assert await store.guests.count(make.pool().id) == 1


async def test_room_that_was_made_is_seen_within_a_minute(engine: Engine, make: Make) -> None:
    """By deleting or by logging in; asking again and again brings no earlier count."""
    async with engine.open(guests_limit=2) as store:
        await store.identity_pools.add(make.pool())
        assert await admitted(store, [make.identity(n) for n in (1, 2, 3)]) == 2
        found = [each for n in (1, 2, 3) if (each := await store.identities.get(make.identity(n).id)) is not None]
        await store.identities.delete(found[0].id)
        await store.identities.save(replace(found[1], logins=(Login(GOOGLE, "ann"),)))
        assert await admitted(store, [make.identity(n, created=COUNTED_EVERY - 1) for n in range(10, 20)]) == 0
        assert await admitted(store, [make.identity(20, created=COUNTED_EVERY)]) == 0
        await store._detached.finished()
        assert await admitted(store, [make.identity(n, created=COUNTED_EVERY + 1) for n in range(30, 40)]) == 2


async def test_counting_again_never_lets_in_too_many(engine: Engine, make: Make) -> None:
    """Counts begin while additions are under way: each of the two is counted once at least."""
    async with engine.open(guests_limit=200) as store:
        await store.identity_pools.add(make.pool())
        guests = [make.identity(n, created=n * COUNTED_EVERY) for n in range(400)]
        assert 0 < await admitted(store, guests) <= 200
        assert await store.guests.count(make.pool().id) <= 200


async def test_a_pool_that_is_gone_is_forgotten(engine: Engine, make: Make) -> None:
    """Its guests with it: whoever makes one of that id again begins with none."""
    async with engine.open(guests_limit=1) as store:
        await store.identity_pools.add(make.pool())
        assert await admitted(store, [make.identity(1), make.identity(2)]) == 1
        await store.identity_pools.delete(make.pool().id)
        assert len(store.guests) == 0
        assert await store.guests.add(make.identity(3)) is False
        assert len(store.guests) == 0
        await store.identity_pools.add(make.pool())
        assert await admitted(store, [make.identity(4)]) == 1


# --- the time to live


async def swept(store: Store, before: float, now: float = 0.0) -> int:
    """All steps of a sweep; how many guests are gone."""
    after: str | None = ""
    gone = 0
    while after is not None:
        after, deleted = await store.sightings.sweep(after, before=before, now=now)
        gone += deleted
    return gone


async def left(store: Store, make: Make) -> set[int]:
    found = await store.identities.list(make.pool().id, limit=10_000)
    return {int(identity.id[-12:], 16) for identity in found}


async def test_guests_that_were_not_seen_since_are_deleted(engine: Engine, make: Make) -> None:
    """Neither made, noted nor changed since, and without a login; also those who are remembered."""
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        guests: list[dict[str, Any]] = [
            {"created": 10 * DAY},
            {"created": 20 * DAY},
            {"created": 10 * DAY, "logins": (Login(GOOGLE, "ann"),)},
            {"created": 10 * DAY, "modified": 20 * DAY, "enabled": False},
            {"created": 10 * DAY, "modified": 11 * DAY, "enabled": False},
            {"created": 10 * DAY},
        ]
        for number, more in enumerate(guests):
            await store.identities.add(make.identity(number, **more))
            assert await store.identities.get(make.identity(number).id) is not None
        store.sightings.note(make.identity(5).id, 19.5 * DAY)
        assert await store.sightings.write() == 1
        assert await swept(store, before=15 * DAY) == 2
        assert await left(store, make) == {1, 2, 3, 5}
        assert await store.identities.get(make.identity(0).id) is None
        assert await swept(store, before=15 * DAY) == 0
        assert await swept(store, before=30 * DAY) == 3
        assert await left(store, make) == {2}


async def test_a_guest_from_an_older_program_counts_as_seen_when_a_sweep_finds_them(engine: Engine, make: Make) -> None:
    """It wrote no time, whenever they came last."""

    def add_as_older_programs_do(connection: Connection) -> None:
        given = {"id": make.identity(1).id, "pool_id": make.pool().id}
        connection.execute(
            "INSERT INTO identities (id, pool_id, enabled, created, modified, revision)"
            " VALUES (:id, :pool_id, TRUE, 0, 0, 1)",
            given,
        )

    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store._database.write(add_as_older_programs_do)
        assert await swept(store, before=15 * DAY, now=20 * DAY) == 0
        assert await swept(store, before=20 * DAY, now=25 * DAY) == 0
        assert await swept(store, before=21 * DAY, now=26 * DAY) == 1


async def test_a_sweep_comes_by_everyone_step_by_step(engine: Engine, make: Make) -> None:
    """A step looks at so many, and an end in the middle of nothing is one."""
    many = 2 * PAGE
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await asyncio.gather(*(store.identities.add(make.identity(n, created=n % 2)) for n in range(many)))
        after, deleted = await store.sightings.sweep("", before=0.5, now=0.0)
        assert (after, deleted) == (make.identity(PAGE - 1).id, PAGE // 2)
        assert await swept(store, before=0.5) == PAGE // 2
        assert await left(store, make) == set(range(1, many, 2))


async def test_a_day_is_written_once(engine: Engine, make: Make) -> None:
    """However often a guest comes, and whichever of two gates they come to; the next day once more."""

    async def seen() -> float:
        rows = await store._database.read(lambda connection: connection.rows("SELECT seen FROM identities"))
        return float(rows[0][0])

    id_ = make.identity(1).id
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1, created=0.0))
        for now in (2.25 * DAY, 2.5 * DAY, 2.75 * DAY):
            store.sightings.note(id_, now)
        assert (await store.sightings.write(), await seen()) == (1, 2.25 * DAY)
        store.sightings.note(id_, 2.9 * DAY)
        assert (await store.sightings.write(), await seen()) == (0, 2.25 * DAY)
        store.sightings.note(id_, 3.0 * DAY)
        assert (await store.sightings.write(), await seen()) == (1, 3.0 * DAY)
    async with engine.open() as store:
        store.sightings.note(id_, 3.5 * DAY)
        assert (await store.sightings.write(), await seen()) == (1, 3.0 * DAY)


async def test_a_guest_who_logs_in_while_a_sweep_comes_by_stays(engine: Engine, make: Make) -> None:
    """Whichever is first: a login never leads to an identity that is not there."""
    numbers = range(40)
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        for number in numbers:
            await store.identities.add(make.identity(number, created=0.0))
        saves = [
            store.identities.save(make.identity(number, logins=(Login(GOOGLE, f"{number}"),), modified=20 * DAY))
            for number in numbers
        ]
        *saved, deleted = await asyncio.gather(*saves, swept(store, before=15 * DAY))
        assert await left(store, make) == {number for number in numbers if saved[number]}
        assert deleted == saved.count(False)
        for number in numbers:
            owner = await store.identities.by_login(make.pool().id, Login(GOOGLE, f"{number}"))
            assert (owner is not None) == saved[number]
