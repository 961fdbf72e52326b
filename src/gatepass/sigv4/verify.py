"""Verify a request: whose signature it carries, or why it is refused.

The order of the checks is AWS's: an expired date wins over a wrong region, a wrong region over an unknown key, an
unknown key over a bad signature.
"""

import re
from collections.abc import Callable, Collection
from hmac import compare_digest
from itertools import product
from typing import NamedTuple

from gatepass.errors import AuthenticationError, ExpiredToken, SignatureMismatch, UnrecognizedClient
from gatepass.http import Request
from gatepass.principal import Principal
from gatepass.sigv4.canonical import (
    CredentialScope,
    assemble,
    canonical_headers,
    canonical_path,
    canonical_query,
    signature,
    signing_key,
    string_to_sign,
)
from gatepass.sigv4.checks import check_algorithm, check_credential, check_date, check_headers
from gatepass.sigv4.claim import Claim, read_claim, without_parameters
from gatepass.sigv4.limits import MAXIMUM_SESSION_TOKEN, check_head


class Key(NamedTuple):
    """What a lookup gives for an access key id.

    Attributes:
        expiration: seconds since the epoch, UTC; None for a long-lived key.
    """

    secret_access_key: str
    principal: Principal
    expiration: float | None

    def __repr__(self) -> str:
        return f"Key(secret_access_key='***', principal={self.principal!r}, expiration={self.expiration!r})"


Lookup = Callable[[str, str | None, float], Key]
"""(access key id, session token, now) -> Key; raises UnrecognizedClient or ExpiredToken."""


class Verified(NamedTuple):
    """What a signature proved.

    Attributes:
        signed_headers: names; what any other header says is not proven.
        date: the request's own, seconds since the epoch, UTC.
    """

    principal: Principal
    signed_headers: frozenset[bytes]
    presigned: bool
    date: float


_ACCESS_KEY_ID = re.compile(rb"[A-Za-z0-9_]{1,128}")
_SESSION_TOKEN = re.compile(rb"[!-~]+")
_NOBODY = "an unknown key is given the same work as a known one"


class Verifier:
    """Verifies signatures for one service.

    Args:
        lookup: finds the secret access key and the principal of an access key id.
        service: of the credential scope: `execute-api`, `cognito-identity`, `sts` or `iam`.
        regions: any of them is right in a credential scope.
    """

    def __init__(self, lookup: Lookup, *, service: str, regions: Collection[str]) -> None:
        self._lookup = lookup
        self._service = service
        self._regions = frozenset(regions)

    def verify(self, request: Request, payload_hash: str, now: float) -> Verified:
        """The principal that signed the request.

        Args:
            payload_hash: of the body that arrived, from `canonical.payload_hash`.
            now: seconds since the epoch, UTC.

        Raises: an AuthenticationError, or BadRequest.
        """
        check_head(request)
        claim = read_claim(request)
        date = check_date(claim, int(now))
        signed_headers = check_headers(request.headers, claim.signed_headers)
        check_algorithm(claim)
        access_key_id, scope = check_credential(claim, date, self._service, self._regions)
        key, refusal = self._key(access_key_id, claim.session_token, now)
        mismatch = _mismatch(request, claim, date.text, scope, signed_headers, key, payload_hash)
        if refusal is not None:
            raise refusal
        if mismatch is not None:
            raise mismatch
        assert key is not None  # noqa: S101 (for mypy: no key means a refusal)
        return Verified(key.principal, frozenset(signed_headers), claim.expires is not None, date.seconds)

    def forget(self) -> None:
        """Drop what is remembered: keys were changed or revoked."""

    def _key(
        self, access_key_id: bytes, session_token: bytes | None, now: float
    ) -> tuple[Key | None, AuthenticationError | None]:
        """The key, or why there is none. The refusal is raised only after a signature was computed all the same."""
        if session_token is not None and (
            len(session_token) > MAXIMUM_SESSION_TOKEN or not _SESSION_TOKEN.fullmatch(session_token)
        ):
            return None, UnrecognizedClient("The security token included in the request is invalid")
        if not _ACCESS_KEY_ID.fullmatch(access_key_id):
            return None, UnrecognizedClient()
        token = None if session_token is None else session_token.decode()
        try:
            key = self._lookup(access_key_id.decode(), token, now)
        except AuthenticationError as error:
            return None, error
        if key.expiration is not None and now >= key.expiration:
            return key, ExpiredToken()
        return key, None


def _mismatch(
    request: Request,
    claim: Claim,
    date: str,
    scope: CredentialScope,
    signed_headers: list[bytes],
    key: Key | None,
    payload_hash: str,
) -> SignatureMismatch | None:
    """None if the signature holds. It holds for the path with dot segments resolved or as sent, and for a presigned
    query with the session token in it or not: signers do either, and what is verified is the same bytes.
    """
    derived = signing_key(_NOBODY if key is None else key.secret_access_key, scope)
    headers = canonical_headers(request.headers, signed_headers)
    query = request.query
    queries = [canonical_query(query)]
    if claim.expires is not None:
        queries = [
            canonical_query(without_parameters(query, (b"X-Amz-Signature",))),
            canonical_query(without_parameters(query, (b"X-Amz-Signature", b"X-Amz-Security-Token"))),
        ]
    paths = [canonical_path(request.path), canonical_path(request.path, normalise=False)]
    holds = False
    for path, query in dict.fromkeys(product(paths, queries)):
        canonical = assemble(request.method, path, query, headers, payload_hash)
        expected = signature(derived, string_to_sign(date, scope, canonical))
        holds |= compare_digest(expected.encode(), claim.signature)
    first = assemble(request.method, paths[0], queries[0], headers, payload_hash)
    claimed = request.header(b"x-amz-content-sha256")
    wrong_hash = claimed is not None and claimed != payload_hash.encode()
    if holds and not wrong_hash:
        return None
    detail = "x-amz-content-sha256 is not the hash of the body" if wrong_hash else ""
    return SignatureMismatch(first, string_to_sign(date, scope, first), detail=detail)
