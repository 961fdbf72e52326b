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
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _unusable(path, error) from None
        try:
            self._take()
            ignore = path / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
        except OSError as error:
            self.close()
            raise _unusable(path, error) from None
        except ConfigurationError:
            self.close()
            raise

    def close(self) -> None:
        """Let others have the folder."""
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _take(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 32, 0).decode("ascii", "replace").strip()
            who = f"process {holder}" if holder else "another process"
            raise ConfigurationError(
                f"the data folder `{self.path}` is in use by {who}", hint=f"stop that gate, or {_CHOOSE_ANOTHER}"
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)


def _unusable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"the data folder `{path}` cannot be used: {error.strerror or error}",
        hint=f"make it a folder this user can write to, or {_CHOOSE_ANOTHER}",
    )
