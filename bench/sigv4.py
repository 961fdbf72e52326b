"""Signing and verifying, beside botocore, awscrt and the hashes alone.

The *crypto floor* is what no implementation in Python can do without: SHA-256 of the body, SHA-256 of the canonical
request, and one HMAC of the string to sign, each a single call. Every request has a path, a query and a date of its
own, and every header name and value is an object of its own, as if it had just come off the network.
"""

import sys
import time
from _hashlib import hmac_digest
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from itertools import cycle
from typing import NamedTuple

from awscrt.auth import AwsCredentialsProvider, AwsSigningAlgorithm, AwsSigningConfig, aws_sign_request
from awscrt.http import HttpHeaders, HttpRequest
from bench.harness import Row, at_least, at_most, interleave, main, microseconds, ratio
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gatepass.http import Request
from gatepass.principal import Principal
from gatepass.sigv4 import (
    CredentialScope,
    Key,
    Keys,
    Signer,
    Verifier,
    canonical_request,
    payload_hash,
    sign,
    signing_key,
    string_to_sign,
)

NOW = 1_790_000_000
HOST = "k3v9x2m7qa.execute-api.us-east-1.amazonaws.com"
REGION = "us-east-1"
SERVICE = "execute-api"
KEYS = Keys(
    "ASIAQAAAAAAABENCHKEY", "benchsecretbenchsecretbenchsecretbenchse", "IQoJb3JpZ2luX2Vj" + "bench+token/" * 80
)
PRINCIPAL = Principal("root", "123456789012", "arn:aws:iam::123456789012:root", "123456789012", KEYS.access_key_id)
JSON = b"application/json"
GET_HEADERS = [(b"host", HOST.encode()), (b"accept", JSON), (b"x-api-key", b"d41d8cd98f00b204e9800998ecf8427e")]
GET_HEADERS += [(b"x-client", b"bench/1.0"), (b"x-request-id", b"1f0c2d3e-4b5a-6978-8796-a5b4c3d2e1f0")]
POST_HEADERS = [(b"host", HOST.encode()), (b"accept", JSON), (b"content-type", JSON)]
NOT_SIGNED = [(b"user-agent", b"python-requests/2.34.0"), (b"accept-encoding", b"gzip"), (b"connection", b"keep-alive")]
# More than the URLs that the standard library keeps split (128), few enough to stay in the processor's cache.
VARIANTS = 192
# What has just been parsed is in the processor's cache; of more requests than these, only the last few would be.
FRESH = 48


class Job(NamedTuple):
    """What is signed and verified again and again, in many variants."""

    name: str
    requests: Sequence[Request]

    @classmethod
    def get(cls) -> "Job":
        """GET with five headers of its own and three parameters."""
        targets = [(b"/prod/items/%d" % (n % 64), b"page=%d&limit=20&sort=name" % n) for n in range(VARIANTS)]
        return cls("GET", [Request("GET", path, query, GET_HEADERS) for path, query in targets])

    @classmethod
    def post(cls, size: str, body: bytes, variants: int) -> "Job":
        """POST with three headers of its own and no query."""
        paths = [b"/prod/items/%d" % n for n in range(variants)]
        return cls(f"POST {size}", [Request("POST", path, b"", POST_HEADERS, body) for path in paths])


def signers(job: Job) -> dict[str, Callable[[], object]]:
    """Each takes the next request's parts and gives the headers to send."""
    headers = job.requests[0].headers
    texts = {name.decode(): value.decode() for name, value in headers}
    targets = [request.path.decode() + "?" * bool(request.query) + request.query.decode() for request in job.requests]
    ours, theirs, native = cycle(job.requests), cycle(targets), cycle(targets)
    method, body = job.requests[0].method, job.requests[0].body
    signer = Signer(KEYS, region=REGION, service=SERVICE, host=HOST)
    others = headers[1:]
    credentials = Credentials(*KEYS)
    provider = AwsCredentialsProvider.new_static(*KEYS)
    date = datetime.fromtimestamp(NOW, UTC)

    def with_gatepass() -> object:
        _, path, query, _, body, _, _ = next(ours)
        return [*headers, *signer.sign(method, path, query, others, body, now=NOW)]

    def with_botocore() -> object:
        request = AWSRequest(method, f"https://{HOST}{next(theirs)}", headers=texts, data=body)
        SigV4Auth(credentials, SERVICE, REGION).add_auth(request)
        return dict(request.headers)

    def with_awscrt() -> object:
        request = HttpRequest(method, next(native), HttpHeaders(list(texts.items())), BytesIO(body) if body else None)
        config = AwsSigningConfig(
            algorithm=AwsSigningAlgorithm.V4,
            credentials_provider=provider,
            region=REGION,
            service=SERVICE,
            date=date,
        )
        aws_sign_request(request, config).result()
        return list(request.headers)

    return {"gatepass": with_gatepass, "botocore": with_botocore, "awscrt": with_awscrt, "floor": floor(job)}


