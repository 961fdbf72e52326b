"""What was known decides no more when the store was away for too long; what needs no decision goes on."""

import json
from typing import Any

import pytest

from gatepass.http import Request

HOST = (b"host", b"gate.test")


@pytest.fixture
def stale(house: Any) -> Any:
    """A gate with a guest, whose snapshot has become too old."""
    house.keys = house.guest()
    house.application.snapshot.is_current = lambda: False
    return house


def test_nothing_is_decided(stale: Any) -> None:
    """Not for the administrator either."""
    for keys in (stale.keys, stale.administrator):
        answer = stale.send(stale.signed("GET", b"/api/pets/1", keys))
        assert (answer.status, json.loads(answer.body)) == (500, {"message": "Internal server error"})
        assert "the store was away for too long" in stale.decision(answer)["detail"]
    assert stale.app.scopes == []


def test_a_signature_that_is_wrong_is_still_wrong(stale: Any) -> None:
    wrong = stale.keys._replace(secret_access_key="x" * 40)
    assert stale.send(stale.signed("GET", b"/api/pets/1", wrong)).status == 403


def test_no_operation_is_answered(stale: Any) -> None:
    """Neither those that need a signature nor those that need none."""
    for given in ({"IdentityPoolId": stale.pool_id}, {"IdentityPoolId": stale.pool_id, "AccountId": "123456789012"}):
        assert stale.cognito("GetId", **given)["__type"] == "InternalErrorException"
    assert stale.cognito("ListIdentityPools", stale.administrator, MaxResults=1)["__type"] == "InternalErrorException"
    form = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    answer = stale.send(stale.signed("POST", b"/", stale.keys, service="sts", headers=headers, body=form))
    assert answer.status == 500


def test_an_open_route_is_open(stale: Any) -> None:
    assert stale.send(Request("GET", b"/api/open", b"", [HOST])).status == 200


def test_health_says_so(stale: Any) -> None:
    answer = stale.send(Request("GET", b"/_gatepass/health", b"", [HOST]))
    assert (answer.status, json.loads(answer.body)) == (503, {"status": "the store is away"})


def test_the_administrator_may_ask_why(stale: Any) -> None:
    """The administrator's keys are in a file of the gate's own."""
    refused = stale.send(stale.signed("GET", b"/api/pets/1", stale.keys))
    id_ = dict(refused.headers)[b"x-amzn-requestid"]
    path = b"/_gatepass/decisions/" + id_
    answer = stale.send(stale.signed("GET", path, stale.administrator))
    assert json.loads(answer.body)["detail"].startswith("the store was away for too long")


def test_it_lasts_until_the_store_was_seen(stale: Any) -> None:
    """A newer directory alone does not end it: it may be old, too."""
    snapshot = stale.application.snapshot
    assert not snapshot.after(stale.store.directory).is_current()
    snapshot.is_current = lambda: True
    assert stale.send(stale.signed("GET", b"/api/pets/1", stale.keys)).status == 200
