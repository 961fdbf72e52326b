"""Dates are read strictly and written in one form."""

import pytest

from gatepass.sigv4.dates import basic_date, parse_basic_date, parse_http_date


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "19700101T000000Z"),
        (1_784_115_296, "20260715T113456Z"),
        (1_784_115_296.999, "20260715T113456Z"),
        (1_835_431_200, "20280229T100000Z"),
        (253_402_300_799, "99991231T235959Z"),
    ],
)
def test_the_basic_form(seconds: float, text: str) -> None:
    assert basic_date(seconds) == text
    assert parse_basic_date(text.encode()) == int(seconds)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"20260715",
        b"20260715T113456",
        b"20260715T113456z",
        b"20260715 113456Z",
        b"2026-07-15T11:34:56Z",
        b"20260715T113456Z ",
        b"20260715T113456Z\n",
        b"20260229T000000Z",
        b"20261301T000000Z",
        b"20260700T000000Z",
        b"20260715T240000Z",
        b"20260715T113460Z",
        b"00000101T000000Z",
        "٢٠٢٦٠٧١٥T113456Z".encode(),
        b"+2026715T113456Z",
    ],
)
def test_nothing_else_is_the_basic_form(text: bytes) -> None:
    assert parse_basic_date(text) is None


def test_the_form_of_http() -> None:
    assert parse_http_date(b"Wed, 15 Jul 2026 11:34:56 GMT") == 1_784_115_296


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"Wed, 15 Jul 2026 11:34:56 UTC",
        b"Wed, 15 Jul 2026 11:34:56 +0000",
        b"15 Jul 2026 11:34:56 GMT",
        b"Wed, 15 jul 2026 11:34:56 GMT",
        b"Wed, 5 Jul 2026 11:34:56 GMT",
        b"Wednesday, 15-Jul-26 11:34:56 GMT",
        b"Mon, 30 Feb 2026 11:34:56 GMT",
        b"Wed, 15 Jul 2026 11:34:56 GMT\n",
    ],
)
def test_nothing_else_is_the_form_of_http(text: bytes) -> None:
    assert parse_http_date(text) is None
