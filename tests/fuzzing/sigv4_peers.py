"""What botocore and awscrt sign, to compare with: request by request, and where they are known to disagree, why.

Known disagreements:

- *botocore signs the query as it is spelled.* It neither decodes nor encodes it, so that `a b`, `%7e`, `+` or a raw `ä`
  are signed as they are, and an empty parameter (`a&&b`) is signed as `=`. Whoever hands it a URL must have encoded it
  in the canonical way. Its signature is then compared with the plain canonical request of just that query.
- *awscrt refuses to sign a query with a broken escape* (`%zz`). We sign its bytes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from random import Random
from typing import Any

from awscrt.auth import (
    AwsCredentialsProvider,
    AwsSignatureType,
    AwsSigningAlgorithm,
    AwsSigningConfig,
    aws_sign_request,
)
from awscrt.exceptions import AwsCrtError
from awscrt.http import HttpHeaders, HttpRequest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.fuzzing.sigv4_requests import KEYS, NOW, REGION, SERVICE, look_up, request_of
from tests.oracles import plain_sigv4 as plain

from gatepass.errors import ServiceError
from gatepass.http import Request
from gatepass.sigv4 import Keys, Signer, Verifier, payload_hash, presign, sign

EXPIRES = 3600
DATE = datetime.fromtimestamp(NOW, UTC)
BASIC_DATE = DATE.strftime("%Y%m%dT%H%M%SZ")


def botocore_authorization(request: Request, keys: Keys) -> str:
    """As `SigV4Auth.add_auth` does, at our time instead of its own."""
    host = dict(request.headers)[b"host"].decode()
    query = "?" + request.query.decode() if request.query else ""
    asked = AWSRequest(request.method, f"https://{host}{request.path.decode()}{query}", data=request.body)
    for name, value in request.headers:
        asked.headers.add_header(name.decode(), value.decode())
    asked.context["timestamp"] = BASIC_DATE
    signer = SigV4Auth(Credentials(*keys), SERVICE, REGION)
    signer._modify_request_before_signing(asked)
    text = signer.string_to_sign(asked, signer.canonical_request(asked))
    signer._inject_signature_to_request(asked, signer.signature(text, asked))
    return str(asked.headers["Authorization"])


def awscrt_signed(request: Request, keys: Keys, *, presigned: bool, normalise: bool = True) -> HttpRequest:
    headers = HttpHeaders([(name.decode(), value.decode()) for name, value in request.headers])
    asked = HttpRequest(request.method, _target(request), headers, BytesIO(request.body) if request.body else None)
    where = AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS if presigned else AwsSignatureType.HTTP_REQUEST_HEADERS
    options: dict[str, Any] = {"expiration_in_seconds": EXPIRES} if presigned else {}
    config = AwsSigningConfig(
        algorithm=AwsSigningAlgorithm.V4,
        signature_type=where,
        credentials_provider=AwsCredentialsProvider.new_static(*keys),
        region=REGION,
        service=SERVICE,
        date=DATE,
        should_normalize_uri_path=normalise,
        **options,
    )
    aws_sign_request(asked, config).result()
    return asked


def _target(request: Request) -> str:
    return (request.path + b"?" + request.query if request.query else request.path).decode()


@dataclass
class Differences:
    """What a comparison found; `unexplained` must stay empty."""

    compared: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[tuple[str, Request, str]] = field(default_factory=list)


def compare(n: int, seed: int) -> Differences:
    """Sign `n` generated requests with each of the three; verify what the others signed."""
    chance, differences = Random(seed), Differences()
    verifier = Verifier(look_up, service=SERVICE, regions=[REGION])
    for _ in range(n):
        request, keys = _expressible(request_of(chance)), chance.choice(KEYS)
        normalise = chance.random() < 0.8
        ours = sign(request, keys, region=REGION, service=SERVICE, now=NOW, normalise=normalise)
        arrived = request._replace(headers=[*request.headers, *ours])
        _accept(differences, verifier, "sign", arrived)
        for query in _compare_with_awscrt(differences, request, keys, arrived, normalise):
            _accept(differences, verifier, "awscrt presigned", request._replace(query=query))
        if normalise:
            _same(differences, "signer", request, _by_signer(request, keys), ours)
            _compare_with_botocore(differences, request, keys, arrived)
    return differences


def _expressible(request: Request) -> Request:
    """Both peers take text: bytes that are no UTF-8 cannot be asked of them, nor headers that they never sign."""
    return request._replace(
        path=request.path.decode("utf-8", "ignore").encode(),
        headers=[header for header in request.headers if header[0] != b"user-agent"],
    )


def _by_signer(request: Request, keys: Keys) -> list[tuple[bytes, bytes]]:
    (_, host), *others = request.headers
    signer = Signer(keys, region=REGION, service=SERVICE, host=host.decode())
    return signer.sign(request.method, request.path, request.query, others, request.body, now=NOW)


def _compare_with_botocore(differences: Differences, request: Request, keys: Keys, arrived: Request) -> None:
    theirs = botocore_authorization(request, keys).encode()
    spelled = sorted(part.partition(b"=")[::2] for part in request.query.split(b"&")) if request.query else []
    as_spelled = b"&".join(name + b"=" + value for name, value in spelled)
    if as_spelled == plain.canonical_query(request.query):
        _same(differences, "botocore", request, theirs, dict(arrived.headers)[b"authorization"])
        return
    signed_headers = theirs.split(b"SignedHeaders=")[1].split(b",")[0].split(b";")
    asked = plain.Asked(request.method, request.path, b"", arrived.headers, request.body)
    canonical = plain.canonical_request(asked, signed_headers).replace(b"\n\n", b"\n" + as_spelled + b"\n", 1)
    scope = f"{BASIC_DATE[:8]}/{REGION}/{SERVICE}/aws4_request".encode()
    expected = plain.signature(keys.secret_access_key, BASIC_DATE.encode(), scope, canonical)
    _same(differences, "botocore, the query as spelled", request, theirs[-64:], expected)
    differences.explained["botocore signs the query as it is spelled"] += 1


def _compare_with_awscrt(
    differences: Differences, request: Request, keys: Keys, arrived: Request, normalise: bool
) -> list[bytes]:
    """The query that it presigned, if it did."""
    try:
        theirs = awscrt_signed(request, keys, presigned=False, normalise=normalise).headers.get("Authorization")
        presigned = awscrt_signed(request, keys, presigned=True, normalise=normalise).path
    except AwsCrtError:
        differences.explained["awscrt refuses a broken escape"] += 1
        if b"%zz" not in request.query:
            differences.unexplained.append(("awscrt refused to sign", request, ""))
        return []
    ours = presign(request, keys, region=REGION, service=SERVICE, now=NOW, expires=EXPIRES, normalise=normalise)
    _same(differences, "awscrt", request, str(theirs).encode(), dict(arrived.headers)[b"authorization"])
    # awscrt writes `name` as `name=` on the way.
    sent = presigned.encode().partition(b"?")[2]
    _same(differences, "awscrt, presigned", request, plain.canonical_query(sent), plain.canonical_query(ours))
    return [sent]


def _accept(differences: Differences, verifier: Verifier, name: str, request: Request) -> None:
    differences.compared[f"verify what {name} signed"] += 1
    try:
        verifier.verify(request, payload_hash(request.body), NOW)
    except ServiceError as error:
        differences.unexplained.append((f"{name}: {error!r}", request, error.detail))


def _same(differences: Differences, name: str, request: Request, theirs: object, ours: object) -> None:
    differences.compared[name] += 1
    if theirs != ours:
        differences.unexplained.append((name, request, f"{theirs!r} is not {ours!r}"))
