"""The commands in README and guides do what the page says.

Every `console` block of a page is typed into one shell: lines that begin with `$ ` are commands, the lines after each
are what it prints. `…` stands for anything within a line, a line of it for any number of lines. A command that ends in
` &` runs on behind; the shell goes on when the gate answers.
"""

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "README.ja.md", *(f"docs/guides/{path.name}" for path in (ROOT / "docs/guides").glob("*.md"))]
WRITTEN_PORT = "8080"
LIMIT = 60.0
NOT_COPIED = (".git", ".venv*", ".gatepass", ".*_cache", ".hypothesis", "__pycache__")
# Where curl is not installed, this answers for it.
CURL = f"""#!{sys.executable}
import sys, urllib.error, urllib.request
try:
    answer = urllib.request.urlopen(sys.argv[-1])
except urllib.error.HTTPError as error:
    answer = error
sys.stdout.write(answer.read().decode())
"""
DONE = re.compile("\x1e(\\d+)\n")


class Shell:
    """A shell in a copy of the project, with a free port where the page says 8080."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self._port = port

    def type(self, command: str) -> tuple[int, str]:
        """Exit status and output of one command."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        behind = command.endswith(" &")
        command = command.replace(WRITTEN_PORT, str(self._port))
        if "gatepass serve" in command and "--port" not in command:
            command = command.replace("gatepass serve", f"gatepass serve --port {self._port}")
        if behind:
            command = f"{command.removesuffix('&')} > gate.log 2>&1 &"
        self._process.stdin.write(f"{command}\nprintf '\\036%d\\n' $?\n".encode())
        self._process.stdin.flush()
        status, output = self._read()
        if behind:
            self._wait_for_the_gate()
        return status, output.replace(str(self._port), WRITTEN_PORT)

    def _read(self) -> tuple[int, str]:
        assert self._process.stdout is not None
        received, end = b"", time.monotonic() + LIMIT
        while not (found := DONE.search(received.decode(errors="replace"))):
            ready, _, _ = select.select([self._process.stdout], [], [], max(0, end - time.monotonic()))
            block = os.read(self._process.stdout.fileno(), 65536) if ready else b""
            assert block, f"no end after:\n{received.decode(errors='replace')}"
            received += block
        return int(found[1]), found.string[: found.start()]

    def _wait_for_the_gate(self) -> None:
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            select.select([], [], [], 0.05)
        raise AssertionError("the gate did not come up")


@contextmanager
def shell(home: Path) -> Iterator[Shell]:
    project = home / "gatepass"
    (home / "bin").mkdir()
    copy_project(project)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = f"{home}/bin:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    process = subprocess.Popen(
        ["sh"],
        cwd=project,
        env={"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "NO_PROXY": "127.0.0.1", "COLUMNS": "200"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield Shell(process, port)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def copy_project(target: Path) -> None:
    """What a clone would have, and a `.venv` that stands for this one, already installed."""
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*NOT_COPIED))
    binaries = target / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "activate").write_text(":\n")
    (binaries / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (binaries / "python").chmod(0o755)
    (target / ".venv" / ".installed").touch()
    if shutil.which("curl") is None:
        (target.parent / "bin" / "curl").write_text(CURL)
        (target.parent / "bin" / "curl").chmod(0o755)


def steps(page: Any) -> Iterator[tuple[str, list[str]]]:
    """(command, the lines it prints) of every `console` block, in order."""
    for block in page.blocks:
        if block.kind != "console":
            continue
        lines = block.text.splitlines()
        while lines:
            command = lines.pop(0)
            assert command.startswith("$ "), f"{page.name}: `{command}` is output without a command"
            while command.endswith("\\"):
                command += "\n" + lines.pop(0)
            if document := re.search(r"<<'(\w+)'$", command):
                while not command.endswith(f"\n{document[1]}"):
                    command += "\n" + lines.pop(0)
            printed = []
            while lines and not lines[0].startswith("$ "):
                printed.append(lines.pop(0))
            yield command.removeprefix("$ "), printed


def pattern(printed: list[str]) -> re.Pattern[str]:
    """The lines as a pattern: `…` is anything, a line of it any number of lines."""
    parts = [
        "(?:.*\n)*?" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n" for line in printed
    ]
    return re.compile("".join(parts))


@pytest.mark.parametrize("name", PAGES)
def test_the_page_s_commands_do_what_it_says(name: str, page: Callable[[str], Any], tmp_path: Path) -> None:
    """Each prints what the page shows; none fails unless the page shows its error."""
    with shell(tmp_path) as typing:
        for command, printed in steps(page(name)):
            status, output = typing.type(command)
            output = output if output.endswith("\n") or not output else output + "\n"
            assert not printed or pattern(printed).fullmatch(output), f"$ {command}\n{output}"
            fails = any(line.startswith("gatepass: error: ") for line in printed)
            assert (status != 0) == fails, f"$ {command}\n{output}[exit status {status}]"


def test_every_page_has_commands(page: Callable[[str], Any]) -> None:
    """A page without any would pass above without proving anything."""
    assert [name for name in PAGES if not list(steps(page(name)))] == []


def test_the_pattern_is_strict_but_for_dots() -> None:
    """`…` matches within its line, and a line of it across lines; all else is letter for letter."""
    assert pattern(["a … c", "…", "z"]).fullmatch("a b c\n1\n2\nz\n")
    assert not pattern(["a … c"]).fullmatch("a b d\n")
    assert not pattern(["a"]).fullmatch("a\nb\n")
