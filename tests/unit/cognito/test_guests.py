"""Guests are let in while their pool has room, and are noted when they come back."""

from __future__ import annotations

from typing import Any

from tests.oracles.cognito_logins import GOOGLE, google
from tests.unit.cognito.conftest import serialized

from gatepass.cognito.throttle import BURST, RATE, Throttle
from gatepass.store.guests import COUNTED_EVERY
from gatepass.store.sightings import DAY

TIMES = 10
"""As often as the limit allows, the flood asks."""

SECONDS = 20
ROOM = 1200


def limit_of(pool_id: str) -> tuple[str, str]:
    said = f"The limit of unauthenticated identities for identity pool '{pool_id}' is reached."
    return "LimitExceededException", said


def test_a_pool_without_room_says_so_to_guests_alone(broker: Any) -> None:
    """Nothing is made; who logs in is let in, and who was there before still gets credentials."""
    pool_id = broker.login_pool()
    broker.limit_guests(2)
    guests = [broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"] for _ in range(2)]
    for _ in range(3):
        assert broker.refusal("GetId", None, IdentityPoolId=pool_id) == limit_of(pool_id)
    assert len(broker.run(broker.store.identities.list(pool_id))) == 2
    assert broker.ask("GetCredentialsForIdentity", None, IdentityId=guests[0])["Credentials"]
    assert broker.ask("GetId", None, IdentityPoolId=pool_id, Logins=google())["IdentityId"] not in guests


def test_a_guest_who_logs_in_makes_room(broker: Any) -> None:
    pool_id = broker.login_pool()
    broker.limit_guests(1)
    guest = broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"]
    broker.ask("GetCredentialsForIdentity", None, IdentityId=guest, Logins=google())
    broker.now += COUNTED_EVERY
    broker.refusal("GetId", None, IdentityPoolId=pool_id)
    broker.run(broker.store._detached.finished())
    assert broker.ask("GetId", None, IdentityPoolId=pool_id)
    assert broker.ask("DescribeIdentity", IdentityId=guest)["Logins"] == [GOOGLE]


def test_a_flood_fills_its_pool_and_nothing_else(broker: Any) -> None:
    """Ten times the rate, from ever new addresses: rows up to the limit, a neighbour never refused, memory bounded."""
    flooded, quiet = (
        broker.guest_pool(),
        broker.ask("CreateIdentityPool", IdentityPoolName="q", AllowUnauthenticatedIdentities=True)["IdentityPoolId"],
    )
    throttle = Throttle(RATE, BURST, remembered=1000)
    broker.admits = throttle.admits
    broker.limit_guests(ROOM)
    start, calls = broker.now, int(SECONDS * RATE * TIMES)

    async def flood() -> dict[str, int]:
        answers: dict[str, int] = {}
        for number in range(calls):
            broker.now = start + SECONDS * number / calls
            broker.source_ip = f"2001:db8:{number % 5000:x}::1"
            code = await answered(flooded)
            answers[code] = answers.get(code, 0) + 1
            if number % int(RATE * TIMES) == 0:  # once a second
                broker.source_ip = "192.0.2.1"
                assert await answered(quiet) == ""
        return answers

    async def answered(pool_id: str) -> str:
        response = await broker.respond("GetId", serialized("GetId", {"IdentityPoolId": pool_id}), None)
        return next((value.decode() for name, value in response.headers if name == b"x-amzn-errortype"), "")

    answers = broker.run(flood())
    assert answers[""] == ROOM
    assert answers["LimitExceededException:"] == BURST + int(SECONDS * RATE) - 1 - ROOM  # its last second is not whole
    assert sum(answers.values()) == calls
    assert broker.run(broker.store.guests.count(flooded)) == ROOM
    assert broker.run(broker.store.guests.count(quiet)) == SECONDS
    assert (len(broker.store.guests), len(broker.store.sightings)) == (2, 0)
    assert len(throttle) <= 1002


def test_a_guest_who_gets_something_is_seen(broker: Any) -> None:
    """Credentials, or a token; who is refused, and who has logged in, is not noted."""
    pool_id = broker.login_pool()
    identity = broker.ask("GetId", None, IdentityPoolId=pool_id, Logins=google())["IdentityId"]
    broker.ask("GetCredentialsForIdentity", None, IdentityId=identity, Logins=google())
    broker.refusal("GetCredentialsForIdentity", None, IdentityId=identity)
    assert seen(broker) == set()
    for name in ("GetCredentialsForIdentity", "GetOpenIdToken"):
        guest = broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"]
        broker.ask(name, None, IdentityId=guest)
        assert seen(broker) == {guest}
        broker.ask(name, None, IdentityId=guest)
        assert seen(broker) == set()
        broker.now += DAY
        broker.ask(name, None, IdentityId=guest)
        assert seen(broker) == {guest}


def test_coming_back_changes_nothing_that_aws_shows(broker: Any) -> None:
    """LastModifiedDate is when the identity was changed, not when it was used."""
    guest = broker.ask("GetId", None, IdentityPoolId=broker.login_pool())["IdentityId"]
    before = broker.ask("DescribeIdentity", IdentityId=guest)
    broker.now += 2 * DAY
    broker.ask("GetCredentialsForIdentity", None, IdentityId=guest)
    assert seen(broker) == {guest}
    assert broker.ask("DescribeIdentity", IdentityId=guest) == before


def seen(broker: Any) -> set[str]:
    """Who was noted since; it is written."""
    noted = set(broker.store.sightings._waiting)
    assert broker.run(broker.store.sightings.write()) == len(noted)
    return noted
