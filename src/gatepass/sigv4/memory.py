"""What verified signatures taught, so that the next one by the same signer costs little more than its hashes.

A signer repeats itself: all of its Authorization header before the signature stays the same for a day. From that
prefix follow the signing key, the principal and the shape of the canonical request; what is left to do is to look at
what differs: date, path, query, values, body.

INVARIANT: `recall` says yes only where the full verification would say yes. Whatever is unusual (a repeated header,
white space to fold, a credential parameter in the query, a size near a limit, a name never seen) is `None`: not a
refusal, but a request to look again in full. Nothing is stored before a signature has verified, so that nobody
without a key can fill it.
"""

from __future__ import annotations

from binascii import b2a_hex
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from gatepass.http import Request
from gatepass.mac import hmac_states
from gatepass.principal import Principal
from gatepass.sigv4.answers import Key, Verified
from gatepass.sigv4.canonical import (
    ALGORITHM,
    CredentialScope,
    all_folded,
    canonical_path,
    canonical_query,
)
from gatepass.sigv4.checks import WINDOW, Date
from gatepass.sigv4.claim import Claim
from gatepass.sigv4.dates import parse_basic_date

if TYPE_CHECKING:
    from _hashlib import HASH

_SIGNATURE = 64
"""Characters of a signature, the last ones of an Authorization header."""

_MOST_SIGNERS = 2048
_MOST_LAYOUTS = 256
_MOST_FORMS = 16
_MOST_DATES = 4096
_MOST_PATHS = 4096

# Whole seconds count: `now` is taken as if rounded down.
_EARLIEST, _TOO_LATE = -WINDOW, WINDOW + 1

# Together well below the limit of a head, and each no more than its own, so that keeping to these is keeping to those.
_SHORT_HEAD = 8 * 1024
_SHORT_TARGET = 8 * 1024
# What is kept is kept small.
_SHORT_NAMES = 2 * 1024
_SHORT_PATH = 256
_SHORT_SESSION_TOKEN = 4 * 1024

_METHODS = {name: name.encode() for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}
_KNOWN_PLAIN = frozenset((b"host", b"x-amz-content-sha256", b"x-amz-date", b"x-amz-security-token"))

_Picker = Callable[[tuple[bytes, ...]], tuple[bytes, ...]]
_Name = TypeVar("_Name")
_Value = TypeVar("_Value")


class _Signer(NamedTuple):
    """What follows from an Authorization header without its signature.

    Attributes:
        after: the string to sign between the date and the hash.
        inner, outer: HMAC as two states of SHA-256; the inner one has taken in what comes before the date.
    """

    principal: Principal
    expiration: float
    session_token: bytes | None
    host: bytes
    day: bytes
    signed_headers: bytes
    after: bytes
    inner: HASH
    outer: HASH


class _Layout(NamedTuple):
    """What follows from the names of a request's headers, none of which is there twice: where to find what.

    Attributes:
        session_token, payload_hash: -1 if there is no such header.
        others: picks the values of all but `authorization` and `x-amz-security-token`, which are compared whole.
        forms: by the list of signed headers; only lists that passed the checks together with these names.
    """

    authorization: int
    date: int
    host: int
    session_token: int
    payload_hash: int
    others: _Picker
    forms: dict[bytes, _Form]


class _Form(NamedTuple):
    """What follows from the names of a request's headers and from the list of those that are signed.

    Attributes:
        values: picks the values of the signed headers, in order.
        free: picks those whose white space must be looked at; None if there are none.
        template: the canonical request, but for method, path, query, values and payload hash.
    """

    signed_headers: frozenset[bytes]
    values: _Picker
    free: _Picker | None
    template: bytes


