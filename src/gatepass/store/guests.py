"""Guests: identities that no login leads to. Anyone may make one, so a pool has no more of them than it is given.

How many a pool has is counted when it is first asked for one, and every minute while it is asked for more; in between,
those that are added here are added up. So a new guest costs the same at one and at a million.
"""

import asyncio
import logging
from collections.abc import Container
from dataclasses import dataclass

from gatepass.store.database import Connection, Database
from gatepass.store.detached import Detached
from gatepass.store.entities import Identity
from gatepass.store.identities import Identities

COUNTED_EVERY = 60.0
"""Seconds for which a count is good; what other processes do, and what is deleted or linked, shows with the next."""

_COUNT = """
    SELECT (SELECT count(*) FROM identities WHERE pool_id = :pool_id)
         - (SELECT count(DISTINCT identity_id) FROM identity_logins WHERE pool_id = :pool_id)
"""

_log = logging.getLogger(__name__)


class PoolIsFull(Exception):
    """The pool has as many guests as it may have."""


@dataclass(slots=True)
class _Tally:
    """What is known of one pool's guests.

    Attributes:
        at: when they were last counted, by the clock of those who ask.
        counted: how many there were.
        begun, ended: additions by this process.
        ended_before: of those, how many the count has surely seen.
        full: that it is full was said.
    """

    at: float = 0.0
    counted: int = 0
    begun: int = 0
    ended: int = 0
    ended_before: int = 0
    full: bool = False

    @property
    def most(self) -> int:
        """How many there may be. INVARIANT: not fewer than there are by what this process added."""
        return self.counted + self.begun - self.ended_before


class Guests:
    """Adds guests to pools that have room for them.

    Attributes:
        limit: guests of a pool; 0 for no limit.
    """

    def __init__(self, database: Database, detached: Detached, identities: Identities, limit: int) -> None:
        self._database = database
        self._detached = detached
        self._identities = identities
        self._tallies: dict[str, _Tally] = {}
        self._counting: dict[str, asyncio.Task[_Tally]] = {}
        self.limit = limit

    async def add(self, guest: Identity) -> bool:
        """Add a guest who is made now; false if the id is taken or the pool gone.

        Raises:
            PoolIsFull: nothing was added.
        """
        if not self.limit:
            return await self._identities.add(guest)
        pool_id, now = guest.pool_id, guest.created
        tally = self._tallies.get(pool_id)
        if tally is None:
            tally = await asyncio.shield(self._count(pool_id, now))
        elif not 0 <= now - tally.at < COUNTED_EVERY:
            self._count(pool_id, now)
        if tally.most >= self.limit:
            self._tell(pool_id, tally)
            raise PoolIsFull
        tally.full = False
        tally.begun += 1
        try:
            added = await self._identities.add(guest)
        finally:
            tally.ended += 1
        if not added:  # ids do not meet: the pool is gone
            self._tallies.pop(pool_id, None)
        return added

    async def count(self, pool_id: str) -> int:
        """How many guests this pool has."""
        return await self._database.scan(lambda connection: _count(connection, pool_id))

    def keep_only(self, pool_ids: Container[str]) -> None:
        """Forget what is known of other pools."""
        for gone in [pool_id for pool_id in self._tallies if pool_id not in pool_ids]:
            del self._tallies[gone]

    def __len__(self) -> int:
        """Of how many pools something is known."""
        return len(self._tallies)

    def _count(self, pool_id: str, now: float) -> "asyncio.Task[_Tally]":
        """Begin to count, unless that is being done."""
        running = self._counting.get(pool_id)
        if running is None:
            running = self._counting[pool_id] = self._detached.start(self._counted(pool_id, now))
            running.add_done_callback(lambda task: self._end(pool_id, task))
        return running

    async def _counted(self, pool_id: str, now: float) -> _Tally:
        known = self._tallies.get(pool_id)
        ended = 0 if known is None else known.ended
        counted = await self.count(pool_id)
        tally = self._tallies.setdefault(pool_id, _Tally())
        tally.at, tally.counted = now, counted
        tally.ended_before = ended if tally is known else tally.ended
        return tally

    def _end(self, pool_id: str, task: "asyncio.Task[_Tally]") -> None:
        del self._counting[pool_id]
        if not task.cancelled():
            task.exception()  # the engine has said so; whoever waits is told

    def _tell(self, pool_id: str, tally: _Tally) -> None:
        if not tally.full:
            tally.full = True
            _log.warning(
                "the identity pool %s has %d guests, and may have no more; see `serve --guests-limit`",
                pool_id,
                self.limit,
            )


def _count(connection: Connection, pool_id: str) -> int:
    row = connection.row(_COUNT, {"pool_id": pool_id})
    return 0 if row is None else int(row[0])
