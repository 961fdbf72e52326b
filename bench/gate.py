"""The gate on the wire: signed requests against servers bare, against MiniStack, against `chalice local`."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.harness import Row, at_least, main
from bench.load import WRK, Batch, Measured, drive, plain, signed
from bench.peers import EXAMPLE, MINISTACK, Peer, bare, chalice_local, gate, guest_keys, ministack

SLICE = 2  # seconds of load a turn
SESSIONS = 64
REQUESTS = 250_000  # more than a server answers in all its turns, so that none is sent twice
BARE = {"uvicorn bare": "uvicorn", "its own server bare": "ours"}
KIBIBYTE = b'{"data":"' + b"x" * 1013 + b'"}'

Turn = Callable[[int], Measured]


def turns(candidates: dict[str, Turn], rounds: int) -> dict[str, list[Measured]]:
    """Each candidate once a round."""
    results: dict[str, list[Measured]] = {name: [] for name in candidates}
    for number in range(rounds):
        for name, candidate in candidates.items():
            results[name].append(candidate(number))
    return results


def load(peer: Peer, batch: Batch, rounds: int, connections: int = 32) -> Turn:
    share = len(batch) // rounds
    return lambda number: drive(peer, batch, seconds=SLICE, start=number * share, connections=connections)


def ratio(results: dict[str, list[Measured]], one: str, other: str) -> float:
    """How many times as many requests a second `one` answers as `other`."""
    return median(a.rate / b.rate for a, b in zip(results[one], results[other], strict=True))


def cost(results: dict[str, list[Measured]], one: str, other: str) -> float:
    """How many times as much processor time a request costs `one` as `other`."""
    return median(a.cpu_microseconds / b.cpu_microseconds for a, b in zip(results[one], results[other], strict=True))


def figures(results: dict[str, list[Measured]], prefix: str) -> list[Row]:
    rows = []
    for name, measured in results.items():
        rows.append(Row(f"{prefix}: {name}", median(each.rate for each in measured), "requests/s"))
        cpu = median(each.cpu_microseconds for each in measured)
        rows.append(Row(f"{prefix}: {name}, processor time a request", cpu, "µs"))
    return rows


def wire(folder: Path, rounds: int) -> list[Row]:
    """Signed GET and POST against servers bare, and against MiniStack with and without an app behind it."""
    rows = []
    with ExitStack() as stack:
        other = stack.enter_context(gate(folder / "data"))
        bares = {name: stack.enter_context(bare(server)) for name, server in BARE.items()}
        rivals: dict[str, Peer] = {}
        if MINISTACK.exists():
            rival = stack.enter_context(ministack(folder, f"{bares['uvicorn bare'].endpoint}/"))
            rivals = {"MiniStack": rival._replace(path="/api/app"), "MiniStack without an app": rival}
        sessions = [guest_keys(other) for _ in range(SESSIONS)]
        for method, body in (("GET", b""), ("POST", KIBIBYTE)):
            batch = signed(other, sessions, REQUESTS, method=method, body=body)
            candidates = {"gate": load(other, batch, rounds)}
            candidates |= {name: load(peer, batch, rounds) for name, peer in bares.items()}
            for name, peer in rivals.items():
                few = signed(peer, [guest_keys(peer)], REQUESTS // 10, method=method, body=body)
                candidates[name] = load(peer, few, rounds)
            results = turns(candidates, rounds)
            what = "signed GET" if method == "GET" else "signed POST 1 KiB"
            rows += figures(results, what)
            for name in bares:
                rows.append(at_least(f"{what}: gate against {name}", ratio(results, "gate", name), 0.6, "of bare"))
                share = 1 / cost(results, "gate", name)
                rows.append(Row(f"{what}: the same by processor time", share, "of bare"))
            rows += [at_least(f"{what}: gate against {name}", ratio(results, "gate", name), 10) for name in rivals]
    return rows


def chalice(folder: Path, rounds: int) -> list[Row]:
    """The example app: signed under the gate, anonymous under `chalice local`, which checks nothing."""
    with gate(folder / "example", str(EXAMPLE)) as ours, chalice_local() as theirs:
        batch = signed(ours, [guest_keys(ours)], REQUESTS // 10)
        few = 8  # as many connections as `chalice local` takes without dropping any
        candidates = {
            "gate": load(ours, batch, rounds, few),
            "chalice local": load(theirs, plain(theirs, "/"), rounds, few),
        }
        results = turns(candidates, rounds)
    rows = figures(results, "example app, GET /")
    return [*rows, Row("example app, GET /: gate against chalice local", ratio(results, "gate", "chalice local"), "×")]


def run(rounds: int) -> Sequence[Row]:
    if not WRK:
        print("wrk is not installed: the load comes from asyncio, which slows all servers alike", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="gatepass-bench-") as name:
        return [*wire(Path(name), rounds), *chalice(Path(name), rounds)]


if __name__ == "__main__":
    sys.exit(main(run, description=__doc__ or "", rounds=9))
