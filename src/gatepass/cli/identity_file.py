"""The identity id of a guest, kept between commands: without it, each command would be a new guest.

It is no secret, but says who calls: the file can be read only by its owner.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile


class IdentityIdFile:
    """An `IdentityIdCache` in the user's cache folder, one file a pool and endpoint."""

    def __init__(self, identity_pool_id: str, endpoint: str) -> None:
        self._pool = {"identity_pool_id": identity_pool_id, "endpoint": endpoint}
        name = sha256(json.dumps(self._pool, sort_keys=True).encode()).hexdigest()[:32]
        self._path = cache_folder() / "identities" / f"{name}.json"

    def load(self) -> str | None:
        try:
            kept = json.loads(self._path.read_text())
            identity_id = kept.pop("identity_id")
        except (OSError, ValueError, AttributeError, KeyError, TypeError):
            return None
        return identity_id if kept == self._pool and isinstance(identity_id, str) else None

    def store(self, identity_id: str) -> None:
        with suppress(OSError):  # a cache that cannot be written costs a new guest next time, and nothing now
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # A temporary file is made 0600; the rename lets no reader see half of it.
            with NamedTemporaryFile("w", dir=self._path.parent, delete=False) as file:
                json.dump({**self._pool, "identity_id": identity_id}, file)
            Path(file.name).replace(self._path)


def cache_folder() -> Path:
    """`gatepass` in the folder that the XDG base directory specification names."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(named) if named.startswith("/") else Path.home() / ".cache"
    return folder / "gatepass"
