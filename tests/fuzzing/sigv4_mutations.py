"""What may happen to a signed request on its way, by accident or by intent: each function changes one thing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from random import Random

from tests.fuzzing.sigv4_requests import (
    ENDED,
    HEADER_VALUES,
    HOST,
    KEYS,
    METHODS,
    NAMES,
    NOW,
    REGION,
    SERVICE,
    VALUES,
    Signed,
    seconds_of,
)
from tests.oracles import plain_sigv4 as plain

from gatepass.http import Request
from gatepass.sigv4 import payload_hash

Mutation = Callable[[Random, Request, Sequence[Signed]], Request]
MUTATIONS: list[Mutation] = []


def mutation(times: int = 1) -> Callable[[Mutation], Mutation]:
    """Registers a mutation; it comes up `times` as often as one with 1."""

    def register(function: Mutation) -> Mutation:
        MUTATIONS.extend([function] * times)
        return function

    return register


def edited(random: Random, text: bytes) -> bytes:
    """One byte changed, added, removed, doubled, or a bit flipped; or the text cut or emptied."""
    if not text:
        return bytes([random.randrange(256)])
    at = random.randrange(len(text))
    kind = random.randrange(8)
    if kind == 0:
        return text[:at] + bytes([text[at] ^ (1 << random.randrange(8))]) + text[at + 1 :]
    if kind == 1:
        return text[:at] + bytes([random.randrange(256)]) + text[at:]
    if kind == 2:
        return text[:at] + text[at + 1 :]
    if kind == 3:
        return (
            text[:at]
            + random.choice((b" ", b",", b";", b"&", b"=", b"/", b"%", b"+", b"\0", b"\n", b"\t", b"."))
            + text[at:]
        )
    if kind == 4:
        return text[:at]
    if kind == 5:
        return text[:at] + text[at : at + 1].swapcase() + text[at + 1 :]
    if kind == 6:
        return text[:at] + b"%%%02x" % text[at] + text[at + 1 :]
    return text + text[at:]


def with_header(request: Request, at: int, name: bytes, value: bytes) -> Request:
    headers = list(request.headers)
    headers[at] = (name, value)
    return request._replace(headers=headers)


def position(random: Random, request: Request, name: bytes) -> int:
    """Where a header of this name is, else anywhere."""
    found = [at for at, (key, _) in enumerate(request.headers) if key == name]
    return random.choice(found) if found else random.randrange(len(request.headers))


@mutation(2)
def path_bytes(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    return request._replace(path=edited(random, request.path))


@mutation()
def path_forms(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    at = random.choice([0, *(n for n, c in enumerate(request.path) if c == 47)])
    extra = random.choice(
        (b"/", b"/.", b"/..", b"/x/..", b"/%2e", b"/%2e%2e", b"/;a=b", b"/%2f", b"/%00", b"\\", b"/a")
    )
    return request._replace(path=request.path[:at] + extra + request.path[at:])


@mutation()
def path_encoding(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    spelled = random.choice(
        (plain.percent_decoded, lambda path: plain.percent_encoded(path, b"/"), bytes.lower, bytes.upper)
    )
    return request._replace(path=spelled(request.path))


@mutation(2)
def query_bytes(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    return request._replace(query=edited(random, request.query))


@mutation(2)
def query_parameters(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    parts = request.query.split(b"&") if request.query else []
    kind = random.randrange(6)
    at = random.randrange(len(parts)) if parts else 0
    if kind == 0:
        random.shuffle(parts)
    elif kind == 1 and parts:
        del parts[at]
    elif kind == 2 and parts:
        parts.insert(at, parts[at])
    elif kind == 3 and parts:
        parts[at] = edited(random, parts[at])
    elif kind == 4:
        parts.insert(at, random.choice(NAMES) + b"=" + random.choice(VALUES))
    else:
        name = random.choice(plain.CREDENTIAL_PARAMETERS)
        name = random.choice((name, name.lower(), name.replace(b"-", b"%2D"), plain.percent_encoded(name)))
        parts.insert(at, name + random.choice((b"", b"=", b"=1", b"=host", b"=AWS4-HMAC-SHA256")))
    return request._replace(query=b"&".join(parts))


@mutation()
def query_encoding(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    old, new = random.choice(
        ((b"+", b"%20"), (b"%20", b"+"), (b"+", b"%2B"), (b"&", b";"), (b"%", b"%25"), (b"=", b"%3D"), (b"%2B", b" "))
    )
    return request._replace(query=request.query.replace(old, new, random.choice((1, -1))))


@mutation()
def query_lifetime(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    new = random.choice((b"0", b"-1", b"604801", b"1e30", b"", b"99999999999999999999", b"3601", b"+900", b"0900"))
    return request._replace(query=re.sub(rb"X-Amz-Expires=[^&]*", b"X-Amz-Expires=" + new, request.query))


@mutation(2)
def header_bytes(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    at = random.randrange(len(request.headers))
    name, value = request.headers[at]
    if random.random() < 0.2:
        return with_header(request, at, edited(random, name), value)
    return with_header(request, at, name, edited(random, value))


@mutation(2)
def headers_moved(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    headers = list(request.headers)
    kind, at = random.randrange(5), random.randrange(len(headers))
    if kind == 0:
        random.shuffle(headers)
    elif kind == 1:
        del headers[at]
    elif kind == 2:
        headers.insert(random.randrange(len(headers) + 1), headers[at])
    elif kind == 3:
        headers.insert(random.randrange(len(headers) + 1), (headers[at][0], edited(random, headers[at][1])))
    else:
        name, value = headers[at]
        first, comma, second = value.partition(b",")
        headers[at : at + 1] = [(name, first), (name, second)] if comma else [(name, b" " + value + b"  ")]
    return request._replace(headers=headers or [(b"host", HOST)])


ADDED = [
    b"x-amz-target",
    b"x-amz-meta-a",
    b"x-amz-acl",
    b"x-amz-date",
    b"x-amz-security-token",
    b"x-amz-content-sha256",
]
ADDED += [b"x-gatepass-account", b"x-gatepass-zzz", b"x_gatepass_account", b"x-http-method-override", b"x_amz_date"]
ADDED += [b"x-amz-cf-id", b"x-amzn-trace-id", b"x-forwarded-for", b"accept", b"host", b"date", b"authorization"]
ADDED += [b"my-header"]


@mutation(2)
def header_added(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    name = random.choice(ADDED)
    hashed = payload_hash(request.body).encode()
    value = random.choice((*HEADER_VALUES, b"20260301T000000Z", b"UNSIGNED-PAYLOAD", b"DELETE", hashed))
    headers = list(request.headers)
    headers.insert(random.randrange(len(headers) + 1), (name, value))
    return request._replace(headers=headers)


@mutation()
def host(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    value = random.choice(
        (b"evil.test", b"api.example.test,evil.test", b"API.example.test", b"api.example.test:443", b"", b"a b", b"a/b")
    )
    return with_header(request, position(random, request, b"host"), b"host", value)


@mutation(4)
def authorization(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    at = position(random, request, b"authorization")
    name, value = request.headers[at]
    changed = random.choice(AUTHORIZATION_CHANGES)(random, value)
    return with_header(request, at, name, changed)


def _replaced(pattern: bytes, *choices: bytes) -> Callable[[Random, bytes], bytes]:
    return lambda random, value: re.sub(
        pattern, lambda match: random.choice(choices).replace(b"@", match[0]), value, count=1
    )


def _reordered(random: Random, value: bytes) -> bytes:
    algorithm, _, rest = value.partition(b" ")
    pieces = rest.split(b", ")
    random.shuffle(pieces)
    return algorithm + b" " + random.choice((b",", b", ", b" ", b",,  ")).join(pieces)


AUTHORIZATION_CHANGES: list[Callable[[Random, bytes], bytes]] = [
    edited,
    edited,
    _reordered,
    _replaced(
        rb"[0-9a-f]{64}$", b"0" * 64, b"", b"@@", b"@0", b"@, Signature=@", b"@, Credential=x", b"deadbeef", b"@, X=1"
    ),
    lambda random, value: value[:-64] + value[-64:].upper(),
    lambda random, value: value[: -random.randrange(1, 64)],
    lambda random, value: value[:-1] + random.choice((b"0", b"1", b"a", b"f")),
    lambda random, value: value[:-64] + bytes(random.choices(b"0123456789abcdef", k=64)),
    _replaced(
        rb"AWS4-HMAC-SHA256",
        b"AWS4-HMAC-SHA512",
        b"AWS4-ECDSA-P256-SHA256",
        b"aws4-hmac-sha256",
        b"AWS",
        b"Bearer",
        b"",
        b"@ @",
    ),
    _replaced(rb"Credential=[^/]*", *[b"Credential=" + keys.access_key_id.encode() for keys in (*KEYS, ENDED)]),
    _replaced(
        rb"Credential=[^/]*",
        b"Credential=",
        b"Credential=AKIAUNKNOWN000000000",
        b"credential=x",
        b"Credential=\xff\xfe",
    ),
    _replaced(
        rb"/[0-9]{8}/", b"/20260227/", b"/20260228/", b"/20260301/", b"/20260302/", b"/", b"//", b"/20260301/20260301/"
    ),
    _replaced(REGION.encode(), b"us-east-1", b"eu-west-2", b"EU-WEST-1", b"", b"*"),
    _replaced(SERVICE.encode(), b"s3", b"sts", b"iam", b"execute-ap", b""),
    _replaced(rb"aws4_request", b"aws4_reques", b"AWS4_REQUEST", b"aws4_request/x", b""),
    _replaced(
        rb"SignedHeaders=host;?",
        b"SignedHeaders=",
        b"SignedHeaders=host;host;",
        b"SignedHeaders=Host;",
        b"SignedHeaders=accept;host;",
    ),
    _replaced(rb";x-amz-date", b"", b";x-amz-date;x-amz-date", b";x-amz-date;x-amz-zzz", b";X-Amz-Date"),
    _replaced(rb";x-amz-security-token", b"", b";x-amz-security-token;z"),
    _replaced(rb", ", b",", b" ", b"  ,", b"\t", b",\xa0", b"\r\n "),
]


@mutation(2)
def date(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    at = position(random, request, b"x-amz-date")
    shift = random.choice((1, -1, 60, -60, 300, 301, -300, -301, 86400, -86400))
    moved = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime((seconds_of(request.headers) or NOW) + shift)).encode()
    spelled = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(seconds_of(request.headers) or NOW)).encode()
    kind = random.randrange(6)
    if kind < 2:
        return with_header(request, at, b"x-amz-date", moved)
    if kind == 2:
        return request._replace(query=re.sub(rb"X-Amz-Date=[^&]*", b"X-Amz-Date=" + moved, request.query))
    if kind == 3:
        return with_header(request, at, b"date", random.choice((moved, spelled, request.headers[at][1])))
    odd = (
        b"20260301",
        b"2026-03-01T00:00:00Z",
        b"20260230T000000Z",
        b"99991231T235959Z",
        b"20261301T000000Z",
        b"0",
        b"",
        spelled,
    )
    return with_header(request, at, b"x-amz-date", random.choice(odd))


@mutation(2)
def session_token(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    at = position(random, request, b"x-amz-security-token")
    tokens = [keys.session_token.encode() for keys in (*KEYS, ENDED) if keys.session_token is not None]
    value = random.choice((*tokens, b"", b"x", edited(random, tokens[0])))
    if random.random() < 0.3:
        pattern, new = rb"X-Amz-Security-Token=[^&]*", b"X-Amz-Security-Token=" + plain.percent_encoded(value)
        return request._replace(query=re.sub(pattern, lambda _: new, request.query))
    return with_header(request, at, b"x-amz-security-token", value)


@mutation(2)
def body(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    return request._replace(body=random.choice((edited(random, request.body), b"", b"x", request.body + b"\n")))


@mutation()
def payload(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    at = position(random, request, b"x-amz-content-sha256")
    streaming = b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    value = random.choice((b"UNSIGNED-PAYLOAD", streaming, b"STREAMING-UNSIGNED-PAYLOAD-TRAILER", b"", b"0" * 64))
    return with_header(request, at, b"x-amz-content-sha256", value)


@mutation()
def method(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    return request._replace(method=random.choice((*METHODS, request.method.lower(), "", "GET\n", "GÉT", "PROPFIND")))


@mutation(2)
def spliced(random: Random, request: Request, pool: Sequence[Signed]) -> Request:
    """A part of another valid request in this one's place."""
    other = random.choice(pool).request
    part = random.choice(("method", "path", "query", "body", "authorization", "headers"))
    if part == "authorization":
        at, there = position(random, request, b"authorization"), position(random, other, b"authorization")
        return with_header(request, at, *other.headers[there])
    return request._replace(**{part: getattr(other, part)})
