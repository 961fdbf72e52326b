"""botocore and awscrt: the same signatures on generated requests, and the code that people copy is verified.

`scripts/fuzz_sigv4.py --differential N` compares as many as you like; the disagreements that are known, and why, are
listed in `tests/fuzzing/sigv4_peers.py`.
"""

from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.fuzzing.sigv4_peers import compare
from tests.fuzzing.sigv4_requests import KEYS, NOW, REGION, SERVICE, look_up

from gatepass.http import Request
from gatepass.sigv4 import Key, Keys, Verifier, payload_hash

URL = "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/api/items/caf%C3%A9?limit=20&a=b%20c"


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_signatures_agree(seed: int) -> None:
    differences = compare(1000, seed)
    assert differences.unexplained == []
    assert differences.compared["botocore"] > 200
    assert differences.compared["awscrt"] > 500


def received(method: str, asked: AWSRequest) -> Request:
    """What a server receives when the prepared request is sent."""
    prepared = asked.prepare()
    _, _, rest = prepared.url.partition("://")
    host, _, target = rest.partition("/")
    path, _, query = target.partition("?")
    headers = [(name.lower().encode(), value.encode()) for name, value in prepared.headers.items()]
    headers = [(b"host", host.encode()), *[header for header in headers if header[0] != b"host"]]
    return Request(method, b"/" + path.encode(), query.encode(), headers, prepared.body or b"")


@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", b'{"a":1}')])
def test_what_articles_do_with_botocore_is_verified(keys: Keys, method: str, body: bytes) -> None:
    asked = AWSRequest(method, URL, data=body, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials(*keys), SERVICE, REGION).add_auth(asked)
    verify(received(method, asked), asked)


@pytest.mark.parametrize("keys", KEYS[:2])
def test_what_botocore_presigns_is_verified(keys: Keys) -> None:
    asked = AWSRequest("GET", URL)
    SigV4QueryAuth(Credentials(*keys), SERVICE, REGION, expires=60).add_auth(asked)
    verify(received("GET", asked), asked)


def verify(request: Request, asked: AWSRequest) -> None:
    """At the time that botocore took from its own clock; no session ends in this test."""
    date = datetime.strptime(asked.context["timestamp"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()

    def look_up_at_any_time(access_key_id: str, session_token: str | None, now: float) -> Key:
        return look_up(access_key_id, session_token, NOW)._replace(expiration=None)

    verifier = Verifier(look_up_at_any_time, service=SERVICE, regions=[REGION])
    assert verifier.verify(request, payload_hash(request.body), date)
