"""The dates that signatures carry: read strictly, written in one form."""

import re
import time
from datetime import UTC, datetime

_BASIC = re.compile(rb"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_HTTP = re.compile(
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})"
    rb" (\d\d):(\d\d):(\d\d) GMT",
    re.ASCII,
)
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")


def basic_date(seconds: float) -> str:
    """`20260101T000000Z`, from seconds since the epoch."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def parse_basic_date(value: bytes) -> int | None:
    """Seconds since the epoch, from `20260101T000000Z`; None for anything else, or for a day that does not exist."""
    match = _BASIC.fullmatch(value)
    if match is None:
        return None
    return _seconds(*map(int, match.groups()))


def parse_http_date(value: bytes) -> int | None:
    """Seconds since the epoch, from a `Date` header's `Thu, 01 Jan 2026 00:00:00 GMT`; None for anything else."""
    match = _HTTP.fullmatch(value)
    if match is None:
        return None
    day, month, year, hour, minute, second = match.groups()
    return _seconds(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))


def _seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int | None:
    try:
        return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())
    except ValueError:
        return None
