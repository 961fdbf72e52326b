"""`IdentityPool`: one conversation, cached; one refresh in flight; the service's own words when it refuses."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from gatepass import ConfigurationError, Credentials, CredentialsError, CredentialsRefused, IdentityPool, Unreachable
from gatepass.http import Response

if TYPE_CHECKING:
    from tests.unit.credentials.conftest import Broker

POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"
BOTH = ["GetId", "GetCredentialsForIdentity"]
GOOGLE = "accounts.google.com"


def pool(broker: Broker, **arguments: Any) -> IdentityPool:
    return IdentityPool(
        arguments.pop("identity_pool_id", POOL),
        clock=broker.clock,
        sleep=broker.sleep,
        jitter=lambda: 1.0,
        send=broker.send,
        **arguments,
    )


def refused(code: str, message: str = "Rate exceeded", status: int = 400) -> Response:
    return Response(status, (), f'{{"__type":"{code}","message":"{message}"}}'.encode())


class TestFetching:
    """What is said, and what comes of it."""

    def test_credentials_are_what_the_pool_gave(self, broker: Broker) -> None:
        mine = pool(broker)
        assert mine.identity_id is None
        assert mine.credentials() == Credentials("ASIA0000000000000001", "secret 1", "token 1", broker.now + 3600)
        assert mine.identity_id == broker.identities[0]
        assert broker.given == [{"IdentityPoolId": POOL}, {"IdentityId": broker.identities[0]}]

    def test_everything_that_was_given_is_said(self, broker: Broker) -> None:
        mine = pool(broker, logins={GOOGLE: "t"}, account_id="123456789012", custom_role_arn="arn:aws:iam::1:role/r")
        mine.credentials()
        assert broker.given == [
            {"IdentityPoolId": POOL, "AccountId": "123456789012", "Logins": {GOOGLE: "t"}},
            {
                "IdentityId": mine.identity_id,
                "Logins": {GOOGLE: "t"},
                "CustomRoleArn": "arn:aws:iam::1:role/r",
            },
        ]

    def test_as_botocore_sees_them(self, broker: Broker) -> None:
        frozen = pool(broker).get_frozen_credentials()
        assert (frozen.access_key, frozen.secret_key, frozen.token) == ("ASIA0000000000000001", "secret 1", "token 1")
        assert frozen.get_frozen_credentials() is frozen

    def test_logins_are_asked_for_at_every_refresh(self, broker: Broker) -> None:
        tokens = iter(["first", "second"])
        mine = pool(broker, logins={GOOGLE: lambda: next(tokens)})
        mine.credentials()
        broker.now += 3599
        mine.credentials()
        assert [given["Logins"][GOOGLE] for given in broker.given] == ["first", "first", "second"]

    @pytest.mark.parametrize("token", ["", None, 7])
    def test_a_login_that_gives_no_token(self, broker: Broker, token: Any) -> None:
        with pytest.raises(CredentialsError, match=f"the login for `{GOOGLE}` gave"):
            pool(broker, logins={GOOGLE: lambda: token}).credentials()
        assert broker.calls == []

    def test_a_login_that_fails_is_named_without_what_it_said(self, broker: Broker) -> None:
        def login() -> str:
            raise KeyError("the-token-itself")

        with pytest.raises(CredentialsError, match="KeyError") as caught:
            pool(broker, logins={GOOGLE: login}).credentials()
        assert "the-token-itself" not in str(caught.value)
        assert isinstance(caught.value.__cause__, KeyError)

    def test_a_login_that_wants_the_credentials_itself(self, broker: Broker) -> None:
        found: list[IdentityPool] = []
        mine = pool(broker, logins={GOOGLE: lambda: found[0].credentials().access_key_id})
        found.append(mine)
        with pytest.raises(CredentialsError, match="a login function asked for the credentials"):
            mine.credentials()

    def test_the_identity_id_is_kept(self, broker: Broker) -> None:
        mine = pool(broker)
        mine.credentials()
        broker.now += 3600
        mine.credentials()
        assert broker.calls == [*BOTH, BOTH[1]]

    def test_the_id_that_comes_back_is_the_one_to_keep(self, broker: Broker) -> None:
        """Identities that were merged answer under another id."""
        broker.identities += ["eu-central-1:old", "eu-central-1:new"]
        mine = pool(broker, logins={GOOGLE: "t"}, identity_id="eu-central-1:old")
        answer = broker.get_credentials({"IdentityId": "eu-central-1:new"})
        broker.failures = [answer]
        mine.credentials()
        assert mine.identity_id == "eu-central-1:new"


class TestStaleIdentities:
    """A guest whose identity is gone becomes a new guest, once; nobody else becomes someone else."""

    @pytest.mark.parametrize(
        "failure",
        [
            None,
            refused("NotAuthorizedException", "Access to Identity 'eu-central-1:0' is forbidden."),
        ],
    )
    def test_a_guest_becomes_a_new_guest(self, broker: Broker, failure: Response | None) -> None:
        mine = pool(broker)
        mine.credentials()
        broker.identities[0] = "deleted"
        broker.now += 3600
        broker.failures = [failure] if failure is not None else []
        mine.credentials()
        assert broker.calls == [*BOTH, BOTH[1], *BOTH]
        assert mine.identity_id == broker.identities[1]

    def test_only_once(self, broker: Broker) -> None:
        mine = pool(broker)
        mine.credentials()
        broker.identities[0] = "deleted"
        broker.now += 3600
        gone = refused("ResourceNotFoundException", "Identity 'x' not found.")
        broker.failures = [gone, None, gone]
        with pytest.raises(CredentialsRefused):
            mine.credentials()
        assert broker.calls == [*BOTH, BOTH[1], *BOTH]

    @pytest.mark.parametrize("arguments", [{"logins": {GOOGLE: "t"}}, {"identity_id": "eu-central-1:0"}])
    def test_nobody_else(self, broker: Broker, arguments: dict[str, Any]) -> None:
        broker.identities.append("eu-central-1:0")
        mine = pool(broker, **arguments)
        mine.credentials()
        before = list(broker.calls)
        broker.identities[:] = []
        broker.now += 3600
        with pytest.raises(CredentialsRefused, match=r"ResourceNotFoundException: Identity '.*' not found\."):
            mine.credentials()
        assert broker.calls == [*before, BOTH[1]]

    def test_a_refusal_of_another_kind_changes_no_identity(self, broker: Broker) -> None:
        mine = pool(broker)
        mine.credentials()
        broker.now += 3600
        broker.failures = [refused("InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration.")]
        with pytest.raises(CredentialsRefused):
            mine.credentials()
        assert broker.calls == [*BOTH, BOTH[1]]


class TestCache:
    """The identity id outlives the process where it is told to."""

    def test_it_is_loaded_and_stored(self, broker: Broker) -> None:
        kept: list[str] = []

        class Cache:
            def load(self) -> str | None:
                return kept[-1] if kept else None

            def store(self, identity_id: str) -> None:
                kept.append(identity_id)

        pool(broker, cache=Cache()).credentials()
        pool(broker, cache=Cache()).credentials()
        assert broker.calls == [*BOTH, BOTH[1]]
        broker.identities[:] = ["deleted"]
        pool(broker, cache=Cache()).credentials()
        assert len(kept) == 2
        assert kept[-1] == broker.identities[-1]


class TestFailures:
    """What may pass is tried again, a bounded number of times; a second GetId never makes a second guest."""

    def test_the_services_own_words(self, broker: Broker) -> None:
        broker.guests = False
        with pytest.raises(CredentialsRefused) as caught:
            pool(broker).credentials()
        message = "GetId: NotAuthorizedException: Unauthenticated access is not supported for this identity pool."
        assert str(caught.value) == message
        assert caught.value.code == "NotAuthorizedException"
        assert "AllowUnauthenticatedIdentities" in caught.value.hint

    def test_throttling_passes(self, broker: Broker) -> None:
        slow = refused("TooManyRequestsException")
        broker.failures = [slow, slow, None, slow]
        pool(broker).credentials()
        assert broker.calls == ["GetId"] * 3 + ["GetCredentialsForIdentity"] * 2
        assert broker.slept == [0.2, 0.4, 0.2]

    def test_it_gives_up(self, broker: Broker) -> None:
        broker.failures = [refused("TooManyRequestsException")] * 9
        with pytest.raises(CredentialsRefused, match="TooManyRequestsException: Rate exceeded"):
            pool(broker).credentials()
        assert broker.calls == ["GetId"] * 4
        assert sum(broker.slept) < 2

    @pytest.mark.parametrize(
        ("failure", "repeats"),
        [
            (Unreachable("refused", sent=False), True),
            (Unreachable("timed out", sent=True), False),
            (Response(500, (), b"oops"), False),
            (refused("InternalErrorException", status=500), False),
        ],
    )
    def test_a_guests_get_id_is_repeated_only_when_it_cannot_have_worked(
        self, broker: Broker, failure: Any, repeats: bool
    ) -> None:
        broker.failures = [failure]
        mine = pool(broker)
        if repeats:
            mine.credentials()
        else:
            with pytest.raises(CredentialsError):
                mine.credentials()
        assert broker.calls == (["GetId", *BOTH] if repeats else ["GetId"])

    @pytest.mark.parametrize(
        "failure", [Unreachable("refused", sent=False), Unreachable("x", sent=True), Response(503, (), b"<html>")]
    )
    @pytest.mark.parametrize("after", [0, 1])
    def test_all_else_is_repeated(self, broker: Broker, failure: Any, after: int) -> None:
        broker.failures = [None] * after + [failure]
        pool(broker, logins={GOOGLE: "t"}).credentials()
        assert len(broker.calls) == 3

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (Response(200, (), b"<html>"), "something other than a JSON object"),
            (Response(200, (), b"[]"), "something other than a JSON object"),
            (Response(200, (), b"{}"), "without IdentityId"),
            (Response(200, (), b'{"IdentityId":7}'), "without IdentityId"),
            (Response(404, (), b"<html>"), "GetId: HTTP 404"),
            (Response(301, ((b"location", b"http://x"),), b""), "GetId: HTTP 301"),
            (Response(400, ((b"x-amzn-errortype", b"ValidationException:"),), b"{}"), "GetId: ValidationException"),
            (refused("com.amazon.coral#X", "m"), "GetId: X: m"),
        ],
    )
    def test_answers_that_are_none(self, broker: Broker, answer: Response, message: str) -> None:
        broker.failures = [answer]
        with pytest.raises(CredentialsError, match=message):
            pool(broker).credentials()

    @pytest.mark.parametrize("missing", ["AccessKeyId", "SecretKey", "SessionToken", "Expiration"])
    def test_credentials_with_a_part_missing(self, broker: Broker, missing: str) -> None:
        broker.get_credentials = lambda given: broker.said(  # type: ignore[method-assign]
            {
                "IdentityId": given["IdentityId"],
                "Credentials": {
                    name: value
                    for name, value in {
                        "AccessKeyId": "A",
                        "SecretKey": "S",
                        "SessionToken": "T",
                        "Expiration": 1,
                    }.items()
                    if name != missing
                },
            }
        )
        with pytest.raises(CredentialsError, match=f"without (an )?{missing}"):
            pool(broker).credentials()


class TestRefreshing:
    """When, and by whom."""

    @pytest.mark.parametrize(
        ("life", "age", "fetches"),
        [(3600, 2699, 1), (3600, 2700, 2), (3600, 3600, 2), (900, 674, 1), (900, 676, 2), (43200, 42299, 1)],
    )
    def test_the_advisory_window(self, broker: Broker, life: int, age: int, fetches: int) -> None:
        """A quarter of an hour before the end, or a quarter of a shorter life."""
        broker.life = life
        mine = pool(broker)
        mine.credentials()
        broker.now += age
        mine.credentials()
        assert broker.calls.count("GetCredentialsForIdentity") == fetches

    def test_a_failed_refresh_does_no_harm_while_the_old_credentials_are_good(self, broker: Broker) -> None:
        mine = pool(broker)
        first = mine.credentials()
        broker.now += 3500
        broker.guests = False
        broker.failures = [refused("NotAuthorizedException")]
        assert mine.credentials() == first
        before = len(broker.calls)
        broker.now += 29
        assert mine.credentials() == first
        assert len(broker.calls) == before, "not at every call"
        broker.now += 2
        assert mine.credentials() != first

    def test_and_is_raised_when_they_are_not(self, broker: Broker) -> None:
        mine = pool(broker)
        mine.credentials()
        broker.now += 3600
        broker.failures = [refused("NotAuthorizedException", "No.")]
        with pytest.raises(CredentialsRefused, match=r"No\."):
            mine.credentials()
        assert mine.credentials().access_key_id == "ASIA0000000000000003"

    @pytest.mark.parametrize("wrong_by", [-40_000, 40_000])
    def test_the_life_of_credentials_is_reckoned_by_the_servers_clock(self, broker: Broker, wrong_by: float) -> None:
        """A machine whose clock is wrong neither refreshes all the time nor keeps what is stale."""
        mine = IdentityPool(POOL, clock=lambda: broker.now + wrong_by, sleep=broker.sleep, send=broker.send)
        mine.credentials()
        broker.now += 2600
        mine.credentials()
        assert len(broker.calls) == 2
        broker.now += 200
        mine.credentials()
        assert len(broker.calls) == 3

    def test_credentials_that_are_stale_when_they_come(self, broker: Broker) -> None:
        broker.life = 0
        with pytest.raises(CredentialsError, match="had expired when they were issued"):
            pool(broker).credentials()

    def test_forget(self, broker: Broker) -> None:
        mine = pool(broker)
        mine.credentials()
        mine.forget()
        mine.credentials()
        assert broker.calls == [*BOTH, BOTH[1]]

    def test_an_interrupted_refresh_is_begun_again(self, broker: Broker) -> None:
        def interrupt() -> None:
            raise KeyboardInterrupt

        mine = pool(broker)
        broker.before_answer = interrupt
        with pytest.raises(KeyboardInterrupt):
            mine.credentials()
        broker.before_answer = lambda: None
        mine.credentials()


class TestTogether:
    """Fifty threads, one refresh in flight."""

    def together(self, count: int, call: Callable[[], Credentials]) -> list[Credentials | BaseException]:
        barrier = threading.Barrier(count)

        def one(_: int) -> Credentials | BaseException:
            barrier.wait()
            try:
                return call()
            except CredentialsError as error:
                return error

        with ThreadPoolExecutor(count) as executor:
            return list(executor.map(one, range(count)))

    def test_the_first_time(self, broker: Broker) -> None:
        """All wait for the one conversation."""
        results = self.together(50, pool(broker).credentials)
        assert broker.calls == BOTH
        assert len(results) == 50
        assert len(set(map(id, results))) == 1

    def test_in_the_advisory_window_nobody_waits(self, broker: Broker) -> None:
        """One thread refreshes; while it is at it, the others get the old credentials."""
        mine = pool(broker)
        first = mine.credentials()
        broker.now += 2800
        asked, may_answer = threading.Event(), threading.Event()

        def hold_the_answer() -> None:
            asked.set()
            assert may_answer.wait(30)

        broker.before_answer = hold_the_answer
        with ThreadPoolExecutor(1) as executor:
            refreshing = executor.submit(mine.credentials)
            assert asked.wait(30)
            assert self.together(49, mine.credentials) == [first] * 49
            may_answer.set()
            second = refreshing.result()
        assert second != first
        assert mine.credentials() is second
        assert len(broker.calls) == 3

    def test_in_the_mandatory_window_all_get_the_new_ones(self, broker: Broker) -> None:
        mine = pool(broker)
        first = mine.credentials()
        broker.now += 3400
        results = self.together(50, mine.credentials)
        assert len(broker.calls) == 3
        assert set(map(id, results)) == {id(mine.credentials())}
        assert first not in results

    def test_all_hear_of_the_failure_and_each_has_an_error_of_its_own(self, broker: Broker) -> None:
        """An exception that several threads raise would mix their tracebacks."""
        broker.guests = False
        mine = pool(broker)
        results = self.together(50, mine.credentials)
        assert {getattr(result, "code", None) for result in results} == {"NotAuthorizedException"}
        assert len(set(map(id, results))) == 50

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
    @pytest.mark.filterwarnings("ignore:This process")
    def test_a_forked_child_does_not_wait_for_its_parents_threads(self, broker: Broker) -> None:
        asked, may_answer = threading.Event(), threading.Event()

        def hold_the_answer() -> None:
            asked.set()
            assert may_answer.wait(30)

        broker.before_answer = hold_the_answer
        mine = pool(broker)
        with ThreadPoolExecutor(1) as executor:
            refreshing = executor.submit(mine.credentials)
            assert asked.wait(30)
            child = os.fork()
            if child == 0:
                broker.before_answer = lambda: None
                os._exit(0 if mine.credentials().access_key_id else 1)
            _, status = os.waitpid(child, 0)
            may_answer.set()
            refreshing.result()
        assert status == 0


class TestAsync:
    """The same conversation, awaited."""

    def test_coroutine_functions_may_give_the_token(self, broker: Broker) -> None:
        async def login() -> str:
            await asyncio.sleep(0)
            return "async token"

        mine = pool(broker, logins={GOOGLE: login, "b": lambda: "sync token"})
        credentials = asyncio.run(mine.credentials_async())
        assert credentials.access_key_id == "ASIA0000000000000001"
        assert broker.given[0]["Logins"] == {GOOGLE: "async token", "b": "sync token"}
        assert mine.credentials() is credentials

    def test_fifty_tasks_one_refresh(self, broker: Broker) -> None:
        mine = pool(broker)

        async def all_at_once() -> list[Credentials]:
            return await asyncio.gather(*(mine.credentials_async() for _ in range(50)))

        assert len(set(map(id, asyncio.run(all_at_once())))) == 1
        assert broker.calls == BOTH

    def test_a_refusal(self, broker: Broker) -> None:
        broker.guests = False
        with pytest.raises(CredentialsRefused, match="Unauthenticated access"):
            asyncio.run(pool(broker).credentials_async())

    def test_a_cancelled_refresh_leaves_nobody_waiting(self, broker: Broker) -> None:
        may_answer = threading.Event()

        def hold_the_answer() -> None:
            assert may_answer.wait(30)

        broker.before_answer = hold_the_answer
        mine = pool(broker)

        async def scenario() -> Credentials:
            refreshing = asyncio.create_task(mine.credentials_async())
            while not broker.calls:
                await asyncio.sleep(0)
            waiting = asyncio.create_task(mine.credentials_async())
            await asyncio.sleep(0)
            refreshing.cancel()
            may_answer.set()
            with pytest.raises(asyncio.CancelledError):
                await refreshing
            return await waiting

        assert asyncio.run(scenario()).access_key_id

    def test_a_blocking_call_in_the_loop_that_refreshes_does_not_stop_it(self, broker: Broker) -> None:
        """It fetches for itself instead of waiting for a loop that waits for it."""
        mine = pool(broker)

        async def scenario() -> tuple[Credentials, Credentials]:
            refreshing = asyncio.create_task(mine.credentials_async())
            await asyncio.sleep(0)
            blocking = mine.credentials()
            return blocking, await refreshing

        blocking, awaited = asyncio.run(scenario())
        assert blocking.access_key_id != awaited.access_key_id


class TestWhere:
    """Region and endpoint."""

    def test_from_the_id(self) -> None:
        assert IdentityPool(POOL).region == "eu-central-1"
        assert IdentityPool(POOL).endpoint == "https://cognito-identity.eu-central-1.amazonaws.com"
        assert IdentityPool("cn-north-1:0").endpoint == "https://cognito-identity.cn-north-1.amazonaws.com.cn"
        assert IdentityPool(POOL, region="eu-west-1").endpoint == "https://cognito-identity.eu-west-1.amazonaws.com"

    def test_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1/")
        assert IdentityPool(POOL).endpoint == "http://127.0.0.1:1"
        monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY", "http://127.0.0.1:2")
        assert IdentityPool(POOL).endpoint == "http://127.0.0.1:2"
        assert IdentityPool(POOL, endpoint="http://127.0.0.1:3").endpoint == "http://127.0.0.1:3"
        monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE")
        assert IdentityPool(POOL).endpoint.endswith("amazonaws.com")

    @pytest.mark.parametrize("text", ["", "us-east-1", "us-east-1:", "us-east-1:XYZ", "a.b/c:0", "us-east-1:0\n"])
    def test_what_is_no_pool_id(self, text: str) -> None:
        """The region becomes part of a host name."""
        with pytest.raises(ConfigurationError, match="no identity pool id"):
            IdentityPool(text)


def test_nothing_secret_is_in_a_repr(broker: Broker) -> None:
    mine = pool(broker, logins={GOOGLE: "a-login-token"})
    credentials = mine.credentials()
    text = repr((mine, credentials, vars(mine)))
    assert "a-login-token" not in text
    assert "secret 1" not in text
    assert "token 1" not in text


def test_a_pool_that_is_dropped_is_freed(broker: Broker) -> None:
    """The list of those to repair after a fork does not keep them."""
    from gatepass.credentials.refresh import _alive

    mine = pool(broker)
    mine.credentials()
    before = len(_alive)
    del mine
    gc.collect()
    assert len(_alive) < before
