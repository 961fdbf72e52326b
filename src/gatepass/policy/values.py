"""What condition values mean: numbers, dates, addresses, bytes. None where a text cannot be read as one.

Texts come from callers as well as from policies: every reader takes time proportional to the text, and bounds it.
"""

from __future__ import annotations

import base64
import binascii
from datetime import date
from decimal import Decimal
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple

_LONGEST = 64
_NANOSECONDS = 1_000_000_000


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def boolean(text: str) -> bool | None:
    """`true` or `false`, in any case."""
    folded = text.lower()
    return folded == "true" if folded in ("true", "false") else None


def number(text: str) -> Decimal | None:
    """An integer or a decimal: `10` and `10.0` are the same; no exponent."""
    unsigned = text[1:] if text[:1] in ("-", "+") else text
    whole, point, fraction = unsigned.partition(".")
    if len(text) > _LONGEST or not _digits(whole) or (point and not _digits(fraction)):
        return None
    return Decimal(text)


def moment(text: str) -> int | None:
    """Nanoseconds since the epoch, from an ISO 8601 date (W3C profile) or from seconds since the epoch.

    Four digits are a year; any other integer is seconds. A time without a zone is UTC.
    Source: https://www.w3.org/TR/NOTE-datetime
    """
    if len(text) > _LONGEST:
        return None
    negative = text.startswith("-")
    if _digits(text[negative:]) and (len(text) != 4 or negative):
        return int(text) * _NANOSECONDS
    day, separator, rest = text.replace("t", "T").partition("T")
    days = _days(day)
    if days is None:
        return None
    if not separator:
        return days * 86_400 * _NANOSECONDS
    time = _time(rest) if len(day) == 10 else None
    return None if time is None else days * 86_400 * _NANOSECONDS + time


def _days(text: str) -> int | None:
    """Days since the epoch of YYYY, YYYY-MM or YYYY-MM-DD."""
    parts = text.split("-")
    if [len(part) for part in parts] != [4, 2, 2][: len(parts)] or not all(_digits(part) for part in parts):
        return None
    try:
        return date(*(int(part) for part in [*parts, "01", "01"][:3])).toordinal() - 719_163
    except ValueError:
        return None


def _time(text: str) -> int | None:
    """Nanoseconds of hh:mm, hh:mm:ss or hh:mm:ss.s, less the zone's offset."""
    clock, offset = text, 0
    if text[-1:] in ("Z", "z"):
        clock = text[:-1]
    else:
        at = max(text.rfind("+"), text.rfind("-"))
        if at >= 0:
            sign, clock, zone = text[at], text[:at], text[at + 1 :]
            zone = zone[:2] + zone[3:] if zone[2:3] == ":" else zone
            if len(zone) not in (2, 4) or not _digits(zone) or int(zone[:2]) > 23 or int(zone[2:] or 0) > 59:
                return None
            offset = (int(zone[:2]) * 60 + int(zone[2:] or 0)) * (60 if sign == "+" else -60)
    clock, point, fraction = clock.partition(".")
    parts = clock.split(":")
    if len(parts) not in (2, 3) or not all(len(part) == 2 and _digits(part) for part in parts):
        return None
    if point and (len(parts) != 3 or not _digits(fraction) or len(fraction) > 9):
        return None
    hours, minutes, seconds = (int(part) for part in [*parts, "00"][:3])
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return (hours * 3600 + minutes * 60 + seconds - offset) * _NANOSECONDS + int(fraction.ljust(9, "0") or 0)


def octets(text: str) -> bytes | None:
    """The bytes behind base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


class Network(NamedTuple):
    """Addresses of one family that begin with the same bits; a single address is the longest network."""

    version: int
    bits: int
    shift: int


def address(text: str) -> Network | None:
    """One address. An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is the IPv4 address."""
    return None if len(text) > _LONGEST or "%" in text else _address(text)


@lru_cache(maxsize=1024)
def _address(text: str) -> Network | None:
    try:
        if ":" not in text:
            return Network(4, int(IPv4Address(text)), 0)
        found = IPv6Address(text)
    except AddressValueError:
        return None
    mapped = found.ipv4_mapped
    return Network(6, int(found), 0) if mapped is None else Network(4, int(mapped), 0)


def network(text: str) -> Network | None:
    """An address or a CIDR block; bits beyond the prefix do not count."""
    host, slash, length = text.partition("/")
    found = address(host)
    if found is None or not slash:
        return found
    longest = 32 if found.version == 4 else 128
    if not _digits(length) or len(length) > 3 or int(length) > longest:
        return None
    shift = longest - int(length)
    return Network(found.version, found.bits >> shift, shift)


def contains(block: Network, host: Network) -> bool:
    return block.version == host.version and host.bits >> block.shift == block.bits


def arn_segments(text: str) -> tuple[str, ...] | None:
    """The six segments of an ARN; the last may hold colons."""
    parts = text.split(":", 5)
    return tuple(parts) if len(parts) == 6 else None
