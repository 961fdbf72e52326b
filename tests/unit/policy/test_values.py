"""What texts mean as numbers, dates, addresses, bytes and Booleans; anything else means nothing."""

import sys
from decimal import Decimal

import pytest

from gatepass.policy.values import address, arn_segments, boolean, contains, moment, network, number, octets

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("FALSE", False), ("True", True), ("1", None), ("", None)]
)
def test_booleans_ignore_case(text: str, expected: bool | None) -> None:
    assert boolean(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10", 10), ("10.0", 10), ("-3.50", "-3.5"), ("+1", 1), ("0.1", "0.1"), ("007", 7)],
)
def test_numbers_are_exact(text: str, expected: int | str) -> None:
    assert number(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    ["", "-", "1.", ".5", "10abc", "1,5", "1 0", "--1", "1e3", "0x1", "1_000", " 1", "١", "NaN", "Infinity", "1" * 65],
)
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970", 0),
        ("1970-01", 0),
        ("1970-01-02", 86_400),
        ("1970-01-01T00:01Z", 60),
        ("1970-01-01T00:00:01Z", 1),
        ("1970-01-01t00:00:01z", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T19:00:00-0500", 0),
        ("1970-01-01T00:00:01", 1),
        ("1767225600", 1_767_225_600),
        ("-1", -1),
        ("-1970", -1970),
        ("0", 0),
    ],
)
def test_dates_are_iso_8601_or_seconds(text: str, seconds: int) -> None:
    assert moment(text) == seconds * SECOND


def test_parts_of_a_second_count() -> None:
    assert moment("1970-01-01T00:00:00.5Z") == SECOND // 2
    assert moment("1970-01-01T00:00:00.000000001Z") == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-13",
        "2026-02-30",
        "2026-1-1",
        "0000",
        "2026-01-01T",
        "2026-01-01T24:00Z",
        "2026-01T10:00Z",
        "2026-01-01T10:60Z",
        "2026-01-01T10:00:60Z",
        "2026-01-01T10Z",
        "2026-01-01T10:00.5Z",
        "2026-01-01 10:00Z",
        "2026-01-01T10:00+24:00",
        "2026-01-01T10:00+1",
        "2026-01-01T10:00+0:100",
        "2026-01-01T10:00:00.Z",
        "1.5",
        "2026-01-01T10:00:00.1234567890Z",
        "٢٠٢٦-٠١-٠١",
        "9" * 65,
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert moment(text) is None


def test_octets_are_behind_base64() -> None:
    assert octets("QQ==") == b"A"
    assert octets("QQ") is None
    assert octets("Q Q==") is None
    assert octets("é") is None


@pytest.mark.parametrize(
    ("block", "host", "inside"),
    [
        ("10.0.0.0/8", "10.255.0.1", True),
        ("10.0.0.0/8", "11.0.0.1", False),
        ("10.1.2.3/8", "10.9.9.9", True),
        ("203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.10", False),
        ("0.0.0.0/0", "255.255.255.255", True),
        ("0.0.0.0/0", "::1", False),
        ("::/0", "2001:db8::1", True),
        ("::/0", "10.0.0.1", False),
        ("2001:DB8::/32", "2001:db8:ffff::", True),
        ("2001:db8::1", "2001:0db8:0::0001", True),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("::ffff:10.0.0.0/8", "10.1.2.3", True),
    ],
)
def test_networks_contain_addresses_of_their_own_family(block: str, host: str, inside: bool) -> None:
    first, second = network(block), address(host)
    assert first is not None
    assert second is not None
    assert contains(first, second) is inside


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "10.0.0",
        "256.0.0.1",
        "01.2.3.4",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/a",
        "10.0.0.0/255.0.0.0",
        "::1/129",
        "fe80::1%eth0",
        "10.0.0.0/-1",
        "1::2::3",
    ],
)
def test_what_is_no_network(text: str) -> None:
    assert network(text) is None


def test_one_address_is_not_a_block() -> None:
    assert address("10.0.0.0/8") is None


def test_an_arn_has_six_segments_and_the_last_may_hold_colons() -> None:
    assert arn_segments("arn:aws:sns:us-east-1:1:t:x") == ("arn", "aws", "sns", "us-east-1", "1", "t:x")
    assert arn_segments("arn:aws:s3:*") is None


def test_long_texts_are_not_read() -> None:
    assert moment("1" * (sys.get_int_max_str_digits() + 1)) is None
