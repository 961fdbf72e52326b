"""Identities by id and by login.

This is the one table that guests write to. What is read again and again is kept in memory, where no other process can
change it behind our back.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from gatepass.store.database import Connection, ConstraintViolated, Database, Row, T
from gatepass.store.detached import Detached
from gatepass.store.entities import Identity, Login
from gatepass.store.together import Together

REMEMBERED = 8192
_AT_ONCE = 32
"""Identities in one statement."""

_SELECT = """
    SELECT identities.id, identities.pool_id, enabled, created, modified, revision, provider, subject
    FROM identities LEFT JOIN identity_logins ON identity_logins.identity_id = identities.id
"""
_BY_LOGIN = f"""{_SELECT}
    WHERE identities.id = (
        SELECT identity_id FROM identity_logins
        WHERE pool_id = :pool_id AND provider = :provider AND subject = :subject
    )
"""  # noqa: S608 — constant text
_PAGE = f"""{_SELECT}
    WHERE identities.id IN (
        SELECT id FROM identities WHERE pool_id = :pool_id AND id > :after ORDER BY id LIMIT :limit
    )
    ORDER BY identities.id
"""  # noqa: S608 — constant text
_ADD = "INSERT INTO identities (id, pool_id, enabled, created, modified, seen, revision) VALUES "
_SAVE = """
    UPDATE identities SET enabled = :enabled, modified = :modified, revision = revision + 1
    WHERE id = :id AND revision = :revision
"""
_HOLD = "UPDATE identities SET revision = revision WHERE id = :id"
_ADD_LOGIN = """
    INSERT INTO identity_logins (pool_id, provider, subject, identity_id)
    VALUES (:pool_id, :provider, :subject, :id)
"""
_DELETE_LOGINS = "DELETE FROM identity_logins WHERE identity_id = :id"
_DELETE = "DELETE FROM identities WHERE id = :id"
_DELETE_UNSEEN = """
    DELETE FROM identities
    WHERE id = :id AND seen < :before AND modified < :before
      AND NOT EXISTS (SELECT 1 FROM identity_logins WHERE identity_id = :id)
"""


class _Overtaken(Exception):
    """Someone else was first: what the transaction did is undone."""


class Identities:
    """The table of identities."""

    def __init__(self, database: Database, detached: Detached) -> None:
        self._database = database
        self._detached = detached
        self._adding = Together(detached, self._add_together)
        self._getting = Together(detached, self._get_together)
        self._remembered: OrderedDict[str, Identity] = OrderedDict()
        self._owners: dict[tuple[str, Login], str] = {}  # the ids of those that are remembered, by pool and login
        self._limit = REMEMBERED if database.exclusive else 0
        self._generation = 0  # counts what made remembered identities wrong

    async def add(self, identity: Identity) -> bool:
        """Add an identity at revision 1 with its logins; false if its id or a login is taken, or its pool gone."""
        return await self._adding.ask(identity)

    async def get(self, id_: str) -> Identity | None:
        """The identity, or None."""
        return self._remembered.get(id_) or await self._getting.ask(id_)

    async def by_login(self, pool_id: str, login: Login) -> Identity | None:
        """The identity this login leads to, or None."""
        given = {"pool_id": pool_id, "provider": login.provider, "subject": login.subject}
        return await self._database.read(lambda connection: _one(connection.rows(_BY_LOGIN, given)))

    async def by_logins(self, pool_id: str, logins: Iterable[Login]) -> Sequence[Identity]:
        """The identities that these logins lead to, each once, in the order of the logins."""
        given = tuple(logins)
        found = [self._remembered.get(self._owners.get((pool_id, login), "")) for login in given]
        if any(identity is None for identity in found):
            keys = [{"pool_id": pool_id, "provider": login.provider, "subject": login.subject} for login in given]
            generation = self._generation
            found = await self._database.read(
                lambda connection: [_one(connection.rows(_BY_LOGIN, key)) for key in keys]
            )
            self._remember_all(found, generation)
        return tuple({identity.id: identity for identity in found if identity is not None}.values())

    async def list(self, pool_id: str, *, after: str | None = None, limit: int = 60) -> list[Identity]:
        """A pool's identities in the order of their ids, from the one that follows `after`."""
        given = {"pool_id": pool_id, "after": after or "", "limit": limit}
        return await self._database.scan(lambda connection: _many(connection.rows(_PAGE, given)))

    async def save(self, identity: Identity) -> bool:
        """Save with its logins unless someone saved or deleted it since it was read; false means: read again.

        False as well if one of the logins leads to another identity.
        """
        return await self.save_all((identity,))

    async def save_all(self, identities: Sequence[Identity]) -> bool:
        """Save several in one transaction, in this order; false means, as for `save`, that none was saved.

        A login can so go from one identity to another: the one that gives it stands before the one that gets it.
        """

        def work(connection: Connection) -> bool:
            for id_ in sorted(identity.id for identity in identities) if len(identities) > 1 else ():
                connection.execute(_HOLD, {"id": id_})  # in one order, so that two that meet do not wait for each other
            if not all(_save(connection, identity) for identity in identities):
                raise _Overtaken
            return True

        return await self._alter([identity.id for identity in identities], work, False)

    async def delete(self, id_: str) -> bool:
        """Delete an identity and its logins; false if there is none."""
        return await self._alter([id_], lambda connection: connection.execute(_DELETE, {"id": id_}) == 1, False)

    async def delete_unseen(self, ids: Iterable[str], before: float) -> int:
        """Delete those of these that no login leads to and that were neither seen nor changed since; gives how many."""
        ordered = sorted(ids)

        def work(connection: Connection) -> int:
            for id_ in ordered:  # whoever is linking a login to one of them is done, or waits, before it is looked at
                connection.execute(_HOLD, {"id": id_})
            return sum(connection.execute(_DELETE_UNSEEN, {"id": id_, "before": before}) for id_ in ordered)

        return await self._alter(ordered, work, 0)

    def forget(self) -> None:
        """Drop what is remembered: identities were changed in another way than through this table."""
        self._generation += 1
        self._remembered.clear()
        self._owners.clear()

    async def _add_together(self, identities: Sequence[Identity]) -> Sequence[bool]:
        """In one transaction, unless one of them cannot be added: then each in its own."""
        generation = self._generation
        try:
            await self._database.write(lambda connection: _add(connection, identities))
        except ConstraintViolated:
            if len(identities) == 1:
                return [False]
            each = await asyncio.gather(*(self._add_together([identity]) for identity in identities))
            return [added for [added] in each]
        # Who is new is asked for next. Logins are left to be read, for the order in which they are.
        self._remember_all((identity for identity in identities if not identity.logins), generation)
        return [True] * len(identities)

    async def _get_together(self, ids: Sequence[str]) -> Sequence[Identity | None]:
        generation, different = self._generation, list(dict.fromkeys(ids))
        found = await self._database.read(lambda connection: _get(connection, different))
        self._remember_all(found.values(), generation)
        return [found.get(id_) for id_ in ids]

    async def _alter(self, ids: Sequence[str], work: Callable[[Connection], T], failed: T) -> T:
        return await self._detached.run(self._write_and_forget(ids, work, failed))

    async def _write_and_forget(self, ids: Sequence[str], work: Callable[[Connection], T], failed: T) -> T:
        try:
            return await self._database.write(work)
        except (ConstraintViolated, _Overtaken):
            return failed
        finally:  # a read that began before the commit must not be remembered after it
            self._generation += 1
            for id_ in ids:
                self._forget_one(self._remembered.pop(id_, None))

    def _remember_all(self, identities: Iterable[Identity | None], generation: int) -> None:
        """Those that were read since `generation`, unless something changed meanwhile."""
        if generation != self._generation or self._limit == 0:
            return
        for identity in identities:
            if identity is None:
                continue
            self._remembered[identity.id] = identity
            for login in identity.logins:
                self._owners[identity.pool_id, login] = identity.id
            if len(self._remembered) > self._limit:
                self._forget_one(self._remembered.popitem(last=False)[1])

    def _forget_one(self, identity: Identity | None) -> None:
        """What else is known of an identity that is remembered no more."""
        if identity is not None:
            for login in identity.logins:
                self._owners.pop((identity.pool_id, login), None)


