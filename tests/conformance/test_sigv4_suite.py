"""AWS's public SigV4 suite, in both forms, both ways: what is signed is theirs, and what they signed is verified."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gatepass.http import Request
from gatepass.principal import Principal
from gatepass.sigv4 import Key, Keys, Signer, Verifier, payload_hash, presign, sign

SUITE = Path(__file__).parents[2] / "../shared/data/sigv4_suite.json"
ABSENT = "AWS's public suite is not part of this repository; it is read from ../shared/data where that is there"

pytestmark = pytest.mark.skipif(not SUITE.exists(), reason=ABSENT)

CASES: list[dict[str, Any]] = json.loads(SUITE.read_text())["cases"] if SUITE.exists() else []
PRESIGNED = [case for case in CASES if case["query"]]


def named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in cases]


def request_of(case: dict[str, Any]) -> Request:
    given = case["request"]
    path, _, query = given["target"].encode().partition(b"?")
    headers = [(name.lower().encode(), value.strip().encode()) for name, value in given["headers"]]
    return Request(given["method"], path, query, headers, given["body"].encode())


def keys_of(case: dict[str, Any]) -> Keys:
    given = case["credentials"]
    return Keys(given["access_key_id"], given["secret_access_key"], given["session_token"])


def options_of(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "region": case["region"],
        "service": case["service"],
        "now": now_of(case),
        "normalise": case["normalize"],
        "sign_session_token": not case["omit_session_token"],
    }


def now_of(case: dict[str, Any]) -> float:
    return datetime.fromisoformat(case["timestamp"]).timestamp()


def verifier_of(case: dict[str, Any]) -> Verifier:
    keys = keys_of(case)

    def look_up(access_key_id: str, session_token: str | None, now: float) -> Key:
        assert (access_key_id, session_token) == (keys.access_key_id, keys.session_token)
        principal = Principal("root", "123456789012", "arn:aws:iam::123456789012:root", "123456789012", access_key_id)
        return Key(keys.secret_access_key, principal, None)

    return Verifier(look_up, service=case["service"], regions=[case["region"]])


def test_the_suite_is_whole() -> None:
    assert (len(CASES), len(PRESIGNED)) == (43, 38)


@pytest.mark.parametrize("case", named(CASES))
def test_signs_as_the_suite(case: dict[str, Any]) -> None:
    added = sign(request_of(case), keys_of(case), sign_payload_header=bool(case["sign_body"]), **options_of(case))
    assert dict(added)[b"authorization"].decode() == case["header"]["authorization"]


@pytest.mark.parametrize(
    "case", named([case for case in CASES if case["normalize"] and not case["omit_session_token"]])
)
def test_the_fast_signer_signs_as_the_suite(case: dict[str, Any]) -> None:
    request = request_of(case)
    signer = Signer(
        keys_of(case),
        region=case["region"],
        service=case["service"],
        host=dict(request.headers)[b"host"].decode(),
        sign_payload_header=bool(case["sign_body"]),
    )
    others = [header for header in request.headers if header[0] != b"host"]
    added = signer.sign(request.method, request.path, request.query, others, request.body, now=now_of(case))
    assert dict(added)[b"authorization"].decode() == case["header"]["authorization"]


@pytest.mark.parametrize("case", named(CASES))
def test_verifies_what_the_suite_signed(case: dict[str, Any]) -> None:
    headers = [(name.lower().encode(), value.strip().encode()) for name, value in case["header"]["signed_headers"]]
    request = request_of(case)._replace(headers=headers)
    verifier = verifier_of(case)
    for _ in range(2):  # once as a new signer, once as a known one
        assert verifier.verify(request, payload_hash(request.body), now_of(case))


@pytest.mark.parametrize("case", named(PRESIGNED))
def test_presigns_as_the_suite(case: dict[str, Any]) -> None:
    request = request_of(case)
    query = presign(request, keys_of(case), expires=case["expires"], **options_of(case))
    assert (request.path + b"?" + query).decode() == case["query"]["target"]


@pytest.mark.parametrize("case", named(PRESIGNED))
def test_verifies_what_the_suite_presigned(case: dict[str, Any]) -> None:
    path, _, query = case["query"]["target"].encode().partition(b"?")
    request = request_of(case)._replace(path=path, query=query)
    assert verifier_of(case).verify(request, payload_hash(request.body), now_of(case)).presigned
