"""Finding the gate that runs on this machine: what `gatepass serve` writes into its data folder.

`serve.json` says where it answers; `administrator.json` holds the keys that its own paths ask for. Both are 0600.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatepass.errors import ConfigurationError, CredentialsError, Unreachable

DEFAULT_FOLDER = Path(".gatepass")
START = "start one with `gatepass serve`, or name its data folder with --data or GATEPASS_DATA"


@dataclass(frozen=True, slots=True)
class RunningGate:
    """A gate as its `serve.json` describes it.

    Attributes:
        endpoint: `http://host:port`, without a trailing slash.
        identity_pools, apis: as in the ready line of `gatepass serve --json`.
    """

    folder: Path
    endpoint: str
    process_id: int
    region: str
    account_id: str
    identity_pools: tuple[Mapping[str, Any], ...]
    apis: tuple[Mapping[str, Any], ...]

    def guest_pool(self) -> str:
        """The id of the one pool that lets guests in.

        Raises: ConfigurationError, if there is none, or more than one.
        """
        guests = [pool for pool in self.identity_pools if pool.get("allow_unauthenticated")]
        if len(guests) == 1:
            return str(guests[0]["identity_pool_id"])
        if not guests:
            raise ConfigurationError(
                f"the gate at {self.endpoint} has no identity pool that lets guests in", hint="name a pool with --pool"
            )
        choices = ", ".join(f"{pool['identity_pool_id']} ({pool.get('name', '')})" for pool in guests)
        raise ConfigurationError(
            f"the gate at {self.endpoint} has {len(guests)} identity pools that let guests in",
            hint=f"name one with --pool: {choices}",
        )

    def administrator(self) -> tuple[str, str]:
        """The administrator's access key id and secret access key."""
        path = self.folder / "administrator.json"
        keys = _read(path, missing=f"the data folder `{self.folder}` holds no administrator's keys")
        try:
            return str(keys["access_key_id"]), str(keys["secret_access_key"])
        except KeyError as error:
            raise ConfigurationError(f"`{path}` has no {error.args[0]}") from None


def data_folder(given: Path | None) -> Path:
    """The folder that was given, else GATEPASS_DATA, else ./.gatepass."""
    if given is not None:
        return given
    named = os.environ.get("GATEPASS_DATA")
    return Path(named) if named else DEFAULT_FOLDER


def find_gate(given: Path | None = None) -> RunningGate | None:
    """The gate of the data folder; None if none is running there and nobody named the folder.

    Raises: ConfigurationError, if a folder was named, by --data or GATEPASS_DATA, and no gate runs on it.
    """
    folder = data_folder(given)
    if not (folder / "serve.json").exists() and given is None and "GATEPASS_DATA" not in os.environ:
        return None
    return running_gate(folder)


def running_gate(folder: Path) -> RunningGate:
    """Raises: ConfigurationError, if no gate runs on this folder."""
    path = folder / "serve.json"
    found = _read(path, missing=f"no gate is running on `{folder}`")
    try:
        return RunningGate(
            folder=folder,
            endpoint=str(found["endpoint"]).rstrip("/"),
            process_id=int(found["pid"]),
            region=str(found["region"]),
            account_id=str(found["account_id"]),
            identity_pools=tuple(found["identity_pools"]),
            apis=tuple(found["apis"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"`{path}` does not describe a running gate: {error!r}", hint=START) from None


@contextmanager
def answering(gate: RunningGate | None) -> Iterator[None]:
    """Whoever cannot reach this gate is told where it was taken to be: it may have been killed."""
    try:
        yield
    except (Unreachable, CredentialsError) as error:
        cause = error if isinstance(error, Unreachable) else error.__cause__
        if gate is not None and isinstance(cause, Unreachable) and not cause.sent:
            error.hint = f"`{gate.folder}` says that a gate runs there as process {gate.process_id}; start it again"
        raise


def _read(path: Path, *, missing: str) -> dict[str, Any]:
    """The JSON object in a file that only its owner can read."""
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigurationError(missing, hint=START) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read `{path}`: {error}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"`{path}` can be read by others", hint=f"chmod 600 {path}")
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ConfigurationError(f"`{path}` does not hold a JSON object")
    return value
