"""The server's date is believed only where it can do no harm."""

import pytest

from gatepass.signing import clock_offset, is_clock_refusal

DATE = b"Thu, 01 Jan 2026 00:00:00 GMT"
AT = 1_767_225_600


@pytest.mark.parametrize(("now", "offset"), [(AT, 0), (AT + 400, -400), (AT - 86_400, 86_400), (AT - 86_401, None)])
def test_the_offset_is_at_most_a_day(now: float, offset: float | None) -> None:
    assert clock_offset(DATE, now) == offset


@pytest.mark.parametrize("date", [None, b"", b"tomorrow", b"Thu, 31 Feb 2026 00:00:00 GMT"])
def test_no_date_no_offset(date: bytes | None) -> None:
    assert clock_offset(date, AT) is None


@pytest.mark.parametrize(
    ("status", "body", "refused"),
    [
        (403, b'{"message":"Signature expired: 20241008T195522Z is now earlier than ..."}', True),
        (403, b'{"message":"Signature not yet current: ..."}', True),
        (400, b'{"__type":"InvalidSignatureException","message":"Signature expired: ..."}', True),
        (200, b"Signature expired", False),
        (403, b'{"message":"The security token included in the request is expired"}', False),
    ],
)
def test_which_refusals_are_about_the_date(status: int, body: bytes, refused: bool) -> None:
    assert is_clock_refusal(status, body) is refused
