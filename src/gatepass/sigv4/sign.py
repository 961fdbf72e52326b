"""Sign a request: the headers to add."""

from typing import NamedTuple

from gatepass.http import Headers, Request
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
from gatepass.sigv4.dates import basic_date

NEVER_SIGNED = frozenset(
    (
        b"accept-encoding authorization baggage cache-control connection expect forwarded from keep-alive max-forwards"
        b" pragma proxy-authenticate proxy-authorization proxy-connection referer te trailer transfer-encoding upgrade"
        b" user-agent via x-amzn-trace-id x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto"
    ).split()
)
"""Headers that a proxy, a load balancer or the HTTP library itself may change after signing."""


class Keys(NamedTuple):
    """Credentials to sign with."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        token = None if self.session_token is None else "***"
        return f"Keys(access_key_id={self.access_key_id!r}, secret_access_key='***', session_token={token!r})"


def sign(
    request: Request,
    keys: Keys,
    *,
    region: str,
    service: str,
    now: float,
    sign_payload_header: bool = False,
    sign_session_token: bool = True,
    normalise: bool = True,
) -> list[tuple[bytes, bytes]]:
    """The headers that sign the request; those it already has under these names must be replaced.

    Every header of the request is signed but those in `NEVER_SIGNED`.

    Args:
        request: with a `host` header.
        now: seconds since the epoch, UTC.
        sign_payload_header: adds `x-amz-content-sha256`, which S3 wants and others do not need.
        sign_session_token: false adds the token unsigned, which a few services want.
        normalise: false signs `.`, `..` and `//` in the path as they are sent, as S3 wants it.
    """
    date = basic_date(now)
    scope = CredentialScope(date[:8], region, service)
    hashed = payload_hash(request.body)
    added = [(b"x-amz-date", date.encode())]
    if keys.session_token is not None:
        added.append((b"x-amz-security-token", keys.session_token.encode()))
    if sign_payload_header:
        added.append((b"x-amz-content-sha256", hashed.encode()))
    unsigned = set() if sign_session_token else {b"x-amz-security-token"}
    replaced = {b"x-amz-date", b"x-amz-security-token", *(name for name, _ in added)}
    headers = [header for header in request.headers if header[0] not in replaced]
    headers += [header for header in added if header[0] not in unsigned]
    names = names_to_sign(headers)
    canonical = assemble(
        request.method,
        canonical_path(request.path, normalise=normalise),
        canonical_query(request.query),
        canonical_headers(headers, names),
        hashed,
    )
    value = signature(signing_key(keys.secret_access_key, scope), string_to_sign(date, scope, canonical))
    authorization = b"%b Credential=%b/%b, SignedHeaders=%b, Signature=%b" % (
        ALGORITHM,
        keys.access_key_id.encode(),
        str(scope).encode(),
        b";".join(names),
        value.encode(),
    )
    return [*added, (b"authorization", authorization)]


def names_to_sign(headers: Headers) -> list[bytes]:
    """The names of the headers that are signed, sorted.

    Raises: ValueError, if there is no `host` among them.
    """
    names = sorted({name for name, _ in headers} - NEVER_SIGNED)
    if b"host" not in names:
        raise ValueError("a request is signed together with its `host` header, and it has none")
    return names
