"""The key ring's file: JSON, readable by its owner only, always whole.

`gatepass.tokens.keys` says what a key ring is; this module is where it meets the disk.
"""

import os
from binascii import a2b_base64, b2a_base64
from pathlib import Path
from typing import Literal

import msgspec

from gatepass.errors import ConfigurationError
from gatepass.tokens.keys import KEY_BYTES, KeyRing

_LARGEST = 1 << 20


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[1]
    active: str
    keys: dict[str, str]


def open_key_ring(path: Path, deployment_id: str) -> KeyRing:
    """The key ring in this file; where there is no file, a new one with a key from the operating system.

    Raises:
        ConfigurationError: others may read the file, or it holds no usable key ring.
    """
    if not path.exists():
        try:
            return _create(path, deployment_id)
        except FileExistsError:
            pass  # another process has just made it: its key ring is the one
    return load_key_ring(path, deployment_id)


def load_key_ring(path: Path, deployment_id: str) -> KeyRing:
    """Raises: ConfigurationError, as `open_key_ring`, and if there is no file."""
    try:
        given = msgspec.json.decode(_read_private(path), type=_File)
        keys = {id_: a2b_base64(text, strict_mode=True) for id_, text in given.keys.items()}
        return KeyRing(deployment_id, given.active, keys)
    except (msgspec.MsgspecError, ValueError) as error:
        raise ConfigurationError(
            f"the key ring `{path}` is damaged: {error}",
            hint="restore it from a backup, or remove it: every session issued so far ends then",
        ) from None


def save_key_ring(path: Path, ring: KeyRing) -> None:
    """Replace the file; readers see the old ring or the new one, never a part. Raises: ConfigurationError."""
    try:
        _write_beside(path, ring).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unusable(path, error) from None


def _create(path: Path, deployment_id: str) -> KeyRing:
    """Raises: FileExistsError, ConfigurationError."""
    ring = KeyRing.of(deployment_id, os.urandom(KEY_BYTES))
    try:
        beside = _write_beside(path, ring)
        try:
            os.link(beside, path)  # unlike a rename it does not overwrite
        finally:
            beside.unlink()
        _sync_folder(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise _unusable(path, error) from None
    return ring


def _write_beside(path: Path, ring: KeyRing) -> Path:
    """The ring in a new file next to `path`, on disk."""
    keys = {id_: b2a_base64(key, newline=False).decode("ascii") for id_, key in sorted(ring.keys.items())}
    text = msgspec.json.format(msgspec.json.encode(_File(1, ring.active, keys))) + b"\n"
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_private(path: Path) -> bytes:
    """The file's bytes. Raises: ConfigurationError, if anyone but its owner may read or write it."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            content = file.read(_LARGEST)
    except OSError as error:
        raise _unusable(path, error) from None
    if mode & 0o077:
        raise ConfigurationError(
            f"the key ring `{path}` is open to others (mode {mode:04o})",
            hint=f"run `chmod 600 {path}`; if someone may have read it, remove it instead: every session ends then",
        )
    return content


def _unusable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"the key ring `{path}` cannot be used: {error.strerror or error}")
