"""Users, groups, managed policies, keys and OpenID Connect providers: each table, and what holds them together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from gatepass.store import (
    AccessKey,
    AccessKeyMetadata,
    Group,
    ManagedPolicy,
    OpenIDConnectProvider,
    PolicyEntity,
    PolicyUsage,
    PolicyVersion,
    Store,
    User,
)
from gatepass.store.changes import Change

if TYPE_CHECKING:
    from tests.conformance.store.conftest import Engine, Make

ACCOUNT = "123456789012"
FULL_USER = User(
    name="Ann+=,.@-_1",
    path="/team/eu/",
    id="AIDARZPUZDIKJENRY3CRA",
    arn=f"arn:aws:iam::{ACCOUNT}:user/team/eu/Ann+=,.@-_1",
    permissions_boundary=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
    tags={"é": "ü", "a": ""},
    inline_policies={"allow": '{"a": 1}', "deny": '{"b": "\u2028"}'},
    attached_policies=(f"arn:aws:iam::{ACCOUNT}:policy/a", "arn:aws:iam::aws:policy/b"),
    created=1767225600.25,
)
FULL_GROUP = Group(
    name="Team+=,.@-_1",
    path="/team/",
    id="AGPARZPUZDIKJENRY3CRA",
    arn=f"arn:aws:iam::{ACCOUNT}:group/team/Team+=,.@-_1",
    inline_policies={"allow": '{"a": 1}', "deny": "{}"},
    attached_policies=(f"arn:aws:iam::{ACCOUNT}:policy/a",),
    created=1767225600.5,
)
FULL_POLICY = ManagedPolicy(
    arn=f"arn:aws:iam::{ACCOUNT}:policy/team/P+=,.@-_1",
    name="P+=,.@-_1",
    path="/team/",
    id="ANPARZPUZDIKJENRY3CRA",
    versions={2: PolicyVersion('{"b": "\u2028"}', 2.5), 4: PolicyVersion("{}", 4.5)},
    default_version=4,
    latest_version=5,
    description="",
    tags={"a": "1", "A": "2"},
    created=1.5,
    updated=4.5,
)
FULL_PROVIDER = OpenIDConnectProvider(
    arn=f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example/a",
    url="https://login.example/a",
    client_ids=("b", "a"),
    thumbprints=("0" * 40,),
    tags={"team": "blue"},
    created=1.5,
)


def user(name: str, **more: Any) -> User:
    return replace(User(name, "/", f"AIDA{name}", f"arn:aws:iam::{ACCOUNT}:user/{name}"), **more)


def group(name: str, **more: Any) -> Group:
    return replace(Group(name, "/", f"AGPA{name}", f"arn:aws:iam::{ACCOUNT}:group/{name}"), **more)


def policy(name: str, **more: Any) -> ManagedPolicy:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    return replace(ManagedPolicy(arn, name, "/", f"ANPA{name}", {1: PolicyVersion("{}", 0.0)}), **more)


def anything(*_: object) -> None:
    """A check that finds nothing."""


def raising(error: Exception) -> Callable[..., None]:
    def check(*_: object) -> None:
        raise error

    return check


def renamed(to: str) -> Callable[[User], User]:
    return lambda old: replace(old, name=to, path="/p/", arn=f"arn:aws:iam::{ACCOUNT}:user/p/{to}")


def test_the_full_entities_set_every_field() -> None:
    for full, least, same in (
        (FULL_USER, User("", "", "", ""), ["groups", "revision"]),
        (FULL_GROUP, Group("", "", "", ""), ["revision"]),
        (FULL_POLICY, ManagedPolicy("", "", "", "", {}), ["revision"]),
        (FULL_PROVIDER, OpenIDConnectProvider("", ""), ["revision"]),
    ):
        assert [f.name for f in fields(full) if getattr(full, f.name) == getattr(least, f.name)] == same


# --- users


async def test_a_user_comes_back_as_it_was_given(engine: Engine) -> None:
    async with engine.open() as store:
        assert await store.users.add(FULL_USER)
        assert await store.groups.add(group("g"))
        assert await store.groups.add_user("g", FULL_USER.name, check=anything)
        expected = replace(FULL_USER, groups=("g",), revision=2)
        assert await store.users.get(FULL_USER.name) == store.directory.users[FULL_USER.name] == expected
    async with engine.open() as store:
        assert await store.users.get(FULL_USER.name) == store.directory.users[FULL_USER.name] == expected


async def test_a_users_name_is_taken_in_any_case(engine: Engine) -> None:
    async with engine.open() as store:
        assert await store.users.add(user("Ann"))
        assert not await store.users.add(user("Ann"))
        assert not await store.users.add(user("ann"))
        assert not await store.users.add(user("other", id="AIDAAnn"))
        assert await store.users.get("ann") is None
        assert list(store.directory.users) == ["Ann"]


async def test_a_user_is_changed_in_one_step(engine: Engine) -> None:
    async with engine.open() as store:
        await store.users.add(user("ann", inline_policies={"a": "1", "b": "2"}, attached_policies=("arn:x",)))
        changes: dict[str, Any] = {"inline_policies": {"b": "3"}, "attached_policies": ("arn:y",), "tags": {"t": "1"}}
        changed = await store.users.change("ann", lambda old: replace(old, **changes))
        assert changed == store.directory.users["ann"] == user("ann", revision=2, **changes)
        assert await store.users.change("bob", lambda old: old) is None
        with pytest.raises(LookupError, match="no"):
            await store.users.change("ann", raising(LookupError("no")))  # type: ignore[arg-type] # it gives nothing
        assert await store.users.get("ann") == changed


async def test_a_user_is_found_by_its_id_whatever_it_is_called(engine: Engine) -> None:
    """In a picture that follows and in one that is drawn anew."""
    ann, bob = user("ann"), user("bob")
    async with engine.open() as store:
        assert await store.users.add(ann)
        assert await store.users.add(bob)
        for old, new in (("ann", "swap"), ("bob", "ann"), ("swap", "bob")):
            assert await store.users.rename(old, renamed(new))
        found = {id_: store.directory.user_by_id(id_) for id_ in (ann.id, bob.id)}
        assert {id_: each and each.name for id_, each in found.items()} == {ann.id: "bob", bob.id: "ann"}
        assert await store.users.delete("bob", check=anything)
        assert await store.users.add(user("bob", id="AIDAANEW"))
        assert store.directory.user_by_id(ann.id) is None
    async with engine.open() as store:
        assert dict(store.directory.user_names) == {bob.id: "ann", "AIDAANEW": "bob"}


async def test_a_renamed_user_keeps_what_it_has(engine: Engine) -> None:
    """Its id, groups and access keys; what was derived from the old name is drawn anew."""
    async with engine.open() as store:
        await store.users.add(user("ann", inline_policies={"p": "{}"}))
        await store.groups.add(group("g"))
        await store.groups.add_user("g", "ann", check=anything)
        await store.access_keys.add(AccessKey("AKIA1", "secret", "ann"))
        moved = await store.users.rename("ann", renamed("Anna"))
        assert moved == store.directory.users["Anna"]
        assert moved == replace(renamed("Anna")(user("ann", inline_policies={"p": "{}"})), groups=("g",), revision=3)
        assert "ann" not in store.directory.users
        assert store.directory.access_keys["AKIA1"].user_name == "Anna"
        assert [key.id for key in await store.access_keys.metadata("Anna")] == ["AKIA1"]
        assert store.directory.changed == frozenset(
            (Change("user", "ann"), Change("user", "Anna"), Change("access_key", "AKIA1"))
        )
        assert await store.users.rename("Anna", renamed("anna")), "its own name in another case"


async def test_a_user_cannot_take_another_ones_name(engine: Engine) -> None:
    async with engine.open() as store:
        await store.users.add(user("ann"))
        await store.users.add(user("bob"))
        assert await store.users.rename("ann", renamed("BOB")) is None
        assert await store.users.rename("carol", renamed("dan")) is None
        assert set(store.directory.users) == {"ann", "bob"}
        assert await store.users.get("ann") == user("ann")


async def test_a_deleted_user_leaves_nothing_behind(engine: Engine) -> None:
    seen: list[tuple[User, Sequence[str]]] = []
    async with engine.open() as store:
        await store.users.add(FULL_USER)
        await store.groups.add(group("g"))
        await store.groups.add_user("g", FULL_USER.name, check=anything)
        await store.access_keys.add(AccessKey("AKIA1", "secret", FULL_USER.name))
        with pytest.raises(LookupError):
            await store.users.delete(FULL_USER.name, check=raising(LookupError()))
        assert await store.users.get(FULL_USER.name) == replace(FULL_USER, groups=("g",), revision=2)
        assert await store.users.delete(FULL_USER.name, check=lambda *given: seen.append(given))
        ((found, keys),) = seen
        assert (found, keys) == (replace(FULL_USER, groups=("g",), revision=2), ["AKIA1"])
        assert FULL_USER.name not in store.directory.users
        assert not await store.users.delete(FULL_USER.name, check=anything)
        bare = replace(FULL_USER, inline_policies={}, attached_policies=())
        assert await store.users.add(bare), "the name is free again"
        assert await store.users.get(bare.name) == bare
        assert await store.users.members("g") == []


async def test_users_are_listed_by_name_under_a_path(engine: Engine) -> None:
    async with engine.open() as store:
        for name, path in (("c", "/a/"), ("B", "/a/"), ("a", "/a/b/"), ("d", "/"), ("e", "/A/")):
            await store.users.add(user(name, path=path))
        assert [each.name for each in await store.users.list()] == ["B", "a", "c", "d", "e"]
        assert [each.name for each in await store.users.list(path_prefix="/a/", after="B", limit=1)] == ["a"]


# --- groups


async def test_a_group_comes_back_as_it_was_given(engine: Engine) -> None:
    async with engine.open() as store:
        assert await store.groups.add(FULL_GROUP)
        assert not await store.groups.add(replace(FULL_GROUP, name=FULL_GROUP.name.lower(), id="AGPA2"))
        assert await store.groups.get(FULL_GROUP.name) == store.directory.groups[FULL_GROUP.name] == FULL_GROUP
    async with engine.open() as store:
        assert store.directory.groups[FULL_GROUP.name] == FULL_GROUP


async def test_a_groups_policies_are_changed_in_one_step(engine: Engine) -> None:
    async with engine.open() as store:
        await store.groups.add(group("g", inline_policies={"a": "1"}))
        changed = await store.groups.change("g", lambda old: replace(old, inline_policies={}, attached_policies=("x",)))
        assert changed == store.directory.groups["g"] == group("g", attached_policies=("x",), revision=2)
        assert await store.groups.change("none", lambda old: old) is None


async def test_who_is_in_a_group(engine: Engine) -> None:
    async with engine.open() as store:
        await store.groups.add(group("g"))
        await store.groups.add(group("h"))
        for name in ("carol", "bob", "ann"):
            await store.users.add(user(name))
            assert await store.groups.add_user("g", name, check=anything)
        assert await store.groups.add_user("h", "ann", check=anything)
        assert await store.groups.add_user("h", "ann", check=raising(AssertionError())), "it is in it already"
        assert list(store.directory.users["ann"].groups) == ["g", "h"]
        assert [each.name for each in await store.users.members("g", limit=2)] == ["ann", "bob"]
        assert [each.groups for each in await store.users.members("g", after="bob")] == [("g",)]
        with pytest.raises(LookupError):
            await store.groups.add_user("h", "bob", check=raising(LookupError()))
        assert await store.groups.remove_user("g", "ann")
        assert await store.groups.remove_user("g", "ann"), "it is not in it any more"
        assert list(store.directory.users["ann"].groups) == ["h"]
        for name, user_name in (("g", "nobody"), ("none", "ann")):
            assert not await store.groups.add_user(name, user_name, check=anything)
            assert not await store.groups.remove_user(name, user_name)


async def test_a_renamed_group_is_known_to_its_users(engine: Engine) -> None:
    async with engine.open() as store:
        await store.groups.add(group("g"))
        await store.groups.add(group("h"))
        await store.users.add(user("ann"))
        await store.groups.add_user("g", "ann", check=anything)
        assert await store.groups.rename("g", lambda old: replace(old, name="H")) is None, "it is taken"
        moved = await store.groups.rename("g", lambda old: replace(old, name="new", path="/p/"))
        assert moved == store.directory.groups["new"]
        assert "g" not in store.directory.groups
        assert store.directory.users["ann"].groups == ("new",)


async def test_a_group_is_deleted_if_the_check_allows(engine: Engine) -> None:
    seen: list[object] = []
    async with engine.open() as store:
        await store.groups.add(group("g"))
        await store.users.add(user("ann"))
        await store.groups.add_user("g", "ann", check=anything)
        with pytest.raises(LookupError):
            await store.groups.delete("g", check=raising(LookupError()))
        assert await store.groups.delete("g", check=lambda *given: seen.append(given[1]))
        assert seen == [["ann"]]
        assert "g" not in store.directory.groups
        assert not await store.groups.delete("g", check=anything)
        assert [each.name for each in await store.groups.list()] == []


# --- managed policies


async def test_a_managed_policy_comes_back_as_it_was_given(engine: Engine) -> None:
    async with engine.open() as store:
        assert await store.managed_policies.add(FULL_POLICY)
        assert not await store.managed_policies.add(replace(FULL_POLICY, arn="arn:x", name="p+=,.@-_1", id="ANPA2"))
        assert await store.managed_policies.get(FULL_POLICY.arn) == FULL_POLICY
        assert dict(store.directory.managed_policies) == {FULL_POLICY.arn: "{}"}
    async with engine.open() as store:
        assert await store.managed_policies.get(FULL_POLICY.arn) == FULL_POLICY
        assert dict(store.directory.managed_policies) == {FULL_POLICY.arn: "{}"}


async def test_versions_come_and_go(engine: Engine) -> None:
    """The directory holds the default one."""

    def second(old: ManagedPolicy) -> ManagedPolicy:
        versions = {1: old.versions[1], 2: PolicyVersion('{"new":1}', 2.0)}
        return replace(old, versions=versions, default_version=2, latest_version=2, updated=2.0)

    async with engine.open() as store:
        await store.managed_policies.add(policy("p"))
        arn = policy("p").arn
        changed = await store.managed_policies.change(arn, second)
        assert changed == replace(second(policy("p")), revision=2)
        assert store.directory.managed_policies[arn] == '{"new":1}'
        fewer = await store.managed_policies.change(arn, lambda old: replace(old, versions={2: old.versions[2]}))
        assert fewer == await store.managed_policies.get(arn)
        assert fewer is not None
        assert list(fewer.versions) == [2]
        assert await store.managed_policies.change("arn:none", lambda old: old) is None


async def test_the_directory_knows_tags_of_policies(engine: Engine) -> None:
    """Of those that have any."""
    async with engine.open() as store:
        await store.managed_policies.add(FULL_POLICY)
        await store.managed_policies.add(policy("p"))
        assert dict(store.directory.policy_tags) == {FULL_POLICY.arn: FULL_POLICY.tags}
        await store.managed_policies.change(policy("p").arn, lambda old: replace(old, tags={"b": ""}))
        await store.managed_policies.delete(FULL_POLICY.arn, check=anything)
        assert dict(store.directory.policy_tags) == {policy("p").arn: {"b": ""}}
    async with engine.open() as store:
        assert dict(store.directory.policy_tags) == {policy("p").arn: {"b": ""}}
        await store.managed_policies.change(policy("p").arn, lambda old: replace(old, tags={}))
        assert dict(store.directory.policy_tags) == {}


async def test_a_policy_is_deleted_if_the_check_allows(engine: Engine) -> None:
    seen: list[object] = []
    async with engine.open() as store:
        await store.managed_policies.add(policy("p"))
        arn = policy("p").arn
        await store.users.add(user("ann", attached_policies=(arn,), permissions_boundary=arn))
        with pytest.raises(LookupError):
            await store.managed_policies.delete(arn, check=raising(LookupError()))
        assert arn in store.directory.managed_policies
        assert await store.managed_policies.delete(arn, check=lambda *given: seen.append(given))
        assert seen == [(policy("p"), PolicyUsage(1, 1))]
        assert arn not in store.directory.managed_policies
        assert not await store.managed_policies.delete(arn, check=anything)


async def test_policies_are_listed_by_name_under_a_path(engine: Engine) -> None:
    async with engine.open() as store:
        for name, path in (("c", "/a/"), ("B", "/a/"), ("a", "/")):
            await store.managed_policies.add(policy(name, path=path))
        assert [each.name for each in await store.managed_policies.list()] == ["B", "a", "c"]
        assert [each.name for each in await store.managed_policies.list(path_prefix="/a/", after="B")] == ["c"]


async def test_who_uses_a_policy(engine: Engine, make: Make) -> None:
    """Also one of AWS's, which is in no table."""
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    async with engine.open() as store:
        await store.users.add(user("ann", attached_policies=(arn, "arn:other"), path="/a/"))
        await store.users.add(user("bob", permissions_boundary=arn))
        await store.roles.add(make.role("r", attached_policies=(arn,), permissions_boundary=arn))
        await store.groups.add(group("g", attached_policies=(arn,)))
        assert await store.managed_policies.usage([arn, "arn:other", "arn:none"]) == [
            PolicyUsage(3, 2),
            PolicyUsage(1, 0),
            PolicyUsage(0, 0),
        ]
        entities = store.managed_policies.entities
        all_ = [
            PolicyEntity("group", "g", "AGPAg"),
            PolicyEntity("role", "r", make.role("r").id),
            PolicyEntity("user", "ann", "AIDAann"),
            PolicyEntity("user", "bob", "AIDAbob"),
        ]
        assert await entities(arn) == all_
        assert await entities(arn, limit=2) == all_[:2]
        assert await entities(arn, after=("role", "r")) == all_[2:]
        assert await entities(arn, uses=("boundary",)) == [all_[1], all_[3]]
        assert await entities(arn, uses=("attached",), kinds=("user",)) == [all_[2]]
        assert await entities(arn, uses=("boundary",), kinds=("group",)) == []
        assert await entities(arn, path_prefix="/a/") == [all_[2]]


