"""An issuer is asked for its keys when that is due, once at a time, and never more often than once a minute."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from tests.oracles.login_tokens import ISSUER, NOW, compact, elliptic_key, jwk, key_set, rsa_key

from gatepass.issuers.addresses import Reach
from gatepass.issuers.issuers import MOST_ISSUERS, Issuers
from gatepass.issuers.key_cache import KeyCache, KeysUnavailable
from gatepass.issuers.sources import Discovery, KeyFile
from gatepass.tokens.jwt_keys import PublicKey
from gatepass.tokens.jwt_refused import UnknownKey

KEYS = f"{ISSUER}/keys"
METADATA = f"{ISSUER}/.well-known/openid-configuration"
MINUTE, HOUR, DAY = 60, 3600, 86_400

CountingIssuer = Any


@pytest.fixture
def cache(issuer: CountingIssuer) -> KeyCache:
    return KeyCache(Discovery(ISSUER), issuer)


async def found(cache: KeyCache, key_id: str, now: float) -> str:
    """The key's algorithm, or the name of the refusal."""
    try:
        return (await cache.find(key_id, now)).algorithm
    except (UnknownKey, KeysUnavailable) as refusal:
        return type(refusal).__name__


def asked(issuer: CountingIssuer) -> int:
    """How often the way was gone, of which the first step is the metadata."""
    return int(issuer.urls.count(METADATA))


def test_keys_are_found_by_discovery_on_the_public_internet(
    runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer
) -> None:
    assert runner.run(found(cache, "rsa", NOW)) == "RS256"
    assert runner.run(found(cache, "ec", NOW)) == "ES256"
    assert issuer.asked == [(METADATA, Reach.PUBLIC), (KEYS, Reach.PUBLIC)]


def test_a_storm_of_unknown_keys_asks_once_a_minute(
    runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer
) -> None:
    """100,000 tokens in ten minutes, each with another key id; good ones pass all the while, and nothing is kept."""

    async def storm() -> set[str]:
        await cache.find("rsa", NOW)
        tracemalloc.start()
        answers = set()
        for number in range(100_000):
            now = NOW + number * 600 / 100_000
            answers.add(await found(cache, f"unknown-{number}", now))
            if number % 100 == 0:
                answers.add(await found(cache, "rsa", now))
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert kept < 64 * 1024
        return answers

    assert runner.run(storm()) == {"UnknownKey", "RS256"}
    assert asked(issuer) <= 10
    assert len(issuer.asked) == 2 * asked(issuer)


def test_all_who_wait_share_one_question(runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer) -> None:
    async def crowd() -> list[str]:
        issuer.gate = asyncio.Event()
        waiting = [asyncio.create_task(found(cache, f"{number % 2}", NOW)) for number in range(100)]
        waiting += [asyncio.create_task(found(cache, "rsa", NOW)) for _ in range(100)]
        while not issuer.asked:
            await asyncio.sleep(0)
        issuer.gate.set()
        return await asyncio.gather(*waiting)

    answers = runner.run(crowd())
    assert answers == ["UnknownKey"] * 100 + ["RS256"] * 100
    assert issuer.urls == [METADATA, KEYS]


def test_one_who_goes_away_takes_nothing_from_the_others(
    runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer
) -> None:
    async def crowd() -> str:
        issuer.gate = asyncio.Event()
        first, second = (asyncio.create_task(found(cache, "rsa", NOW)) for _ in range(2))
        while not issuer.asked:
            await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        issuer.gate.set()
        return await second

    assert runner.run(crowd()) == "RS256"
    assert issuer.urls == [METADATA, KEYS]


def test_an_issuer_that_is_down_is_believed_for_a_day(
    runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer
) -> None:
    assert runner.run(found(cache, "rsa", NOW)) == "RS256"
    issuer.documents.clear()
    for second in range(0, 30 * MINUTE, 5):
        assert runner.run(found(cache, "rsa", NOW + second)) == "RS256"
        assert runner.run(found(cache, "unknown", NOW + second)) == "UnknownKey"
    assert asked(issuer) <= 31
    assert runner.run(found(cache, "rsa", NOW + DAY - 1)) == "RS256"
    assert runner.run(found(cache, "rsa", NOW + DAY)) == "KeysUnavailable"


def test_an_issuer_that_was_never_there_is_asked_less_and_less_often(
    runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer
) -> None:
    documents, issuer.documents = issuer.documents, {}
    asked_at = []
    for second in range(300):
        before = asked(issuer)
        assert runner.run(found(cache, "rsa", NOW + second)) == "KeysUnavailable"
        if asked(issuer) > before:
            asked_at.append(second)
    assert asked_at == [0, 5, 15, 35, 75, 135, 195, 255]
    issuer.documents = documents
    assert runner.run(found(cache, "rsa", NOW + 314)) == "KeysUnavailable"
    assert runner.run(found(cache, "rsa", NOW + 315)) == "RS256"


def test_why_there_are_no_keys_is_told(runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer) -> None:
    issuer.documents.clear()
    for _ in range(2):  # of the question, and of what is remembered of it
        with pytest.raises(KeysUnavailable, match="openid-configuration is down"):
            runner.run(cache.find("rsa", NOW))


