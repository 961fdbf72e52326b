"""Starting and standing: until the first answer against `chalice local` as typed, and memory idle and under load."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.harness import Row, at_most, main
from bench.load import drive, signed
from bench.peers import BIN, EXAMPLE, environment, free_port, gate, guest_keys, running, wait_for

FIRST = 100_000
LAST = 1_000_000


def seconds_until_answer(folder: Path, *command: str) -> float:
    """From the command typed to the first answer of its port."""
    port = free_port()
    began = time.perf_counter()
    with running([str(BIN / command[0]), *command[1:], "--port", str(port)], cwd=folder, env=environment()):
        wait_for(port, "/api/")
        return time.perf_counter() - began


def start(folder: Path, rounds: int) -> list[Row]:
    """The same app in the same folder, its data folder existing; in turns."""
    app = folder / "hello-world"
    shutil.copytree(EXAMPLE, app, ignore=shutil.ignore_patterns(".gatepass"))
    seconds_until_answer(app, "gatepass", "serve")
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(seconds_until_answer(app, "gatepass", "serve"))
        theirs.append(seconds_until_answer(app, "chalice", "local"))
    share = median(one / other for one, other in zip(ours, theirs, strict=True))
    return [
        Row("start: gatepass serve", median(ours), "s"),
        Row("start: chalice local", median(theirs), "s"),
        at_most("start: gatepass serve against chalice local", share, 1.0),
    ]


def memory(folder: Path) -> list[Row]:
    """Resident memory with the least app behind: idle, then after a hundred thousand and a million requests."""
    with gate(folder / "data") as peer:
        wait_for(peer.port)
        idle = peer.resident_mib()
        keys = [guest_keys(peer)]
        after = {}
        sent = 0
        for goal in (FIRST, LAST):
            while sent < goal:
                sent += drive(peer, signed(peer, keys, 60_000), seconds=4).requests
            after[goal] = peer.resident_mib()
    return [
        at_most("memory: idle", idle, 48, "MiB"),
        Row(f"memory: after {FIRST:,} requests", after[FIRST], "MiB"),
        at_most(f"memory: growth from {FIRST:,} to {LAST:,} requests", after[LAST] - after[FIRST], 5, "MiB"),
    ]


def run(rounds: int) -> Sequence[Row]:
    with tempfile.TemporaryDirectory(prefix="gatepass-bench-") as name:
        return [*start(Path(name), rounds), *memory(Path(name))]


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as typed: compiled once, then read
    sys.exit(main(run, description=__doc__ or "", rounds=7))
