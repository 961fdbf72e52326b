"""Refused because what arrived is not what was signed. Row 28."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.sigv4.world import (
    CASES,
    GUEST,
    HOST,
    OTHER,
    Case,
    Gate,
    also,
    by_hand,
    case,
    header,
    signed,
    with_header,
)

from gatepass.errors import MISMATCH
from gatepass.http import Request
from gatepass.sigv4 import Keys, payload_hash

# Row 28: the signature.

for _name, _keys in (
    ("another key's secret", GUEST._replace(secret_access_key=OTHER.secret_access_key)),
    ("an empty secret", GUEST._replace(secret_access_key="")),
):

    def _other_secret(gate: Gate, keys: Keys = _keys) -> Request:
        gate.show(signed())
        return signed(keys)

    CASES.append(Case(f"row 28, {_name}", "SignatureMismatch", _other_secret, MISMATCH))

for _name, _signature in (
    ("zeros", b"0" * 64),
    ("deadbeef", b"deadbeef"),
    ("the first half right", header(signed(), b"authorization")[-64:-32] + b"0" * 32),
    ("all but the last byte right", header(signed(), b"authorization")[-64:-1] + b"x"),
    ("the first byte alone", header(signed(), b"authorization")[-64:-63]),
    ("in upper case", header(signed(), b"authorization")[-64:].upper()),
    ("twice", header(signed(), b"authorization")[-64:] * 2),
    ("no text", b"\xff" * 64),
):

    def _with_signature(gate: Gate, signature: bytes = _signature) -> Request:
        request = gate.show(signed())
        return with_header(request, b"authorization", header(request, b"authorization")[:-64] + signature)

    CASES.append(Case(f"row 28, the signature: {_name}", "SignatureMismatch", _with_signature, MISMATCH))

_CHANGES: dict[str, Callable[[Request], Request]] = {
    "the method": lambda request: request._replace(method="DELETE"),
    "a byte of the path": lambda request: request._replace(path=b"/prod/itemz"),
    "the path is longer": lambda request: request._replace(path=b"/prod/items/1"),
    "a slash more at the end": lambda request: request._replace(path=b"/prod/items/"),
    "the path in another case": lambda request: request._replace(path=b"/prod/Items"),
    "an encoded letter in the path": lambda request: request._replace(path=b"/prod/%69tems"),
    "an encoded slash in the path": lambda request: request._replace(path=b"/prod%2Fitems"),
    "a backslash in the path": lambda request: request._replace(path=b"/prod\\items"),
    "dots that lead elsewhere": lambda request: request._replace(path=b"/prod/../items"),
    "encoded dots": lambda request: request._replace(path=b"/prod/x/%2e%2e/items"),
    "a parameter of a segment": lambda request: request._replace(path=b"/prod/items;a=b"),
    "a value of the query": lambda request: request._replace(query=b"a=1&b=3"),
    "a parameter more": lambda request: request._replace(query=b"a=1&b=2&c="),
    "a parameter twice": lambda request: request._replace(query=b"a=1&a=1&b=2"),
    "a parameter less": lambda request: request._replace(query=b"a=1"),
    "the values swapped": lambda request: request._replace(query=b"a=2&b=1"),
    "no query": lambda request: request._replace(query=b""),
    "a semicolon in the query": lambda request: request._replace(query=b"a=1;b=2"),
    "an ampersand encoded": lambda request: request._replace(query=b"a=1%26b=2"),
    "a name of the query in upper case": lambda request: request._replace(query=b"A=1&b=2"),
    "a signed header": lambda request: with_header(request, b"accept", b"text/html"),
    "a signed header twice": lambda request: also(request, b"accept", b"*/*"),
    "white space left out of a signed header": lambda request: with_header(request, b"accept", b"*/ *"),
    "the host": lambda request: with_header(request, b"host", b"evil.test"),
    "the host's port": lambda request: with_header(request, b"host", HOST + b":8080"),
    "the host in upper case": lambda request: with_header(request, b"host", HOST.upper()),
    "the date, by a second": lambda request: with_header(request, b"x-amz-date", b"20260715T113457Z"),
    "a body that was not signed": lambda request: request._replace(body=b"x"),
}
for _name, _change in _CHANGES.items():

    def _changed(gate: Gate, change: Callable[[Request], Request] = _change) -> Request:
        return change(gate.show(signed()))

    CASES.append(Case(f"row 28, changed: {_name}", "SignatureMismatch", _changed, MISMATCH))


@case("SignatureMismatch", MISMATCH)
def a_blank_for_a_plus_in_the_query(gate: Gate) -> Request:
    return gate.show(signed(query=b"a=1%202"))._replace(query=b"a=1+2")


@case("SignatureMismatch", MISMATCH)
def two_values_of_one_name_swapped_with_another(gate: Gate) -> Request:
    return gate.show(signed(query=b"a=1&a=2&b=3"))._replace(query=b"a=1&a=3&b=2")


@case("SignatureMismatch", MISMATCH)
def a_header_signed_without_folding_its_white_space(gate: Gate) -> Request:
    headers = [(b"host", HOST), (b"my-header", b"a  b")]
    gate.show(signed(headers=headers))
    return by_hand(b"host;my-header;x-amz-date;x-amz-security-token", headers=headers)


@case("SignatureMismatch", MISMATCH)
def white_space_between_words_is_not_nothing(gate: Gate) -> Request:
    request = gate.show(signed(headers=[(b"host", HOST), (b"my-header", b"a b")]))
    return with_header(request, b"my-header", b"ab")


# The body.


def _body(name: str, sent: bytes, error: str = "SignatureMismatch", **options: Any) -> None:
    def build(gate: Gate) -> Request:
        request = gate.show(signed(method="POST", body=b'{"a":1}', query=b"", options=options))
        return request._replace(body=sent)

    CASES.append(Case(f"the body: {name}", error, build, MISMATCH))


_body("a byte swapped", b'{"a":2}')
_body("appended to", b'{"a":1}\n')
_body("taken away", b"")
_body("swapped, its hash signed in a header", b'{"a":2}', sign_payload_header=True)

for _claim in (
    "UNSIGNED-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "",
    "required",
    "0" * 64,
):

    def _claimed(gate: Gate, value: str = _claim) -> Request:
        """Signed in full for what the header claims, as S3 takes it."""
        gate.show(signed(options={"sign_payload_header": True}))
        headers = [(b"host", HOST), (b"x-amz-content-sha256", value.encode())]
        return by_hand(b"host;x-amz-content-sha256;x-amz-date", headers=headers, hashed=value, body=b"anything")

    CASES.append(Case(f"the payload hash {_claim or 'empty'}", "SignatureMismatch", _claimed, MISMATCH))


_TRUE, _FALSE = payload_hash(b"").encode(), payload_hash(b"another").encode()


for _value in (_FALSE, b"UNSIGNED-PAYLOAD", _TRUE.upper(), b""):

    def _claimed_unsigned(gate: Gate, value: bytes = _value) -> Request:
        request = gate.show(also(signed(), b"x-amz-content-sha256", _TRUE))
        return with_header(request, b"x-amz-content-sha256", value)

    def _claimed_signed(gate: Gate, value: bytes = _value) -> Request:
        """The hash in the signature is the true one; only the header says otherwise."""
        names = b"host;x-amz-content-sha256;x-amz-date"
        gate.show(by_hand(names, headers=[(b"host", HOST), (b"x-amz-content-sha256", _TRUE)]))
        return by_hand(names, headers=[(b"host", HOST), (b"x-amz-content-sha256", value)])

    _said = _value.decode()[:20] or "nothing"
    CASES.append(
        Case(f"a true signature, the unsigned header says {_said}", "SignatureMismatch", _claimed_unsigned, MISMATCH)
    )
    CASES.append(
        Case(f"a true signature, the signed header says {_said}", "SignatureMismatch", _claimed_signed, MISMATCH)
    )