@pytest.mark.parametrize(
    ("max_age", "fresh"), [(None, 600), (0, 60), (61, 61), (1800, 1800), (3600, 3600), (10**9, 3600)]
)
def test_keys_are_fresh_as_long_as_the_issuer_says_within_bounds(
    runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer, max_age: int | None, fresh: int
) -> None:
    issuer.max_age = max_age
    for second in (0, fresh - 1):
        assert runner.run(found(cache, "rsa", NOW + second)) == "RS256"
    assert asked(issuer) == 1
    assert runner.run(found(cache, "rsa", NOW + fresh)) == "RS256"
    assert asked(issuer) == 2


def test_a_new_key_is_found_within_a_minute_and_an_old_one_goes_when_it_is_withdrawn(
    runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer
) -> None:
    assert runner.run(found(cache, "rsa", NOW)) == "RS256"
    issuer.documents[KEYS] = compact({"keys": [jwk(elliptic_key("issuer"), "new")]})
    assert runner.run(found(cache, "new", NOW + 59)) == "UnknownKey"
    assert runner.run(found(cache, "new", NOW + 60)) == "ES256"
    assert runner.run(found(cache, "rsa", NOW + 61)) == "UnknownKey"
    assert asked(issuer) == 2


def test_a_key_id_that_names_another_key_now_gives_that_one(
    runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer
) -> None:
    async def number(now: float) -> int:
        key: PublicKey = await cache.find("rsa", now)
        return key.key.public_numbers().n  # type: ignore[union-attr]

    first = runner.run(number(NOW))
    issuer.documents[KEYS] = compact({"keys": [jwk(rsa_key("other"), "rsa")]})
    assert runner.run(number(NOW + 599)) == first
    assert runner.run(number(NOW + 600)) == rsa_key("other").public_key().public_numbers().n != first


@pytest.mark.parametrize("broken", [b"", b"<html>", b'{"keys":[]}', b'{"keys":[{"kty":"oct","k":"AA","kid":"rsa"}]}'])
def test_keys_are_not_given_up_for_nonsense(
    runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer, broken: bytes
) -> None:
    assert runner.run(found(cache, "rsa", NOW)) == "RS256"
    issuer.documents[KEYS] = broken
    assert runner.run(found(cache, "rsa", NOW + HOUR)) == "RS256"
    assert asked(issuer) == 2


def test_a_clock_that_was_set_back_asks_again(runner: asyncio.Runner, cache: KeyCache, issuer: CountingIssuer) -> None:
    for year in (0, -365, -366):
        assert runner.run(found(cache, "rsa", NOW + year * DAY)) == "RS256"
    assert asked(issuer) == 3
    issuer.documents.clear()
    assert runner.run(found(cache, "rsa", NOW - 400 * DAY)) == "RS256"


# --- files


def test_a_file_is_read_again_when_a_key_is_missing(
    runner: asyncio.Runner, tmp_path: Path, issuer: CountingIssuer
) -> None:
    path = tmp_path / "keys.json"
    cache = KeyCache(KeyFile(path), issuer)
    assert runner.run(found(cache, "rsa", NOW)) == "KeysUnavailable"
    path.write_bytes(key_set())
    assert runner.run(found(cache, "rsa", NOW + 0.5)) == "KeysUnavailable"
    assert runner.run(found(cache, "rsa", NOW + 1)) == "RS256"
    path.write_bytes(compact({"keys": [jwk(elliptic_key("issuer"), "new")]}))
    assert runner.run(found(cache, "new", NOW + 2)) == "ES256"
    path.unlink()
    assert runner.run(found(cache, "new", NOW + HOUR)) == "ES256"
    path.write_bytes(b"x" * 65537)
    assert runner.run(found(cache, "new", NOW + 2 * HOUR)) == "ES256"


def test_what_could_be_read_once_is_kept(runner: asyncio.Runner, tmp_path: Path, issuer: CountingIssuer) -> None:
    cache = KeyCache(KeyFile(tmp_path / "gone", key_set()), issuer)
    for hours in range(0, 100, 20):
        assert runner.run(found(cache, "rsa", NOW + hours * HOUR)) == "RS256"


# --- many issuers


def test_of_many_issuers_the_last_are_kept(runner: asyncio.Runner, issuer: CountingIssuer) -> None:
    issuers = Issuers(fetch=issuer)

    async def ask(name: str) -> None:
        with pytest.raises(KeysUnavailable):
            await issuers._cache(f"https://{name}.test").find("rsa", NOW)

    async def ask_all() -> None:
        for number in range(MOST_ISSUERS + 50):
            await ask(f"issuer-{number}")
            await ask("favourite")

    runner.run(ask_all())
    assert len(issuers._caches) == MOST_ISSUERS
    assert issuer.urls.count("https://favourite.test/.well-known/openid-configuration") == 1
    runner.run(issuers.close())
    assert len(issuers._caches) == 0


def test_closing_stops_the_question_that_is_on_its_way(runner: asyncio.Runner, issuer: CountingIssuer) -> None:
    async def closed() -> None:
        issuer.gate = asyncio.Event()
        issuers = Issuers(fetch=issuer)
        waiting = asyncio.create_task(issuers._cache(ISSUER).find("rsa", NOW))
        while not issuer.asked:
            await asyncio.sleep(0)
        await issuers.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    runner.run(closed())
