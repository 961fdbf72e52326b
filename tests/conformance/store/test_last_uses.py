"""Last uses: the latest of many processes stays, and what is gone is not used."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from tests.conformance.store.conftest import Engine, Make

from gatepass.store import AccessKey
from gatepass.store.last_uses import LastUse, Use

EARLY, LATE = LastUse(60.0, "iam", "us-east-1"), LastUse(120.0, "execute-api", "eu-central-1")


async def test_the_latest_stays(engine: Engine, make: Make) -> None:
    """Whatever order they come in; what was never used has none, and nothing of it decides."""
    role, other = make.role("r"), make.role("other")
    async with engine.open() as store:
        assert await store.roles.add(role)
        assert await store.roles.add(other)
        assert await store.access_keys.add(AccessKey("AKIA1", "secret", "ann"))
        assert await store.last_uses.of_access_key("AKIA1") is None
        revision = store.directory.revision
        for last in (EARLY, LATE, EARLY):
            await store.last_uses.save([Use("role", role.id, last), Use("access_key", "AKIA1", last)])
        assert await store.last_uses.of_access_key("AKIA1") == LATE
        assert await store.last_uses.of_roles([role.id, other.id, "AROANONE"]) == {role.id: LATE}
        await store.refresh()
        assert store.directory.revision == revision
        assert await store.roles.get("r") == role
    async with engine.open() as store:
        assert await store.last_uses.of_access_key("AKIA1") == LATE


async def test_a_use_outlives_changes_and_not_what_was_used(engine: Engine, make: Make) -> None:
    role = make.role("r")
    async with engine.open() as store:
        assert await store.roles.add(role)
        await store.last_uses.save([Use("role", role.id, LATE)])
        assert await store.roles.change("r", lambda old: make.role("r", description="new"))
        assert await store.last_uses.of_roles([role.id]) == {role.id: LATE}
        assert await store.roles.delete("r", check=lambda old: None)
        await store.last_uses.save([Use("role", role.id, LATE)])
        assert await store.roles.add(make.role("r", id="AROANEW"))
        assert await store.last_uses.of_roles([role.id, "AROANEW"]) == {}


async def test_many_writers_at_once(engine: Engine, make: Make) -> None:
    """The same rows in any order, from two processes where the engine allows them: all end, and the latest stays."""
    roles = [make.role(f"r{number}") for number in range(10)]
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(engine.open())]
        if engine.url is not None:
            second = Engine(engine.folder.with_name("second"), engine.url)
            (second.folder).mkdir()
            (second.folder / "keys.json").write_bytes((engine.folder / "keys.json").read_bytes())
            (second.folder / "keys.json").chmod(0o600)
            stores.append(await stack.enter_async_context(second.open()))
        for role in roles:
            assert await stores[0].roles.add(role)
        batches = [
            [
                Use("role", role.id, LastUse(60.0 * number, "sts", "r"))
                for role in (roles if number % 2 else roles[::-1])
            ]
            for number in range(1, 21)
        ]
        writes = [stores[number % len(stores)].last_uses.save(batch) for number, batch in enumerate(batches)]
        await asyncio.gather(*writes)
        assert set((await stores[0].last_uses.of_roles(role.id for role in roles)).values()) == {
            LastUse(1200.0, "sts", "r")
        }