class Memory:
    """Bounded; one for each verifier."""

    def __init__(self) -> None:
        self._signers: dict[bytes, _Signer] = {}
        self._layouts: dict[tuple[bytes, ...], _Layout] = {}
        self._dates: dict[bytes, int] = {}
        self._paths: dict[bytes, bytes] = {}

    def recall(self, request: Request, payload_hash: str, now: float) -> Verified | None:
        """The answer, if the signature verifies with what is known; else None."""
        method, path, query, headers, _, _, _ = request
        if not headers:
            return None
        names, values = zip(*headers)  # noqa: B905 (they are pairs, and `strict` takes a third of the time)
        layout = self._layouts.get(names)
        if layout is None:
            return None
        at_authorization, at_date, at_host, at_token, at_hash, others_of, forms = layout
        authorization = values[at_authorization]
        signer = self._signers.get(authorization[:-_SIGNATURE])
        if signer is None:
            return None
        principal, expiration, session_token, host, day, signed, after, inner, outer = signer
        form = forms.get(signed)
        if form is None:
            return None
        signed_headers, values_of, free_of, template = form
        date = values[at_date]
        seconds = self._dates.get(date) or parse_basic_date(date)
        hashed = payload_hash.encode()
        others = b"".join(others_of(values))
        known_path = self._paths.get(path)
        if (
            seconds is None
            or not _EARLIEST <= now - seconds < _TOO_LATE
            or now >= expiration
            or (None if at_token < 0 else values[at_token]) != session_token
            or values[at_host] != host
            or not date.startswith(day)
            or (at_hash >= 0 and values[at_hash] != hashed)
            or len(others) > _SHORT_HEAD
            or b"\0" in others
            or b"\n" in others
            or b"\r" in others
            or len(query) > _SHORT_TARGET
            or (known_path is None and (path[:1] != b"/" or len(path) > _SHORT_TARGET))
            or method not in _METHODS
        ):
            return None
        if query:
            query = canonical_query(query)
        if b"-" in query and b"x-amz-" in query.lower():
            return None
        if free_of is not None and not all_folded(free_of(values)):
            return None
        path_to_sign = known_path or canonical_path(path)
        canonical = template % (_METHODS[method], path_to_sign, query, *values_of(values), hashed)
        inner = inner.copy()
        inner.update(date + after + b2a_hex(sha256(canonical).digest()))
        outer = outer.copy()
        outer.update(inner.digest())
        if not compare_digest(b2a_hex(outer.digest()), authorization[-_SIGNATURE:]):
            return None
        if date not in self._dates:
            _put(self._dates, date, seconds, _MOST_DATES)
        if known_path is None and len(path) <= _SHORT_PATH:
            _put(self._paths, path, path_to_sign, _MOST_PATHS)
        return Verified(principal, signed_headers, False, seconds)

    def store(
        self, request: Request, claim: Claim, date: Date, scope: CredentialScope, key: Key, signing_key: bytes
    ) -> None:
        """Learn from a request whose signature has verified in full.

        Only from the usual form: the signature is the last of the Authorization header, the date in `X-Amz-Date`.
        """
        values = dict(request.headers)
        names = tuple(values)
        authorization = values.get(b"authorization", b"")
        if (
            claim.expires is not None
            or claim.http_date
            or len(claim.signature) != _SIGNATURE
            or not authorization.endswith(b"Signature=" + claim.signature)
            or b";" not in claim.signed_headers
            or len(names) != len(request.headers)
            or len(b"".join(names)) + len(authorization) > _SHORT_NAMES
            or len(claim.session_token or b"") > _SHORT_SESSION_TOKEN
        ):
            return
        layout = self._layouts.get(names)
        if layout is None:
            layout = _layout(names)
            _put(self._layouts, names, layout, _MOST_LAYOUTS)
        if claim.signed_headers not in layout.forms:
            _put(layout.forms, claim.signed_headers, _form(names, claim.signed_headers), _MOST_FORMS)
        inner, outer = hmac_states(signing_key)
        inner.update(ALGORITHM + b"\n")
        signer = _Signer(
            principal=key.principal,
            expiration=inf if key.expiration is None else key.expiration,
            session_token=values.get(b"x-amz-security-token"),
            host=values[b"host"],
            day=date.text[:8].encode(),
            signed_headers=claim.signed_headers,
            after=f"\n{scope}\n".encode(),
            inner=inner,
            outer=outer,
        )
        _put(self._signers, authorization[:-_SIGNATURE], signer, _MOST_SIGNERS)


def _put(into: dict[_Name, _Value], name: _Name, value: _Value, most: int) -> None:
    """A full dictionary starts anew: that costs a few slower requests, and no book-keeping on every one."""
    if len(into) >= most:
        into.clear()
    into[name] = value


def _layout(names: tuple[bytes, ...]) -> _Layout:
    at = {name: position for position, name in enumerate(names)}
    return _Layout(
        authorization=at[b"authorization"],
        date=at[b"x-amz-date"],
        host=at[b"host"],
        session_token=at.get(b"x-amz-security-token", -1),
        payload_hash=at.get(b"x-amz-content-sha256", -1),
        others=_picker(names, [name for name in names if name not in (b"authorization", b"x-amz-security-token")]),
        forms={},
    )


def _form(names: tuple[bytes, ...], signed_headers: bytes) -> _Form:
    signed = signed_headers.split(b";")
    free = [name for name in signed if name not in _KNOWN_PLAIN]
    lines = b"".join([name.replace(b"%", b"%%") + b":%b\n" for name in signed])
    return _Form(
        signed_headers=frozenset(signed),
        values=_picker(names, signed),
        free=_picker(names, free * 2 if len(free) == 1 else free) if free else None,
        template=b"%b\n%b\n%b\n" + lines + b"\n" + signed_headers.replace(b"%", b"%%") + b"\n%b",
    )


def _picker(names: tuple[bytes, ...], picked: list[bytes]) -> _Picker:
    """`picked` are two names or more: for one, `itemgetter` would give no tuple."""
    return cast(_Picker, itemgetter(*[names.index(name) for name in picked]))
