"""Plants each mistake of `tests/mutation/*.mutants` in the source and runs the tests of its room: one must fail.

Prints a line a mistake: its room, what the broken package does, and the first test that fails. Status 1 if no test
fails, or if the package cannot even be imported. `scripts/mutants.py WORD …` plants only mistakes whose room and name
hold every word.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import sys
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

import hypothesis  # noqa: F401 (imported once, before the processes part)
import pytest
from tests.mutation.planting import ROOT, Mutant, Planted
from tests.mutation.rooms import ROOMS, Room

OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--timeout", "120")


class Answer(NamedTuple):
    """What became of one mistake: the test that noticed, or what is wrong."""

    room: str
    name: str
    noticed_by: str | None
    trouble: str = ""


class FirstFailure:
    """A pytest plugin that keeps the first test, or file, that fails."""

    def __init__(self) -> None:
        self.found: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.found = self.found or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.found = self.found or f"{report.nodeid} (cannot be collected)"


def plant(number: tuple[int, int]) -> Answer:
    """Plant one mistake in this process, which then ends."""
    room = ROOMS[number[0]]
    mutant = room.mutants[number[1]]
    sys.meta_path.insert(0, Planted(room.package, mutant))
    try:
        importlib.import_module(room.package)
    except Exception as error:  # noqa: BLE001 (whatever it is, the mistake is badly written)
        return Answer(room.name, mutant.name, None, f"cannot be imported: {error!r}")
    failure = FirstFailure()
    os.chdir(ROOT)
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):  # noqa: PTH123
        for paths in (room.files, room.suite):  # most are noticed before all tests are collected
            if failure.found is None:
                pytest.main([*OPTIONS, *paths], plugins=[failure])
    return Answer(room.name, mutant.name, failure.found, "" if failure.found else "no test fails")


def chosen(words: list[str]) -> list[tuple[int, int]]:
    def wanted(room: Room, mutant: Mutant) -> bool:
        return all(word in f"{room.name}: {mutant.name}" for word in words)

    return [
        (number, index)
        for number, room in enumerate(ROOMS)
        for index, mutant in enumerate(room.mutants)
        if wanted(room, mutant)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only mistakes that hold every WORD")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (%(default)s)")
    options = parser.parse_args()
    numbers = chosen(options.words)
    if not numbers:
        print("mutants: no mistake holds these words")
        return 1
    widths = [max(len(text) for text in column) for column in zip(*map(_names, numbers), strict=True)]
    began, planted, alive = time.monotonic(), Counter[str](), []
    with multiprocessing.get_context("fork").Pool(options.jobs, maxtasksperchild=1) as pool:
        for answer in pool.imap(plant, numbers):
            planted[answer.room] += 1
            shown = _short(answer.noticed_by) if answer.noticed_by else f"SURVIVES: {answer.trouble}"
            print(f"{answer.room:<{widths[0]}}  {answer.name:<{widths[1]}}  {shown}", flush=True)
            if answer.noticed_by is None:
                alive.append(answer)
    for room, count in planted.items():
        print(f"{room:<{widths[0]}}  {count - sum(each.room == room for each in alive)} of {count} noticed")
    print(f"mutants: {len(numbers)} planted, {len(alive)} survive, {time.monotonic() - began:.0f} s")
    return 1 if alive else 0


def _names(number: tuple[int, int]) -> tuple[str, str]:
    room = ROOMS[number[0]]
    return room.name, room.mutants[number[1]].name


def _short(test: str) -> str:
    """The test without its folders, and without the row of its table."""
    path, _, name = test.partition("::")
    return f"{Path(path).name}::{name.partition('[')[0]}" if name else Path(path).name


if __name__ == "__main__":
    sys.exit(main())