def verifier(job: Job) -> dict[str, Callable[[], object]]:
    """Hashes the body and verifies: every check on, the signer seen before."""
    key = Key(KEYS.secret_access_key, PRINCIPAL, NOW + 3600)
    verifier, forgetful = [Verifier(lambda *_: key, service=SERVICE, regions=[REGION]) for _ in range(2)]
    signed = cycle([arrived(request, NOW + n % 20) for n, request in enumerate(job.requests[:FRESH])])
    one_by_one = cycle([arrived(request, NOW) for request in job.requests[:FRESH]])

    def known() -> object:
        request = next(signed)
        return verifier.verify(request, payload_hash(request.body), NOW)

    def new() -> object:
        request = next(one_by_one)
        forgetful.forget()
        return forgetful.verify(request, payload_hash(request.body), NOW)

    return {"gatepass": known, "gatepass, a signer never seen": new, "floor": floor(job)}


def arrived(request: Request, date: int) -> Request:
    """The signed request with every name and value an object of its own, as a server makes them."""
    added = sign(request, KEYS, region=REGION, service=SERVICE, now=date)
    headers = [*request.headers, *NOT_SIGNED, *added]
    return request._replace(headers=[(bytes(bytearray(name)), bytes(bytearray(value))) for name, value in headers])


def floor(job: Job) -> Callable[[], object]:
    """SHA-256 of the body, SHA-256 of the canonical request, one HMAC."""
    date = "20260921T135320Z"
    scope = CredentialScope(date[:8], REGION, SERVICE)
    key = signing_key(KEYS.secret_access_key, scope)
    material = []
    for request in job.requests:
        headers = arrived(request, NOW).headers
        names = sorted({name for name, _ in headers} - {b"authorization"} - {name for name, _ in NOT_SIGNED})
        canonical = canonical_request(
            request.method, request.path, request.query, headers, names, payload_hash(request.body)
        )
        material.append((request.body, canonical, string_to_sign(date, scope, canonical)))
    turns = cycle(material)

    def hashes() -> object:
        body, canonical, text = next(turns)
        sha256(body).hexdigest()
        sha256(canonical).hexdigest()
        return hmac_digest(key, text, "sha256").hex()

    return hashes


def run(rounds: int) -> list[Row]:
    """All figures of this bench."""
    rows: list[Row] = []
    get = Job.get()
    small, large = Job.post("1 KiB", b"x" * 1024, VARIANTS), Job.post("1 MiB", b"x" * (1 << 20), 4)
    for job, botocore_bar, awscrt_bar in ((get, 15.0, 3.5), (small, None, None)):
        timings = interleave(signers(job), rounds=rounds, clock=time.process_time)
        rows += [microseconds(timings, name, f"sign {job.name}: {name}") for name in timings]
        rows.append(
            _faster(f"sign {job.name}: faster than botocore", ratio(timings, "botocore", "gatepass"), botocore_bar)
        )
        rows.append(_faster(f"sign {job.name}: faster than awscrt", ratio(timings, "awscrt", "gatepass"), awscrt_bar))
    for job, floor_bar in ((get, 3.0), (small, 2.0), (large, 1.1)):
        timings = interleave(verifier(job), rounds=rounds, clock=time.process_time)
        rows += [microseconds(timings, name, f"verify {job.name}: {name}") for name in timings]
        rows.append(at_most(f"verify {job.name}: over the floor", ratio(timings, "gatepass", "floor"), floor_bar))
    return rows


def _faster(name: str, value: float, bar: float | None) -> Row:
    return Row(name, value, "×") if bar is None else at_least(name, value, bar)


if __name__ == "__main__":
    sys.exit(main(run, description=__doc__.split("\n", 1)[0]))
