"""The checks between a signature that could be read and the key it is verified with.

Each raises AWS's error in AWS's words; where AWS does not refuse and we do, its nearest words.
"""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from gatepass.errors import (
    MISMATCH,
    AmbiguousCredentials,
    BadRequest,
    IncompleteSignature,
    InvalidSignature,
    MissingSignedHeader,
    ReservedHeader,
    SignatureExpired,
    SignatureNotYetCurrent,
    UnsignedHeader,
    WrongScope,
)
from gatepass.http import Headers
from gatepass.sigv4.canonical import ALGORITHM, TERMINATOR, CredentialScope
from gatepass.sigv4.claim import Claim
from gatepass.sigv4.dates import basic_date, parse_basic_date, parse_http_date
from gatepass.sigv4.limits import MAXIMUM_SIGNED_HEADERS, shown
from gatepass.sigv4.presign import MAXIMUM_EXPIRES

WINDOW = 300
"""Seconds that a request's date may differ from ours."""

_MAY_BE_UNSIGNED = frozenset((b"x-amz-content-sha256", b"x-amz-date", b"x-amz-security-token"))
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class Date(NamedTuple):
    """A request's date: seconds since the epoch, and `20260101T000000Z`."""

    seconds: int
    text: str


def check_date(claim: Claim, now: int) -> Date:
    """Raises: IncompleteSignature, SignatureExpired, SignatureNotYetCurrent, InvalidSignature."""
    date = _date(claim)
    lifetime = WINDOW if claim.expires is None else _expires(claim.expires)
    if date.seconds + lifetime < now:
        limit = f"{lifetime // 60} min." if lifetime % 60 == 0 else f"{lifetime} sec."
        raise SignatureExpired(
            f"Signature expired: {date.text} is now earlier than {basic_date(now - lifetime)}"
            f" ({basic_date(now)} - {limit})"
        )
    if date.seconds - WINDOW > now:
        raise SignatureNotYetCurrent(
            f"Signature not yet current: {date.text} is still later than {basic_date(now + WINDOW)}"
            f" ({basic_date(now)} + {WINDOW // 60} min.)"
        )
    return date


def _date(claim: Claim) -> Date:
    seconds = parse_basic_date(claim.date)
    if seconds is not None:
        return Date(seconds, claim.date.decode())
    if claim.http_date:
        seconds = parse_http_date(claim.date)
        if seconds is not None:
            return Date(seconds, basic_date(seconds))
    raise IncompleteSignature(
        f"Date must be in ISO-8601 'basic format'. Got '{shown(claim.date)}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )


def _expires(value: bytes) -> int:
    if not value.isdigit():
        raise InvalidSignature("X-Amz-Expires should be a number")
    if len(value) > len(str(MAXIMUM_EXPIRES)) or int(value) > MAXIMUM_EXPIRES:
        raise InvalidSignature("X-Amz-Expires must be less than a week (in seconds) that is 604800")
    if int(value) == 0:
        raise InvalidSignature("X-Amz-Expires must be non-negative", detail="X-Amz-Expires is 0")
    return int(value)


def check_headers(headers: Headers, signed_headers: bytes) -> list[bytes]:
    """The names of the signed headers: present, sorted, and every header signed that must be.

    Raises: BadRequest, UnsignedHeader, MissingSignedHeader, AmbiguousCredentials, ReservedHeader.
    """
    if signed_headers.count(b";") >= MAXIMUM_SIGNED_HEADERS:
        raise BadRequest(detail=f"more than {MAXIMUM_SIGNED_HEADERS} signed headers")
    signed = signed_headers.split(b";")
    if b"host" not in signed_headers.lower().split(b";"):
        raise UnsignedHeader("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    arrived = dict(headers)
    for name in signed:
        if name not in arrived:
            raise MissingSignedHeader(
                f"'{shown(name)}' is named as a SignedHeader, but it does not exist in the HTTP request."
            )
    if signed != sorted(set(signed)):
        raise AmbiguousCredentials(detail="the names in SignedHeaders are not sorted, or one is there twice")
    if not _HOST.fullmatch(arrived.get(b"host", b"").strip(b" \t")):
        raise AmbiguousCredentials(detail="the Host header is not one host name")
    check_names(list(arrived), signed)
    return signed


def check_names(arrived: Sequence[bytes], signed: Collection[bytes]) -> None:
    """Raises: ReservedHeader, UnsignedHeader, if a header arrived that must be signed and is not, or must not arrive.

    INVARIANT: it depends on the names alone, so that an answer for the same names may be remembered.
    """
    for name in arrived:
        if name != name.lower():
            raise BadRequest(detail=f"the header name `{shown(name)}` was not put in lower case")
        # A WSGI application cannot tell `x_amz_target` from `x-amz-target`.
        meant = name.replace(b"_", b"-")
        if meant.startswith(b"x-gatepass-") or meant == b"x-http-method-override":
            raise ReservedHeader(detail=f"the header `{shown(name)}` arrived")
        must_be_signed = meant.startswith(b"x-amz-") and not meant.startswith(b"x-amz-cf-")
        if must_be_signed and name not in signed and name not in _MAY_BE_UNSIGNED:
            raise UnsignedHeader(MISMATCH, detail=f"the header `{shown(name)}` arrived and is not signed")


def check_algorithm(claim: Claim) -> None:
    """Raises: IncompleteSignature."""
    if claim.algorithm != ALGORITHM:
        raise IncompleteSignature(
            f"Unsupported AWS 'algorithm': '{shown(claim.algorithm)}' (only AWS4-HMAC-SHA256 for now). "
        )


def check_credential(claim: Claim, date: Date, service: str, regions: Collection[str]) -> tuple[bytes, CredentialScope]:
    """The access key id, and the scope it signed for.

    Raises: IncompleteSignature, WrongScope.
    """
    parts = claim.credential.split(b"/")
    if len(parts) != 5:
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term,"
            f" got '{shown(claim.credential)}'"
        )
    day, region, scoped_service, terminator = map(shown, parts[1:])
    message = ""
    if region not in regions:
        message += "Credential should be scoped to a valid region. "
    if scoped_service != service:
        message += f"Credential should be scoped to correct service: '{service}'. "
    if terminator != TERMINATOR:
        message += f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'. "
    if day != date.text[:8]:
        message += (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            f" '{day}' != '{date.text[:8]}', from '{date.text}'."
        )
    if message:
        raise WrongScope(message)
    return parts[0], CredentialScope(day, region, service)
