"""A mismatch is read back from what the gate writes, and shown part by part."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.errors import SignatureMismatch
from gatepass.signing import Difference, differences, parse_mismatch
from gatepass.wire import gate

REQUEST_ID = "0b5f2a04-6f0e-4f43-9a0e-0d3c5a1f7e21"
CANONICAL = b"GET\n/api/\na=b\nhost:h\nx-amz-date:20260101T000000Z\n\nhost;x-amz-date\n0f"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_the_gate_prints_is_read_back(canonical: str, to_sign: str) -> None:
    """Quotes and line ends within included."""
    if "'\n\nThe String-to-Sign" in canonical:
        return
    body = gate.error(SignatureMismatch(canonical.encode(), to_sign.encode()), REQUEST_ID).body
    assert parse_mismatch(body) == (canonical.encode(), to_sign.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'"x"',
        b'{"message":7}',
        b'{"Message":"User: x is not authorized"}',
        b'{"message":"The request signature we calculated does not match the signature you provided."}',
        json.dumps({"message": "The Canonical String for this request should have been\n'GET"}).encode(),
    ],
)
def test_other_bodies_print_none(body: bytes) -> None:
    assert parse_mismatch(body) is None


def test_each_part_that_differs_is_named() -> None:
    computed = b"GET\n/api/%2541\na=b\nhost:other\nx-amz-date:20260101T000000Z\nx-new:1\n\nhost;x-amz-date;x-new\n0f"
    assert differences(CANONICAL, computed) == [
        Difference("path", "/api/", "/api/%2541"),
        Difference("header host", "h", "other"),
        Difference("signed headers", "host;x-amz-date", "host;x-amz-date;x-new"),
        Difference("header x-new", None, "1"),
    ]


def test_the_same_request_differs_in_nothing() -> None:
    assert differences(CANONICAL, CANONICAL) == []


@given(st.binary(), st.binary())
def test_two_requests_that_differ_never_show_nothing(signed: bytes, computed: bytes) -> None:
    """However mangled."""
    if signed.decode("utf-8", "backslashreplace") != computed.decode("utf-8", "backslashreplace"):
        assert differences(signed, computed)
