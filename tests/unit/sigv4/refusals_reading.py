"""Refused while it is read: no signature, half of one, or two. Rows 1 to 12, 32 and 33 of the catalogue."""

from __future__ import annotations

from tests.unit.sigv4.world import (
    CASES,
    DATE,
    GUEST,
    NOW,
    Case,
    Gate,
    also,
    asked,
    by_hand,
    case,
    hashed_authorization,
    header,
    plain_request,
    presigned,
    presigned_by_hand,
    signed,
    with_header,
    without,
)

from gatepass.errors import MISMATCH
from gatepass.http import Request

# A.1, rows 1 to 12: what cannot be read. The numbers are those of the catalogue of API Gateway's answers.


@case("MissingAuthenticationToken", "Missing Authentication Token")
def row_1_no_signature_at_all(gate: Gate) -> Request:
    return plain_request()


@case("MissingAuthenticationToken", "Missing Authentication Token")
def row_1_an_empty_authorization_header(gate: Gate) -> Request:
    return also(plain_request(), b"authorization", b"")


@case("MissingAuthenticationToken", "Missing Authentication Token")
def row_1_a_query_without_the_algorithm(gate: Gate) -> Request:
    return asked(presigned(), b"X-Amz-Algorithm=AWS4-HMAC-SHA256&", b"")


def _authorization(name: str, error: str, value: bytes, message: str) -> None:
    """`@` in the message is the hash of the header."""

    def build(gate: Gate) -> Request:
        return also(plain_request(), b"authorization", value)

    text = message.replace("@", hashed_authorization(value))
    CASES.append(Case(name, error, build, text))


_EACH = (
    "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter."
    " Authorization header requires 'SignedHeaders' parameter. "
)
_DATE = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
_TAIL = "(Hashed with SHA-256 and encoded with Base64) Authorization=@"
_PAIR = (
    "Invalid key=value pair (missing equal-sign) in Authorization header"
    " (hashed with SHA-256 and encoded with Base64): '@'."
)
_NAME = (
    "Authorization header must begin with the algorithm name, which cannot include an equal-sign"
    " (hashed with SHA-256 and encoded with Base64): '@'."
)
_authorization("row 5, a bearer token", "IncompleteSignature", b"Bearer eyJhbGciOiJub25lIn0.e30.", _PAIR)
_authorization("row 5, signature version 2 of S3", "IncompleteSignature", b"AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo", _PAIR)
_authorization("row 5, a blank in the credential", "IncompleteSignature", b"AWS4-HMAC-SHA256 Credential= A/b", _PAIR)
_authorization("row 6, one word", "IncompleteSignature", b"letmein", _EACH + _DATE + _TAIL)
_authorization("row 6, the algorithm alone", "IncompleteSignature", b"AWS4-HMAC-SHA256", _EACH + _DATE + _TAIL)
_authorization("row 8, a word with an equal-sign", "IncompleteSignature", b"x-api-key=abc", _NAME)
_authorization("row 8, two words, the first with an equal-sign", "IncompleteSignature", b"a=b Credential=c", _NAME)
_authorization(
    "row 10, a foreign scheme with a pair", "IncompleteSignature", b"Digest username=me", _EACH + _DATE + _TAIL
)
_authorization("raw bytes", "IncompleteSignature", b"\xff\xfe \x80\x81", _PAIR)


def _missing(parameter: bytes, message: str) -> None:
    def build(gate: Gate) -> Request:
        pieces = header(gate.show(signed()), b"authorization").split(b" ", 1)[1].split(b", ")
        kept = b", ".join(piece for piece in pieces if not piece.startswith(parameter + b"="))
        return with_header(signed(), b"authorization", b"AWS4-HMAC-SHA256 " + kept)

    value = header(build(Gate()), b"authorization")
    text = message.replace("@", hashed_authorization(value))
    CASES.append(Case(f"row 7, no {parameter.decode()}", "IncompleteSignature", build, text))


