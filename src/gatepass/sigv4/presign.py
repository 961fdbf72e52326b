"""Presign a request: a query that carries the signature, so that a plain URL is enough to send it."""

from urllib.parse import quote

from gatepass.http import Request
from gatepass.sigv4.canonical import (
    ALGORITHM,
    CredentialScope,
    assemble,
    canonical_headers,
    canonical_path,
    canonical_query,
    payload_hash,
    signature,
    signing_key,
    string_to_sign,
)
from gatepass.sigv4.claim import credential_parameters
from gatepass.sigv4.dates import basic_date
from gatepass.sigv4.sign import Keys, names_to_sign

MAXIMUM_EXPIRES = 604800
"""Seven days, in seconds."""


def presign(
    request: Request,
    keys: Keys,
    *,
    region: str,
    service: str,
    now: float,
    expires: int,
    sign_session_token: bool = True,
    normalise: bool = True,
) -> bytes:
    """The query to send in place of the request's own.

    Args:
        request: with a `host` header. Every header it has is signed (see `NEVER_SIGNED`) and must be sent too.
        now: seconds since the epoch, UTC.
        expires: seconds, 1 to 604800.
        sign_session_token, normalise: see `sign`.

    Raises: ValueError, if `expires` is out of range, there is no `host` header, or the query is presigned already.
    """
    if not 1 <= expires <= MAXIMUM_EXPIRES:
        raise ValueError(f"a presigned request expires after 1 to {MAXIMUM_EXPIRES} seconds, not `{expires}`")
    present = credential_parameters(request.query)
    if present:
        raise ValueError(f"the query has an `{present[0].name.decode()}` already")
    date = basic_date(now)
    scope = CredentialScope(date[:8], region, service)
    names = names_to_sign(request.headers)
    parameters = {
        "X-Amz-Algorithm": ALGORITHM.decode(),
        "X-Amz-Credential": f"{keys.access_key_id}/{scope}",
        "X-Amz-Date": date,
        "X-Amz-SignedHeaders": b";".join(names).decode(),
        "X-Amz-Expires": str(expires),
    }
    token = {} if keys.session_token is None else {"X-Amz-Security-Token": keys.session_token}
    query = _extended(request.query, parameters | token)
    canonical = assemble(
        request.method,
        canonical_path(request.path, normalise=normalise),
        canonical_query(query if sign_session_token else _extended(request.query, parameters)),
        canonical_headers(request.headers, names),
        payload_hash(request.body),
    )
    value = signature(signing_key(keys.secret_access_key, scope), string_to_sign(date, scope, canonical))
    return _extended(query, {"X-Amz-Signature": value})


def _extended(query: bytes, parameters: dict[str, str]) -> bytes:
    added = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items()).encode()
    return query + b"&" + added if query else added
