"""The keys that sign OpenID tokens: made once, whoever asks, kept sealed, and rotated so that no good token fails."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from gatepass.store.signing_keys import DAY, KEPT_FOR, PREPARED_FOR, RELOADED_AFTER, SIGNS_FOR
from gatepass.tokens import OpenIdToken, SigningKeys, mint_openid, verify_openid

if TYPE_CHECKING:
    from tests.conformance.store.conftest import Engine

NOW = 1_800_000_000.0


def published(keys: SigningKeys) -> list[str]:
    return [entry["kid"] for entry in json.loads(keys.jwks())["keys"]]


def token(now: float) -> OpenIdToken:
    return OpenIdToken("us-east-1:identity", "us-east-1:pool", ("unauthenticated",), int(now), int(now + DAY))


async def test_of_many_who_need_a_key_all_get_the_same(engine: Engine) -> None:
    async with engine.open() as store:
        found = await asyncio.gather(*(store.signing_keys.get(NOW) for _ in range(8)))
        assert {keys.active for keys in found} == {"us-east-1-1"}
        assert len({keys.jwks() for keys in found}) == 1


async def test_keys_outlive_the_process(engine: Engine) -> None:
    async with engine.open() as store:
        text = mint_openid(await store.signing_keys.get(NOW), token(NOW))
    async with engine.open() as store:
        assert verify_openid(await store.signing_keys.find("us-east-1-1", NOW), text, NOW) == token(NOW)


async def test_the_store_holds_no_key_in_the_clear(engine: Engine) -> None:
    async with engine.open() as store:
        keys = await store.signing_keys.get(NOW)
        rows = await store._database.read(lambda c: c.rows("SELECT sealed_key FROM signing_keys"))
        private = keys.keys["us-east-1-1"].private_numbers()
        size = private.p.bit_length() // 8
        assert not any(number.to_bytes(size, "big") in bytes(rows[0][0]) for number in (private.p, private.q))


async def test_keys_rotate_and_a_token_is_good_for_as_long_as_it_lives(engine: Engine) -> None:
    """A year in steps of six hours: each token that is minted is believed to its end, and each key is published a day
    before it signs."""
    async with engine.open() as store:
        alive: list[tuple[OpenIdToken, str]] = []
        since: dict[str, float] = {}
        now = NOW
        while now < NOW + 365 * DAY:
            keys = await store.signing_keys.get(now)
            for id_ in published(keys):
                since.setdefault(id_, now)
            assert now - since[keys.active] >= PREPARED_FOR or keys.active == "us-east-1-1"
            alive = [(given, text) for given, text in alive if given.expiration > now]
            assert [verify_openid(keys, text, now) for _, text in alive] == [given for given, _ in alive]
            alive.append((token(now), mint_openid(keys, token(now))))
            assert len(published(keys)) <= 2
            now += 6 * 3600
        assert list(since) == [f"us-east-1-{number}" for number in range(1, 6)]


async def test_a_key_can_be_rotated_by_hand(engine: Engine) -> None:
    async with engine.open() as store:
        table = store.signing_keys
        old = mint_openid(await table.get(NOW), token(NOW))
        keys = await table.prepare(NOW)
        assert (keys.active, published(keys)) == ("us-east-1-1", ["us-east-1-1", "us-east-1-2"])
        assert published(await table.prepare(NOW)) == published(keys), "one is prepared already"
        keys = await table.activate(NOW)
        assert (keys.active, published(keys)) == ("us-east-1-2", ["us-east-1-1", "us-east-1-2"])
        assert (await table.activate(NOW)).active == "us-east-1-2", "none is prepared"
        assert verify_openid(keys, old, NOW) == token(NOW)
        keys = await table.retire(NOW)
        assert published(keys) == ["us-east-1-2"]
        assert published(await table.get(NOW + 1)) == ["us-east-1-2"]


async def test_a_number_is_not_used_again(engine: Engine) -> None:
    async with engine.open() as store:
        for turn in range(2, 5):
            await store.signing_keys.prepare(NOW)
            await store.signing_keys.activate(NOW)
            assert published(await store.signing_keys.retire(NOW)) == [f"us-east-1-{turn}"]


async def test_what_another_replica_made_is_found_at_once(engine: Engine) -> None:
    """Its key is not known here yet, and would not be looked for within the minute."""
    async with engine.open() as store:
        here = store.signing_keys
        there = type(here)(store._database, store.key_ring, "us-east-1")
        await here.get(NOW)
        await there.prepare(NOW)
        theirs = await there.activate(NOW)
        text = mint_openid(theirs, token(NOW))
        assert published(await here.get(NOW + 2)) == ["us-east-1-1"]
        assert verify_openid(await here.find("us-east-1-2", NOW + 2), text, NOW + 2) == token(NOW)
        assert published(await here.get(NOW + RELOADED_AFTER + 2)) == ["us-east-1-1", "us-east-1-2"]


async def test_of_replicas_that_make_a_key_at_once_one_wins(engine: Engine) -> None:
    """The first key, and the next one: all sign with the same."""
    async with engine.open() as store:
        kind = type(store.signing_keys)
        replicas = [kind(store._database, store.key_ring, "us-east-1") for _ in range(4)]
        found = await asyncio.gather(*(replica.get(NOW) for replica in replicas))
        assert {(keys.active, keys.jwks()) for keys in found} == {("us-east-1-1", found[0].jwks())}
        later = await asyncio.gather(*(replica.get(NOW + SIGNS_FOR) for replica in replicas))
        assert {tuple(published(keys)) for keys in later} == {("us-east-1-1", "us-east-1-2")}


async def test_a_key_that_the_ring_does_not_open_is_replaced(engine: Engine) -> None:
    """The key ring was lost, or its old key retired: new tokens are good, old ones are not."""
    async with engine.open() as store:
        await store.signing_keys.get(NOW)
        await store._database.write(lambda c: c.execute("UPDATE signing_keys SET sealed_key = :x", {"x": b"?" * 99}))
        keys = await store.signing_keys.get(NOW + SIGNS_FOR)
        assert published(keys) == ["us-east-1-2"]
        assert published(await store.signing_keys.get(NOW + SIGNS_FOR + KEPT_FOR)) == ["us-east-1-2"]
