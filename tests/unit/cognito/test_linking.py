"""One login leads to one identity; logins of one call are linked, identities are merged, and who was merged is shut."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.oracles.cognito_logins import APPLE, DEVELOPER, GOOGLE, USER_POOL, apple, google, user_pool

from gatepass.cognito.linking import MOST_LOGINS, plan
from gatepass.errors import NotAuthorized, ResourceConflict
from gatepass.store import Identity
from gatepass.store.entities import Login

NO_MATCH = (
    "NotAuthorizedException",
    "Logins don't match. Please include at least one valid login for this identity or identity pool.",
)


@pytest.fixture
def pool_id(broker: Any) -> str:
    made: str = broker.login_pool()
    return made


def get_id(broker: Any, pool_id: str, logins: dict[str, str]) -> str:
    found: str = broker.ask("GetId", None, IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    return found


def guest(broker: Any, pool_id: str) -> str:
    return get_id(broker, pool_id, {})


def credentials(broker: Any, identity_id: str, logins: dict[str, str]) -> str:
    """The identity that is answered."""
    answer = broker.ask("GetCredentialsForIdentity", None, IdentityId=identity_id, Logins=logins)
    return str(answer["IdentityId"])


def refused(broker: Any, identity_id: str, logins: dict[str, str]) -> tuple[str, str]:
    found: tuple[str, str] = broker.refusal("GetCredentialsForIdentity", None, IdentityId=identity_id, Logins=logins)
    return found


def forbidden(identity_id: str) -> tuple[str, str]:
    return "NotAuthorizedException", f"Access to Identity '{identity_id}' is forbidden."


def names(broker: Any, identity_id: str) -> list[str]:
    found: list[str] = broker.ask("DescribeIdentity", IdentityId=identity_id).get("Logins", [])
    return found


# --- finding


def test_the_same_login_is_the_same_identity(broker: Any, pool_id: str) -> None:
    alice = get_id(broker, pool_id, google("alice"))
    assert get_id(broker, pool_id, google("alice", email="new@x.test")) == alice
    assert get_id(broker, pool_id, google("Alice")) != alice
    assert get_id(broker, pool_id, apple("alice")) != alice
    assert names(broker, alice) == [GOOGLE]


def test_a_login_makes_identities_where_guests_are_not_welcome(broker: Any) -> None:
    pool_id = broker.login_pool(AllowUnauthenticatedIdentities=False)
    alice = get_id(broker, pool_id, google())
    assert credentials(broker, alice, google()) == alice
    assert refused(broker, alice, {}) == forbidden(alice)


def test_sixty_four_at_once_make_one_identity(broker: Any, pool_id: str) -> None:
    body = json.dumps({"IdentityPoolId": pool_id, "Logins": google()}).encode()

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(broker.respond("GetId", body, None) for _ in range(64)))

    assert len({response.body for response in broker.run(all_of_them())}) == 1
    assert len(broker.run(broker.store.identities.list(pool_id))) == 1


def test_one_login_linked_to_two_guests_at_once_has_one_winner(broker: Any, pool_id: str) -> None:
    guests = [guest(broker, pool_id) for _ in range(8)]
    bodies = [json.dumps({"IdentityId": each, "Logins": google()}).encode() for each in guests]

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(broker.respond("GetCredentialsForIdentity", body, None) for body in bodies))

    found = {json.loads(response.body).get("IdentityId") for response in broker.run(all_of_them())}
    assert len(found) == 1
    stored = broker.run(broker.store.identities.list(pool_id))
    assert [identity.id for identity in stored if identity.enabled] == list(found)


# --- linking


def test_a_guest_who_logs_in_stays_who_they_are(broker: Any, pool_id: str) -> None:
    someone = guest(broker, pool_id)
    assert credentials(broker, someone, google()) == someone
    assert get_id(broker, pool_id, google()) == someone
    assert refused(broker, someone, {}) == forbidden(someone)


def test_a_second_provider_is_linked(broker: Any, pool_id: str) -> None:
    alice = get_id(broker, pool_id, google())
    assert credentials(broker, alice, {**google(), **apple()}) == alice
    assert names(broker, alice) == [GOOGLE, APPLE]
    assert get_id(broker, pool_id, apple()) == alice
    assert get_id(broker, pool_id, {**apple(), **user_pool()}) == alice
    assert names(broker, alice) == [GOOGLE, APPLE, USER_POOL]


def test_a_login_alone_does_not_open_an_identity_that_is_not_its(broker: Any, pool_id: str) -> None:
    alice, bob = get_id(broker, pool_id, google("alice")), get_id(broker, pool_id, google("bob"))
    assert refused(broker, alice, google("bob")) == NO_MATCH
    assert refused(broker, alice, google("carol")) == NO_MATCH
    assert refused(broker, alice, apple("alice")) == NO_MATCH
    assert names(broker, alice) == names(broker, bob) == [GOOGLE]


def test_one_login_of_a_public_provider(broker: Any, pool_id: str) -> None:
    get_id(broker, pool_id, {**google("alice"), **apple("alice")})
    code, _ = broker.refusal("GetId", None, IdentityPoolId=pool_id, Logins={**google("bob"), **apple("alice")})
    assert code == "ResourceConflictException"


def test_one_bad_token_refuses_them_all(broker: Any, pool_id: str) -> None:
    alice = get_id(broker, pool_id, google())
    code, message = refused(broker, alice, {**google(), **apple(exp=1)})
    assert (code, message.split(":")[0]) == ("NotAuthorizedException", "Invalid login token. Token expired")
    assert names(broker, alice) == [GOOGLE]


# --- merging


def test_two_identities_become_one_and_the_other_is_shut(broker: Any, pool_id: str) -> None:
    first = get_id(broker, pool_id, google())
    broker.now += 10
    second = get_id(broker, pool_id, apple())
    assert get_id(broker, pool_id, {**apple(), **google()}) == first
    assert get_id(broker, pool_id, apple()) == first
    assert names(broker, second) == []
    assert refused(broker, second, {}) == forbidden(second)
    assert refused(broker, second, apple()) == forbidden(second)
    hidden = broker.ask("ListIdentities", IdentityPoolId=pool_id, MaxResults=60, HideDisabled=True)["Identities"]
    assert [identity["IdentityId"] for identity in hidden] == [first]


def test_a_guest_who_logs_in_as_someone_known_becomes_them(broker: Any, pool_id: str) -> None:
    alice, someone = get_id(broker, pool_id, google()), guest(broker, pool_id)
    assert credentials(broker, someone, google()) == alice
    assert refused(broker, someone, {}) == forbidden(someone)


def test_an_identity_of_another_pool_is_never_found(broker: Any, pool_id: str) -> None:
    other = broker.ask(
        "CreateIdentityPool",
        IdentityPoolName="q",
        AllowUnauthenticatedIdentities=False,
        SupportedLoginProviders={GOOGLE: "google-app"},
    )["IdentityPoolId"]
    assert get_id(broker, pool_id, google()) != get_id(broker, other, google())


# --- unlinking


def test_unlinking(broker: Any, pool_id: str) -> None:
    logins = {**google(), **apple()}
    alice = get_id(broker, pool_id, logins)
    broker.ask("UnlinkIdentity", None, IdentityId=alice, Logins=google(), LoginsToRemove=[APPLE])
    assert names(broker, alice) == [GOOGLE]
    assert get_id(broker, pool_id, apple()) != alice
    assert broker.refusal("UnlinkIdentity", None, IdentityId=alice, Logins=apple(), LoginsToRemove=[GOOGLE]) == NO_MATCH


def test_without_its_last_login_nobody_reaches_an_identity(broker: Any, pool_id: str) -> None:
    alice = get_id(broker, pool_id, google())
    broker.ask("UnlinkIdentity", None, IdentityId=alice, Logins=google(), LoginsToRemove=[GOOGLE])
    assert refused(broker, alice, {}) == refused(broker, alice, google()) == forbidden(alice)
    assert get_id(broker, pool_id, google()) != alice


# --- the plan


def identity(name: str, *logins: Login, enabled: bool = True, created: float = 0.0) -> Identity:
    return Identity(name, "p", logins, enabled, created)


ONE, TWO, THREE = Login("a", "1"), Login("b", "2"), Login("c", "3")


def test_the_oldest_is_the_parent() -> None:
    young, old = identity("young", ONE, created=2.0), identity("old", TWO, created=1.0)
    found = plan(None, [young, old], [ONE, TWO], None)
    assert (found.parent, found.children) == (old, (young,))
    assert set(found.logins) == {ONE, TWO}


def test_the_identity_sent_is_the_parent_if_it_has_logins() -> None:
    sent, other = identity("sent", ONE, created=2.0), identity("other", TWO, THREE, created=1.0)
    found = plan(sent, [sent, other], [ONE, TWO], None)
    assert (found.parent, found.children) == (sent, (other,))
    assert set(found.logins) == {ONE, TWO, THREE}


def test_nothing_is_done_twice() -> None:
    sent = identity("sent", ONE, TWO)
    assert plan(sent, [sent], [TWO], None).is_done
    assert not plan(None, [], [ONE], None).is_done


def test_a_disabled_identity_is_not_brought_back() -> None:
    with pytest.raises(NotAuthorized):
        plan(identity("sent", enabled=False), [], [ONE], None)


def test_a_developer_may_have_several_logins_of_one_identity() -> None:
    sent = identity("sent", Login(DEVELOPER, "1"))
    given = [Login(DEVELOPER, "1"), Login(DEVELOPER, "2")]
    assert set(plan(sent, [sent], given, DEVELOPER).logins) == set(given)
    with pytest.raises(ResourceConflict):
        plan(sent, [sent], given, "another")


def test_twenty_public_logins() -> None:
    logins = [Login(f"p{number}", "x") for number in range(MOST_LOGINS + 1)]
    assert len(plan(None, [], logins[:-1], None).logins) == MOST_LOGINS
    with pytest.raises(ResourceConflict):
        plan(None, [], logins, None)