# --- access keys of users


async def test_keys_of_a_user_and_of_the_root(engine: Engine) -> None:
    seen: list[object] = []
    async with engine.open() as store:
        await store.users.add(user("ann"))
        key = AccessKey("AKIA2", "secret/ann", "ann", created=2.5)
        assert await store.access_keys.add_to_owner(key, check=seen.append)
        assert await store.access_keys.add_to_owner(AccessKey("AKIA1", "secret/root"), check=seen.append)
        assert not await store.access_keys.add_to_owner(AccessKey("AKIA3", "s", "nobody"), check=seen.append)
        with pytest.raises(LookupError):
            await store.access_keys.add_to_owner(AccessKey("AKIA4", "s", "ann"), check=raising(LookupError()))
        await store.access_keys.add_to_owner(AccessKey("AKIA0", "s", "ann", active=False), check=seen.append)
        assert seen == [[], [], [AccessKeyMetadata("AKIA2", "ann", True, 2.5)]]
        assert [key.id for key in await store.access_keys.metadata("ann")] == ["AKIA0", "AKIA2"]
        assert await store.access_keys.metadata(None) == [AccessKeyMetadata("AKIA1", None, True, 0.0)]
        assert store.directory.access_keys["AKIA2"] == key


# --- OpenID Connect providers


