"""The canonical request: the bytes both sides sign. It does not know which side it serves.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
from binascii import b2a_hex
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes

from gatepass.http import Headers

ALGORITHM = b"AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
EMPTY_PAYLOAD_HASH = sha256(b"").hexdigest()

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_PLAIN_PATH = _UNRESERVED + b"/"
# What is left of a query of `name=value` when nothing needs encoding and nothing is missing: `=`, `=&=`, `=&=&=`, …
_PLAIN_SEPARATORS = frozenset(b"&".join([b"="] * parameters) for parameters in range(1, 33))


class CredentialScope(NamedTuple):
    """The day, region and service a signing key is good for."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


def payload_hash(body: bytes) -> str:
    """The body's SHA-256, in lower-case hexadecimal."""
    return sha256(body).hexdigest() if body else EMPTY_PAYLOAD_HASH


def canonical_path(path: bytes, *, normalise: bool = True) -> bytes:
    """The path as it was sent, `.`, `..` and repeated slashes resolved, then percent-encoded once more.

    Args:
        path: still percent-encoded: `/%C3%A4` gives `/%25C3%25A4`, as every service but S3 wants it.
        normalise: false leaves dot segments and repeated slashes as they are.
    """
    if normalise and (b"//" in path or b"/." in path):
        path = _without_dot_segments(path)
    if path.translate(None, _PLAIN_PATH):
        path = quote_from_bytes(path, safe="/-._~").encode()
    return path or b"/"


def _without_dot_segments(path: bytes) -> bytes:
    """RFC 3986, 5.2.4, and no empty segments. Like every AWS signer, `/a/b/..` gives `/a`, not `/a/`."""
    kept: list[bytes] = []
    for segment in path.split(b"/"):
        if segment == b"..":
            if kept:
                kept.pop()
        elif segment and segment != b".":
            kept.append(segment)
    last = b"/" if kept and path.endswith(b"/") else b""
    return b"/" + b"/".join(kept) + last


def canonical_query(query: bytes) -> bytes:
    """Every name and value decoded and encoded anew, then sorted by encoded name and value.

    A `+` stays a plus (`%2B`): see docs/decisions/0011-plus-in-a-query.md.

    Args:
        query: as it was sent, without the `?`.
    """
    separators = query.translate(None, _UNRESERVED)
    if separators not in _PLAIN_SEPARATORS:
        return _encoded_query(query) if query else query
    if len(separators) == 1:
        return query
    # A tab in place of the `=` sorts before all that a name may hold, so that plain sorting is by name, then by value.
    parameters = query.replace(b"=", b"\t").split(b"&")
    parameters.sort()
    return b"&".join(parameters).replace(b"\t", b"=")


def _encoded_query(query: bytes) -> bytes:
    pairs = []
    for parameter in query.split(b"&"):
        if parameter:
            name, _, value = parameter.partition(b"=")
            pairs.append((_encoded(name), _encoded(value)))
    pairs.sort()
    return b"&".join([name + b"=" + value for name, value in pairs])


def _encoded(text: bytes) -> bytes:
    if not text.translate(None, _UNRESERVED):
        return text
    return quote_from_bytes(decoded(text), safe="-._~").encode()


def decoded(text: bytes) -> bytes:
    """Percent-decoded once; a `%` that begins no escape stays, and so does a `+`."""
    return unquote_to_bytes(text) if b"%" in text else text


def folded(value: bytes) -> bytes:
    """A header value without white space around it, and single blanks within."""
    return b" ".join(value.split())


def all_folded(values: Sequence[bytes]) -> bool:
    """No value would be changed by `folded`. Cheap, for it is so nearly always."""
    text = b"".join(values)
    return text.split() == [text] or all(folded(value) == value for value in values)


def canonical_request(
    method: str, path: bytes, query: bytes, headers: Headers, signed_headers: Sequence[bytes], payload_hash: str
) -> bytes:
    """The six parts that are signed.

    Args:
        path, query: as they were sent.
        headers: names in lower case; those not signed are passed over, repeated ones joined with a comma.
        signed_headers: names, sorted.
    """
    return assemble(
        method, canonical_path(path), canonical_query(query), canonical_headers(headers, signed_headers), payload_hash
    )


def canonical_headers(headers: Headers, signed_headers: Sequence[bytes]) -> bytes:
    """The signed headers, one a line, an empty line, and their names."""
    values: dict[bytes, list[bytes]] = {name: [] for name in signed_headers}
    for name, value in headers:
        if name in values:
            values[name].append(folded(value))
    lines = [name + b":" + b",".join(values[name]) + b"\n" for name in signed_headers]
    return b"".join(lines) + b"\n" + b";".join(signed_headers)


def assemble(method: str, path: bytes, query: bytes, headers: bytes, payload_hash: str) -> bytes:
    """The canonical request from parts that are canonical already."""
    return b"%b\n%b\n%b\n%b\n%b" % (method.encode(), path, query, headers, payload_hash.encode())


def string_to_sign(date: str, scope: CredentialScope, canonical_request: bytes) -> bytes:
    """What the signing key signs; `date` in the basic format, `20260101T000000Z`."""
    return b"%b\n%b\n%b\n%b" % (
        ALGORITHM,
        date.encode(),
        str(scope).encode(),
        b2a_hex(sha256(canonical_request).digest()),
    )


def signing_key(secret_access_key: str, scope: CredentialScope) -> bytes:
    """The 32-byte key for one day, region and service."""
    key = b"AWS4" + secret_access_key.encode()
    for part in (*scope, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def signature(key: bytes, string_to_sign: bytes) -> str:
    """The signature, in lower-case hexadecimal."""
    return hmac.digest(key, string_to_sign, "sha256").hex()
