"""The ring of decisions: bounded, and without secrets."""

import gc
import json
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from gatepass import errors
from gatepass.gateway.authorizer import PolicyDenied
from gatepass.gateway.decisions import Decisions, Record, without_secrets
from gatepass.policy import Context


def record(request_id: str = "1", **more: Any) -> Record:
    given = {"entrance": "api", "stage": "authorize", "status": 403, "method": "GET", "path": b"/api/x"}
    return Record(request_id, 0.0, **{**given, "source_ip": "", **more})


def test_the_newest_take_the_place_of_the_oldest() -> None:
    ring = Decisions(most=3)
    for number in range(10):
        ring.add(record(str(number)))
    assert len(ring) == 3
    last = ring.last()
    assert last is not None
    assert last.request_id == "9"
    assert ring.get("7") is not None
    assert ring.get("6") is None


def test_bytes_are_bounded_too() -> None:
    """Large ones push out more than one; a single one is kept whatever its size."""
    ring = Decisions(most=1000, most_bytes=100_000)
    for number in range(100):
        ring.add(record(str(number), path=b"/" + b"x" * 9_000))
    assert 5 < len(ring) < 12
    ring.add(record("huge", error=errors.SignatureMismatch(b"x" * 200_000, b"")))
    assert len(ring) == 1
    assert ring.get("huge") is not None


@pytest.mark.parametrize(
    "keys",
    [
        {"aws:TagKeys": tuple(f"{number:06}" for number in range(5_000))},
        {f"aws:RequestTag/{number:06}": "" for number in range(5_000)},
        {"aws:RequestTag/team": "x" * 500_000},
    ],
)
def test_what_a_denied_caller_asked_for_counts(world: Any, keys: dict[str, Any]) -> None:
    """Else whoever has credentials, a guest too, fills the memory with tags that nobody lets them give."""
    snapshot = world.allowing()
    with pytest.raises(PolicyDenied) as raised:
        world.decide(snapshot, "GET", b"/api/pets/1", world.session())
    denied = raised.value
    assert denied.query is not None
    asked = PolicyDenied("", denied.standing, denied.query._replace(context=Context.of(keys)), denied.verdict)
    ring = Decisions(most_bytes=2_000_000)
    for number in range(100):
        ring.add(record(str(number), error=asked))
    assert 1 <= len(ring) <= 4


def test_an_empty_ring() -> None:
    assert Decisions().last() is None


def test_a_mismatch_shows_the_canonical_request_without_its_secrets() -> None:
    """Headers that let someone in are masked, and what a presigned query holds."""
    canonical = (
        b"GET\n/api/\nX-Amz-Credential=AKID%2F20260101&X-Amz-Security-Token=QUERYTOKEN&X-Amz-SignedHeaders=host\n"
        b"authorization:Bearer APPTOKEN\ncookie:session=COOKIE\nhost:gate.test\n"
        b"x-amz-security-token:HEADERTOKEN\nx-api-key:APIKEY\n\nhost\ne3b0"
    )
    told = record(error=errors.SignatureMismatch(canonical, b"AWS4-HMAC-SHA256\nx")).to_json()
    text = json.dumps(told)
    assert not [secret for secret in ("QUERYTOKEN", "APPTOKEN", "COOKIE", "HEADERTOKEN", "APIKEY") if secret in text]
    assert "host:gate.test" in told["canonical_request"]
    assert told["string_to_sign"].startswith("AWS4-HMAC-SHA256")


def test_masking_leaves_the_lines() -> None:
    masked = without_secrets(b"GET\n/\n\nx-amz-security-token:abc\n\nhost;x-amz-security-token\nhash")
    assert masked == "GET\n/\n\nx-amz-security-token:***\n\nhost;x-amz-security-token\nhash"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(None, "allowed"), (errors.Forbidden(), "refused"), (errors.InternalFailure(), "failed")],
)
def test_outcomes(error: errors.ServiceError | None, outcome: str) -> None:
    assert record(error=error).outcome == outcome
    assert record(error=error).to_json()["outcome"] == outcome


def test_a_denial_is_explained(world: Any, statement: Callable[..., dict[str, Any]]) -> None:
    """Who asked for what, which statement decided, every policy that was asked, and what would allow it."""
    snapshot = world.allowing(statement("GET/pets/2", Sid="OnlyTwo"))
    with pytest.raises(PolicyDenied) as raised:
        world.decide(snapshot, "GET", b"/api/pets/1", world.session())
    denied = raised.value
    told = record(
        principal=denied.standing.principal,
        action="execute-api:Invoke",
        resource="arn:…/GET/pets/1",
        verdict=denied.verdict,
        error=denied,
        notes=("said by someone",),
    ).to_json()
    assert told["principal"]["arn"].endswith("assumed-role/guests/CognitoIdentityCredentials")
    assert {name for name, value in told["verdict"].items() if value is not None} == {"outcome", "policy_type"}
    assert (told["verdict"]["outcome"], told["verdict"]["policy_type"]) == ("implicitDeny", "identity")
    assert told["error"]["code"] == "AccessDeniedException"
    assert told["detail"] == "said by someone"
    assert told["explanation"]["nearest"]["statement"] == 0
    assert {policy["name"] for policy in told["explanation"]["policies"]} >= {"inline policy `p` of role `guests`"}
    assert json.dumps(told)


def test_no_identity_id_is_told(world: Any) -> None:
    """Whoever knows a guest's id is that guest."""
    decision = world.decide(world.snapshot(), "GET", b"/api/pets/1", world.session())
    told = record(principal=decision.standing.principal, verdict=decision.verdict).to_json()
    assert decision.standing.principal.identity_id not in json.dumps(told)


def test_what_was_refused_is_not_kept_alive() -> None:
    """A kept error must not hold the frames it came through: they hold the body, and keys that were looked up."""

    class Body:
        pass

    def judge(body: Body) -> None:
        try:
            raise KeyError(body)
        except KeyError as error:
            raise errors.UnrecognizedClient from error

    ring, body = Decisions(), Body()
    gone = weakref.ref(body)
    try:
        judge(body)
    except errors.UnrecognizedClient as error:
        refusal = error
    ring.add(record(error=refusal))
    del body, refusal
    gc.collect()
    assert gone() is None
    assert ring.last() is not None
