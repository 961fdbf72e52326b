"""The data folder: made if need be, kept out of git, and used by one gate at a time."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from gatepass.errors import ConfigurationError

DATABASE = "gatepass.sqlite3"
KEY_RING = "keys.json"

_CHOOSE_ANOTHER = "give another folder with `--data`"


class DataFolder:
    """A data folder that belongs to this process until it is closed."""

    def __init__(self, path: Path) -> None:
        """Make and lock the folder. Raises: ConfigurationError, if that cannot be or another process has it."""
        self.path = path
        self._lock: int | None = None
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _locked(path)
            ignore = path / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
        except OSError as error:
            self.close()
            raise ConfigurationError(
                f"the data folder `{path}` cannot be used: {error.strerror or error}",
                hint=f"make it a folder this user can write to, or {_CHOOSE_ANOTHER}",
            ) from None

    def close(self) -> None:
        """Let others have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _locked(folder: Path) -> int:
    """The folder's lock file, open, locked and naming this process. Raises: OSError, ConfigurationError."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError:
        holder = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
        os.close(lock)
        raise ConfigurationError(
            f"the data folder `{folder}` is in use by " + (f"process {holder}" if holder else "another process"),
            hint=f"stop that gate, or {_CHOOSE_ANOTHER}",
        ) from None
    except OSError:
        os.close(lock)
        raise
    return lock
