"""Users by name, with their inline policies, the managed policies attached to them, and the groups they are in."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from sys import intern

import msgspec

from gatepass.store.changes import Change, LoggedWrites
from gatepass.store.database import Connection, ConstraintViolated, Database, Row
from gatepass.store.entities import User
from gatepass.store.owned_policies import OwnedPolicies, Policies, hold_policy

_COLUMNS = "id, name, path, arn, permissions_boundary, tags, created, revision"
_ALL = f"SELECT {_COLUMNS} FROM users"  # noqa: S608 — constant text
_ONE = _ALL + " WHERE name = :name"
_PAGE = _ALL + " WHERE name > :after AND substr(path, 1, length(:path)) = :path ORDER BY name LIMIT :limit"
_MEMBERS = f"""
    SELECT {_COLUMNS} FROM users JOIN user_group_members ON user_id = id
    WHERE group_id = (SELECT id FROM user_groups WHERE name = :group) AND name > :after
    ORDER BY name LIMIT :limit
"""  # noqa: S608 — constant text
_GROUPS = "SELECT user_id, name FROM user_group_members JOIN user_groups ON group_id = id"
_GROUPS_OF = _GROUPS + " WHERE user_id = :id"
_ADD = f"""
    INSERT INTO users ({_COLUMNS}, folded_name)
    VALUES (:id, :name, :path, :arn, :permissions_boundary, :tags, :created, 1, :folded_name)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 — constant text
_SAVE = """
    UPDATE users
    SET name = :name, folded_name = :folded_name, path = :path, arn = :arn,
        permissions_boundary = :permissions_boundary, tags = :tags, revision = revision + 1
    WHERE id = :id AND revision = :revision
"""
_HOLD = "UPDATE users SET revision = revision WHERE name = :name"  # until the commit nobody else changes it
_DELETE = "DELETE FROM users WHERE name = :name"
_KEYS = "SELECT id FROM access_keys WHERE user_name = :name ORDER BY id"
_RENAME_KEYS = "UPDATE access_keys SET user_name = :new WHERE user_name = :name"

policies = OwnedPolicies("user")


class Users:
    """The table of users. What decides reads them from `Store.directory`."""

    def __init__(self, database: Database, writes: LoggedWrites) -> None:
        self._database = database
        self._writes = writes

    async def add(self, user: User, *, policy: str | None = None) -> bool:
        """Add a user, in no group, at revision 1; false if the name, in upper or lower case, or the id is taken.

        Args:
            policy: the ARN of a managed policy that must exist too.
        """

        def work(connection: Connection) -> bool:
            if policy is not None and not hold_policy(connection, policy):
                return False
            if connection.execute(_ADD, _to_row(user)) == 0:
                return False
            policies.replace(connection, user.id, user.inline_policies, user.attached_policies)
            return True

        return await self._writes.write(Change("user", user.name), work)

    async def get(self, name: str) -> User | None:
        """The user as it is in the store now."""
        return await self._database.read(lambda connection: load(connection, name))

    async def list(self, *, after: str | None = None, limit: int = 100, path_prefix: str = "/") -> list[User]:
        """Users in the order of their names, from the one that follows `after`."""
        given = {"after": after or "", "path": path_prefix, "limit": limit}
        return await self._database.scan(lambda c: [_whole(c, row) for row in c.rows(_PAGE, given)])

    async def members(self, group_name: str, *, after: str | None = None, limit: int = 100) -> Sequence[User]:
        """Users of a group in the order of their names."""
        given = {"group": group_name, "after": after or "", "limit": limit}
        return await self._database.scan(lambda c: [_whole(c, row) for row in c.rows(_MEMBERS, given)])

    async def change(self, name: str, change: Callable[[User], User], *, policy: str | None = None) -> User | None:
        """Read, change and save in one transaction; the saved user, or None if there is none, or no such policy.

        `change` runs on the store's thread; what it raises is raised here, and nothing is saved. Name, id, groups and
        time of creation stay what they are.
        """

        def work(connection: Connection) -> User | None:
            if policy is not None and not hold_policy(connection, policy):
                return None
            hold_user(connection, name)
            user = load(connection, name)
            if user is None or not _save(connection, change(user)):
                return None
            return load(connection, name)

        return await self._writes.write(Change("user", name), work)

    async def rename(self, name: str, change: Callable[[User], User]) -> User | None:
        """The same for name, path and ARN; the user's access keys go with it. None, too, if the new name is taken."""

        def work(connection: Connection) -> tuple[User | None, Sequence[Change]]:
            hold_user(connection, name)
            user = load(connection, name)
            if user is None or not _save(connection, new := change(user)):
                return None, ()
            keys = [id_ for (id_,) in connection.rows(_KEYS, {"name": name})]
            connection.execute(_RENAME_KEYS, {"name": name, "new": new.name})
            changed = [Change("user", each) for each in sorted({name, new.name})]
            return load(connection, new.name), [*changed, *(Change("access_key", id_) for id_ in keys)]

        try:
            return await self._writes.write_many(work)
        except ConstraintViolated:
            return None

    async def delete(self, name: str, *, check: Callable[[User, Sequence[str]], None]) -> bool:
        """Delete a user; false if there is none.

        `check` sees the user and the ids of its access keys in the same transaction; what it raises is raised here, and
        nothing is deleted.
        """

        def work(connection: Connection) -> bool:
            if not hold_user(connection, name):
                return False
            user = load(connection, name)
            assert user is not None, "its row is held"  # noqa: S101 — see above
            check(user, [id_ for (id_,) in connection.rows(_KEYS, {"name": name})])
            return connection.execute(_DELETE, {"name": name}) == 1

        return await self._writes.write(Change("user", name), work)


def hold_user(connection: Connection, name: str) -> bool:
    """Keep a user as it is until the transaction ends; false if there is none."""
    return connection.execute(_HOLD, {"name": name}) == 1


def load(connection: Connection, name: str) -> User | None:
    row = connection.row(_ONE, {"name": name})
    return None if row is None else _whole(connection, row)


def load_all(connection: Connection) -> list[User]:
    """Every user."""
    owned = policies.load_all(connection)
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for id_, name in connection.rows(_GROUPS):
        groups[id_].append(intern(name))
    return [_from_row(row, owned[row[0]], groups[row[0]]) for row in connection.rows(_ALL)]


def _save(connection: Connection, user: User) -> bool:
    if connection.execute(_SAVE, _to_row(user)) == 0:
        return False
    policies.replace(connection, user.id, user.inline_policies, user.attached_policies)
    return True


def _whole(connection: Connection, row: Row) -> User:
    groups = [name for _, name in connection.rows(_GROUPS_OF, {"id": row[0]})]
    return _from_row(row, policies.load(connection, row[0]), groups)


_encode = msgspec.json.Encoder().encode
_decode_map = msgspec.json.Decoder(dict[str, str]).decode


def _to_row(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "name": user.name,
        "folded_name": user.name.lower(),
        "path": user.path,
        "arn": user.arn,
        "permissions_boundary": user.permissions_boundary,
        "tags": _encode(dict(user.tags)).decode(),
        "created": user.created,
        "revision": user.revision,
    }


def _from_row(row: Row, owned: Policies, groups: Sequence[str]) -> User:
    return User(
        id=row[0],
        name=row[1],
        path=row[2],
        arn=row[3],
        permissions_boundary=row[4],
        tags=_decode_map(row[5]),
        inline_policies=owned[0],
        attached_policies=owned[1],
        groups=tuple(sorted(groups)),
        created=row[6],
        revision=row[7],
    )