for _parameter in (b"Credential", b"SignedHeaders", b"Signature"):
    _missing(_parameter, f"Authorization header requires '{_parameter.decode()}' parameter. {_TAIL}")


@case("IncompleteSignature")
def row_7_an_empty_signature(gate: Gate) -> Request:
    request = gate.show(signed())
    return with_header(request, b"authorization", header(request, b"authorization")[:-64])


def _no_date(gate: Gate) -> Request:
    return without(gate.show(signed()), b"x-amz-date")


CASES.append(
    Case(
        "row 12, no date",
        "IncompleteSignature",
        _no_date,
        (_DATE + _TAIL).replace("@", hashed_authorization(header(signed(), b"authorization"))),
    )
)

for _algorithm in (
    "AWS4-HMAC-SHA512",
    "AWS4-HMAC-SHA25",
    "AWS4-HMAC-SHA2566",
    "aws4-hmac-sha256",
    "AWS4-HMAC-SHA1",
    "AWS4-ECDSA-P256-SHA256",
    "AWS4-ECDSA-P384-SHA384",
    "AWS4-HMAC",
    "AWS4",
    "AWS4-HMAC-SHA256-PAYLOAD",
    "AWS4-HMAC-MD5",
    "AWS3-HTTPS",
    "AWS3",
    "AWS",
    "AWS2",
    "HmacSHA256",
    "Bearer",
    "Basic",
    "Signature",
    "none",
):

    def _with_algorithm(gate: Gate, algorithm: str = _algorithm) -> Request:
        gate.show(signed())
        return by_hand(b"accept;host;x-amz-date;x-amz-security-token", algorithm=algorithm)

    CASES.append(
        Case(
            f"row 11, the algorithm {_algorithm}",
            "IncompleteSignature",
            _with_algorithm,
            f"Unsupported AWS 'algorithm': '{_algorithm}' (only AWS4-HMAC-SHA256 for now). ",
        )
    )


# Rows 32 and 33, and the rest of what a query may carry.

_QUERY = "AWS query-string parameters must include "


def _query_without(*names: str) -> None:
    def build(gate: Gate) -> Request:
        request = gate.show(presigned())
        kept = [part for part in request.query.split(b"&") if part.split(b"=")[0].decode() not in names]
        return request._replace(query=b"&".join(kept))

    message = "".join(f"AWS query-string parameters must include '{name}'. " for name in names)
    text = message + "Re-examine the query-string parameters."
    CASES.append(Case(f"row 32, no {', '.join(names)}", "IncompleteSignature", build, text))


_query_without("X-Amz-Credential")
_query_without("X-Amz-Signature")
_query_without("X-Amz-SignedHeaders")
_query_without("X-Amz-Date")
_query_without("X-Amz-Expires")
_query_without("X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires")


@case(
    "IncompleteSignature",
    "AWS query-string parameters must include 'X-Amz-Algorithm'. Re-examine the query-string parameters.",
)
def row_32_an_empty_algorithm(gate: Gate) -> Request:
    return asked(gate.show(presigned()), b"X-Amz-Algorithm=AWS4-HMAC-SHA256", b"X-Amz-Algorithm=")


_BOTH = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."


@case("AmbiguousCredentials", _BOTH)
def row_33_both_valid(gate: Gate) -> Request:
    request = gate.show(presigned())
    return request._replace(headers=signed(query=request.query).headers)


@case("AmbiguousCredentials", _BOTH)
def row_33_a_valid_query_and_a_nonsense_header(gate: Gate) -> Request:
    return also(gate.show(presigned()), b"authorization", b"nonsense")


