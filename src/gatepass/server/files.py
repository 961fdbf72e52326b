"""The server's own files in the data folder: the administrator's keys, and where the gate answers."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gatepass.errors import ConfigurationError
from gatepass.store import AccessKey, Store
from gatepass.store.shared_secrets import ADMINISTRATOR as NAME
from gatepass.store.shared_secrets import fingerprint_of
from gatepass.tokens import account_of, unique_id
from gatepass.tokens.ids import ENTROPY_BYTES

ADMINISTRATOR = "administrator.json"
RUNNING = "serve.json"

_SECRET_BYTES = 30


def administrator(folder: Path, account: str) -> AccessKey:
    """The root's access key; made at the first start.

    Raises: ConfigurationError, if the file cannot be used or others may read it.
    """
    path = folder / ADMINISTRATOR
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except FileNotFoundError:
        return _new_administrator(path, account)
    except (OSError, UnicodeDecodeError) as failure:
        raise ConfigurationError(f"`{path}` cannot be read: {failure}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"`{path}` is open to others (mode {mode & 0o777:04o})",
            hint=f"run `chmod 600 {path}`; if someone may have read it, remove it instead: new keys are made",
        )
    try:
        keys = json.loads(text)
        key = AccessKey(keys["access_key_id"], keys["secret_access_key"])
        known = account_of(key.id) == account and len(key.secret_access_key) == 40
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise ConfigurationError(f"`{path}` is damaged", hint="remove it: new keys are made at the next start")
    return key


async def agreed_administrator(store: Store, folder: Path, account: str) -> AccessKey:
    """The same one in every process on the store; the first makes it. Raises: ConfigurationError."""

    def fingerprints(key: AccessKey) -> list[str]:
        return [fingerprint_of(key.secret_access_key.encode(), key.id, store.deployment_id)]

    path = folder / ADMINISTRATOR
    return await store.shared_secrets.agreed(NAME, path, lambda: administrator(folder, account), fingerprints)


def _new_administrator(path: Path, account: str) -> AccessKey:
    from base64 import b64encode

    secret_access_key = b64encode(os.urandom(_SECRET_BYTES)).decode()
    key = AccessKey(unique_id("AKIA", account, os.urandom(ENTROPY_BYTES)), secret_access_key)
    write_private(path, {"access_key_id": key.id, "secret_access_key": key.secret_access_key})
    return key


def write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a file as a whole; only its owner may read it."""
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as failure:
        with suppress(OSError):  # on a full disk each attempt would leave one behind
            beside.unlink()
        raise ConfigurationError(
            f"`{path}` cannot be written: {failure.strerror or failure}",
            hint=f"see that `{path.parent}` can be written to",
        ) from None


def remove_running(folder: Path) -> None:
    """Remove what says where this process answers, unless another gate has put its own there."""
    path = folder / RUNNING
    with suppress(OSError, ValueError, KeyError, TypeError):
        if json.loads(path.read_text())["pid"] == os.getpid():
            path.unlink()


def administrator_id(folder: Path) -> str | None:
    """The administrator's access key id, if there is one already."""
    try:
        known = json.loads((folder / ADMINISTRATOR).read_text())["access_key_id"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(known)
