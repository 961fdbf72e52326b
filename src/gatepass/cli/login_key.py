"""The key that `gatepass token` signs with: a PEM file that only its owner can read, made when it is first needed."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gatepass.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

BITS = 2048
_LARGEST = 64 * 1024


def usual_place() -> Path:
    """`login-key.pem` in the folder for data that the XDG base directory specification names."""
    named = os.environ.get("XDG_DATA_HOME", "")
    folder = Path(named) if named.startswith("/") else Path.home() / ".local" / "share"
    return folder / "gatepass" / "login-key.pem"


def open_login_key(path: Path) -> RSAPrivateKey:
    """The key in this file; where there is no file, a new key in a new one.

    Raises: ConfigurationError, if others may read the file, or it holds no RSA key.
    """
    try:
        if not path.exists():
            _create(path)
        return _load(path)
    except OSError as error:
        raise ConfigurationError(
            f"the key `{path}` cannot be used: {error.strerror or error}", hint="name another file with --key"
        ) from None


def _create(path: Path) -> None:
    """Raises: OSError."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    text = rsa.generate_private_key(65537, BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(text)
        with suppress(FileExistsError):  # another process has just made it: its key is the one
            os.link(beside, path)  # unlike a rename it does not overwrite
    finally:
        beside.unlink(missing_ok=True)


def _load(path: Path) -> RSAPrivateKey:
    """Raises: ConfigurationError, OSError."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode & 0o777
        text = file.read(_LARGEST)
    if mode & 0o077:
        raise ConfigurationError(
            f"the key `{path}` is open to others (mode {mode:04o})",
            hint=f"run `chmod 600 {path}`; if someone may have read it, remove it instead",
        )
    try:
        key = load_pem_private_key(text, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < BITS:
        raise ConfigurationError(
            f"`{path}` holds no RSA key of {BITS} bits or more", hint="name another file with --key, or remove this one"
        )
    return key
