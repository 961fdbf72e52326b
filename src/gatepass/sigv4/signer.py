"""Sign many requests to one host: what `sign` gives, faster.

Of what `sign` computes, the key lasts a day, all that holds the date a second, and the order of the headers as long as
the caller sends the same ones. What is left for each request is its path, query, values and body, and the hashes.
"""

from __future__ import annotations

from binascii import b2a_hex
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from gatepass.http import Headers, Request
from gatepass.mac import hmac_states
from gatepass.sigv4.canonical import (
    ALGORITHM,
    EMPTY_PAYLOAD_HASH,
    CredentialScope,
    all_folded,
    canonical_path,
    canonical_query,
    folded,
    signing_key,
)
from gatepass.sigv4.dates import basic_date
from gatepass.sigv4.sign import NEVER_SIGNED, Keys, sign

if TYPE_CHECKING:
    from _hashlib import HASH

_OURS = frozenset((b"host", b"x-amz-content-sha256", b"x-amz-date", b"x-amz-security-token"))
_EMPTY = EMPTY_PAYLOAD_HASH.encode()
_MOST_FORMS = 256
_MOST_PATHS = 1024


class _Day(NamedTuple):
    """What lasts a day: the signing key, as HMAC states."""

    date: str
    scope: bytes
    inner: HASH
    outer: HASH


class _Second(NamedTuple):
    """What lasts a second: all that holds the date."""

    seconds: int
    date: bytes
    day: _Day
    forms: dict[tuple[bytes, ...], _Form | None]


class _Form(NamedTuple):
    """What follows from the second and from the names of the headers.

    Attributes:
        template: the canonical request, but for method, path, query, values and payload hash.
        order: which of the values are signed, in which order; None if all are, as they come.
        authorization: the header, but for the signature.
        added: the headers to add that do not depend on the request.
        inner: it has taken in the string to sign, but for the hash at its end.
    """

    template: bytes
    order: tuple[int, ...] | None
    authorization: bytes
    added: list[tuple[bytes, bytes]]
    inner: HASH
    outer: HASH


class Signer:
    """Signs requests to one host with one set of keys.

    Args:
        host: the value of the `host` header, with the port if it is not the scheme's own.
        sign_payload_header: adds `x-amz-content-sha256`, which S3 wants and others do not need.
    """

    def __init__(self, keys: Keys, *, region: str, service: str, host: str, sign_payload_header: bool = False) -> None:
        self._keys = keys
        self._region = region
        self._service = service
        self._host = host.encode()
        self._sign_payload_header = sign_payload_header
        self._token = None if keys.session_token is None else keys.session_token.encode()
        self._paths: dict[bytes, bytes] = {}
        self._day: _Day | None = None
        self._second: _Second | None = None

    def sign(
        self, method: str, path: bytes, query: bytes = b"", headers: Headers = (), body: bytes = b"", *, now: float
    ) -> list[tuple[bytes, bytes]]:
        """The headers to add.

        Args:
            headers: what is signed beside `host`; names in lower case.
            now: seconds since the epoch, UTC.
        """
        second = self._second
        if second is None or second.seconds != int(now):
            second = self._second = self._at(int(now))
        names: tuple[bytes, ...] = ()
        values: Sequence[bytes] = ()
        if headers:
            names, values = zip(*headers)  # noqa: B905 (they are pairs, and `strict` takes a third of the time)
            if not all_folded(values):
                values = [folded(value) for value in values]
        try:
            form = second.forms[names]
        except KeyError:
            form = self._form(second, names)
        if form is None:
            return self._plainly(method, path, query, headers, body, now)
        template, order, authorization, added, inner, outer = form
        hashed = b2a_hex(sha256(body).digest()) if body else _EMPTY
        if self._sign_payload_header:
            values = (*values, hashed)
            added = [*added, (b"x-amz-content-sha256", hashed)]
        if order is not None:
            values = [values[column] for column in order]
        path = self._paths.get(path) or self._path(path)
        canonical = template % (method.encode(), path, canonical_query(query), *values, hashed)
        inner = inner.copy()
        inner.update(b2a_hex(sha256(canonical).digest()))
        outer = outer.copy()
        outer.update(inner.digest())
        return [*added, (b"authorization", authorization + b2a_hex(outer.digest()))]

    def _at(self, seconds: int) -> _Second:
        date = basic_date(seconds)
        day = self._day
        if day is None or day.date != date[:8]:
            scope = CredentialScope(date[:8], self._region, self._service)
            states = hmac_states(signing_key(self._keys.secret_access_key, scope))
            day = self._day = _Day(date[:8], str(scope).encode(), *states)
        return _Second(seconds, date.encode(), day, {})

    def _form(self, second: _Second, names: tuple[bytes, ...]) -> _Form | None:
        """None for headers that replace one of ours, or come twice: those are signed the plain way."""
        form = None
        if len(set(names)) == len(names) and _OURS.isdisjoint(names):
            added = [(b"x-amz-date", second.date)]
            if self._token is not None:
                added.append((b"x-amz-security-token", self._token))
            columns = (*names, b"x-amz-content-sha256") if self._sign_payload_header else names
            literal = dict([(b"host", self._host), *added])
            signed = sorted({*literal, *columns} - NEVER_SIGNED)
            order = tuple([columns.index(name) for name in signed if name not in literal])
            lines = [name + b":" + literal.get(name, b"\0") + b"\n" for name in signed]
            text = b"".join(lines) + b"\n" + b";".join(signed)
            inner = second.day.inner.copy()
            inner.update(b"%b\n%b\n%b\n" % (ALGORITHM, second.date, second.day.scope))
            form = _Form(
                template=b"%b\n%b\n%b\n" + text.replace(b"%", b"%%").replace(b"\0", b"%b") + b"\n%b",
                order=None if order == tuple(range(len(columns))) else order,
                authorization=b"%b Credential=%b/%b, SignedHeaders=%b, Signature="
                % (ALGORITHM, self._keys.access_key_id.encode(), second.day.scope, b";".join(signed)),
                added=added,
                inner=inner,
                outer=second.day.outer,
            )
        if len(second.forms) < _MOST_FORMS:
            second.forms[names] = form
        return form

    def _path(self, path: bytes) -> bytes:
        if len(self._paths) >= _MOST_PATHS:
            self._paths.clear()
        canonical = self._paths[path] = canonical_path(path)
        return canonical

    def _plainly(
        self, method: str, path: bytes, query: bytes, headers: Headers, body: bytes, now: float
    ) -> list[tuple[bytes, bytes]]:
        others = [header for header in headers if header[0] != b"host"]
        return sign(
            Request(method, path, query, [(b"host", self._host), *others], body),
            self._keys,
            region=self._region,
            service=self._service,
            now=now,
            sign_payload_header=self._sign_payload_header,
        )