for _name in (
    b"X-Amz-Algorithm",
    b"X-Amz-Credential",
    b"X-Amz-Date",
    b"X-Amz-Expires",
    b"X-Amz-Security-Token",
    b"X-Amz-SignedHeaders",
    b"X-Amz-Signature",
):
    for _spelled in (_name, _name.lower(), _name.replace(b"-", b"%2d"), b"%58" + _name[1:]):

        def _in_query(gate: Gate, spelled: bytes = _spelled) -> Request:
            """Signed by the header, with the parameter in the query from the beginning."""
            gate.show(signed())
            return signed(query=b"a=1&" + spelled + b"=x")

        CASES.append(
            Case(
                f"row 33, a signed header and {_spelled.decode()} in the query",
                "AmbiguousCredentials",
                _in_query,
                _BOTH,
            )
        )

    def _repeated(gate: Gate, name: bytes = _name) -> Request:
        """A presigned query with the parameter twice, and a signature that is right for the whole."""
        gate.show(presigned())
        once_more = [b"X-Amz-Security-Token=second"] if name == b"X-Amz-Security-Token" else []
        return presigned_by_hand("900", name + b"=first", *once_more)

    CASES.append(Case(f"{_name.decode()} twice in a query", "AmbiguousCredentials", _repeated, MISMATCH))

    def _other_case(gate: Gate, name: bytes = _name) -> Request:
        gate.show(presigned())
        return presigned_by_hand("900", name.lower() + b"=first")

    CASES.append(Case(f"{_name.decode()} again in lower case", "AmbiguousCredentials", _other_case, MISMATCH))


@case("AmbiguousCredentials", MISMATCH)
def a_presigned_parameter_in_lower_case_alone(gate: Gate) -> Request:
    return asked(gate.show(presigned()), b"X-Amz-Expires", b"x-amz-expires")


@case("AmbiguousCredentials", MISMATCH)
def a_presigned_request_with_a_date_header(gate: Gate) -> Request:
    return also(gate.show(presigned()), b"x-amz-date", DATE.encode())


@case("AmbiguousCredentials", MISMATCH)
def a_presigned_request_with_a_token_header(gate: Gate) -> Request:
    return also(gate.show(presigned()), b"x-amz-security-token", str(GUEST.session_token).encode())


for _value, _message in (
    ("0", "X-Amz-Expires must be non-negative"),
    ("-1", "X-Amz-Expires should be a number"),
    ("1e30", "X-Amz-Expires should be a number"),
    ("9.5", "X-Amz-Expires should be a number"),
    ("٣", "X-Amz-Expires should be a number"),
    ("604801", "X-Amz-Expires must be less than a week (in seconds) that is 604800"),
    ("9" * 5000, "X-Amz-Expires must be less than a week (in seconds) that is 604800"),
):

    def _expiring(gate: Gate, value: str = _value) -> Request:
        """Signed over the odd value, so that only the value is wrong."""
        gate.show(presigned())
        return presigned_by_hand(value)

    CASES.append(Case(f"X-Amz-Expires of {_value[:8]}", "InvalidSignature", _expiring, _message))


@case(
    "SignatureExpired",
    "Signature expired: 20260715T113456Z is now earlier than 20260715T113457Z (20260715T114957Z - 15 min.)",
    now=NOW + 901,
)
def a_presigned_request_after_its_time(gate: Gate) -> Request:
    return gate.show(presigned())


@case(
    "SignatureExpired",
    "Signature expired: 20260715T113456Z is now earlier than 20260715T113457Z (20260715T113533Z - 36 sec.)",
    now=NOW + 37,
)
def a_presigned_request_after_its_36_seconds(gate: Gate) -> Request:
    return gate.show(presigned(expires=36))


@case("SignatureNotYetCurrent", now=NOW - 301)
def a_presigned_request_before_its_time(gate: Gate) -> Request:
    return gate.show(presigned())


@case("SignatureMismatch", MISMATCH)
def a_presigned_lifetime_made_longer(gate: Gate) -> Request:
    return asked(gate.show(presigned()), b"X-Amz-Expires=900", b"X-Amz-Expires=604800")


@case("SignatureMismatch", MISMATCH)
def a_presigned_request_with_a_parameter_more(gate: Gate) -> Request:
    request = gate.show(presigned())
    return request._replace(query=request.query + b"&admin=1")


@case("SignatureMismatch", MISMATCH)
def a_presigned_request_with_a_body(gate: Gate) -> Request:
    return gate.show(presigned(method="POST"))._replace(body=b"x")