async def test_a_provider_comes_back_as_it_was_given(engine: Engine) -> None:
    async with engine.open() as store:
        assert await store.oidc_providers.add(FULL_PROVIDER)
        assert not await store.oidc_providers.add(replace(FULL_PROVIDER, client_ids=()))
        assert await store.oidc_providers.get(FULL_PROVIDER.arn) == FULL_PROVIDER
    async with engine.open() as store:
        assert dict(store.directory.oidc_providers) == {FULL_PROVIDER.arn: FULL_PROVIDER}
        changes: dict[str, Any] = {"client_ids": ("c",), "thumbprints": (), "tags": {}}
        changed = await store.oidc_providers.change(FULL_PROVIDER.arn, lambda old: replace(old, **changes))
        assert changed == replace(FULL_PROVIDER, revision=2, **changes)
        assert store.directory.oidc_providers[FULL_PROVIDER.arn] == changed
        assert await store.oidc_providers.change("arn:none", lambda old: old) is None
        assert await store.oidc_providers.list() == [changed]
        assert await store.oidc_providers.delete(FULL_PROVIDER.arn)
        assert not await store.oidc_providers.delete(FULL_PROVIDER.arn)
        assert dict(store.directory.oidc_providers) == {}


# --- what holds them together, while others are at work


async def test_only_a_policy_that_exists_can_be_used(engine: Engine, make: Make) -> None:
    arn = policy("p").arn
    async with engine.open() as store:
        await store.roles.add(make.role("r"))
        await store.users.add(user("ann"))
        await store.groups.add(group("g"))
        assert not await store.roles.add(make.role("s"), policy=arn)
        assert not await store.users.add(user("bob"), policy=arn)
        assert await store.roles.change("r", lambda old: replace(old, permissions_boundary=arn), policy=arn) is None
        assert await store.users.change("ann", lambda old: replace(old, attached_policies=(arn,)), policy=arn) is None
        assert await store.groups.change("g", lambda old: replace(old, attached_policies=(arn,)), policy=arn) is None
        await store.managed_policies.add(policy("p"))
        assert await store.roles.add(make.role("s"), policy=arn)
        assert await store.users.add(user("bob"), policy=arn)
        assert await store.roles.change("r", lambda old: replace(old, permissions_boundary=arn), policy=arn)
        assert await store.users.change("ann", lambda old: replace(old, attached_policies=(arn,)), policy=arn)
        assert await store.groups.change("g", lambda old: replace(old, attached_policies=(arn,)), policy=arn)
        assert await store.managed_policies.usage([arn]) == [PolicyUsage(2, 1)]


