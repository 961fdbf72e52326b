"""Roles by name, with their inline policies and the managed policies attached to them."""

from collections import defaultdict
from collections.abc import Callable
from sys import intern

import msgspec

from gatepass.store.changes import Change, LoggedWrites
from gatepass.store.database import Connection, Database, Row
from gatepass.store.entities import Role
from gatepass.store.owned_policies import hold_policy

_COLUMNS = (
    "name, path, id, arn, trust_policy, description, max_session_duration, permissions_boundary, tags,"
    " created, revision"
)
_ALL = f"SELECT {_COLUMNS} FROM roles"  # noqa: S608 — constant text
_ONE = _ALL + " WHERE name = :name"
_PAGE = _ALL + " WHERE name > :after AND substr(path, 1, length(:path)) = :path ORDER BY name LIMIT :limit"
_INLINE = "SELECT role_name, policy_name, document FROM role_inline_policies"
_ATTACHED = "SELECT role_name, policy_arn FROM role_attached_policies"
_OF_ROLE = " WHERE role_name = :name"

_ADD = f"""
    INSERT INTO roles ({_COLUMNS}, folded_name)
    VALUES (:name, :path, :id, :arn, :trust_policy, :description, :max_session_duration, :permissions_boundary, :tags,
            :created, 1, :folded_name)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 — constant text
_SAVE = """
    UPDATE roles
    SET trust_policy = :trust_policy, description = :description, max_session_duration = :max_session_duration,
        permissions_boundary = :permissions_boundary, tags = :tags, revision = revision + 1
    WHERE name = :name AND revision = :revision
"""
_ADD_INLINE = "INSERT INTO role_inline_policies (role_name, policy_name, document) VALUES (:name, :policy, :document)"
_ADD_ATTACHED = "INSERT INTO role_attached_policies (role_name, policy_arn) VALUES (:name, :policy)"
_DELETE_INLINE = "DELETE FROM role_inline_policies WHERE role_name = :name"
_DELETE_ATTACHED = "DELETE FROM role_attached_policies WHERE role_name = :name"
_DELETE = "DELETE FROM roles WHERE name = :name"
_HOLD = "UPDATE roles SET revision = revision WHERE name = :name"  # until the commit nobody else changes it


class Roles:
    """The table of roles. What decides reads them from `Store.directory`."""

    def __init__(self, database: Database, writes: LoggedWrites) -> None:
        self._database = database
        self._writes = writes

    async def add(self, role: Role, *, policy: str | None = None) -> bool:
        """Add a role at revision 1; false if the name, in upper or lower case, or the id is taken.

        Args:
            policy: the ARN of a managed policy of the account that must exist too.
        """

        def work(connection: Connection) -> bool:
            if policy is not None and not hold_policy(connection, policy):
                return False
            if connection.execute(_ADD, _to_row(role)) == 0:
                return False
            _add_policies(connection, role)
            return True

        return await self._writes.write(Change("role", role.name), work)

    async def get(self, name: str) -> Role | None:
        """The role as it is in the store now."""
        return await self._database.read(lambda connection: load(connection, name))

    async def list(self, *, after: str | None = None, limit: int = 100, path_prefix: str = "/") -> list[Role]:
        """Roles in the order of their names, from the one that follows `after`."""
        given = {"after": after or "", "path": path_prefix, "limit": limit}

        def work(connection: Connection) -> list[Role]:
            return [_with_policies(connection, row) for row in connection.rows(_PAGE, given)]

        return await self._database.scan(work)

    async def save(self, role: Role) -> bool:
        """Save unless someone saved or deleted it since it was read; false means: read again.

        Name, path, id, ARN and time of creation stay what they are.
        """
        return await self._writes.write(Change("role", role.name), lambda connection: _save(connection, role))

    async def change(self, name: str, change: Callable[[Role], Role], *, policy: str | None = None) -> Role | None:
        """Read, change and save in one transaction; the saved role, or None if there is none, or no such policy.

        `change` runs on the store's thread; what it raises is raised here, and nothing is saved.
        """

        def work(connection: Connection) -> Role | None:
            if policy is not None and not hold_policy(connection, policy):
                return None
            connection.execute(_HOLD, {"name": name})
            role = load(connection, name)
            return load(connection, name) if role is not None and _save(connection, change(role)) else None

        return await self._writes.write(Change("role", name), work)

    async def delete(self, name: str, *, check: Callable[[Role], None] | None = None) -> bool:
        """Delete a role with its inline policies and attachments; false if there is none.

        `check` sees the role in the same transaction; what it raises is raised here, and nothing is deleted.
        """

        def work(connection: Connection) -> bool:
            connection.execute(_HOLD, {"name": name})
            if check is not None and (role := load(connection, name)) is not None:
                check(role)
            return connection.execute(_DELETE, {"name": name}) == 1

        return await self._writes.write(Change("role", name), work)


def load(connection: Connection, name: str) -> Role | None:
    row = connection.row(_ONE, {"name": name})
    return None if row is None else _with_policies(connection, row)


def load_all(connection: Connection) -> list[Role]:
    """Every role; documents that are alike are kept once."""
    inline: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name, policy, document in connection.rows(_INLINE):
        inline[name][policy] = intern(document)
    attached: defaultdict[str, list[str]] = defaultdict(list)
    for name, policy in connection.rows(_ATTACHED):
        attached[name].append(intern(policy))
    return [_from_row(row, inline.get(row[0], {}), attached.get(row[0], [])) for row in connection.rows(_ALL)]


def _save(connection: Connection, role: Role) -> bool:
    if connection.execute(_SAVE, _to_row(role)) == 0:
        return False
    connection.execute(_DELETE_INLINE, {"name": role.name})
    connection.execute(_DELETE_ATTACHED, {"name": role.name})
    _add_policies(connection, role)
    return True


def _add_policies(connection: Connection, role: Role) -> None:
    connection.execute_many(
        _ADD_INLINE,
        [
            {"name": role.name, "policy": policy, "document": document}
            for policy, document in role.inline_policies.items()
        ],
    )
    connection.execute_many(_ADD_ATTACHED, [{"name": role.name, "policy": arn} for arn in role.attached_policies])


def _with_policies(connection: Connection, row: Row) -> Role:
    name = {"name": row[0]}
    inline = {policy: document for _, policy, document in connection.rows(_INLINE + _OF_ROLE, name)}
    return _from_row(row, inline, [arn for _, arn in connection.rows(_ATTACHED + _OF_ROLE, name)])


_encode = msgspec.json.Encoder().encode
_decode_map = msgspec.json.Decoder(dict[str, str]).decode


def _to_row(role: Role) -> dict[str, object]:
    return {
        "name": role.name,
        "folded_name": role.name.lower(),
        "path": role.path,
        "id": role.id,
        "arn": role.arn,
        "trust_policy": role.trust_policy,
        "description": role.description,
        "max_session_duration": role.max_session_duration,
        "permissions_boundary": role.permissions_boundary,
        "tags": _encode(dict(role.tags)).decode(),
        "created": role.created,
        "revision": role.revision,
    }


def _from_row(row: Row, inline: dict[str, str], attached: list[str]) -> Role:
    return Role(
        name=row[0],
        path=row[1],
        id=row[2],
        arn=row[3],
        trust_policy=intern(row[4]),
        description=row[5],
        max_session_duration=row[6],
        permissions_boundary=row[7],
        tags=_decode_map(row[8]),
        inline_policies=dict(sorted(inline.items())),
        attached_policies=tuple(sorted(attached)),
        created=row[9],
        revision=row[10],
    )
