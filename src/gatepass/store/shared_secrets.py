"""What every process on a store must have the same of: the key ring, the administrator's keys.

The store knows fingerprints only. They are made with the secret as the key of an HMAC, and every secret has at least
240 random bits, so nobody gets from one to the other.
"""

import hashlib
import hmac
from collections.abc import Collection
from pathlib import Path

from gatepass.errors import ConfigurationError
from gatepass.store.database import Connection, Database
from gatepass.store.key_files import open_key_ring
from gatepass.tokens.keys import KeyRing

KEYS = "keys"

_ONE = "SELECT fingerprint FROM fingerprints WHERE name = :name"
_ADD = "INSERT INTO fingerprints (name, fingerprint) VALUES (:name, :fingerprint) ON CONFLICT DO NOTHING"
_MOVE = "UPDATE fingerprints SET fingerprint = :fingerprint WHERE name = :name AND fingerprint = :known"


def fingerprint_of(secret: bytes, name: str, deployment_id: str) -> str:
    """32 hexadecimal digits that tell a secret from others, and say nothing of it."""
    return hmac.digest(secret, f"gatepass fingerprint {name} {deployment_id}".encode(), hashlib.sha256)[:16].hex()


class SharedSecrets:
    """The table of fingerprints. Where no other process uses the store, nothing has to be agreed on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, name: str) -> str | None:
        """The fingerprint that the deployment goes by, if another process may go by it too."""
        if self._database.exclusive:
            return None
        row = await self._database.read(lambda connection: connection.row(_ONE, {"name": name}))
        return None if row is None else str(row[0])

    async def agree(self, name: str, fingerprint: str, *, also_has: Collection[str] = ()) -> bool:
        """Let the deployment go by this fingerprint; false if it goes by another one.

        Args:
            also_has: fingerprints of what this process has besides; going by one of them, the deployment moves on.
        """
        if self._database.exclusive:
            return True

        def work(connection: Connection) -> bool:
            given = {"name": name, "fingerprint": fingerprint}
            if connection.execute(_ADD, given) == 1:
                return True
            known = connection.row(_ONE, {"name": name})
            if known is not None and known[0] in also_has:
                return connection.execute(_MOVE, {**given, "known": known[0]}) == 1
            return known is not None and known[0] == fingerprint

        return await self._database.write(work)


async def open_shared_key_ring(secrets: SharedSecrets, path: Path, deployment_id: str) -> KeyRing:
    """The key ring in this file, which opens what any process of the deployment seals.

    It is made by the first process there is. Another one may come with another active key, if it has the one that was
    active too: keys rotate.

    Raises:
        ConfigurationError: the file is missing or not this deployment's, or cannot be used.
    """
    is_new = not path.exists()
    if is_new and await secrets.known(KEYS) is not None:
        raise not_shared(path, "is missing", KEYS)
    ring = open_key_ring(path, deployment_id)
    fingerprints = {id_: fingerprint_of(key, KEYS, deployment_id) for id_, key in ring.keys.items()}
    if not await secrets.agree(KEYS, fingerprints[ring.active], also_has=frozenset(fingerprints.values())):
        if is_new:
            path.unlink()  # made here a moment ago, while another process made its own
        raise not_shared(path, "lacks the key that this deployment seals with", KEYS)
    return ring


def not_shared(path: Path, fault: str, name: str) -> ConfigurationError:
    """What to do where a file is not the one that the deployment goes by."""
    return ConfigurationError(
        f"`{path}` {fault}; all gates on a store use the same one",
        hint=f"copy `{path.name}` from the data folder of another gate; if it is lost, `gatepass store forget {name}`",
    )
