"""Refused for what it claims: date, signed headers, scope, key, token. Rows 13 to 27, and the order of all checks."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.sigv4.world import (
    CASES,
    GUEST,
    HOST,
    LIFETIME,
    NOW,
    OTHER,
    REGION,
    ROOT,
    SCOPE,
    SERVICE,
    Case,
    Gate,
    also,
    asked,
    by_hand,
    case,
    edited,
    plain_request,
    presigned,
    signed,
    with_header,
    without,
)

from gatepass.errors import MISMATCH
from gatepass.http import Request
from gatepass.sigv4 import Keys, presign


def signed_and_replaced_token(token: str | None) -> Request:
    request = plain_request()
    query = presign(request, GUEST._replace(session_token=None), region=REGION, service=SERVICE, now=NOW, expires=60)
    return request._replace(query=query + f"&X-Amz-Security-Token={token}".replace("+", "%2B").encode())


# Rows 13 to 15: the date.

for _value in (
    "2026-13-01",
    "20260715",
    "2026-07-15T11:34:56Z",
    "20260715T113456",
    "20261315T113456Z",
    "20260230T113456Z",
):

    def _with_date(gate: Gate, value: str = _value) -> Request:
        return with_header(gate.show(signed()), b"x-amz-date", value.encode())

    CASES.append(
        Case(
            f"row 13, the date {_value}",
            "IncompleteSignature",
            _with_date,
            f"Date must be in ISO-8601 'basic format'. Got '{_value}'. See http://en.wikipedia.org/wiki/ISO_8601",
        )
    )

for _value in (
    "20260715T113460Z",
    "20260715T116056Z",
    "20260715T243456Z",
    "00000715T113456Z",
    "2026०715T113456Z",
    "0",
    "٣",
):

    def _with_odd_date(gate: Gate, value: str = _value) -> Request:
        return with_header(gate.show(signed()), b"x-amz-date", value.encode())

    CASES.append(Case(f"row 13, the date {_value}", "IncompleteSignature", _with_odd_date))


@case("IncompleteSignature")
def row_13_the_form_of_http_in_the_amazon_header(gate: Gate) -> Request:
    headers = [(b"host", HOST), (b"x-amz-date", b"Wed, 15 Jul 2026 11:34:56 GMT")]
    gate.show(signed())
    return by_hand(b"host;x-amz-date", headers=headers)


@case("IncompleteSignature")
def row_13_the_date_header_in_no_known_form(gate: Gate) -> Request:
    headers = [(b"host", HOST), (b"date", b"15 July 2026 11:34:56")]
    return by_hand(b"date;host", headers=headers)


@case(
    "SignatureExpired",
    "Signature expired: 20260715T113456Z is now earlier than 20260715T113457Z (20260715T113957Z - 5 min.)",
    now=NOW + 301,
)
def row_14_301_seconds_old(gate: Gate) -> Request:
    return gate.show(signed())


@case(
    "SignatureNotYetCurrent",
    "Signature not yet current: 20260715T113456Z is still later than 20260715T113455Z (20260715T112955Z + 5 min.)",
    now=NOW - 301,
)
def row_15_301_seconds_ahead(gate: Gate) -> Request:
    return gate.show(signed())


@case("SignatureNotYetCurrent")
def row_15_the_year_9999(gate: Gate) -> Request:
    gate.show(signed())
    return by_hand(b"host;x-amz-date", date="99991231T235959Z", scope=SCOPE.replace("20260715", "99991231"))


@case("SignatureExpired", now=NOW + 86400)
def row_14_a_day_old(gate: Gate) -> Request:
    return gate.show(signed())


# Rows 16 and 17: the signed headers.

_HOST_MESSAGE = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."


@case("UnsignedHeader", _HOST_MESSAGE)
def row_16_the_host_is_not_signed(gate: Gate) -> Request:
    gate.show(signed())
    return by_hand(b"accept;x-amz-date;x-amz-security-token")


@case("UnsignedHeader", _HOST_MESSAGE)
def row_16_the_host_of_a_presigned_request_is_not_signed(gate: Gate) -> Request:
    return asked(gate.show(presigned()), b"SignedHeaders=accept%3Bhost", b"SignedHeaders=accept")


@case(
    "MissingSignedHeader",
    "'x-request-id' is named as a SignedHeader, but it does not exist in the HTTP request.",
)
def row_17_a_signed_header_did_not_arrive(gate: Gate) -> Request:
    request = gate.show(signed(headers=[(b"host", HOST), (b"x-request-id", b"1")]))
    return without(request, b"x-request-id")


@case("MissingSignedHeader")
def a_header_signed_as_empty_did_not_arrive(gate: Gate) -> Request:
    gate.show(signed())
    return by_hand(b"host;x-absent;x-amz-date")


@case("MissingSignedHeader")
def signed_names_in_upper_case(gate: Gate) -> Request:
    gate.show(signed())
    return by_hand(b"Accept;host;x-amz-date")


@case("AmbiguousCredentials", MISMATCH)
def signed_names_out_of_order(gate: Gate) -> Request:
    gate.show(signed())
    return by_hand(b"host;accept;x-amz-date")


@case("AmbiguousCredentials", MISMATCH)
def a_signed_name_twice(gate: Gate) -> Request:
    gate.show(signed())
    return by_hand(b"accept;accept;host;x-amz-date")


# Rows 18 to 23: the credential scope.


def _credential(name: str, old: str, new: str, message: str, error: str = "WrongScope") -> None:
    def build(gate: Gate) -> Request:
        gate.show(signed())
        scope = SCOPE.replace(old, new)
        return by_hand(b"accept;host;x-amz-date;x-amz-security-token", scope=scope)

    CASES.append(Case(name, error, build, message))


_SERVICE = "Credential should be scoped to correct service: 'execute-api'. "
_REGION = "Credential should be scoped to a valid region. "
_DAY = (
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
    " '20260714' != '20260715', from '20260715T113456Z'."
)
_PARTS = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
_credential(
    "row 18, four parts",
    "/aws4_request",
    "",
    f"{_PARTS}'{GUEST.access_key_id}/20260715/eu-west-1/execute-api'",
    "IncompleteSignature",
)
_credential(
    "row 18, six parts",
    "eu-",
    "eu/",
    f"{_PARTS}'{GUEST.access_key_id}/{SCOPE.replace('eu-', 'eu/')}'",
    "IncompleteSignature",
)
_credential("row 19, another region", REGION, "us-east-1", _REGION)
_credential("row 19, the region in upper case", REGION, "EU-WEST-1", _REGION)
_credential("row 20, another service", SERVICE, "sts", _SERVICE)
_credential("row 21, region and service", f"{REGION}/{SERVICE}", "us-east-1/s3", _REGION + _SERVICE)
_credential(
    "row 22, another terminator",
    "aws4_request",
    "aws4",
    "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. ",
)
_credential("row 23, another day", "20260715", "20260714", _DAY)
_credential(
    "rows 19 to 23 at once",
    SCOPE,
    "20260714/r/s/t",
    f"{_REGION}{_SERVICE}Credential should be scoped with a valid terminator: 'aws4_request', not 't'. {_DAY}",
)


@case("WrongScope", now=NOW)
def row_23_the_day_changes_under_a_known_signer(gate: Gate) -> Request:
    midnight = 1_784_160_000
    gate.keys[GUEST] = midnight + LIFETIME
    gate.show(signed(now=midnight - 1), midnight - 1)
    return by_hand(b"accept;host;x-amz-date;x-amz-security-token", date="20260716T000001Z")


CASES[-1] = CASES[-1]._replace(now=1_784_160_000)

# Rows 24 to 27: the key and the token.

_INVALID = "The security token included in the request is invalid."


@case("UnrecognizedClient", _INVALID)
def row_24_an_unknown_key(gate: Gate) -> Request:
    return signed(Keys("ASIAQAAAAAANOBODYKEY", "a secret"))


@case("UnrecognizedClient", _INVALID)
def row_24_the_key_undefined(gate: Gate) -> Request:
    return signed(Keys("undefined", "undefined"))


@case("UnrecognizedClient", _INVALID)
def row_24_a_key_that_is_no_text(gate: Gate) -> Request:
    return edited(gate.show(signed()), GUEST.access_key_id.encode(), b"\xff\x00\xfe".replace(b"\x00", b"\x01"))


@case("UnrecognizedClient", _INVALID)
def a_key_signed_with_what_unknown_keys_are_computed_with(gate: Gate) -> Request:
    return signed(Keys("ASIAQAAAAAANOBODYKEY", "an unknown key is given the same work as a known one"))


@case("UnrecognizedClient", _INVALID)
def row_25_the_token_is_missing(gate: Gate) -> Request:
    return without(gate.show(signed(options={"sign_session_token": False})), b"x-amz-security-token")


@case("UnrecognizedClient", _INVALID)
def row_25_the_token_of_another_session(gate: Gate) -> Request:
    request = gate.show(signed(options={"sign_session_token": False}))
    gate.show(signed(OTHER))
    return with_header(request, b"x-amz-security-token", str(OTHER.session_token).encode())


@case("UnrecognizedClient", _INVALID)
def a_long_lived_key_with_a_token(gate: Gate) -> Request:
    request = gate.show(signed(ROOT))
    return also(request, b"x-amz-security-token", str(GUEST.session_token).encode())


@case("UnrecognizedClient", _INVALID)
def a_presigned_token_of_another_session(gate: Gate) -> Request:
    return signed_and_replaced_token(OTHER.session_token)


@case("UnrecognizedClient", "The security token included in the request is invalid")
def row_26_a_token_that_is_no_token(gate: Gate) -> Request:
    return with_header(gate.show(signed()), b"x-amz-security-token", b"caf\xe9 \xff")


@case("UnrecognizedClient", "The security token included in the request is invalid")
def row_26_an_empty_token(gate: Gate) -> Request:
    return also(gate.show(signed(ROOT)), b"x-amz-security-token", b"")


@case("UnrecognizedClient", "The security token included in the request is invalid")
def row_26_a_token_of_more_than_8_kib(gate: Gate) -> Request:
    return with_header(gate.show(signed()), b"x-amz-security-token", b"x" * 8193)


@case("ExpiredToken", "The security token included in the request is expired", now=NOW + 60)
def row_27_the_session_has_ended(gate: Gate) -> Request:
    gate.keys[GUEST] = NOW + 60
    return gate.show(signed())


@case("ExpiredToken", "The security token included in the request is expired", now=NOW + 60)
def row_27_a_presigned_request_outlives_its_session(gate: Gate) -> Request:
    gate.keys[GUEST] = NOW + 60
    return gate.show(presigned())


@case("UnrecognizedClient", _INVALID)
def a_key_taken_away_from_a_known_signer(gate: Gate) -> Request:
    request = gate.show(signed())
    del gate.keys[GUEST]
    gate.verifier.forget()
    return request


# A.4, the order: of two faults, the one that AWS names.


def _order(name: str, error: str, build: Callable[[], Request], now: float = NOW) -> None:
    def shown(gate: Gate) -> Request:
        gate.show(signed())
        return build()

    CASES.append(Case(f"order: {name}", error, shown, None, now))


_WRONG = "20260715/us-east-1/execute-api/aws4_request"
_ALL = b"accept;host;x-amz-date;x-amz-security-token"
_NOBODY = Keys("ASIAQAAAAAANOBODYKEY", "a secret", "a+token")
_ENDED_AT_ONCE = NOW + LIFETIME
_order("both sources before syntax", "AmbiguousCredentials", lambda: also(presigned(), b"authorization", b"a=b"))
_order(
    "syntax before what is missing", "IncompleteSignature", lambda: also(plain_request(), b"authorization", b"X nopair")
)
_order(
    "what is missing before the date",
    "IncompleteSignature",
    lambda: edited(signed(now=NOW - 9999), b"Credential=", b"Credentials="),
)
_order("date before host", "SignatureExpired", lambda: by_hand(b"accept;x-amz-date"), NOW + 301)
_order("host before algorithm", "UnsignedHeader", lambda: by_hand(b"accept;x-amz-date", algorithm="AWS4-X"))
_order("algorithm before credential", "IncompleteSignature", lambda: by_hand(_ALL, algorithm="AWS4-X", scope=_WRONG))
_order("date before region", "SignatureExpired", lambda: by_hand(_ALL, scope=_WRONG), NOW + 301)
_order("region before key", "WrongScope", lambda: by_hand(_ALL, scope=_WRONG, keys=_NOBODY))
_order("key before signature", "UnrecognizedClient", lambda: edited(signed(_NOBODY), b"Signature=", b"Signature=0"))
_order(
    "an ended session before signature",
    "ExpiredToken",
    lambda: edited(signed(now=_ENDED_AT_ONCE), b"Signature=", b"Signature=0"),
    _ENDED_AT_ONCE,
)
