"""When roles and access keys were used last: columns of their tables that decide nothing.

They are written seldom and by many processes, and of two times the later one stays. The directory does not know them.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from gatepass.store.database import Connection, Database

UsedKind = Literal["access_key", "role"]

_SET = """
    SET last_used = :at, last_used_service = :service, last_used_region = :region
    WHERE id = :id AND (last_used IS NULL OR last_used < :at)
"""
_SAVE = {"access_key": "UPDATE access_keys" + _SET, "role": "UPDATE roles" + _SET}
_OF_ACCESS_KEY = """
    SELECT last_used, last_used_service, last_used_region FROM access_keys WHERE id = :id AND last_used IS NOT NULL
"""
_OF_ROLE = """
    SELECT last_used, last_used_service, last_used_region FROM roles WHERE id = :id AND last_used IS NOT NULL
"""


class LastUse(NamedTuple):
    """When, in seconds since the epoch, UTC; for which service, and in which region."""

    at: float
    service: str
    region: str


class Use(NamedTuple):
    """A use of an access key by its id, or of a role, by one of its sessions, by its `AROA…` id."""

    kind: UsedKind
    id: str
    last: LastUse


class LastUses:
    """The columns of last uses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, uses: Iterable[Use]) -> None:
        """Keep those that are later than what is known; of what is gone, none."""
        ordered = sorted(uses)  # several processes write them: in one order none waits for another that waits for it

        def work(connection: Connection) -> None:
            for kind, id_, last in ordered:
                connection.execute(_SAVE[kind], {"id": id_, **last._asdict()})

        await self._database.write(work)

    async def of_access_key(self, id_: str) -> LastUse | None:
        """None if it was never used, or is not there."""
        return await self._database.read(lambda connection: _load(connection, _OF_ACCESS_KEY, id_))

    async def of_roles(self, ids: Iterable[str]) -> dict[str, LastUse]:
        """By the ids of those that were ever used."""
        wanted = list(ids)

        def work(connection: Connection) -> dict[str, LastUse]:
            found = ((id_, _load(connection, _OF_ROLE, id_)) for id_ in wanted)
            return {id_: last for id_, last in found if last is not None}

        return await self._database.read(work)


def _load(connection: Connection, statement: str, id_: str) -> LastUse | None:
    row = connection.row(statement, {"id": id_})
    return None if row is None else LastUse(*row)
