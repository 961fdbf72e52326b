"""Signing with a wrong clock: the server says what time it is, in the `Date` of its refusal."""

from gatepass.sigv4.dates import parse_http_date

DAY = 86_400
_CLOCK_REFUSALS = (b"Signature expired", b"Signature not yet current")


def is_clock_refusal(status: int, body: bytes) -> bool:
    """Whether the request was refused because of its date alone."""
    return 400 <= status < 500 and any(text in body for text in _CLOCK_REFUSALS)


def clock_offset(date: bytes | None, now: float) -> float | None:
    """Seconds to add to `now` to have the server's time; None if its `Date` cannot be used.

    INVARIANT: never more than a day. Who can alter an unencrypted answer could otherwise have requests signed for any
    time to come, and keep them until then.
    """
    served = parse_http_date(date) if date is not None else None
    if served is None or abs(served - now) > DAY:
        return None
    return served - now
