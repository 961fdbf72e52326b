"""Verify a request: whose signature it carries, or why it is refused.

The order of the checks is AWS's: an expired date wins over a wrong region, a wrong region over an unknown key, an
unknown key over a bad signature.
"""

import re
from collections.abc import Collection
from hmac import compare_digest
from itertools import product
from typing import NamedTuple

from gatepass.errors import AuthenticationError, ExpiredToken, SignatureMismatch, UnrecognizedClient
from gatepass.http import Request
from gatepass.sigv4.answers import Key, Lookup, Verified
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
from gatepass.sigv4.checks import Date, check_algorithm, check_credential, check_date, check_headers
from gatepass.sigv4.claim import Claim, read_claim, without_parameters
from gatepass.sigv4.limits import MAXIMUM_SESSION_TOKEN, check_head
from gatepass.sigv4.memory import Memory

__all__ = ["Key", "Lookup", "Verified", "Verifier"]

_ACCESS_KEY_ID = re.compile(rb"[A-Za-z0-9_]{1,128}")
_SESSION_TOKEN = re.compile(rb"[!-~]{1,%d}" % MAXIMUM_SESSION_TOKEN)
_NOBODY = "an unknown key is given the same work as a known one"


class _Claimed(NamedTuple):
    """A head that passed every check but that of the signature; `key` is the reason where there is no key."""

    claim: Claim
    date: Date
    signed_headers: list[bytes]
    scope: CredentialScope
    key: Key | AuthenticationError


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
        self._memory = Memory()

    def verify(self, request: Request, payload_hash: str, now: float) -> Verified:
        """The principal that signed the request.

        Args:
            payload_hash: of the body that arrived, from `canonical.payload_hash`.
            now: seconds since the epoch, UTC.

        Raises: an AuthenticationError, or BadRequest.
        """
        # Held on to: what is learned from a key that `forget` is told of in the meantime must not be kept.
        memory = self._memory
        return memory.recall(request, payload_hash, now) or self._verify_in_full(request, payload_hash, now, memory)

    def check(self, request: Request, now: float) -> None:
        """Refuse what no body can mend: all checks but that of the signature itself.

        Raises: an AuthenticationError, or BadRequest.
        """
        claimed = self._claimed(request, now)
        if not isinstance(claimed.key, Key):
            raise claimed.key

    def forget(self) -> None:
        """Drop what is remembered: keys were changed or revoked."""
        self._memory = Memory()

    def _verify_in_full(self, request: Request, payload_hash: str, now: float, memory: Memory) -> Verified:
        claim, date, signed_headers, scope, key = self._claimed(request, now)
        # A signature is computed without a key too: how long an answer takes does not tell which keys are known.
        derived = signing_key(key.secret_access_key if isinstance(key, Key) else _NOBODY, scope)
        mismatch = _mismatch(request, claim, date, scope, signed_headers, derived, payload_hash)
        if not isinstance(key, Key):
            raise key
        if mismatch is not None:
            raise mismatch
        memory.store(request, claim, date, scope, key, derived)
        return Verified(key.principal, frozenset(signed_headers), claim.expires is not None, date.seconds)

    def _claimed(self, request: Request, now: float) -> _Claimed:
        """What the head says, checked in AWS's order up to the key."""
        check_head(request)
        claim = read_claim(request)
        date = check_date(claim, int(now))
        signed_headers = check_headers(request.headers, claim.signed_headers)
        check_algorithm(claim)
        access_key_id, scope = check_credential(claim, date, self._service, self._regions)
        key = self._key(access_key_id, claim.session_token, now)
        return _Claimed(claim, date, signed_headers, scope, key)

    def _key(self, access_key_id: bytes, session_token: bytes | None, now: float) -> Key | AuthenticationError:
        """The key, or why there is none."""
        if session_token is not None and not _SESSION_TOKEN.fullmatch(session_token):
            return UnrecognizedClient("The security token included in the request is invalid")
        if not _ACCESS_KEY_ID.fullmatch(access_key_id):
            return UnrecognizedClient()
        token = None if session_token is None else session_token.decode()
        try:
            key = self._lookup(access_key_id.decode(), token, now)
        except AuthenticationError as error:
            return error
        expired = key.expiration is not None and now >= key.expiration
        return ExpiredToken() if expired else key


def _mismatch(
    request: Request,
    claim: Claim,
    date: Date,
    scope: CredentialScope,
    signed_headers: list[bytes],
    derived: bytes,
    payload_hash: str,
) -> SignatureMismatch | None:
    """None if the signature holds.

    It may hold for the path with its dot segments resolved or as it was sent, and for a presigned query with the
    session token in it or without: signers do either, and each is a canonical form of the very bytes that arrived.
    See docs/decisions/0010-canonical-forms-accepted.md.
    """
    queries = [request.query]
    if claim.expires is not None:
        queries = [
            without_parameters(request.query, (b"X-Amz-Signature",)),
            without_parameters(request.query, (b"X-Amz-Signature", b"X-Amz-Security-Token")),
        ]
    paths = [canonical_path(request.path), canonical_path(request.path, normalise=False)]
    headers = canonical_headers(request.headers, signed_headers)
    canonical = [
        assemble(request.method, path, query, headers, payload_hash)
        for path, query in dict.fromkeys(product(paths, map(canonical_query, queries)))
    ]
    texts = [string_to_sign(date.text, scope, form) for form in canonical]
    holds = [compare_digest(signature(derived, text).encode(), claim.signature) for text in texts]
    claimed = request.header(b"x-amz-content-sha256")
    same_body = claimed is None or claimed.strip(b" \t") == payload_hash.encode()
    if any(holds) and same_body:
        return None
    detail = "" if same_body else "x-amz-content-sha256 is not the hash of the body"
    return SignatureMismatch(canonical[0], texts[0], detail=detail)
