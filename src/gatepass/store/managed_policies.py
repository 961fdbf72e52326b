"""The account's managed policies by ARN, with their versions, and who uses a managed policy, AWS's own too."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from sys import intern

import msgspec

from gatepass.store.changes import Change, LoggedWrites
from gatepass.store.database import Connection, Database, Row
from gatepass.store.entities import ManagedPolicy, PolicyEntity, PolicyUsage, PolicyVersion
from gatepass.store.owned_policies import hold_policy

_COLUMNS = "arn, name, path, id, description, default_version, latest_version, tags, created, updated, revision"
_ALL = f"SELECT {_COLUMNS} FROM managed_policies"  # noqa: S608 — constant text
_ONE = _ALL + " WHERE arn = :arn"
_PAGE = _ALL + " WHERE name > :after AND substr(path, 1, length(:path)) = :path ORDER BY name LIMIT :limit"
_VERSIONS = "SELECT version, document, created FROM managed_policy_versions WHERE policy_arn = :arn ORDER BY version"
_DEFAULT = """
    SELECT arn, document FROM managed_policies
    JOIN managed_policy_versions ON policy_arn = arn AND version = default_version
"""
_DEFAULT_OF = _DEFAULT + " WHERE arn = :arn"
_TAGS = "SELECT arn, tags FROM managed_policies"
_TAGS_OF = _TAGS + " WHERE arn = :arn"
_ADD = f"""
    INSERT INTO managed_policies ({_COLUMNS}, folded_name)
    VALUES (:arn, :name, :path, :id, :description, :default_version, :latest_version, :tags, :created, :updated, 1,
            :folded_name)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 — constant text
_SAVE = """
    UPDATE managed_policies
    SET description = :description, default_version = :default_version, latest_version = :latest_version,
        tags = :tags, updated = :updated, revision = revision + 1
    WHERE arn = :arn AND revision = :revision
"""
_ADD_VERSION = """
    INSERT INTO managed_policy_versions (policy_arn, version, document, created)
    VALUES (:arn, :version, :document, :created)
"""
_DELETE_VERSION = "DELETE FROM managed_policy_versions WHERE policy_arn = :arn AND version = :version"
_COUNT_VERSIONS = "SELECT count(*) FROM managed_policy_versions"
_DELETE = "DELETE FROM managed_policies WHERE arn = :arn"

_COUNT_ATTACHED = " UNION ALL ".join(
    f"SELECT count(*) AS uses FROM {table} WHERE policy_arn = :arn"  # noqa: S608 — constant text
    for table in ("role_attached_policies", "user_attached_policies", "user_group_attached_policies")
)
_COUNT_BOUNDARIES = " UNION ALL ".join(
    f"SELECT count(*) AS uses FROM {table} WHERE permissions_boundary = :arn"  # noqa: S608 — constant text
    for table in ("roles", "users")
)
_USAGE = (
    f"SELECT (SELECT sum(uses) FROM ({_COUNT_ATTACHED}) AS attached),"  # noqa: S608 — constant text
    f" (SELECT sum(uses) FROM ({_COUNT_BOUNDARIES}) AS boundaries)"
)
_ENTITIES = {
    "attached": {
        "group": "SELECT 'group' AS kind, name, id, path FROM user_groups"
        " JOIN user_group_attached_policies ON user_group_id = id WHERE policy_arn = :arn",
        "role": "SELECT 'role' AS kind, name, id, path FROM roles"
        " JOIN role_attached_policies ON role_name = name WHERE policy_arn = :arn",
        "user": "SELECT 'user' AS kind, name, id, path FROM users"
        " JOIN user_attached_policies ON user_id = id WHERE policy_arn = :arn",
    },
    "boundary": {
        "role": "SELECT 'role' AS kind, name, id, path FROM roles WHERE permissions_boundary = :arn",
        "user": "SELECT 'user' AS kind, name, id, path FROM users WHERE permissions_boundary = :arn",
    },
}


