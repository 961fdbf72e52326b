"""What each table does: what was added is there, what was deleted is not, and only the newest can be saved."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from gatepass.store import AccessKey, CognitoIdentityProvider, IdentityPool, Login, Role

if TYPE_CHECKING:
    from tests.conformance.store.conftest import Engine, Make

FULL_POOL = IdentityPool(
    id="us-east-1:8d8f7658-1c6c-4f0b-9d5c-0123456789ab",
    name="プール + guests",
    allow_unauthenticated=True,
    allow_classic_flow=False,
    supported_login_providers={"accounts.google.com": "123.apps", "graph.facebook.com": "7"},
    developer_provider_name="login.example",
    open_id_connect_provider_arns=(
        "arn:aws:iam::123456789012:oidc-provider/b",
        "arn:aws:iam::123456789012:oidc-provider/a",
    ),
    cognito_identity_providers=(
        CognitoIdentityProvider("cognito-idp.us-east-1.amazonaws.com/us-east-1_b", "client", True),
        CognitoIdentityProvider("cognito-idp.us-east-1.amazonaws.com/us-east-1_a", "client"),
    ),
    saml_provider_arns=("arn:aws:iam::123456789012:saml-provider/s",),
    tags={"team": "blue", "a": ""},
    roles={"unauthenticated": "arn:aws:iam::123456789012:role/guest"},
    role_mappings={"p:c": {"Type": "Rules", "RulesConfiguration": {"Rules": [{"Claim": "x", "Value": "\u2028"}]}}},
    principal_tags={"accounts.google.com": {"UseDefaults": False, "PrincipalTags": {"team": "hd"}}},
    created=1767225600.123456,
    modified=1767225601.5,
)
FULL_ROLE = Role(
    name="Guests+=,.@-_1",
    path="/service/eu/",
    id="AROARZPUZDIKJENRY3CRA",
    arn="arn:aws:iam::123456789012:role/service/eu/Guests+=,.@-_1",
    trust_policy='{"Version": "2012-10-17",\n "Statement": []}',
    description="",
    max_session_duration=43200,
    permissions_boundary="arn:aws:iam::123456789012:policy/boundary",
    tags={"é": "ü"},
    inline_policies={"allow": '{"a": 1}', "deny": '{"b": "\u2028"}'},
    attached_policies=("arn:aws:iam::123456789012:policy/a", "arn:aws:iam::aws:policy/b"),
    created=1767225600.25,
)


def test_the_full_entities_set_every_field() -> None:
    for full, least in ((FULL_POOL, IdentityPool("", "")), (FULL_ROLE, Role("", "", "", "", ""))):
        same = [f.name for f in fields(full) if getattr(full, f.name) == getattr(least, f.name)]
        assert same == ["revision"]


# --- identity pools


async def test_a_pool_comes_back_as_it_was_given(engine: Engine) -> None:
    async with engine.open() as store:
        assert await store.identity_pools.add(FULL_POOL)
        assert await store.identity_pools.get(FULL_POOL.id) == FULL_POOL
        assert store.directory.pools[FULL_POOL.id] == FULL_POOL
    async with engine.open() as store:
        assert await store.identity_pools.get(FULL_POOL.id) == FULL_POOL
        assert store.directory.pools[FULL_POOL.id] == FULL_POOL


async def test_a_pools_id_is_taken_once(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        assert await store.identity_pools.add(make.pool(1, name="first"))
        assert not await store.identity_pools.add(make.pool(1, name="second"))
        assert store.directory.pools[make.pool(1).id].name == "first"


async def test_only_the_newest_pool_can_be_saved(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        read = store.directory.pools[make.pool().id]
        assert await store.identity_pools.save(replace(read, name="one"))
        assert not await store.identity_pools.save(replace(read, name="two"))
        found = store.directory.pools[read.id]
        assert (found.name, found.revision) == ("one", 2)
        assert await store.identity_pools.save(replace(found, name="two"))
        assert await store.identity_pools.get(read.id) == replace(read, name="two", revision=3)


async def test_every_field_of_a_pool_but_its_id_and_birth_can_be_saved(engine: Engine) -> None:
    async with engine.open() as store:
        await store.identity_pools.add(IdentityPool(FULL_POOL.id, "least", created=FULL_POOL.created))
        assert await store.identity_pools.save(FULL_POOL)
        assert store.directory.pools[FULL_POOL.id] == replace(FULL_POOL, revision=2)


async def test_a_pool_that_is_not_there(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        assert await store.identity_pools.get("us-east-1:none") is None
        assert not await store.identity_pools.save(make.pool())
        assert not await store.identity_pools.delete(make.pool().id)
        assert await store.identity_pools.change(make.pool().id, lambda pool: pool) is None
        assert store.directory.revision == 0


async def test_a_pool_is_changed_in_one_step(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        changed = await store.identity_pools.change(make.pool().id, lambda pool: replace(pool, name="new"))
        assert changed == make.pool(name="new", revision=2)
        assert store.directory.pools[make.pool().id] == changed


async def test_a_deleted_pool_takes_its_identities_with_it(engine: Engine, make: Make) -> None:
    login = Login("accounts.google.com", "ann")
    async with engine.open() as store:
        await store.identity_pools.add(make.pool(1))
        await store.identity_pools.add(make.pool(2))
        gone = [make.identity(1), make.identity(2, logins=(login,))]
        stays = make.identity(3, pool_id=make.pool(2).id, logins=(login,))
        for identity in (*gone, stays):
            assert await store.identities.add(identity)
            assert await store.identities.get(identity.id) == identity
        assert await store.identity_pools.delete(make.pool(1).id)
        assert make.pool(1).id not in store.directory.pools
        assert [await store.identities.get(identity.id) for identity in (*gone, stays)] == [None, None, stays]
        assert await store.identities.by_login(make.pool(1).id, login) is None
        assert await store.identity_pools.add(make.pool(1)), "the id is free again"
        assert await store.identities.list(make.pool(1).id) == []


async def test_pools_are_listed_by_id_page_by_page(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        for number in (3, 1, 5, 2, 4):
            await store.identity_pools.add(make.pool(number))
        assert [pool.name for pool in await store.identity_pools.list(limit=2)] == ["pool 1", "pool 2"]
        after = make.pool(2).id
        assert [pool.name for pool in await store.identity_pools.list(after=after)] == ["pool 3", "pool 4", "pool 5"]
        assert await store.identity_pools.list(after=make.pool(5).id) == []


# --- roles


async def test_a_role_comes_back_as_it_was_given(engine: Engine) -> None:
    async with engine.open() as store:
        assert await store.roles.add(FULL_ROLE)
        assert await store.roles.get(FULL_ROLE.name) == FULL_ROLE
        assert store.directory.roles[FULL_ROLE.name] == FULL_ROLE
    async with engine.open() as store:
        assert await store.roles.get(FULL_ROLE.name) == FULL_ROLE
        assert store.directory.roles[FULL_ROLE.name] == FULL_ROLE
        assert store.directory.role_by_arn(FULL_ROLE.arn) == FULL_ROLE
        assert store.directory.role_by_arn(FULL_ROLE.arn.replace("/eu/", "/us/")) is None


async def test_a_roles_name_is_taken_in_any_case(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        assert await store.roles.add(make.role("Guests"))
        assert not await store.roles.add(make.role("Guests"))
        assert not await store.roles.add(make.role("guests"))
        assert not await store.roles.add(make.role("other", id=make.role("Guests").id))
        assert await store.roles.get("guests") is None
        assert list(store.directory.roles) == ["Guests"]


async def test_only_the_newest_role_can_be_saved(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.roles.add(make.role("r", inline_policies={"a": "1", "b": "2"}, attached_policies=("arn:x",)))
        read = store.directory.roles["r"]
        assert await store.roles.save(replace(read, inline_policies={"b": "3", "c": "4"}, attached_policies=("arn:y",)))
        assert not await store.roles.save(replace(read, inline_policies={}, attached_policies=()))
        found = await store.roles.get("r")
        assert found == replace(read, inline_policies={"b": "3", "c": "4"}, attached_policies=("arn:y",), revision=2)
        assert store.directory.roles["r"] == found


async def test_a_role_keeps_its_identity_when_saved(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.roles.add(make.role(FULL_ROLE.name, created=1.0))
        assert await store.roles.save(FULL_ROLE)
        kept = make.role(FULL_ROLE.name)
        assert store.directory.roles[FULL_ROLE.name] == replace(
            FULL_ROLE, path="/", id=kept.id, arn=kept.arn, created=1.0, revision=2
        )


async def test_a_role_that_is_not_there(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        assert await store.roles.get("r") is None
        assert not await store.roles.save(make.role("r"))
        assert not await store.roles.delete("r")
        assert await store.roles.change("r", lambda role: role) is None
        assert store.directory.role_by_arn("arn:aws:iam::123456789012:role/r") is None


async def test_a_deleted_role_leaves_nothing_behind(engine: Engine) -> None:
    async with engine.open() as store:
        await store.roles.add(FULL_ROLE)
        assert await store.roles.delete(FULL_ROLE.name)
        assert FULL_ROLE.name not in store.directory.roles
        bare = replace(FULL_ROLE, inline_policies={}, attached_policies=())
        assert await store.roles.add(bare), "the name is free again"
        assert await store.roles.get(FULL_ROLE.name) == bare


async def test_what_a_change_raises_reaches_the_caller_and_nothing_is_saved(engine: Engine, make: Make) -> None:
    def change(role: Role) -> Role:
        raise LookupError("no such policy")

    async with engine.open() as store:
        await store.roles.add(make.role("r"))
        with pytest.raises(LookupError, match="no such policy"):
            await store.roles.change("r", change)
        assert await store.roles.get("r") == make.role("r")


async def test_roles_are_listed_by_name_under_a_path(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        for name, path in (("c", "/a/"), ("B", "/a/"), ("a", "/a/b/"), ("d", "/"), ("e", "/A/"), ("f", "/a_/")):
            await store.roles.add(make.role(name, path=path, inline_policies={"p": name}))
        listed = await store.roles.list()
        assert [role.name for role in listed] == ["B", "a", "c", "d", "e", "f"]
        assert [role.inline_policies["p"] for role in listed] == ["B", "a", "c", "d", "e", "f"]
        assert [role.name for role in await store.roles.list(path_prefix="/a/")] == ["B", "a", "c"]
        assert [role.name for role in await store.roles.list(path_prefix="/a/", after="B", limit=1)] == ["a"]


# --- identities


async def test_an_identity_comes_back_as_it_was_given(engine: Engine, make: Make) -> None:
    logins = (Login("accounts.google.com", "ann"), Login("cognito-idp.us-east-1.amazonaws.com/pool", "7:é"))
    given = make.identity(1, logins=logins, enabled=False, created=1.5, modified=2.5)
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        assert await store.identities.add(given)
        assert await store.identities.add(make.identity(2))
        assert await store.identities.get(given.id) == given
        assert await store.identities.by_login(given.pool_id, logins[1]) == given
    async with engine.open() as store:
        assert await store.identities.get(given.id) == given
        assert await store.identities.get(make.identity(2).id) == make.identity(2)


async def test_an_identity_that_cannot_be_added(engine: Engine, make: Make) -> None:
    login = Login("accounts.google.com", "ann")
    async with engine.open() as store:
        assert not await store.identities.add(make.identity(1)), "there is no such pool"
        await store.identity_pools.add(make.pool())
        assert await store.identities.add(make.identity(1, logins=(login,)))
        assert not await store.identities.add(make.identity(1)), "the id is taken"
        assert not await store.identities.add(make.identity(2, logins=(login,))), "the login is taken"
        assert await store.identities.get(make.identity(2).id) is None, "nothing of it is there"


async def test_a_login_leads_to_one_identity_in_each_pool(engine: Engine, make: Make) -> None:
    login = Login("accounts.google.com", "ann")
    async with engine.open() as store:
        for number in (1, 2):
            await store.identity_pools.add(make.pool(number))
            assert await store.identities.add(make.identity(number, pool_id=make.pool(number).id, logins=(login,)))
        for number in (1, 2):
            found = await store.identities.by_login(make.pool(number).id, login)
            assert found is not None
            assert found.id == make.identity(number).id
        assert await store.identities.by_login(make.pool(1).id, Login("accounts.google.com", "bob")) is None
        assert await store.identities.by_login(make.pool(1).id, Login("graph.facebook.com", "ann")) is None


async def test_only_the_newest_identity_can_be_saved(engine: Engine, make: Make) -> None:
    one, other = Login("accounts.google.com", "ann"), Login("graph.facebook.com", "ann")
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1))
        read = await store.identities.get(make.identity(1).id)
        assert read is not None
        assert await store.identities.save(replace(read, logins=(one,), modified=7.0))
        assert not await store.identities.save(replace(read, logins=(other,)))
        assert await store.identities.get(read.id) == replace(read, logins=(one,), modified=7.0, revision=2)
        assert await store.identities.save(replace(read, enabled=False, logins=(), revision=2))
        assert await store.identities.get(read.id) == replace(read, enabled=False, revision=3)
        assert await store.identities.by_login(read.pool_id, one) is None


async def test_a_login_that_is_taken_is_not_saved_nor_anything_else(engine: Engine, make: Make) -> None:
    login = Login("accounts.google.com", "ann")
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1, logins=(login,)))
        await store.identities.add(make.identity(2))
        assert not await store.identities.save(make.identity(2, logins=(login,), enabled=False))
        assert await store.identities.get(make.identity(2).id) == make.identity(2)


async def test_a_deleted_identity_is_gone_and_its_logins_free(engine: Engine, make: Make) -> None:
    login = Login("accounts.google.com", "ann")
    async with engine.open() as store:
        await store.identity_pools.add(make.pool())
        await store.identities.add(make.identity(1, logins=(login,)))
        assert await store.identities.get(make.identity(1).id)
        assert await store.identities.delete(make.identity(1).id)
        assert await store.identities.get(make.identity(1).id) is None
        assert not await store.identities.delete(make.identity(1).id)
        assert await store.identities.add(make.identity(2, logins=(login,)))


async def test_identities_are_listed_by_id_page_by_page(engine: Engine, make: Make) -> None:
    async with engine.open() as store:
        await store.identity_pools.add(make.pool(1))
        await store.identity_pools.add(make.pool(2))
        for number in (3, 1, 5, 2, 4):
            logins = (Login("b", str(number)), Login("a", str(number)))
            await store.identities.add(make.identity(number, logins=logins))
            await store.identities.add(make.identity(number + 100, pool_id=make.pool(2).id))
        first = await store.identities.list(make.pool(1).id, limit=2)
        assert [identity.id for identity in first] == [make.identity(1).id, make.identity(2).id]
        assert first[0].logins == (Login("a", "1"), Login("b", "1"))
        rest = await store.identities.list(make.pool(1).id, after=first[-1].id)
        assert [identity.id for identity in rest] == [make.identity(number).id for number in (3, 4, 5)]


# --- access keys and epochs


async def test_an_access_key_comes_back_as_it_was_given(engine: Engine) -> None:
    root = AccessKey("AKIARZPUZDIKAAAQEAYE", "secret/root", created=3.5)
    user = AccessKey("AKIARZPUZDIKAAAQEAYF", "secret/user", "ann", active=False, created=4.5)
    async with engine.open() as store:
        for key in (user, root):
            assert await store.access_keys.add(key)
            assert not await store.access_keys.add(replace(key, secret_access_key="other"))
            assert await store.access_keys.get(key.id) == key
        assert await store.access_keys.list() == [root, user]
        assert await store.access_keys.list(after=root.id) == [user]
    async with engine.open() as store:
        assert dict(store.directory.access_keys) == {root.id: root, user.id: user}
        assert await store.access_keys.set_active(root.id, False)
        assert not store.directory.access_keys[root.id].active
        assert await store.access_keys.delete(user.id)
        assert user.id not in store.directory.access_keys
        assert not await store.access_keys.delete(user.id)
        assert not await store.access_keys.set_active(user.id, True)


async def test_an_epoch_only_moves_forward(engine: Engine) -> None:
    async with engine.open() as store:
        assert await store.epochs.push("role", "AROA1", 2e9)
        assert not await store.epochs.push("role", "AROA1", 1.9e9)
        assert await store.epochs.push("identity", "us-east-1:AROA1", 2.1e9)
        assert dict(store.directory.epochs) == {("role", "AROA1"): 2e9, ("identity", "us-east-1:AROA1"): 2.1e9}
    async with engine.open() as store:
        assert dict(store.directory.epochs) == {("role", "AROA1"): 2e9, ("identity", "us-east-1:AROA1"): 2.1e9}


async def test_epochs_that_concern_no_living_session_are_forgotten(engine: Engine) -> None:
    async with engine.open() as store:
        await store.epochs.push("role", "old", 1e9)
        await store.epochs.push("role", "new", 1e9 + 1)
        assert await store.epochs.prune(1e9 + 36 * 3600 + 0.5) == 1
    async with engine.open() as store:
        assert store.directory.epochs.get(("role", "old")) is None
