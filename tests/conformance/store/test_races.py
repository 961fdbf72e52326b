"""Many at once: one of them wins, nobody is told a lie, and nobody suffers from a neighbour."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatepass.store import Identity, IdentityPool, Login, Role, Store
from gatepass.store.database import Connection

if TYPE_CHECKING:
    from tests.conformance.store.conftest import Engine, Make

MANY = 64


async def test_of_many_adds_of_one_id_one_wins(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        pools = await asyncio.gather(*(store.identity_pools.add(make.pool(name=f"{n}")) for n in range(MANY)))
        roles = await asyncio.gather(*(store.roles.add(make.role("r", description=f"{n}")) for n in range(MANY)))
        assert pools.count(True) == roles.count(True) == 1
        assert store.directory.pools[make.pool().id].name == f"{pools.index(True)}"
        assert store.directory.roles["r"].description == f"{roles.index(True)}"


async def test_of_many_saves_of_one_revision_one_wins(engine: Engine, make: Make) -> None:
    """Round after round, each on the revision the round before left."""
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1))
        await store.roles.add(make.role("r"))
        for turn in range(1, 4):
            pool = store.directory.pools[make.pool().id]
            role = store.directory.roles["r"]
            identity = make.identity(1, revision=turn)
            pools, roles, identities = (
                await asyncio.gather(*(store.identity_pools.save(replace(pool, name=f"{n}")) for n in range(MANY))),
                await asyncio.gather(*(store.roles.save(replace(role, description=f"{n}")) for n in range(MANY))),
                await asyncio.gather(*(store.identities.save(replace(identity, modified=n)) for n in range(MANY))),
            )
            assert pools.count(True) == roles.count(True) == identities.count(True) == 1
            assert store.directory.pools[pool.id] == replace(pool, name=f"{pools.index(True)}", revision=turn + 1)
            assert store.directory.roles["r"] == replace(role, description=f"{roles.index(True)}", revision=turn + 1)
            saved = replace(identity, modified=identities.index(True), revision=turn + 1)
            assert await store.identities.get(identity.id) == saved


async def test_of_many_changes_none_is_lost(engine: Engine, make: Make) -> None:
    def put(name: str) -> Coroutine[Any, Any, Role | None]:
        def change(role: Role) -> Role:
            return replace(role, inline_policies={**role.inline_policies, name: "{}"})

        return store.roles.change("r", change)

    def tag(name: str) -> Coroutine[Any, Any, IdentityPool | None]:
        def change(pool: IdentityPool) -> IdentityPool:
            return replace(pool, tags={**pool.tags, name: ""})

        return store.identity_pools.change(make.pool().id, change)

    names = [f"{number:02}" for number in range(MANY)]
    async with engine.open() as store:
        await store.roles.add(make.role("r"))
        await store.identity_pools.add(make.pool())
        await asyncio.gather(*map(put, names), *map(tag, names))
        assert list(store.directory.roles["r"].inline_policies) == names
        assert sorted(store.directory.pools[make.pool().id].tags) == names
        assert store.directory.roles["r"].revision == MANY + 1


async def test_a_role_gets_a_policy_or_is_deleted(engine: Engine, make: Make) -> None:
    """Who deletes only what has no policy never deletes one."""

    def bare(role: Role) -> None:
        if role.inline_policies:
            raise LookupError("it has a policy")

    async with engine.open() as store:
        for turn in range(20):
            await store.roles.add(make.role("r"))
            put = store.roles.change("r", lambda role: replace(role, inline_policies={"p": "{}"}))
            delete = store.roles.delete("r", check=bare)
            done = await asyncio.gather(*((put, delete) if turn % 2 else (delete, put)), return_exceptions=True)
            changed, deleted = done if turn % 2 else reversed(done)
            assert (changed is None) == (deleted is True)
            await store.roles.delete("r")


async def test_of_many_identities_for_one_login_one_wins(engine: Engine, make: Make) -> None:
    login = Login("accounts.google.com", "ann")
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        added = await asyncio.gather(
            *(store.identities.add(make.identity(n, logins=(login,))) for n in range(MANY)),
        )
        assert added.count(True) == 1
        winner = await store.identities.by_login(make.pool().id, login)
        assert winner == make.identity(added.index(True), logins=(login,))
        assert await store.identities.list(make.pool().id) == [winner]


async def test_of_many_added_at_once_only_those_are_refused_that_cannot_be_added(engine: Engine, make: Make) -> None:
    """They share a transaction; what is wrong with one is nothing to the others. So are they read."""
    login = Login("p", "s")
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        assert await store.identities.add(make.identity(7))
        given = [make.identity(number) for number in range(77)]
        given[11] = replace(given[11], pool_id="us-east-1:gone")
        given[20], given[50] = (replace(given[number], logins=(login,)) for number in (20, 50))
        added = await asyncio.gather(*map(store.identities.add, given))
        refused = [number for number, was_added in enumerate(added) if not was_added]
        assert len(refused) == 3
        assert refused[:2] == [7, 11]
        assert refused[2] in (20, 50)
        store.identities.forget()
        found = await asyncio.gather(*(store.identities.get(identity.id) for identity in given))
        refused.remove(7)  # which is there from before
        assert found == [None if number in refused else identity for number, identity in enumerate(given)]


async def test_of_many_links_of_one_login_one_wins(engine: Engine, make: Make) -> None:
    login = Login("accounts.google.com", "ann")
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await asyncio.gather(*(store.identities.add(make.identity(n)) for n in range(MANY)))
        linked = await asyncio.gather(*(store.identities.save(make.identity(n, logins=(login,))) for n in range(MANY)))
        assert linked.count(True) == 1
        for number in range(MANY):
            identity = await store.identities.get(make.identity(number).id)
            assert identity is not None
            assert (identity.logins == (login,)) == linked[number]


async def test_a_write_that_fails_leaves_its_neighbours_alone(engine: Engine, make: Make) -> None:
    """They are committed together; what fails is undone alone."""

    def fail(role: Role) -> Role:
        raise ZeroDivisionError

    login = Login("accounts.google.com", "ann")
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(0, logins=(login,)))
        await store.roles.add(make.role("r"))
        results = await asyncio.gather(
            *(store.identities.add(make.identity(n)) for n in range(1, 30)),
            store.roles.change("r", fail),
            store.roles.add(make.role("s", attached_policies=("arn:twice", "arn:twice"))),
            store.identities.add(make.identity(98, logins=(Login("a", "new"), login))),
            store.identities.add(make.identity(99, pool_id="us-east-1:gone")),
            *(store.identities.add(make.identity(n)) for n in range(30, 60)),
            return_exceptions=True,
        )
        assert results[:29] == [True] * 29
        assert results[33:] == [True] * 30
        assert isinstance(results[29], ZeroDivisionError)
        assert isinstance(results[30], Exception)
        assert results[31:33] == [False, False]
        assert "s" not in store.directory.roles
        assert await store.roles.get("s") is None
    async with engine.open() as store:
        listed = await store.identities.list(make.pool().id, limit=1000)
        assert [identity.id for identity in listed] == [make.identity(n).id for n in range(60)]
        assert await store.identities.by_login(make.pool().id, Login("a", "new")) is None


async def test_no_identity_outlives_its_pool(engine: Engine, make: Make) -> None:
    """Adds before, while and after the pool is deleted: what was added in time goes with it, the rest is refused."""
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        early = await store.identities.add(make.identity(0))
        *_, deleted = await asyncio.gather(  # those that are added together may all be too late
            *(store.identities.add(make.identity(n)) for n in range(1, MANY)),
            store.identity_pools.delete(make.pool().id),
        )
        late = await asyncio.gather(*(store.identities.add(make.identity(n)) for n in range(MANY, MANY + 8)))
        assert early
        assert deleted
        assert late.count(True) == 0
        for number in range(MANY + 8):
            assert await store.identities.get(make.identity(number).id) is None


async def test_a_read_never_brings_back_what_was_saved_over(engine: Engine, make: Make) -> None:
    """Reads and saves of one identity at once: once a save has returned, nobody sees what was before it."""
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1))
        saved = 1

        async def save() -> None:
            nonlocal saved
            for revision in range(1, 50):
                assert await store.identities.save(make.identity(1, revision=revision))
                saved = revision + 1

        async def read() -> None:
            while saved < 50:
                known = saved
                found = await store.identities.get(make.identity(1).id)
                assert found is not None
                assert found.revision >= known
                await asyncio.sleep(0)

        await asyncio.gather(save(), *(read() for _ in range(8)))


class Held:
    """Work that keeps its thread busy until it is let go."""

    def __init__(self) -> None:
        self._begun, self._released = threading.Event(), threading.Event()

    def __call__(self, connection: Connection) -> bool:
        self._begun.set()
        return self._released.wait(30)

    async def begun(self) -> None:
        while not self._begun.is_set():
            await asyncio.sleep(0)

    def release(self) -> None:
        self._released.set()


async def read_held(store: Store, id_: str) -> tuple[asyncio.Task[Identity | None], Held]:
    """A read of an identity that has seen the store, but whose answer is held back."""
    before, after = Held(), Held()
    blocked = asyncio.ensure_future(store._database.read(before))
    await before.begun()
    reading = asyncio.ensure_future(store.identities.get(id_))
    await asyncio.sleep(0)
    asyncio.ensure_future(store._database.read(after))  # noqa: RUF006 — it ends with the test
    await asyncio.sleep(0)
    before.release()
    await blocked
    await after.begun()
    return reading, after


async def test_a_read_that_began_before_a_save_is_not_remembered(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1))
        reading, answer = await read_held(store, make.identity(1).id)
        assert await store.identities.save(make.identity(1, enabled=False))
        answer.release()
        saved = make.identity(1, enabled=False, revision=2)
        assert await reading in (make.identity(1), saved)
        assert await store.identities.get(make.identity(1).id) == saved


async def test_a_read_that_began_before_its_pool_was_deleted_is_not_remembered(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1))
        reading, answer = await read_held(store, make.identity(1).id)
        assert await store.identity_pools.delete(make.pool().id)
        answer.release()
        await reading
        assert await store.identities.get(make.identity(1).id) is None


async def test_a_login_leads_where_it_leads_now(engine: Engine, make: Make) -> None:
    """Whatever was remembered of it: when it moves, when it is taken away, and when its identity or its pool goes."""
    one, other = Login("p", "1"), Login("p", "2")
    pool_id = make.pool().id
    async with engine.open() as store:

        async def owners() -> list[str]:
            found = [await store.identities.by_logins(pool_id, (login,)) for login in (one, other)]
            assert await store.identities.by_logins(pool_id, (one, other)) == tuple(
                dict.fromkeys(identity for identities in found for identity in identities)
            )
            return [identity.id[-1] for identities in found for identity in identities]

        await store.identity_pools.add(make.pool())
        assert await owners() == []
        for number, login in ((1, one), (2, other)):
            await store.identities.add(make.identity(number, logins=(login,)))
        assert await owners() == await owners() == ["1", "2"]
        first, second = await store.identities.by_logins(pool_id, (one, other))
        assert await store.identities.save_all((replace(first, logins=()), replace(second, logins=(one, other))))
        assert await owners() == await owners() == ["2", "2"]
        [second] = await store.identities.by_logins(pool_id, (one,))
        assert await store.identities.save(replace(second, logins=(other,)))
        assert await owners() == await owners() == ["2"]
        assert await store.identities.delete(second.id)
        assert await owners() == []
        await store.identities.add(make.identity(3, logins=(one,)))
        assert await owners() == await owners() == ["3"]
        await store.identity_pools.delete(pool_id)
        assert await owners() == []


async def test_a_caller_who_goes_away_leaves_no_stale_directory(engine: Engine, make: Make) -> None:
    """The write was on its way when its caller was cancelled: it is done, and what follows it is done too."""
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1))
        assert await store.identities.get(make.identity(1).id)
        held = Held()
        asyncio.ensure_future(store._database.write(held))  # noqa: RUF006 — it ends with the test
        await held.begun()
        tasks = [
            asyncio.ensure_future(store.roles.add(make.role("r"))),
            asyncio.ensure_future(store.identities.save(make.identity(1, enabled=False))),
        ]
        for _ in range(3):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
        held.release()
        await store._detached.finished()
        assert store.directory.roles["r"] == await store.roles.get("r")
        assert await store.identities.get(make.identity(1).id) == make.identity(1, enabled=False, revision=2)


async def test_closing_finishes_what_was_asked(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        adds = [asyncio.ensure_future(store.identities.add(make.identity(n))) for n in range(500)]
        adds += [asyncio.ensure_future(store.roles.add(make.role(f"r{n}"))) for n in range(20)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*adds) == [True] * 520
    async with engine.open() as store:
        assert len(await store.identities.list(make.pool().id, limit=1000)) == 500
        assert len(store.directory.roles) == 20


async def test_logins_go_from_one_identity_to_another_at_once_or_not_at_all(engine: Engine, make: Make) -> None:
    """Two identities are merged into each other by many, some in this direction, some in the other: one wins."""
    one, two = Login("idp", "1"), Login("idp", "2")
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        child, parent = make.identity(1, logins=(one,)), make.identity(2, logins=(two,))
        assert await store.identities.add(child)
        assert await store.identities.add(parent)
        ways = [
            (replace(child, logins=(), enabled=False), replace(parent, logins=(one, two))),
            (replace(parent, logins=(), enabled=False), replace(child, logins=(one, two))),
        ]
        saved = await asyncio.gather(*(store.identities.save_all(ways[n % 2]) for n in range(8)))
        assert saved.count(True) == 1
        emptied, together = (replace(each, revision=2) for each in ways[saved.index(True) % 2])
        assert [await store.identities.get(each.id) for each in (emptied, together)] == [emptied, together]
        assert await store.identities.by_logins(make.pool().id, (two, one, Login("idp", "3"))) == (together,)


async def test_what_cannot_all_be_saved_is_not_saved(engine: Engine, make: Make) -> None:
    login = Login("idp", "1")
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        owner, other = make.identity(1, logins=(login,)), make.identity(2)
        await store.identities.add(owner)
        await store.identities.add(other)
        stale, taken = replace(other, enabled=False, revision=7), replace(other, logins=(login,))
        assert not await store.identities.save_all((replace(owner, logins=()), stale))
        assert not await store.identities.save_all((replace(owner, enabled=False), taken))
        assert not await store.identities.save_all((replace(owner, logins=()), make.identity(3)))
        assert await store.identities.get(owner.id) == owner
        assert await store.identities.get(other.id) == other
