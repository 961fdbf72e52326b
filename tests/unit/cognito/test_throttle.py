"""GetId is limited per address and per pool, by the time of the calls, in bounded memory."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.cognito.throttle import Throttle, network_of


def admitted(throttle: Throttle, pool: str, source: str, times: int, now: float) -> int:
    return sum(throttle.admits(pool, source, now) for _ in range(times))


def test_a_burst_then_the_rate() -> None:
    throttle = Throttle(25, 1000)
    assert admitted(throttle, "p", "a", 1500, 0.0) == 1000
    assert admitted(throttle, "p", "a", 100, 1.0) == 25
    assert admitted(throttle, "p", "a", 100, 1.5) == 12
    assert admitted(throttle, "p", "a", 2000, 1000.0) == 1000


def test_a_source_is_limited_over_all_pools_and_a_pool_over_all_sources() -> None:
    throttle = Throttle(1, 10)
    assert admitted(throttle, "p", "a", 6, 0.0) + admitted(throttle, "q", "a", 6, 0.0) == 10
    assert admitted(throttle, "q", "b", 10, 0.0) == 6
    assert admitted(throttle, "r", "c", 10, 0.0) == 10


def test_what_is_refused_counts_against_nobody() -> None:
    throttle = Throttle(1, 5)
    assert admitted(throttle, "p", "a", 100, 0.0) == 5
    assert admitted(throttle, "p", "b", 100, 0.0) == 0
    assert admitted(throttle, "q", "b", 100, 0.0) == 5


def test_a_clock_that_goes_back_gives_nothing() -> None:
    throttle = Throttle(25, 10)
    assert admitted(throttle, "p", "a", 20, 1000.0) == 10
    assert admitted(throttle, "p", "a", 20, 0.0) == 0
    assert admitted(throttle, "p", "a", 20, 1000.0) == 0


def test_memory_is_bounded_and_the_pool_still_limited() -> None:
    throttle = Throttle(1, 50, remembered=100)
    assert sum(throttle.admits("p", f"10.0.{n // 256}.{n % 256}", 0.0) for n in range(10_000)) == 50
    for number in range(1000):
        throttle.admits(f"p{number}", f"a{number}", 0.0)
    assert len(throttle) == 200


@given(calls=st.lists(st.tuples(st.sampled_from("pq"), st.sampled_from("ab"), st.floats(0, 20)), max_size=200))
def test_never_more_than_burst_and_rate_allow(calls: list[tuple[str, str, float]]) -> None:
    throttle = Throttle(2, 5)
    count: dict[str, int] = {}
    for pool, source, now in sorted(calls, key=lambda call: call[2]):
        if throttle.admits(pool, source, now):
            for name in (pool, source):
                count[name] = count.get(name, 0) + 1
                assert count[name] <= 5 + 2 * now + 1e-6


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2::", "2001:0db8:0001:0002"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80:0000:0000:0000"),
        ("", ""),
        ("not:an:address", "not:an:address"),
    ],
)
def test_an_ipv6_subscriber_is_one_source(address: str, network: str) -> None:
    assert network_of(address) == network


def test_get_id_is_throttled_and_makes_nothing(broker: Any) -> None:
    pool_id = broker.guest_pool()
    broker.admits = Throttle(1, 2).admits
    for _ in range(2):
        broker.ask("GetId", None, IdentityPoolId=pool_id)
    assert broker.refusal("GetId", None, IdentityPoolId=pool_id) == ("TooManyRequestsException", "Rate exceeded")
    assert len(broker.run(broker.store.identities.list(pool_id))) == 2
    broker.now += 1
    assert broker.ask("GetId", None, IdentityPoolId=pool_id)
