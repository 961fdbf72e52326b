"""`make demo` tells the whole story, exits 0 only if every answer was as expected, and leaves nothing behind."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    """One run, with temporary files of its own."""
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "demo.py")],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder), "AWS_PROFILE": "someone-else"},
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
    )


def test_every_answer_is_as_expected(demo: subprocess.CompletedProcess[str]) -> None:
    """Exit status 0, and not one cross."""
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "✗" not in demo.stdout
    assert demo.stdout.count("\n✓ ") >= 9


def test_the_story_is_told_in_order(demo: subprocess.CompletedProcess[str]) -> None:
    """Bodies stand verbatim on lines of their own, as no terminal wraps them."""
    story = [
        r"^> GET /api/ HTTP/1\.1$",
        r"^< HTTP/1\.1 403 ",
        r'^\{"message":"Missing Authentication Token"\}$',
        r"^> GET /api/hoge HTTP/1\.1$",
        r'^\{"hello":"world"\}$',
        r"^\$ gatepass call -i http",
        r'^\{"hello":"world"\}$',
        r'^\{"message":"The request signature we calculated does not match .*The Canonical String for this request',
        (
            r'^\{"Message":"User: arn:aws:sts::\d{12}:assumed-role/[^/]+/CognitoIdentityCredentials is not authorized'
            r' to perform: execute-api:Invoke on resource: arn:aws:execute-api:[^"]+"\}$'
        ),
        r"^\$ gatepass explain [0-9a-f-]{36}$",
        r"OtherRouteOnly",
        r"NotAuthorizedException",
        r"^\$ gatepass credentials ",
        r"What to try next",
    ]
    position = 0
    for pattern in story:
        found = re.compile(pattern, re.MULTILINE).search(demo.stdout, position)
        assert found, f"{pattern} not after:\n{demo.stdout[:position][-500:]}"
        position = found.end()


def test_it_is_plain_where_no_one_looks(demo: subprocess.CompletedProcess[str]) -> None:
    """No colour codes in a pipe."""
    assert "\x1b" not in demo.stdout


def test_it_cleans_up(demo: subprocess.CompletedProcess[str], folder: Path) -> None:
    """No process of it runs on, and its files are gone."""
    assert demo.returncode == 0
    running = [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if bytes(folder) in read(path)]
    assert running == []
    assert list(folder.glob("gatepass-demo-*")) == []


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process ended meanwhile
        return b""
