"""Long-lived access keys by id; their secrets are sealed by the key ring."""

import logging
import os
from collections.abc import Callable

from gatepass.store.changes import Change, LoggedWrites
from gatepass.store.database import Connection, Database, Row
from gatepass.store.entities import AccessKey, AccessKeyMetadata
from gatepass.store.users import hold_user
from gatepass.tokens.keys import KeyRing
from gatepass.tokens.seal import SALT_BYTES, BrokenSeal, Purpose, open_sealed, seal

_ALL = "SELECT id, sealed_secret, user_name, active, created FROM access_keys"
_ONE = _ALL + " WHERE id = :id"
_PAGE = _ALL + " WHERE id > :after ORDER BY id LIMIT :limit"
_ADD = """
    INSERT INTO access_keys (id, sealed_secret, user_name, active, created)
    VALUES (:id, :sealed_secret, :user_name, :active, :created)
    ON CONFLICT DO NOTHING
"""
_METADATA = "SELECT id, user_name, active, created FROM access_keys"
_OF_USER = _METADATA + " WHERE user_name = :user_name ORDER BY id"
_OF_ROOT = _METADATA + " WHERE user_name IS NULL ORDER BY id"
_HOLD_ROOT = "UPDATE deployment SET singleton = singleton"
_ACTIVATE = "UPDATE access_keys SET active = :active WHERE id = :id"
_DELETE = "DELETE FROM access_keys WHERE id = :id"

_log = logging.getLogger(__name__)


class AccessKeys:
    """The table of access keys. Who verifies reads them from `Store.directory`."""

    def __init__(self, database: Database, writes: LoggedWrites, ring: KeyRing) -> None:
        self._database = database
        self._writes = writes
        self._ring = ring

    async def add(self, key: AccessKey) -> bool:
        """Add a key; false if the id is taken."""
        given = self._to_row(key)
        return await self._writes.write(
            Change("access_key", key.id), lambda connection: connection.execute(_ADD, given) == 1
        )

    async def add_to_owner(self, key: AccessKey, *, check: Callable[[list[AccessKeyMetadata]], None]) -> bool:
        """Add a key of a user that there is, or of the root; false if there is no such user, or the id is taken.

        `check` sees the keys the user has in the same transaction; what it raises is raised here, and nothing is added.
        """
        given = self._to_row(key)

        def work(connection: Connection) -> bool:
            if key.user_name is None:
                connection.execute(_HOLD_ROOT)
            elif not hold_user(connection, key.user_name):
                return False
            check(_metadata(connection, key.user_name))
            return connection.execute(_ADD, given) == 1

        return await self._writes.write(Change("access_key", key.id), work)

    async def metadata(self, user_name: str | None) -> list[AccessKeyMetadata]:
        """What may be said of a user's keys, or of the root's, in the order of their ids."""
        return await self._database.read(lambda connection: _metadata(connection, user_name))

    def _to_row(self, key: AccessKey) -> dict[str, object]:
        sealed = seal(
            self._ring, Purpose.ACCESS_KEY, key.id, key.secret_access_key.encode(), salt=os.urandom(SALT_BYTES)
        )
        return {
            "id": key.id,
            "sealed_secret": sealed,
            "user_name": key.user_name,
            "active": key.active,
            "created": key.created,
        }

    async def get(self, id_: str) -> AccessKey | None:
        """The key as it is in the store now."""
        return await self._database.read(lambda connection: load(connection, id_, self._ring))

    async def list(self, *, after: str | None = None, limit: int = 100) -> list[AccessKey]:
        """Keys in the order of their ids, from the one that follows `after`."""
        given = {"after": after or "", "limit": limit}
        return await self._database.scan(lambda connection: _readable(connection.rows(_PAGE, given), self._ring))

    async def set_active(self, id_: str, active: bool) -> bool:
        """Switch a key on or off; false if there is none."""
        given = {"id": id_, "active": active}
        return await self._writes.write(
            Change("access_key", id_), lambda connection: connection.execute(_ACTIVATE, given) == 1
        )

    async def delete(self, id_: str) -> bool:
        """Delete a key; false if there is none."""
        return await self._writes.write(
            Change("access_key", id_), lambda connection: connection.execute(_DELETE, {"id": id_}) == 1
        )


def _metadata(connection: Connection, user_name: str | None) -> list[AccessKeyMetadata]:
    rows = connection.rows(_OF_ROOT if user_name is None else _OF_USER, {"user_name": user_name})
    return [AccessKeyMetadata(id_, user, bool(active), created) for id_, user, active, created in rows]


def load(connection: Connection, id_: str, ring: KeyRing) -> AccessKey | None:
    return next(iter(_readable(connection.rows(_ONE, {"id": id_}), ring)), None)


def load_all(connection: Connection, ring: KeyRing) -> list[AccessKey]:
    return _readable(connection.rows(_ALL), ring)


def _readable(rows: list[Row], ring: KeyRing) -> list[AccessKey]:
    """The keys that the ring can open; one it cannot open lets nobody in."""
    keys = []
    for id_, sealed, user_name, active, created in rows:
        try:
            secret = open_sealed(ring, Purpose.ACCESS_KEY, id_, bytes(sealed)).value.decode()
        except BrokenSeal as broken:
            _log.warning("access key %s cannot be used, its secret cannot be opened: %s", id_, broken)
            continue
        keys.append(AccessKey(id_, secret, user_name, bool(active), created))
    return keys