def unused(_: ManagedPolicy, usage: PolicyUsage) -> None:
    if usage != PolicyUsage(0, 0):
        raise LookupError("in use")


async def test_a_policy_is_attached_or_deleted(engine: Engine) -> None:
    """At once, only one of the two: nothing ever uses a policy that is gone."""
    arn = policy("p").arn
    async with engine.open() as store:
        await store.users.add(user("ann"))
        for turn in range(20):
            await store.managed_policies.add(policy("p", id=f"ANPA{turn}"))
            attach = store.users.change("ann", lambda old: replace(old, attached_policies=(arn,)), policy=arn)
            delete = store.managed_policies.delete(arn, check=unused)
            order = (attach, delete) if turn % 2 else (delete, attach)
            await asyncio.gather(*order, return_exceptions=True)
            found = await store.users.get("ann")
            assert found is not None
            assert (found.attached_policies == (arn,)) == (await store.managed_policies.get(arn) is not None)
            await store.users.change("ann", lambda old: replace(old, attached_policies=()))
            await store.managed_policies.delete(arn, check=unused)


def few(keys: list[AccessKeyMetadata]) -> None:
    if len(keys) >= 2:
        raise LookupError("two keys")


async def test_of_many_keys_two_are_added(engine: Engine) -> None:
    async with engine.open() as store:
        await store.users.add(user("ann"))
        for owner in ("ann", None):
            adds = (
                store.access_keys.add_to_owner(AccessKey(f"AKIA{owner}{n}", "s", owner), check=few) for n in range(16)
            )
            results = await asyncio.gather(*adds, return_exceptions=True)
            assert results.count(True) == 2
            assert len(await store.access_keys.metadata(owner)) == 2