class ManagedPolicies:
    """The table of managed policies. What decides reads their default versions from `Store.directory`."""

    def __init__(self, database: Database, writes: LoggedWrites) -> None:
        self._database = database
        self._writes = writes

    async def add(self, policy: ManagedPolicy) -> bool:
        """Add a policy at revision 1; false if the name, in upper or lower case, or the id is taken."""

        def work(connection: Connection) -> bool:
            if connection.execute(_ADD, _to_row(policy)) == 0:
                return False
            _add_versions(connection, policy, policy.versions)
            return True

        return await self._writes.write(Change("managed_policy", policy.arn), work)

    async def get(self, arn: str) -> ManagedPolicy | None:
        """The policy as it is in the store now."""
        return await self._database.read(lambda connection: load(connection, arn))

    async def list(self, *, after: str | None = None, limit: int = 100, path_prefix: str = "/") -> list[ManagedPolicy]:
        """Policies in the order of their names, from the one that follows `after`."""
        given = {"after": after or "", "path": path_prefix, "limit": limit}
        return await self._database.scan(lambda c: [_whole(c, row) for row in c.rows(_PAGE, given)])

    async def change(self, arn: str, change: Callable[[ManagedPolicy], ManagedPolicy]) -> ManagedPolicy | None:
        """Read, change and save in one transaction; the saved policy, or None if there is none.

        `change` runs on the store's thread; what it raises is raised here, and nothing is saved. ARN, name, path, id,
        time of creation, and what a version says, stay what they are.
        """

        def work(connection: Connection) -> ManagedPolicy | None:
            hold_policy(connection, arn)
            old = load(connection, arn)
            if old is None:
                return None
            new = change(old)
            if connection.execute(_SAVE, _to_row(new)) == 0:
                return None
            for version in old.versions.keys() - new.versions.keys():
                connection.execute(_DELETE_VERSION, {"arn": arn, "version": version})
            _add_versions(connection, new, new.versions.keys() - old.versions.keys())
            return load(connection, arn)

        return await self._writes.write(Change("managed_policy", arn), work)

    async def delete(self, arn: str, *, check: Callable[[ManagedPolicy, PolicyUsage], None]) -> bool:
        """Delete a policy with all its versions; false if there is none.

        `check` sees the policy and how much it is used in the same transaction; what it raises is raised here, and
        nothing is deleted.
        """

        def work(connection: Connection) -> bool:
            if not hold_policy(connection, arn):
                return False
            policy = load(connection, arn)
            assert policy is not None, "its row is held"  # noqa: S101 — see above
            check(policy, _usage(connection, arn))
            return connection.execute(_DELETE, {"arn": arn}) == 1

        return await self._writes.write(Change("managed_policy", arn), work)

    async def usage(self, arns: Iterable[str]) -> Sequence[PolicyUsage]:
        """How much each of these policies is used, in their order."""
        given = tuple(arns)
        return await self._database.scan(lambda connection: [_usage(connection, arn) for arn in given])

    async def count_versions(self) -> int:
        """Of all policies together."""
        row = await self._database.read(lambda connection: connection.row(_COUNT_VERSIONS))
        return 0 if row is None else int(row[0])

    async def entities(
        self,
        arn: str,
        *,
        kinds: Iterable[str] = ("group", "role", "user"),
        uses: Iterable[str] = ("attached", "boundary"),
        path_prefix: str = "/",
        after: tuple[str, str] = ("", ""),
        limit: int = 100,
    ) -> Sequence[PolicyEntity]:
        """Who uses a policy, by kind and name, from the one that follows `after`, which is a kind and a name.

        Args:
            kinds: `group`, `role`, `user`.
            uses: `attached`, `boundary`.
        """
        wanted = tuple(kinds)
        parts = [part for use in uses for kind, part in _ENTITIES[use].items() if kind in wanted]
        if not parts:
            return []
        statement = (
            f"SELECT kind, name, id FROM ({' UNION '.join(parts)}) AS entities"  # noqa: S608 — constant text
            " WHERE (kind > :kind OR (kind = :kind AND name > :name)) AND substr(path, 1, length(:path)) = :path"
            " ORDER BY kind, name LIMIT :limit"
        )
        given = {"arn": arn, "path": path_prefix, "kind": after[0], "name": after[1], "limit": limit}
        return await self._database.scan(lambda c: [PolicyEntity(*row) for row in c.rows(statement, given)])


def load(connection: Connection, arn: str) -> ManagedPolicy | None:
    row = connection.row(_ONE, {"arn": arn})
    return None if row is None else _whole(connection, row)


def load_document(connection: Connection, arn: str) -> str | None:
    """The default version of a policy."""
    row = connection.row(_DEFAULT_OF, {"arn": arn})
    return None if row is None else intern(row[1])


def load_documents(connection: Connection) -> list[tuple[str, str]]:
    """The ARN and the default version of every policy; documents that are alike are kept once."""
    return [(arn, intern(document)) for arn, document in connection.rows(_DEFAULT)]


def load_tags(connection: Connection, arn: str) -> Mapping[str, str] | None:
    """The tags of a policy; None if there are none."""
    row = connection.row(_TAGS_OF, {"arn": arn})
    return None if row is None else _decode_map(row[1]) or None


def load_all_tags(connection: Connection) -> list[tuple[str, Mapping[str, str]]]:
    """The ARN and the tags of every policy that has any."""
    found = ((arn, _decode_map(tags)) for arn, tags in connection.rows(_TAGS))
    return [(arn, tags) for arn, tags in found if tags]


def _usage(connection: Connection, arn: str) -> PolicyUsage:
    row = connection.row(_USAGE, {"arn": arn})
    assert row is not None, "a SELECT without FROM has a row"  # noqa: S101 — see above
    return PolicyUsage(int(row[0]), int(row[1]))


def _add_versions(connection: Connection, policy: ManagedPolicy, versions: Iterable[int]) -> None:
    connection.execute_many(
        _ADD_VERSION,
        [{"arn": policy.arn, "version": version, **policy.versions[version]._asdict()} for version in versions],
    )


def _whole(connection: Connection, row: Row) -> ManagedPolicy:
    versions = connection.rows(_VERSIONS, {"arn": row[0]})
    return _from_row(row, {version: PolicyVersion(document, created) for version, document, created in versions})


_encode = msgspec.json.Encoder().encode
_decode_map = msgspec.json.Decoder(dict[str, str]).decode


def _to_row(policy: ManagedPolicy) -> dict[str, object]:
    return {
        "arn": policy.arn,
        "name": policy.name,
        "folded_name": policy.name.lower(),
        "path": policy.path,
        "id": policy.id,
        "description": policy.description,
        "default_version": policy.default_version,
        "latest_version": policy.latest_version,
        "tags": _encode(dict(policy.tags)).decode(),
        "created": policy.created,
        "updated": policy.updated,
        "revision": policy.revision,
    }


def _from_row(row: Row, versions: dict[int, PolicyVersion]) -> ManagedPolicy:
    return ManagedPolicy(
        arn=row[0],
        name=row[1],
        path=row[2],
        id=row[3],
        versions=versions,
        description=row[4],
        default_version=row[5],
        latest_version=row[6],
        tags=_decode_map(row[7]),
        created=row[8],
        updated=row[9],
        revision=row[10],
    )
