"""User groups by name, with their inline policies and the managed policies attached to them; and who is in them."""

from collections.abc import Callable, Sequence

from gatepass.store.changes import Change, LoggedWrites
from gatepass.store.database import Connection, ConstraintViolated, Database, Row
from gatepass.store.entities import Group, User
from gatepass.store.owned_policies import OwnedPolicies, Policies, hold_policy
from gatepass.store.users import hold_user
from gatepass.store.users import load as load_user

_COLUMNS = "id, name, path, arn, created, revision"
_ALL = f"SELECT {_COLUMNS} FROM user_groups"  # noqa: S608 — constant text
_ONE = _ALL + " WHERE name = :name"
_PAGE = _ALL + " WHERE name > :after AND substr(path, 1, length(:path)) = :path ORDER BY name LIMIT :limit"
_ADD = f"""
    INSERT INTO user_groups ({_COLUMNS}, folded_name) VALUES (:id, :name, :path, :arn, :created, 1, :folded_name)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 — constant text
_SAVE = """
    UPDATE user_groups SET name = :name, folded_name = :folded_name, path = :path, arn = :arn, revision = revision + 1
    WHERE id = :id AND revision = :revision
"""
_HOLD = "UPDATE user_groups SET revision = revision WHERE name = :name"  # until the commit nobody else changes it
_USER_CHANGED = "UPDATE users SET revision = revision + 1 WHERE name = :name"
_DELETE = "DELETE FROM user_groups WHERE name = :name"
_MEMBERS = """
    SELECT users.name FROM user_group_members JOIN users ON users.id = user_id
    WHERE group_id = (SELECT id FROM user_groups WHERE name = :name) ORDER BY users.name
"""
_ADD_MEMBER = """
    INSERT INTO user_group_members (group_id, user_id)
    SELECT user_groups.id, users.id FROM user_groups, users WHERE user_groups.name = :group AND users.name = :user
    ON CONFLICT DO NOTHING
"""
_REMOVE_MEMBER = """
    DELETE FROM user_group_members
    WHERE group_id = (SELECT id FROM user_groups WHERE name = :group)
    AND user_id = (SELECT id FROM users WHERE name = :user)
"""

policies = OwnedPolicies("user_group")


class Groups:
    """The table of user groups. What decides reads them from `Store.directory`."""

    def __init__(self, database: Database, writes: LoggedWrites) -> None:
        self._database = database
        self._writes = writes

    async def add(self, group: Group) -> bool:
        """Add a group at revision 1; false if the name, in upper or lower case, or the id is taken."""

        def work(connection: Connection) -> bool:
            if connection.execute(_ADD, _to_row(group)) == 0:
                return False
            policies.replace(connection, group.id, group.inline_policies, group.attached_policies)
            return True

        return await self._writes.write(Change("group", group.name), work)

    async def get(self, name: str) -> Group | None:
        """The group as it is in the store now."""
        return await self._database.read(lambda connection: load(connection, name))

    async def list(self, *, after: str | None = None, limit: int = 100, path_prefix: str = "/") -> list[Group]:
        """Groups in the order of their names, from the one that follows `after`."""
        given = {"after": after or "", "path": path_prefix, "limit": limit}
        return await self._database.scan(lambda c: [_whole(c, row) for row in c.rows(_PAGE, given)])

    async def change(self, name: str, change: Callable[[Group], Group], *, policy: str | None = None) -> Group | None:
        """Read, change and save in one transaction; as `Users.change`."""

        def work(connection: Connection) -> Group | None:
            if policy is not None and not hold_policy(connection, policy):
                return None
            connection.execute(_HOLD, {"name": name})
            group = load(connection, name)
            if group is None or not _save(connection, change(group)):
                return None
            return load(connection, name)

        return await self._writes.write(Change("group", name), work)

    async def rename(self, name: str, change: Callable[[Group], Group]) -> Group | None:
        """The same for name, path and ARN; None, too, if the new name is taken."""

        def work(connection: Connection) -> tuple[Group | None, Sequence[Change]]:
            connection.execute(_HOLD, {"name": name})
            group = load(connection, name)
            if group is None or not _save(connection, new := change(group)):
                return None, ()
            changed = [Change("group", each) for each in sorted({name, new.name})]
            members = connection.rows(_MEMBERS, {"name": new.name})
            return load(connection, new.name), [*changed, *(Change("user", user) for (user,) in members)]

        try:
            return await self._writes.write_many(work)
        except ConstraintViolated:
            return None

    async def delete(self, name: str, *, check: Callable[[Group, Sequence[str]], None]) -> bool:
        """Delete a group; false if there is none.

        `check` sees the group and the names of its users in the same transaction; what it raises is raised here, and
        nothing is deleted.
        """

        def work(connection: Connection) -> bool:
            if connection.execute(_HOLD, {"name": name}) == 0:
                return False
            group = load(connection, name)
            assert group is not None, "its row is held"  # noqa: S101 — see above
            check(group, [user for (user,) in connection.rows(_MEMBERS, {"name": name})])
            return connection.execute(_DELETE, {"name": name}) == 1

        return await self._writes.write(Change("group", name), work)

    async def add_user(self, name: str, user_name: str, *, check: Callable[[User], None]) -> bool:
        """Put a user into a group, where it may be already; false if there is no such user or group.

        `check` sees the user, if it is not yet in the group.
        """

        def work(connection: Connection) -> bool:
            if not _hold_both(connection, name, user_name):
                return False
            user = load_user(connection, user_name)
            if user is not None and name not in user.groups:
                check(user)
                connection.execute(_ADD_MEMBER, {"group": name, "user": user_name})
                connection.execute(_USER_CHANGED, {"name": user_name})
            return True

        return await self._writes.write(Change("user", user_name), work)

    async def remove_user(self, name: str, user_name: str) -> bool:
        """Take a user out of a group, where it may not be; false if there is no such user or group."""

        def work(connection: Connection) -> bool:
            if not _hold_both(connection, name, user_name):
                return False
            if connection.execute(_REMOVE_MEMBER, {"group": name, "user": user_name}) == 1:
                connection.execute(_USER_CHANGED, {"name": user_name})
            return True

        return await self._writes.write(Change("user", user_name), work)


def _hold_both(connection: Connection, name: str, user_name: str) -> bool:
    """The user first, always, so that no two transactions wait for each other."""
    return hold_user(connection, user_name) and connection.execute(_HOLD, {"name": name}) == 1


def load(connection: Connection, name: str) -> Group | None:
    row = connection.row(_ONE, {"name": name})
    return None if row is None else _whole(connection, row)


def load_all(connection: Connection) -> list[Group]:
    """Every group."""
    owned = policies.load_all(connection)
    return [_from_row(row, owned[row[0]]) for row in connection.rows(_ALL)]


def _save(connection: Connection, group: Group) -> bool:
    if connection.execute(_SAVE, _to_row(group)) == 0:
        return False
    policies.replace(connection, group.id, group.inline_policies, group.attached_policies)
    return True


def _whole(connection: Connection, row: Row) -> Group:
    return _from_row(row, policies.load(connection, row[0]))


def _to_row(group: Group) -> dict[str, object]:
    return {
        "id": group.id,
        "name": group.name,
        "folded_name": group.name.lower(),
        "path": group.path,
        "arn": group.arn,
        "created": group.created,
        "revision": group.revision,
    }


def _from_row(row: Row, owned: Policies) -> Group:
    return Group(
        id=row[0],
        name=row[1],
        path=row[2],
        arn=row[3],
        inline_policies=owned[0],
        attached_policies=owned[1],
        created=row[4],
        revision=row[5],
    )
