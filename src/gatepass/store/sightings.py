"""When guests were last seen, to the day, and which of them nobody came back for.

To note one costs a look into a set; what was noted is written later, once a guest and day. A guest that was added by a
program that knows nothing of this counts as seen when a sweep first comes by.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import NamedTuple

from gatepass.store.database import Connection, Database, T
from gatepass.store.identities import Identities

DAY = 86_400
REMEMBERED = 16_384
"""Guests of today that are not noted again; where more come, one may be noted twice, and is still written once."""

WAITING = 16_384
"""Notes that wait to be written, at most; where the store is away for long, guests are noted when they next come."""

PAGE = 500
"""Identities that a step of a sweep looks at."""

TOGETHER = 100
"""Rows that one transaction changes: other writers wait for no more."""

_NOTE = "UPDATE identities SET seen = :seen WHERE id = :id AND (seen IS NULL OR seen < :day)"
_KEPT, _NEW, _UNSEEN = range(3)
_PAGE = f"""
    SELECT id, CASE
        WHEN seen >= :before OR (seen IS NOT NULL AND modified >= :before) THEN {_KEPT}
        WHEN EXISTS (SELECT 1 FROM identity_logins WHERE identity_id = identities.id) THEN {_KEPT}
        WHEN seen IS NULL THEN {_NEW}
        ELSE {_UNSEEN}
    END
    FROM identities WHERE id > :after ORDER BY id LIMIT :limit
"""  # noqa: S608 — constant text


class Step(NamedTuple):
    """What one step of a sweep came to.

    Attributes:
        after: where the next step goes on; None at the end.
        deleted: how many guests.
    """

    after: str | None
    deleted: int


class Sightings:
    """Notes guests, and deletes those that were not seen for long."""

    def __init__(self, database: Database, identities: Identities) -> None:
        self._database = database
        self._identities = identities
        self._day = 0
        self._noted: set[str] = set()
        self._waiting: dict[str, float] = {}

    def note(self, identity_id: str, now: float) -> None:
        """A guest was seen. Waits for nothing."""
        if identity_id in self._noted and now < self._day + DAY:
            return
        day = int(now // DAY) * DAY
        if day != self._day or len(self._noted) >= REMEMBERED:
            self._day = day
            self._noted.clear()
        if len(self._waiting) < WAITING:
            self._noted.add(identity_id)
            self._waiting[identity_id] = now

    async def write(self) -> int:
        """Write what was noted; gives how many notes. Raises: StoreUnavailable; what is not written waits on."""
        written = 0
        while self._waiting:
            batch = dict(islice(self._waiting.items(), TOGETHER))
            await self._database.write(partial(_write, batch))
            written += len(batch)
            for identity_id, seen in batch.items():
                if self._waiting.get(identity_id) == seen:
                    del self._waiting[identity_id]
        return written

    async def sweep(self, after: str, *, before: float, now: float) -> Step:
        """One step through all identities: delete guests that were neither seen nor changed since.

        Args:
            after: "" to begin with, then what the last step gave.
            before: seconds since the epoch, UTC.
        """
        given = {"after": after, "before": before, "limit": PAGE}
        found = await self._database.scan(lambda connection: connection.rows(_PAGE, given))
        new = {id_: now for id_, verdict in found if verdict == _NEW}
        for batch in map(dict, _batches(new.items())):
            await self._database.write(partial(_write, batch))
        deleted = 0
        for ids in _batches(id_ for id_, verdict in found if verdict == _UNSEEN):
            deleted += await self._identities.delete_unseen(ids, before)
        return Step(found[-1][0] if len(found) == PAGE else None, deleted)

    def __len__(self) -> int:
        """How many guests are remembered, or wait to be written."""
        return len(self._noted) + len(self._waiting)


def _write(seen: Mapping[str, float], connection: Connection) -> None:
    connection.execute_many(
        _NOTE, [{"id": id_, "seen": at, "day": at // DAY * DAY} for id_, at in sorted(seen.items())]
    )


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while batch := list(islice(left, TOGETHER)):
        yield batch
