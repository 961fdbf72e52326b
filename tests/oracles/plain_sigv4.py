"""SigV4 written to be read next to the specification: slow, plain, and without a line of `gatepass.sigv4`.

`canonical_request` is the specification. `accepts` is the whole verdict on a request, rule after rule, each once and in
the simplest words that say it; it remembers nothing and takes no short cut.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

Header = tuple[bytes, bytes]

UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
HEXADECIMAL = re.compile(rb"%([0-9A-Fa-f]{2})")
CREDENTIAL_PARAMETERS = [
    b"X-Amz-Algorithm",
    b"X-Amz-Credential",
    b"X-Amz-Date",
    b"X-Amz-Expires",
    b"X-Amz-Security-Token",
    b"X-Amz-SignedHeaders",
    b"X-Amz-Signature",
]


class Secret(NamedTuple):
    """What the verifying side knows of one access key; `expiration` in seconds since the epoch."""

    secret_access_key: str
    session_token: bytes | None = None
    expiration: float | None = None


class Asked(NamedTuple):
    """A request, its parts as they came."""

    method: str
    path: bytes
    query: bytes
    headers: Sequence[Header]
    body: bytes


# --- the specification


def percent_encoded(text: bytes, safe: bytes = b"") -> bytes:
    return b"".join(bytes([c]) if c in UNRESERVED or c in safe else b"%%%02X" % c for c in text)


def percent_decoded(text: bytes) -> bytes:
    return HEXADECIMAL.sub(lambda match: bytes([int(match[1], 16)]), text)


def canonical_path(path: bytes, normalise: bool) -> bytes:
    if normalise:
        segments: list[bytes] = []
        for segment in path.split(b"/"):
            if segment in (b"", b"."):
                continue
            if segment == b"..":
                segments = segments[:-1]
            else:
                segments.append(segment)
        end = b"/" if segments and path.endswith(b"/") else b""
        path = b"/" + b"/".join(segments) + end
    return percent_encoded(path or b"/", safe=b"/")


def parameters(query: bytes) -> list[tuple[bytes, bytes]]:
    """The decoded names and values of a query, in order."""
    pairs = [part.split(b"=", 1) if b"=" in part else [part, b""] for part in query.split(b"&") if part]
    return [(percent_decoded(name), percent_decoded(value)) for name, value in pairs]


def canonical_query(query: bytes, leave_out: Sequence[bytes] = ()) -> bytes:
    kept = [pair for pair in parameters(query) if pair[0] not in leave_out]
    encoded = sorted((percent_encoded(name), percent_encoded(value)) for name, value in kept)
    return b"&".join(name + b"=" + value for name, value in encoded)


def header_values(headers: Sequence[Header], name: bytes) -> list[bytes]:
    return [re.sub(rb"[ \t\n\r\v\f]+", b" ", value).strip(b" ") for key, value in headers if key == name]


def canonical_request(
    asked: Asked,
    signed_headers: Sequence[bytes],
    *,
    normalise: bool = True,
    leave_out: Sequence[bytes] = (),
) -> bytes:
    lines = [asked.method.encode(), canonical_path(asked.path, normalise), canonical_query(asked.query, leave_out)]
    lines += [name + b":" + b",".join(header_values(asked.headers, name)) for name in signed_headers]
    lines += [b"", b";".join(signed_headers), hashlib.sha256(asked.body).hexdigest().encode()]
    return b"\n".join(lines)


def signature(secret_access_key: str, date: bytes, scope: bytes, canonical: bytes) -> bytes:
    key = b"AWS4" + secret_access_key.encode()
    for part in scope.split(b"/"):
        key = hmac.new(key, part, hashlib.sha256).digest()
    text = b"\n".join([b"AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical).hexdigest().encode()])
    return hmac.new(key, text, hashlib.sha256).hexdigest().encode()


# --- the verdict


def accepts(
    asked: Asked,
    secrets: Mapping[bytes, Secret],
    *,
    service: bytes,
    regions: Sequence[bytes],
    now: float,
) -> bool:
    """The request is signed by the holder of one of the secrets, and no rule of this house refuses it."""
    return head_is_sound(asked) and (
        accepts_header(asked, secrets, service, regions, int(now), now)
        if any(name == b"authorization" and value for name, value in asked.headers)
        else accepts_query(asked, secrets, service, regions, int(now), now)
    )


def head_is_sound(asked: Asked) -> bool:
    sizes = [len(name) + len(value) for name, value in asked.headers]
    return (
        re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,32}", asked.method) is not None
        and asked.path.startswith(b"/")
        and len(asked.query) <= 8192
        and max(sizes, default=0) <= 16384
        and sum(sizes) + len(asked.path) + len(asked.query) <= 65536
        and not any(c in b"\r\n\0" for name, value in asked.headers for c in name + value)
    )


def names_are_sound(asked: Asked, signed_headers: Sequence[bytes]) -> bool:
    """Nothing arrived twice, unsigned or reserved that must not."""
    names = [name for name, _ in asked.headers]
    single = [b"host", b"authorization", b"x-amz-date", b"x-amz-security-token", b"x-amz-content-sha256"]
    if b"x-amz-date" not in names:
        single.append(b"date")
    for name in names:
        plain = name.replace(b"_", b"-")
        if name != name.lower() or plain.startswith(b"x-gatepass-") or plain == b"x-http-method-override":
            return False
        may_be_unsigned = name in (b"x-amz-content-sha256", b"x-amz-date", b"x-amz-security-token")
        must_be_signed = plain.startswith(b"x-amz-") and not plain.startswith(b"x-amz-cf-") and not may_be_unsigned
        if must_be_signed and name not in signed_headers:
            return False
    return (
        all(names.count(name) <= 1 for name in single)
        and b"host" in signed_headers
        and len(signed_headers) <= 100
        and list(signed_headers) == sorted(set(signed_headers))
        and all(name in names for name in signed_headers)
        and one_host(dict(asked.headers)[b"host"].strip(b" \t"))  # as it arrived: what is signed folds more
    )


def one_host(host: bytes) -> bool:
    return re.fullmatch(rb"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", host) is not None


def seconds_of(date: bytes) -> int | None:
    match = re.fullmatch(rb"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z", date)
    return None if match is None else epoch_seconds(*[int(number) for number in match.groups()])


def http_seconds_of(date: bytes) -> int | None:
    months = [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"]
    day_name = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
    pattern = day_name + rb", ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
    match = re.fullmatch(pattern, date)
    if match is None or match[2] not in months:
        return None
    # The name of the day is not compared with the date.
    return epoch_seconds(
        int(match[3]), months.index(match[2]) + 1, int(match[1]), int(match[4]), int(match[5]), int(match[6])
    )


def epoch_seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int | None:
    try:
        return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())
    except ValueError:
        return None


def accepts_header(
    asked: Asked, secrets: Mapping[bytes, Secret], service: bytes, regions: Sequence[bytes], clock: int, now: float
) -> bool:
    if any(name.lower() in [known.lower() for known in CREDENTIAL_PARAMETERS] for name, _ in parameters(asked.query)):
        return False
    (authorization,) = header_values(asked.headers, b"authorization")[:1]
    match = re.fullmatch(rb"AWS4-HMAC-SHA256 (.*)", authorization)
    if match is None:
        return False
    pieces = [piece for piece in re.split(rb"[, ]+", match[1]) if piece]
    if sorted(piece.split(b"=", 1)[0] for piece in pieces) != [b"Credential", b"Signature", b"SignedHeaders"]:
        return False
    if any(b"=" not in piece for piece in pieces):
        return False
    given = dict(piece.split(b"=", 1) for piece in pieces)
    signed_headers = given[b"SignedHeaders"].split(b";")
    if not names_are_sound(asked, signed_headers):
        return False
    dates = header_values(asked.headers, b"x-amz-date")
    if dates:
        seconds = seconds_of(dates[0])
    else:
        dates = header_values(asked.headers, b"date") or [b""]
        seconds = seconds_of(dates[0])
        seconds = http_seconds_of(dates[0]) if seconds is None else seconds
    if seconds is None or abs(clock - seconds) > 300:
        return False
    return holds(
        asked,
        secrets,
        service,
        regions,
        now,
        given[b"Credential"],
        seconds,
        signed_headers,
        given[b"Signature"],
        header_values(asked.headers, b"x-amz-security-token"),
        [[]],
    )


def accepts_query(
    asked: Asked, secrets: Mapping[bytes, Secret], service: bytes, regions: Sequence[bytes], clock: int, now: float
) -> bool:
    known = [name.lower() for name in CREDENTIAL_PARAMETERS]
    credentials = [(name, value) for name, value in parameters(asked.query) if name.lower() in known]
    given = dict(credentials)
    names = [name for name, _ in credentials]
    required = [name for name in CREDENTIAL_PARAMETERS if name != b"X-Amz-Security-Token"]
    if len(names) != len(set(names)) or not set(names) <= set(CREDENTIAL_PARAMETERS) or not set(required) <= set(names):
        return False
    arrived = [name for name, _ in asked.headers]
    if b"x-amz-date" in arrived or b"x-amz-security-token" in arrived:
        return False
    signed_headers = given[b"X-Amz-SignedHeaders"].split(b";")
    if given[b"X-Amz-Algorithm"] != b"AWS4-HMAC-SHA256" or not names_are_sound(asked, signed_headers):
        return False
    seconds = seconds_of(given[b"X-Amz-Date"])
    expires = given[b"X-Amz-Expires"]
    if seconds is None or not re.fullmatch(rb"[0-9]{1,6}", expires) or not 1 <= int(expires) <= 604800:
        return False
    if not seconds - 300 <= clock <= seconds + int(expires):
        return False
    token = [given[b"X-Amz-Security-Token"]] if b"X-Amz-Security-Token" in given else []
    forms = [[b"X-Amz-Signature"], [b"X-Amz-Signature", b"X-Amz-Security-Token"]]
    return holds(
        asked,
        secrets,
        service,
        regions,
        now,
        given[b"X-Amz-Credential"],
        seconds,
        signed_headers,
        given[b"X-Amz-Signature"],
        token,
        forms,
    )


def holds(
    asked: Asked,
    secrets: Mapping[bytes, Secret],
    service: bytes,
    regions: Sequence[bytes],
    now: float,
    credential: bytes,
    seconds: int,
    signed_headers: Sequence[bytes],
    given: bytes,
    tokens: Sequence[bytes],
    forms: Sequence[Sequence[bytes]],
) -> bool:
    """The scope fits, the key is known and alive, and one of the canonical forms gives the signature."""
    date = datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ").encode()
    access_key_id, _, scope = credential.partition(b"/")
    if not any(scope == b"/".join([date[:8], region, service, b"aws4_request"]) for region in regions):
        return False
    secret = secrets.get(access_key_id)
    if secret is None or tokens != ([] if secret.session_token is None else [secret.session_token]):
        return False
    if secret.expiration is not None and now >= secret.expiration:
        return False
    if any(
        value != hashlib.sha256(asked.body).hexdigest().encode()
        for value in header_values(asked.headers, b"x-amz-content-sha256")
    ):
        return False
    return any(
        signature(
            secret.secret_access_key,
            date,
            scope,
            canonical_request(asked, signed_headers, normalise=normalise, leave_out=leave_out),
        )
        == given
        for normalise in (True, False)
        for leave_out in forms
    )
