"""The record of a run: it counts, goes on, refuses what it did not write, and gives the requests of one role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatepass.advice import learned as module
from gatepass.advice.learned import Asked, Learned, learned_in, selected
from gatepass.errors import ConfigurationError

API = {"api_id": "a1b2", "name": "pets", "stage": "api", "region": "us-east-1", "account_id": "123456789012"}
ROUTES = ("GET /pets/{id}", "ANY /files/{proxy+}", "GET /")
GUEST = Asked("role-session", "guests", "GET", "/pets/{id}")
STAFF = Asked("role-session", "staff", "PUT", "/files/{proxy+}")
ROOT = Asked("root", "", "GET", "/")


def record(*asked: Asked, denied: tuple[Asked, ...] = ()) -> Learned:
    learned = Learned(API, ROUTES)
    for each in asked:
        learned.add(each, allowed=True)
    for each in denied:
        learned.add(each, allowed=False)
    return learned


def test_what_is_written_is_read() -> None:
    """And says the same whatever came first."""
    learned = record(GUEST, STAFF, GUEST, denied=(ROOT,))
    text = json.dumps(learned.to_json())
    assert learned_in(json.loads(text)) == learned
    assert json.dumps(record(STAFF, GUEST, GUEST, denied=(ROOT,)).to_json()) == text
    assert learned.requests[GUEST] == (2, 0)


def test_kinds_of_requests_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are known are counted on."""
    monkeypatch.setattr(module, "MOST", 2)
    learned = record(GUEST, STAFF)
    assert not learned.add(ROOT, allowed=True)
    assert learned.add(GUEST, allowed=False)
    assert learned.requests == {GUEST: (1, 1), STAFF: (1, 0)}


def test_a_record_goes_on_with_routes_there_still_are() -> None:
    slash = GUEST._replace(route="/pets/{id}/")
    earlier = record(GUEST, STAFF, slash)
    now = Learned(API, ("GET /pets/{id}",)).continued(earlier)
    assert now.requests == {GUEST: (1, 0), slash: (1, 0)}
    with pytest.raises(ConfigurationError, match="a record of another API: `pets`, `a1b2`"):
        Learned({**API, "api_id": "c3d4"}, ROUTES).continued(earlier)


GOOD = record(GUEST).to_json()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "it is not a record of requests"),
        ([], "it is not a record of requests"),
        ({"Version": "2012-10-17"}, "it is not a record of requests"),
        ({**GOOD, "version": 2}, "it is of version 2, not 1"),
        ({**GOOD, "api": None}, "it is damaged"),
        ({**GOOD, "api": {**API, "stage": 1}}, "it is damaged"),
        ({**GOOD, "iam_routes": [1]}, "it is damaged"),
        ({**GOOD, "requests": {"a": 1}}, "it is damaged"),
        ({**GOOD, "requests": [{}]}, "it is damaged"),
        ({**GOOD, "requests": [{**GOOD["requests"][0], "allowed": -1}]}, "it is damaged"),
        ({**GOOD, "requests": [{**GOOD["requests"][0], "allowed": True}]}, "it is damaged"),
        ({**GOOD, "requests": [{**GOOD["requests"][0], "method": "*"}]}, "it is damaged"),
    ],
)
def test_anything_else_is_refused(value: Any, message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        learned_in(value)
    assert str(refused.value) == message


def test_the_root_counts_only_where_nobody_else_asked() -> None:
    """Policies do not apply to it; but who tried the app with the administrator's keys wants its requests."""
    taken = selected(record(GUEST, STAFF, ROOT))
    assert (taken.whose, taken.left_out, taken.requests) == (["guests", "staff"], True, 2)
    assert taken.routes == [("GET", "/pets/{id}"), ("PUT", "/files/{proxy+}")]
    alone = selected(record(ROOT))
    assert (alone.whose, alone.left_out, alone.routes) == (["root"], False, [("GET", "/")])


def test_a_role_is_chosen() -> None:
    taken = selected(record(GUEST, STAFF), "staff")
    assert (taken.whose, taken.routes, taken.denied) == (["staff"], [("PUT", "/files/{proxy+}")], [])
    with pytest.raises(ConfigurationError, match="no requests of role `nobody` that could be taken, but of `guests`"):
        selected(record(GUEST), "nobody")
    with pytest.raises(ConfigurationError, match="it holds no requests"):
        selected(record())


def test_denied_requests_were_wanted_too() -> None:
    """They are told apart, unless someone was allowed the same."""
    learned = record(STAFF, denied=(GUEST, STAFF))
    assert selected(learned).denied == [("GET", "/pets/{id}")]
    taken = selected(learned, allowed_only=True)
    assert (taken.routes, taken.denied, taken.requests) == ([("PUT", "/files/{proxy+}")], [], 1)
    with pytest.raises(ConfigurationError, match="all requests that it holds were denied"):
        selected(record(denied=(GUEST,)), allowed_only=True)
    with pytest.raises(ConfigurationError, match="all requests of role `guests` that it holds were denied"):
        selected(record(STAFF, denied=(GUEST,)), "guests", allowed_only=True)
