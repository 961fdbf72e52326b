"""What every process on a store must have the same of: the key ring, the administrator's keys.

The store knows fingerprints only. They are made with the secret as the key of an HMAC, and every secret has at least
240 random bits, so nobody gets from one to the other.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from gatepass.errors import ConfigurationError
from gatepass.store.database import Connection, Database
from gatepass.store.key_files import open_key_ring
from gatepass.tokens.keys import KeyRing

KEYS = "keys"
ADMINISTRATOR = "administrator"
NAMES = (KEYS, ADMINISTRATOR)

_ONE = "SELECT fingerprint FROM fingerprints WHERE name = :name"
_ADD = "INSERT INTO fingerprints (name, fingerprint) VALUES (:name, :fingerprint) ON CONFLICT DO NOTHING"
_MOVE = "UPDATE fingerprints SET fingerprint = :fingerprint WHERE name = :name AND fingerprint = :known"
FORGET = "DELETE FROM fingerprints WHERE name = :name"

V = TypeVar("V")


def fingerprint_of(secret: bytes, name: str, deployment_id: str) -> str:
    """32 hexadecimal digits that tell a secret from others, and say nothing of it."""
    return hmac.digest(secret, f"gatepass fingerprint {name} {deployment_id}".encode(), hashlib.sha256)[:16].hex()


class SharedSecrets:
    """The table of fingerprints. Where no other process uses the store, nothing has to be agreed on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def agreed(
        self, name: str, path: Path, read: Callable[[], V], fingerprints: Callable[[V], Sequence[str]]
    ) -> V:
        """What is in a file, which is the same for the whole deployment; its first process makes it.

        Args:
            read: reads the file; makes it where there is none.
            fingerprints: of what was read: the one to go by, then those of what it holds besides. A deployment that
                goes by one of these moves on to the first.

        Raises:
            ConfigurationError: the file is missing or not this deployment's, and what `read` raises.
        """
        if self._database.exclusive:
            return read()
        is_new = not path.exists()
        if is_new and await self._database.read(lambda connection: connection.row(_ONE, {"name": name})) is not None:
            raise _not_shared(path, "is missing", name)
        value = read()
        given = fingerprints(value)
        if not await self._database.write(lambda connection: _agree(connection, name, given)):
            if is_new:
                path.unlink()  # made here a moment ago, while another process made its own
            raise _not_shared(path, "is not the one this deployment goes by", name)
        return value


def _agree(connection: Connection, name: str, fingerprints: Sequence[str]) -> bool:
    given = {"name": name, "fingerprint": fingerprints[0]}
    if connection.execute(_ADD, given) == 1:
        return True
    row = connection.row(_ONE, {"name": name})
    known = None if row is None else row[0]
    return known in fingerprints and connection.execute(_MOVE, {**given, "known": known}) == 1


async def open_shared_key_ring(secrets: SharedSecrets, path: Path, deployment_id: str) -> KeyRing:
    """The key ring in this file, which opens what any process of the deployment seals.

    A process may come with another active key, if it has the one that was active before, too: keys rotate.

    Raises:
        ConfigurationError: the file is missing or not this deployment's, or cannot be used.
    """

    def fingerprints(ring: KeyRing) -> list[str]:
        in_order = [ring.active, *sorted(ring.keys.keys() - {ring.active})]
        return [fingerprint_of(ring.keys[id_], KEYS, deployment_id) for id_ in in_order]

    return await secrets.agreed(KEYS, path, lambda: open_key_ring(path, deployment_id), fingerprints)


def _not_shared(path: Path, fault: str, name: str) -> ConfigurationError:
    return ConfigurationError(
        f"`{path}` {fault}: all gates on a store have the same one",
        hint=f"copy `{path.name}` from the data folder of another gate; if it is lost, `gatepass store forget {name}`",
    )