def _get(connection: Connection, ids: Sequence[str]) -> dict[str, Identity]:
    rows: list[Row] = []
    for some in _portions(ids):
        rows += connection.rows(_by_ids(len(some)), {f"id{number}": id_ for number, id_ in enumerate(some)})
    return {identity.id: identity for identity in _many(rows)}


def _add(connection: Connection, identities: Sequence[Identity]) -> None:
    """Raises: ConstraintViolated, if one of them cannot be added."""
    for some in _portions(identities):
        given: dict[str, object] = {}
        for number, identity in enumerate(some):
            given[f"id{number}"] = identity.id
            given[f"pool_id{number}"] = identity.pool_id
            given[f"enabled{number}"] = identity.enabled
            given[f"created{number}"] = identity.created
            given[f"modified{number}"] = identity.modified
        connection.execute(_adding(len(some)), given)
    for identity in identities:
        _add_logins(connection, identity)


def _portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """All of them in order, in portions of few different lengths, so that there are few different statements."""
    start = 0
    while start < len(items):
        size = min(_AT_ONCE, 1 << (len(items) - start).bit_length() - 1)
        yield items[start : start + size]
        start += size


@cache
def _by_ids(size: int) -> str:
    names = ", ".join(f":id{number}" for number in range(size))
    return f"{_SELECT} WHERE identities.id IN ({names})"


@cache
def _adding(size: int) -> str:
    names = ("id", "pool_id", "enabled", "created", "modified", "created")  # who is added is seen
    rows = ("(" + "".join(f":{name}{number}, " for name in names) + "1)" for number in range(size))
    return _ADD + ", ".join(rows)


def _save(connection: Connection, identity: Identity) -> bool:
    given = {
        "id": identity.id,
        "enabled": identity.enabled,
        "modified": identity.modified,
        "revision": identity.revision,
    }
    if connection.execute(_SAVE, given) == 0:
        return False
    connection.execute(_DELETE_LOGINS, {"id": identity.id})
    _add_logins(connection, identity)
    return True


def _add_logins(connection: Connection, identity: Identity) -> None:
    for provider, subject in identity.logins:
        connection.execute(
            _ADD_LOGIN,
            {"pool_id": identity.pool_id, "provider": provider, "subject": subject, "id": identity.id},
        )


def _many(rows: list[Row]) -> list[Identity]:
    """Identities from rows of which each is an identity with one of its logins, or with none."""
    logins: dict[str, list[Login]] = {}
    first: dict[str, Row] = {}
    for row in rows:
        first[row[0]] = row
        if row[6] is not None:
            logins.setdefault(row[0], []).append(Login(row[6], row[7]))
    if not logins:
        return [_from_row(row, ()) for row in rows]
    return [_from_row(row, tuple(sorted(logins.get(id_, ())))) for id_, row in first.items()]


def _one(rows: list[Row]) -> Identity | None:
    return next(iter(_many(rows)), None)


def _from_row(row: Row, logins: tuple[Login, ...]) -> Identity:
    id_, pool_id, enabled, created, modified, revision, _, _ = row
    return Identity(id_, pool_id, logins, bool(enabled), created, modified, revision)