async def test_no_key_and_no_membership_outlives_its_user(engine: Engine) -> None:
    def alone(_: User, keys: object) -> None:
        if keys:
            raise LookupError("has keys")

    async def has_orphans(store: Store) -> bool:
        keys, members = await store.access_keys.metadata("ann"), await store.users.members("g")
        return await store.users.get("ann") is None and bool(keys or members)

    async with engine.open() as store:
        await store.groups.add(group("g"))
        for turn in range(10):
            await store.users.add(user("ann"))
            await asyncio.gather(
                store.access_keys.add_to_owner(AccessKey(f"AKIA{turn}", "s", "ann"), check=few),
                store.groups.add_user("g", "ann", check=anything),
                store.users.delete("ann", check=alone),
                return_exceptions=True,
            )
            assert not await has_orphans(store)
            for key in await store.access_keys.metadata("ann"):
                await store.access_keys.delete(key.id)
            await store.users.delete("ann", check=anything)


async def test_of_many_changes_of_a_user_none_is_lost(engine: Engine) -> None:
    names = [f"{number:02}" for number in range(32)]
    async with engine.open() as store:
        await store.users.add(user("ann"))
        await asyncio.gather(
            *(
                store.users.change("ann", lambda old, name=name: replace(old, tags={**old.tags, name: ""}))  # type: ignore[misc] # a default binds the loop's value
                for name in names
            )
        )
        assert sorted(store.directory.users["ann"].tags) == names
