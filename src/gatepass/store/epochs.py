"""Epochs: sessions of a pool, role, identity or access key that were issued before its epoch are void."""

from gatepass.store.changes import Change, LoggedWrites
from gatepass.store.database import Connection, Database
from gatepass.store.entities import EpochKind

LONGEST_SESSION = 36 * 3600
"""Seconds; an epoch that is older concerns no session that lives."""

_ALL = "SELECT kind, id, not_before FROM epochs"
_ONE = "SELECT not_before FROM epochs WHERE kind = :kind AND id = :id"
_PUSH = """
    INSERT INTO epochs (kind, id, not_before) VALUES (:kind, :id, :not_before)
    ON CONFLICT (kind, id) DO UPDATE SET not_before = excluded.not_before
    WHERE excluded.not_before > epochs.not_before
"""
_PRUNE = "DELETE FROM epochs WHERE not_before < :before"


class Epochs:
    """The table of epochs. Who verifies asks `Directory.revoked`."""

    def __init__(self, database: Database, writes: LoggedWrites) -> None:
        self._database = database
        self._writes = writes

    async def push(self, kind: EpochKind, id_: str, not_before: float) -> bool:
        """Void what was issued before; an epoch only ever moves forward, false if it did not.

        Args:
            id_: the pool's or identity's id, the role's `AROA…` id, or the access key id.
            not_before: seconds since the epoch, UTC.
        """
        given = {"kind": kind, "id": id_, "not_before": not_before}
        return await self._writes.write(
            Change("epoch", f"{kind}:{id_}"), lambda connection: connection.execute(_PUSH, given) == 1
        )

    async def prune(self, now: float) -> int:
        """Forget the epochs that no living session can be older than; gives how many."""
        given = {"before": now - LONGEST_SESSION}
        return await self._database.write(lambda connection: connection.execute(_PRUNE, given))


def load(connection: Connection, kind: str, id_: str) -> float | None:
    row = connection.row(_ONE, {"kind": kind, "id": id_})
    return None if row is None else float(row[0])


def load_all(connection: Connection) -> list[tuple[tuple[str, str], float]]:
    return [((kind, id_), not_before) for kind, id_, not_before in connection.rows(_ALL)]
