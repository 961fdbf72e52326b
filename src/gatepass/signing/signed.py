"""One request, signed: the headers to add, and the bytes that were signed, to show when a server disagrees."""

from __future__ import annotations

from typing import NamedTuple

from gatepass.http import Headers
from gatepass.signing.scope import Scope
from gatepass.sigv4.canonical import CredentialScope, canonical_request, signature, signing_key, string_to_sign
from gatepass.sigv4.dates import basic_date
from gatepass.sigv4.sign import Keys

SIGNATURE_HEADERS = (b"authorization", b"x-amz-date", b"x-amz-security-token", b"x-amz-content-sha256")
_PAYLOAD_HEADER = b"x-amz-content-sha256"
_WANT_PAYLOAD_HEADER = frozenset({"aoss"})


class Signed(NamedTuple):
    """What signing a request gives.

    Attributes:
        headers: to add; those the request already has under a name of `SIGNATURE_HEADERS` must go.
    """

    headers: list[tuple[bytes, bytes]]
    canonical_request: bytes
    string_to_sign: bytes


def sign_request(
    method: str,
    path: bytes,
    query: bytes,
    headers: Headers,
    payload_hash: str,
    *,
    keys: Keys,
    scope: Scope,
    now: float,
) -> Signed:
    """Sign `host`, `content-type` and every `x-amz-…`, and nothing else: hops on the way may change the rest.

    Args:
        headers: names in lower case, `host` among them.
        payload_hash: SHA-256 of the body, in hexadecimal.
        now: seconds since the epoch, UTC, by the server's clock.
    """
    date = basic_date(now)
    added = [(b"x-amz-date", date.encode())]
    if keys.session_token is not None:
        added.append((b"x-amz-security-token", keys.session_token.encode()))
    if scope.service in _WANT_PAYLOAD_HEADER or any(name == _PAYLOAD_HEADER for name, _ in headers):
        added.append((_PAYLOAD_HEADER, payload_hash.encode()))
    signed = [(name, value) for name, value in headers if _is_signed(name)] + added
    names = sorted({name for name, _ in signed})
    canonical = canonical_request(method, path, query, signed, names, payload_hash)
    credential_scope = CredentialScope(date[:8], scope.region, scope.service)
    to_sign = string_to_sign(date, credential_scope, canonical)
    value = signature(signing_key(keys.secret_access_key, credential_scope), to_sign)
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={keys.access_key_id}/{credential_scope}, "
        f"SignedHeaders={b';'.join(names).decode()}, Signature={value}"
    )
    return Signed([*added, (b"authorization", authorization.encode())], canonical, to_sign)


def _is_signed(name: bytes) -> bool:
    return name in (b"host", b"content-type") or (name.startswith(b"x-amz-") and name not in SIGNATURE_HEADERS)
