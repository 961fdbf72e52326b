"""How many identities may be asked for: so many a second from one address, and so many of one identity pool.

A token bucket each, filled by the time of the calls alone. What is remembered is bounded: an address that was quiet
for longest is forgotten first, and begins again with a full bucket, but never with more of its pool's.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
"""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import Final

RATE: Final = 25.0
BURST: Final = 1000
REMEMBERED: Final = 65_536


class _Buckets:
    """Buckets of one kind, those used last at the end."""

    def __init__(self, rate: float, burst: int, remembered: int) -> None:
        self._rate, self._burst, self._remembered = rate, float(burst), remembered
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def filled(self, name: str, now: float) -> tuple[float, float]:
        """(how many are left, when): `now`, or later, if the clock was set back, which gives nothing twice."""
        left, at = self._buckets.get(name) or (self._burst, now)
        return (min(self._burst, left + (now - at) * self._rate), now) if now > at else (left, at)

    def take(self, name: str, left: float, at: float) -> None:
        """One of those that are left."""
        self._buckets[name] = left - 1, at
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)

    def __len__(self) -> int:
        return len(self._buckets)


class Throttle:
    """Admits calls; used from one event loop."""

    def __init__(self, rate: float = RATE, burst: int = BURST, *, remembered: int = REMEMBERED) -> None:
        """
        Args:
            rate: calls a second, for as long as you like.
            burst: calls at once, after a time of quiet.
        """
        self._pools = _Buckets(rate, burst, remembered)
        self._sources = _Buckets(rate, burst, remembered)

    def admits(self, pool_id: str, source_ip: str, now: float) -> bool:
        """Whether one more call is within both limits; one that is not counts against neither."""
        source = network_of(source_ip)
        of_pool, of_source = self._pools.filled(pool_id, now), self._sources.filled(source, now)
        if of_pool[0] < 1 or of_source[0] < 1:
            return False
        self._pools.take(pool_id, *of_pool)
        self._sources.take(source, *of_source)
        return True

    def __len__(self) -> int:
        """How many buckets are remembered."""
        return len(self._pools) + len(self._sources)


def network_of(source_ip: str) -> str:
    """An address; of IPv6 the network, as one subscriber has 2^64 addresses to call from."""
    if ":" not in source_ip:
        return source_ip
    try:
        address = ip_address(source_ip.partition("%")[0])
    except ValueError:
        return source_ip
    assert isinstance(address, IPv6Address)  # noqa: S101 (it has a colon)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return address.exploded[:19]
