"""The directory is always one state of the store, follows every change, and never changes itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gatepass.principal import Principal
from gatepass.store import Directory, Role, Store, changes, directory
from gatepass.store.changes import Change
from gatepass.store.database import Connection

if TYPE_CHECKING:
    from tests.conformance.store.conftest import Engine, Make


async def elsewhere(store: Store, *roles: Role) -> None:
    """Add roles as another process would: behind this one's back."""

    def work(connection: Connection) -> None:
        for role in roles:
            connection.execute(
                "INSERT INTO roles"
                " (name, folded_name, path, id, arn, trust_policy, max_session_duration, tags, created, revision)"
                " VALUES (:name, :name, '/', :id, :arn, '{}', 3600, '{}', 0, 1)",
                {"name": role.name, "id": role.id, "arn": role.arn},
            )
            changes.append(connection, Change("role", role.name))

    await store._database.write(work)


async def test_a_write_is_visible_when_it_returns_and_listeners_have_seen_it(engine: Engine, make: Make) -> None:
    seen: list[Directory] = []
    async with engine.open() as store:
        store.on_change(seen.append)
        await store.roles.add(make.role("r"))
        assert seen == [store.directory]
        assert seen[0].roles["r"] == make.role("r")
        assert not await store.roles.add(make.role("r"))
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1))
    expected = Change("role", "r"), Change("identity_pool", make.pool().id)
    assert [found.changed for found in seen] == [frozenset({change}) for change in expected]
    assert [found.revision for found in seen] == [1, 2]


async def test_a_directory_never_changes(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.roles.add(make.role("r"))
        old = store.directory
        await store.roles.change("r", lambda role: replace(role, description="new"))
        await store.roles.add(make.role("s"))
        assert dict(old.roles) == {"r": make.role("r")}
        assert set(store.directory.roles) == {"r", "s"}


async def test_what_did_not_change_is_the_same_object(engine: Engine, make: Make) -> None:
    """What was derived from an entity can be kept as long as the entity is the same."""
    async with engine.open() as store:
        await store.roles.add(make.role("r"))
        await store.roles.add(make.role("s"))
        old = store.directory
        await store.roles.change("r", lambda role: replace(role, description="new"))
        assert store.directory.roles["r"] is not old.roles["r"]
        assert store.directory.roles["s"] is old.roles["s"]


async def test_a_refresh_without_a_change_gives_the_same_directory(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.roles.add(make.role("r"))
        same = store.directory
        await store.refresh()
        assert store.directory is same


async def test_changes_made_elsewhere_come_with_a_refresh(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await elsewhere(store, make.role("r"), make.role("s"))
        assert "r" not in store.directory.roles
        await store.refresh()
        assert store.directory.changed == frozenset({Change("role", "r"), Change("role", "s")})
        assert store.directory.roles["s"].id == make.role("s").id


async def test_who_is_far_behind_draws_anew(engine: Engine, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MOST_CHANGES", 5)
    async with engine.open() as store:
        await elsewhere(store, *(make.role(f"r{number}") for number in range(6)))
        await store.refresh()
        assert len(store.directory.roles) == 6
        assert (store.directory.revision, store.directory.changed) == (6, None)


async def test_who_is_behind_the_log_draws_anew(engine: Engine, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is pruned every 256 changes; whoever was further behind still sees everything."""
    monkeypatch.setattr(changes, "KEPT", 10)
    async with engine.open() as store:
        await elsewhere(store, *(make.role(f"r{number}") for number in range(260)))
        await store.refresh()
        assert len(store.directory.roles) == 260
        assert (store.directory.revision, store.directory.changed) == (260, None)
        kept = await store._database.read(lambda connection: connection.row("SELECT count(*) FROM changes"))
        assert kept == (14,)


async def test_the_next_start_goes_on_where_this_one_ends(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.roles.add(make.role("r"))
        deployment_id, ring = store.deployment_id, store.key_ring
    async with engine.open() as store:
        assert (store.directory.revision, store.directory.changed) == (1, None)
        assert store.deployment_id == deployment_id
        assert dict(store.key_ring.keys) == dict(ring.keys)


def session(**more: object) -> Principal:
    return Principal(
        "role-session",
        "123456789012",
        "arn:aws:sts::123456789012:assumed-role/r/s",
        "AROA1:s",
        "ASIA1",
        role_name="r",
        role_id="AROA1",
        issued_at=1_000_000,
        identity_id="us-east-1:i",
        identity_pool_id="us-east-1:p",
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("kind", "id_"),
    [("role", "AROA1"), ("identity", "us-east-1:i"), ("identity_pool", "us-east-1:p"), ("access_key", "ASIA1")],
)
@pytest.mark.parametrize(
    ("not_before", "revoked"), [(999_999.9, False), (1_000_000.0, False), (1_000_000.1, True), (2e9, True)]
)
async def test_a_session_from_before_an_epoch_is_revoked(
    engine: Engine, kind: str, id_: str, not_before: float, revoked: bool
) -> None:
    async with engine.open() as store:
        assert not store.directory.revoked(session())
        await store.epochs.push(kind, id_, not_before)  # type: ignore[arg-type]
        assert store.directory.revoked(session()) is revoked


async def test_epochs_of_others_revoke_nothing(engine: Engine) -> None:
    async with engine.open() as store:
        for kind, id_ in (("role", "us-east-1:i"), ("identity", "us-east-1:p"), ("role", "AROA"), ("role", "r")):
            await store.epochs.push(kind, id_, 2e9)  # type: ignore[arg-type]
        assert not store.directory.revoked(session())
        root = Principal("root", "123456789012", "arn:aws:iam::123456789012:root", "123456789012", "AROA")
        assert not store.directory.revoked(root)
