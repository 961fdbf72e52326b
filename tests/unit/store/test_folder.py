"""A data folder is private, out of git, and used by one gate at a time."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gatepass.errors import ConfigurationError
from gatepass.store.folder import DataFolder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "a" / "b") as folder:
        assert mode(folder.path) == 0o700
        assert mode(folder.path / "lock") == 0o600
        assert (folder.path / ".gitignore").read_text() == "*\n"


def test_a_gitignore_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    with DataFolder(tmp_path):
        assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_a_second_gate_is_told_who_has_the_folder(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from gatepass.store.folder import DataFolder\n"
        "folder = DataFolder(Path(sys.argv[1])); print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "ready\n"
        with pytest.raises(ConfigurationError, match=f"in use by process {first.pid}$") as caught:
            DataFolder(tmp_path)
        assert "--data" in caught.value.hint
        first.kill()
        first.wait()
        DataFolder(tmp_path).close()  # a lock goes with its process, however it ended


def test_a_closed_folder_is_free_and_may_be_closed_again(tmp_path: Path) -> None:
    first = DataFolder(tmp_path)
    with pytest.raises(ConfigurationError, match="in use"):
        DataFolder(tmp_path)
    first.close()
    with DataFolder(tmp_path):
        first.close()
        with pytest.raises(ConfigurationError, match="in use"):
            DataFolder(tmp_path)


@pytest.mark.parametrize("path", ["file", "file/below"])
def test_a_folder_that_cannot_be_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be used") as caught:
        DataFolder(tmp_path / path)
    assert "--data" in caught.value.hint


def test_an_unwritable_folder_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        DataFolder(Path("/proc/self"))
