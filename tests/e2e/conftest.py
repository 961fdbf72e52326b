"""Real gates for end-to-end tests: `gatepass serve --port 0 --json` in processes of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gatepass.sigv4 import Keys

GATEPASS = str(Path(sys.executable).with_name("gatepass"))
HELLO_WORLD = Path(__file__).parents[2] / "examples" / "hello-world"


@dataclass(frozen=True)
class Gate:
    """A gate that answers.

    Attributes:
        ready: its ready line.
        data: its data folder.
        errors: the file that holds what it wrote to stderr.
    """

    process: "subprocess.Popen[str]"
    ready: dict[str, Any]
    data: Path
    errors: Path

    @property
    def endpoint(self) -> str:
        return str(self.ready["endpoint"])

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    @property
    def region(self) -> str:
        return str(self.ready["region"])

    @property
    def url(self) -> str:
        """The API's address; ends in a slash."""
        return str(self.ready["apis"][0]["url"])

    @property
    def pool_id(self) -> str:
        return str(self.ready["identity_pools"][0]["identity_pool_id"])

    @property
    def administrator(self) -> Keys:
        admin = self.ready["admin"]
        return Keys(admin["access_key_id"], admin["secret_access_key"])

    def log(self) -> str:
        return self.errors.read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop; gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=60)


Serve = Callable[..., Gate]


def clean_environment(**more: str) -> dict[str, str]:
    """This process's, without what steers AWS's tools or gatepass."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GATEPASS_"))}
    silent = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    return {**kept, **silent, **more}


@contextmanager
def serving(
    data: Path, *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None
) -> Iterator[Gate]:
    """A gate until the end of the block."""
    data.mkdir(parents=True, exist_ok=True)
    errors = data / "stderr.txt"
    with errors.open("a") as log:
        process = subprocess.Popen(
            [GATEPASS, "serve", *arguments, "--port", "0", "--data", str(data), "--json"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=cwd,
            env=clean_environment(**(environment or {})),
        )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, f"the gate did not start:\n{errors.read_text()}"
            yield Gate(process, json.loads(line), data, errors)
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="session")
def a_gate() -> Callable[..., Any]:
    """`with a_gate(data, *arguments, cwd=…, environment=…) as gate`, for fixtures of a wider scope than `serve`."""
    return serving


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts gates: `serve("folder or module:attribute", "--open", "GET /x", data=…, cwd=…, environment=…)`."""
    with ExitStack() as stack:

        def start(
            *arguments: str | Path,
            data: Path | None = None,
            cwd: Path | None = None,
            environment: dict[str, str] | None = None,
        ) -> Gate:
            folder = data or tmp_path / "data"
            texts = [str(argument) for argument in arguments]
            return stack.enter_context(serving(folder, *texts, cwd=cwd, environment=environment))

        yield start


@pytest.fixture(scope="session")
def hello_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    """One gate in front of the example, for tests that leave it as it is."""
    with serving(tmp_path_factory.mktemp("hello-world"), str(HELLO_WORLD)) as gate:
        yield gate
