"""Requests as people send them, signed by known keys, and what of them a signature protects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.oracles import plain_sigv4 as plain

from gatepass.errors import ExpiredToken, UnrecognizedClient
from gatepass.http import Headers, Request
from gatepass.principal import Principal
from gatepass.sigv4 import Key, Keys, presign, sign

NOW = 1_772_323_200
"""1 March 2026, 00:00:00 UTC: five minutes around it are two days, one of them the last of a February."""
REGION, SERVICE = "eu-west-1", "execute-api"
HOST = b"api.example.test"
KEYS = (
    Keys("AKIAFUZZLONGLIVED001", "long-lived secret access key, forty chars"),
    Keys("AKIAFUZZLONGLIVED002", "another secret access key, forty chars lo"),
    Keys("ASIAFUZZSESSION00001", "session secret access key, forty chars lo", "IQoJb3JpZ2luX2Vj/first+session/token=="),
    Keys("ASIAFUZZSESSION00002", "second session secret access key, forty c", "IQoJb3JpZ2luX2Vj/second+session/token="),
)
ENDED = Keys(
    "ASIAFUZZENDED0000001", "ended session secret access key, forty ch", "IQoJb3JpZ2luX2Vj/ended+session/token=="
)


# --- what is signed


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed request and the moment it was signed."""

    request: Request
    keys: Keys
    presigned: bool


def look_up(access_key_id: str, session_token: str | None, now: float) -> Key:
    for keys in (*KEYS, ENDED):
        if keys.access_key_id == access_key_id and keys.session_token == session_token:
            expiration = NOW - 1 if keys is ENDED else NOW + 900
            principal = Principal(
                "root", "123456789012", "arn:aws:iam::123456789012:root", "123456789012", access_key_id
            )
            if now >= expiration and keys.session_token is not None:
                raise ExpiredToken
            return Key(keys.secret_access_key, principal, None if keys.session_token is None else expiration)
    raise UnrecognizedClient


SECRETS = {
    keys.access_key_id.encode(): plain.Secret(
        keys.secret_access_key,
        None if keys.session_token is None else keys.session_token.encode(),
        None if keys.session_token is None else NOW - 1 if keys is ENDED else NOW + 900,
    )
    for keys in (*KEYS, ENDED)
}

SEGMENTS = [
    b"",
    b"prod",
    b"items",
    b"a%20b",
    b"%C3%A4",
    b"..",
    b".",
    b"x.y",
    b"~me",
    b"%2F",
    b"%2e%2e",
    b"@me",
    b"a+b",
    b"%7e",
]
SEGMENTS += [b"$x", b"1", b"a;b=c", b"(1)", b"%25", b"\xc3\xa4", b"caf\xe9"]
NAMES = [b"a", b"b", b"a-b", b"A", b"limit", b"%C3%A4", b"x%2Dy", b"", b"a.b", b"a%20b", b"Action"]
VALUES = [
    b"",
    b"1",
    b"two",
    b"a%20b",
    b"a+b",
    b"%2B",
    b"a=b",
    b"%26",
    b"%zz",
    b"*",
    b"~",
    b"/x/",
    b"%41",
    b"\xc3\xa4",
    b"2026-01-01",
]
HEADERS = [
    b"content-type",
    b"accept",
    b"x-amz-target",
    b"x-amz-meta-a",
    b"x-api-key",
    b"my-header",
    b"user-agent",
    b"cookie",
]
HEADER_VALUES = [
    b"application/json",
    b"a",
    b"a b",
    b"a  b",
    b" padded ",
    b'"a   b"',
    b"a,b",
    b"",
    b"caf\xc3\xa9",
    b"tab\tbed",
    b"x" * 300,
]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]


def path_of(random: Random) -> bytes:
    return b"/" + b"/".join(random.choices(SEGMENTS, k=random.randrange(5)))


def query_of(random: Random) -> bytes:
    pairs = [(random.choice(NAMES), random.choice(VALUES)) for _ in range(random.choice((0, 0, 1, 2, 3, 5)))]
    return b"&".join(name + random.choice((b"=", b"=", b"=", b"")) + value for name, value in pairs)


def request_of(random: Random) -> Request:
    names = random.sample(HEADERS, k=random.randrange(4))
    headers = [(b"host", random.choice((HOST, HOST, b"api.example.test:8443", b"[::1]:8080")))]
    headers += [(name, random.choice(HEADER_VALUES)) for name in names]
    if names and random.random() < 0.1 and names[0] not in (b"user-agent", b"cookie"):
        headers.append((names[0], random.choice(HEADER_VALUES)))
    method = random.choice(METHODS)
    body = random.choice((b"", b"", b"{}", b"a=1&b=2", b"x" * 1024)) if method != "GET" else b""
    return Request(method, path_of(random), query_of(random), headers, body)


def signed_of(random: Random) -> Signed:
    """A request signed by one of the keys, in one of the forms."""
    request, keys = request_of(random), random.choice(KEYS)
    now = NOW + random.randrange(-250, 251)
    options: dict[str, Any] = {"region": REGION, "service": SERVICE, "now": now}
    options["normalise"] = random.random() < 0.9
    options["sign_session_token"] = random.random() < 0.8
    if random.random() < 0.3:
        expires = random.choice((900, 3600, 604800))
        return Signed(request._replace(query=presign(request, keys, expires=expires, **options)), keys, True)
    options["sign_payload_header"] = random.random() < 0.3
    headers = [*request.headers, *sign(request, keys, **options)]
    return Signed(request._replace(headers=headers), keys, False)


# --- what a signature protects


def meaning(request: Request) -> tuple[object, ...]:
    """What is signed, and nothing of how it is spelled."""
    segments: list[bytes] = []
    for segment in request.path.split(b"/"):
        if segment == b"..":
            del segments[-1:]
        elif segment not in (b"", b"."):
            segments.append(segment)
    path = (*segments, request.path.endswith(b"/") and bool(segments))
    query = sorted(plain.parameters(request.query))
    authorization = (plain.header_values(request.headers, b"authorization") or [b""])[0]
    parameters = sorted(piece for piece in re.split(rb"[, ]+", authorization) if piece)
    named = dict(query).get(b"X-Amz-SignedHeaders", b"")
    for parameter in parameters:
        if parameter.startswith(b"SignedHeaders="):
            named = parameter.removeprefix(b"SignedHeaders=")
    values = [(name, b",".join(plain.header_values(request.headers, name))) for name in named.split(b";")]
    return (
        request.method,
        path,
        query,
        parameters,
        values,
        seconds_of(request.headers) if parameters else None,
        plain.header_values(request.headers, b"x-amz-security-token") if parameters else None,
        request.body,
    )


def seconds_of(headers: Headers) -> int | None:
    for value in plain.header_values(headers, b"x-amz-date"):
        return plain.seconds_of(value)
    for value in plain.header_values(headers, b"date"):
        return plain.seconds_of(value) or plain.http_seconds_of(value)
    return None
