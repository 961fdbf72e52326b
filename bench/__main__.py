"""Every bench, one after the other: prints the figures beside their bars and writes docs/reference/benchmarks.md.

Each bench is a module with `run(rounds)`, in an interpreter of its own. A missed bar stands in the table; a bench that
breaks ends this with status 1. `python -m bench NAME …` runs only those, and writes nothing.
"""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bench.harness import Row, table

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "docs" / "reference" / "benchmarks.md"

INTRODUCTION = """\
# Benchmarks

<!-- Written by `make bench`. -->

Figures and what is promised, side by side. Everything compared was measured in turns in one run, and a ratio is the
median of the rounds: ratios carry over to other machines, the numbers beside them do not
([why](../decisions/0004-benches-are-ratios.md)). MiniStack runs with its checks on (`AUTH=true`).
"""


class Bench(NamedTuple):
    name: str
    title: str
    rows: list[Row]


def names() -> list[str]:
    found = (path for path in sorted(FOLDER.glob("*.py")) if "def run(" in path.read_text())
    return [path.stem for path in found if path.stem not in ("harness", "__main__")]


def measure(name: str) -> Bench:
    """Raises: RuntimeError, if the bench breaks or has no figures."""
    environment = {**os.environ, "PYTHONPATH": str(FOLDER.parent)}
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", "--json"], stdout=subprocess.PIPE, text=True, env=environment
    )
    if done.returncode not in (0, 1) or not done.stdout.startswith("["):
        raise RuntimeError(f"the bench `{name}` broke with status {done.returncode}")
    rows = [Row(**row) for row in json.loads(done.stdout)]
    return Bench(name, (FOLDER / f"{name}.py").read_text().partition('"""')[2].partition("\n")[0].rstrip('"'), rows)


def page(benches: list[Bench]) -> str:
    parts = [INTRODUCTION, f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}.\n"]
    for bench in benches:
        parts.append(f"## {bench.name}\n\n{bench.title}\n\n| | figure | promised | |\n| --- | ---: | --- | --- |")
        for row in bench.rows:
            verdict = {None: "", True: "holds", False: "**missed**"}[row.ok]
            parts.append(f"| {row.name} | {_figure(row)} | {row.bar} | {verdict} |")
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _figure(row: Row) -> str:
    if row.value is None:
        return row.unit
    return f"{row.value:,.0f} {row.unit}" if row.value >= 1000 else f"{row.value:,.2f} {row.unit}"


def machine() -> str:
    information = Path("/proc/cpuinfo")
    model = platform.processor() or platform.machine()
    if information.exists() and "model name" in (text := information.read_text()):
        model = text.partition("model name")[2].partition(":")[2].partition("\n")[0].strip()
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}"


def main() -> int:
    wanted = sys.argv[1:] or names()
    benches = []
    for name in wanted:
        print(f"\n{name} …", flush=True)
        bench = measure(name)
        print(table(bench.rows), flush=True)
        benches.append(bench)
    if not sys.argv[1:]:
        PAGE.write_text(page(benches))
        print(f"\nwritten: {PAGE.relative_to(FOLDER.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
