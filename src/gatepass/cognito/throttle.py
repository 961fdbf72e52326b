"""How many identities may be asked for: so many a second from one address, and so many of one identity pool.

A token bucket each, filled by the time of the calls alone. What is remembered is bounded: an address that was quiet
for longest is forgotten first, and begins again with a full bucket, but never with more of its pool's.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
"""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple

RATE: Final = 25.0
BURST: Final = 1000
REMEMBERED: Final = 65_536


class _Bucket(NamedTuple):
    left: float
    at: float


class _Buckets:
    """Buckets of one kind, those used last at the end."""

    def __init__(self, rate: float, burst: int, remembered: int) -> None:
        self._rate, self._burst, self._remembered = rate, float(burst), remembered
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def left(self, name: str, now: float) -> float:
        bucket = self._buckets.get(name)
        if bucket is None:
            return self._burst
        return min(self._burst, bucket.left + max(0.0, now - bucket.at) * self._rate)

    def take(self, name: str, now: float) -> None:
        """One of those that are left. A clock that was set back gives nothing twice."""
        before = self._buckets.get(name)
        at = now if before is None else max(now, before.at)
        self._buckets[name] = _Bucket(self.left(name, now) - 1, at)
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
        if self._pools.left(pool_id, now) < 1 or self._sources.left(source, now) < 1:
            return False
        self._pools.take(pool_id, now)
        self._sources.take(source, now)
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
