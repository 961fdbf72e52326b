"""The log of changes: every write that may change a decision appends to it, in its own transaction.

The numbers are in the order of the commits: they come from one row, which such a write holds until it is committed.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Literal, NamedTuple

from gatepass.store.database import Connection, Database, T
from gatepass.store.detached import Detached

Kind = Literal["identity_pool", "role", "access_key", "epoch", "user", "group", "managed_policy", "oidc_provider"]

KEPT = 10_000
"""Changes kept in the log."""

_NEXT_REVISION = "UPDATE deployment SET revision = revision + 1 RETURNING revision"
_APPEND = "INSERT INTO changes (revision, kind, id) VALUES (:revision, :kind, :id)"
_PRUNE = "DELETE FROM changes WHERE revision <= :revision"
_REVISION = "SELECT revision FROM deployment"
_SINCE = "SELECT kind, id FROM changes WHERE revision > :revision"


class Change(NamedTuple):
    """Something was added, saved or deleted; an epoch's id is `kind:id`."""

    kind: Kind
    id: str


def append(connection: Connection, change: Change) -> int:
    """Log a change and give its revision; the last thing a transaction does, as it makes other changes wait."""
    row = connection.row(_NEXT_REVISION)
    assert row is not None, "a store has a deployment row"  # noqa: S101 — written when the store is made
    revision: int = row[0]
    connection.execute(_APPEND, {"revision": revision, "kind": change.kind, "id": change.id})
    connection.announce()
    if revision % 256 == 0:
        connection.execute(_PRUNE, {"revision": revision - KEPT})
    return revision


def revision(connection: Connection) -> int:
    """The revision of the last change."""
    row = connection.row(_REVISION)
    assert row is not None, "a store has a deployment row"  # noqa: S101 — written when the store is made
    found: int = row[0]
    return found


def since(connection: Connection, old: int, new: int) -> frozenset[Change] | None:
    """What changed after one revision, up to another; None if the log does not hold all of it."""
    found = connection.rows(_SINCE, {"revision": old})
    return frozenset(Change(*row) for row in found) if len(found) == new - old else None


class LoggedWrites:
    """Writes that change what decides: logged, and visible in the directory when they return."""

    def __init__(self, database: Database, detached: Detached, refresh: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._detached = detached
        self._refresh = refresh

    async def write(self, change: Change, work: Callable[[Connection], T]) -> T:
        """Do work; where its result is true, log the change with it and refresh the directory."""
        return await self.write_many(lambda connection: ((result := work(connection)), (change,) if result else ()))

    async def write_many(self, work: Callable[[Connection], tuple[T, Iterable[Change]]]) -> T:
        """Do work that gives its result and what it changed; log the changes with it and refresh the directory."""
        return await self._detached.run(self._write(work))

    async def _write(self, work: Callable[[Connection], tuple[T, Iterable[Change]]]) -> T:
        def logged(connection: Connection) -> T:
            result, changed = work(connection)
            for change in changed:
                append(connection, change)
            return result

        result = await self._database.write(logged)
        if result or not self._database.exclusive:  # where it failed, another process may have been first
            await self._refresh()
        return result
