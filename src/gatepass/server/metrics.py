"""Counts and times of what the gate did, for Prometheus to scrape.

Counting costs a few dictionary updates a request; the library that prints them is imported when someone scrapes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.core import Metric

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

Gauges = Callable[[], dict[str, tuple[str, float]]]


class Metrics:
    """What was counted since the start.

    Args:
        gauges: (what it is, how much) by name, asked when someone scrapes.
    """

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges
        # By entrance, outcome and status: how many took how long (as BOUNDS divide time), and how long in all.
        self._answers: dict[tuple[str, str, int], list[float]] = {}
        self._refusals: dict[tuple[str, str], int] = {}

    def count(self, entrance: str, outcome: str, status: int, seconds: float) -> None:
        """A request was answered."""
        times = self._answers.get((entrance, outcome, status))
        if times is None:
            times = self._answers[entrance, outcome, status] = [0.0] * (len(BOUNDS) + 2)
        times[bisect_left(BOUNDS, seconds)] += 1
        times[-1] += seconds

    def refuse(self, stage: str, code: str) -> None:
        """A stage said no."""
        self._refusals[stage, code] = self._refusals.get((stage, code), 0) + 1

    def text(self) -> bytes:
        """Prometheus's exposition format."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """What Prometheus's registry asks a collector for."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        labels = ["entrance", "outcome", "status"]
        requests = CounterMetricFamily("gatepass_requests", "Requests answered.", labels=labels)
        for (entrance, outcome, status), times in self._answers.items():
            requests.add_metric([entrance, outcome, str(status)], sum(times[:-1]))
        yield requests
        refusals = CounterMetricFamily("gatepass_refusals", "Requests refused.", labels=["stage", "code"])
        for (stage, code), number in self._refusals.items():
            refusals.add_metric([stage, code], number)
        yield refusals
        seconds = HistogramMetricFamily("gatepass_request_seconds", "Time to the whole answer.", labels=["entrance"])
        by_entrance: dict[str, list[float]] = {}
        for (entrance, _, _), times in self._answers.items():
            so_far = by_entrance.get(entrance, [0.0] * len(times))
            by_entrance[entrance] = [one + other for one, other in zip(so_far, times, strict=True)]
        for entrance, times in by_entrance.items():
            seconds.add_metric([entrance], _cumulated(times), times[-1])
        yield seconds
        for name, (text, value) in self._gauges().items():
            yield GaugeMetricFamily(name, text, value)


def _cumulated(times: list[float]) -> list[tuple[str, float]]:
    buckets, total = [], 0.0
    for bound, number in zip((*map(str, BOUNDS), "+Inf"), times, strict=False):
        total += number
        buckets.append((bound, total))
    return buckets
