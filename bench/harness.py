"""What every bench shares: timing that survives a noisy machine, and a table of figures beside their bars.

Candidates are timed in turns, round after round, so that whatever else the machine does hits all of them alike;
a ratio is taken within each round, and the median round is reported.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple, Protocol, runtime_checkable


class Row(NamedTuple):
    """One figure.

    Attributes:
        value: None if it was not measured; `unit` then says why.
        bar: what is promised, such as `≥ 15`; empty if nothing is.
        ok: the figure keeps the promise; None if nothing is promised.
    """

    name: str
    value: float | None
    unit: str
    bar: str = ""
    ok: bool | None = None


@runtime_checkable
class TimesItself(Protocol):
    """A candidate in another process, which knows how long its calls took there."""

    def seconds(self, calls: int) -> float: ...


Candidate = Callable[[], object] | TimesItself
Timings = Mapping[str, Sequence[float]]
"""Seconds for one call, by candidate, one figure a round."""


def at_least(name: str, value: float, bar: float, unit: str = "×") -> Row:
    return Row(name, value, unit, f"≥ {bar:g}", value >= bar)


def at_most(name: str, value: float, bar: float, unit: str = "×") -> Row:
    return Row(name, value, unit, f"≤ {bar:g}", value <= bar)


def interleave(
    candidates: Mapping[str, Candidate],
    *,
    rounds: int,
    slice_seconds: float = 0.02,
    clock: Callable[[], float] = time.perf_counter,
) -> Timings:
    """Time each candidate once a round, for about `slice_seconds`, in turns.

    Args:
        clock: `time.process_time`, for what waits for nothing, leaves out when other processes had the processor.
    """
    calls = {name: _calls_in(candidate, slice_seconds, clock) for name, candidate in candidates.items()}
    timings: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, candidate in candidates.items():
            timings[name].append(_seconds(candidate, calls[name], clock) / calls[name])
    return timings


def _calls_in(candidate: Candidate, seconds: float, clock: Callable[[], float]) -> int:
    calls = 1
    while (taken := _seconds(candidate, calls, clock)) < seconds / 4:
        calls *= 2
    return max(1, round(calls * seconds / taken))


def _seconds(candidate: Candidate, calls: int, clock: Callable[[], float]) -> float:
    if isinstance(candidate, TimesItself):
        return candidate.seconds(calls)
    turns = range(calls)
    began = clock()
    for _ in turns:
        candidate()
    return clock() - began


def microseconds(timings: Timings, candidate: str, name: str) -> Row:
    """The candidate's median, as a row of its own."""
    return Row(name, median(timings[candidate]) * 1e6, "µs")


def ratio(timings: Timings, slower: str, faster: str) -> float:
    """How many times as long `slower` takes as `faster`: the median over the rounds."""
    return median(one / other for one, other in zip(timings[slower], timings[faster], strict=True))


def table(rows: Sequence[Row]) -> str:
    """Plain text, one row a line; the verdict is in words, not in colours."""
    cells = [(row.name, _figure(row), row.bar, _verdict(row)) for row in rows]
    widths = [max(len(line[column]) for line in [*cells, ("", "", "", "")]) for column in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {bar:<{widths[2]}}  {verdict}".rstrip()
        for name, value, bar, verdict in cells
    )


def _figure(row: Row) -> str:
    return row.unit if row.value is None else f"{row.value:,.2f} {row.unit}".strip()


def _verdict(row: Row) -> str:
    return {None: "", True: "holds", False: "MISSED"}[row.ok]


def main(run: Callable[[int], Sequence[Row]], *, description: str, rounds: int = 25) -> int:
    """The command line of one bench: prints its rows; the status is 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds, help="how many turns each candidate gets (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    rows = run(options.rounds)
    if options.json:
        print(json.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=1))
    else:
        print(table(rows))
    return int(any(row.ok is False for row in rows))
