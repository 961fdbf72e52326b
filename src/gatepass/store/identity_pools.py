"""Identity pools by id."""

from collections.abc import Callable

import msgspec

from gatepass.store.changes import Change, LoggedWrites
from gatepass.store.database import Connection, Database, Row
from gatepass.store.entities import CognitoIdentityProvider, IdentityPool

_COLUMNS = (
    "id, name, allow_unauthenticated, allow_classic_flow, supported_login_providers, developer_provider_name,"
    " open_id_connect_provider_arns, cognito_identity_providers, saml_provider_arns, tags, roles, role_mappings,"
    " created, modified, revision, principal_tags"
)
_ALL = f"SELECT {_COLUMNS} FROM identity_pools"  # noqa: S608 — constant text
_ONE = _ALL + " WHERE id = :id"
_PAGE = _ALL + " WHERE id > :after ORDER BY id LIMIT :limit"
_ADD = f"""
    INSERT INTO identity_pools ({_COLUMNS})
    VALUES (:id, :name, :allow_unauthenticated, :allow_classic_flow, :supported_login_providers,
            :developer_provider_name, :open_id_connect_provider_arns, :cognito_identity_providers,
            :saml_provider_arns, :tags, :roles, :role_mappings, :created, :modified, 1, :principal_tags)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 — constant text
_SAVE = """
    UPDATE identity_pools
    SET name = :name, allow_unauthenticated = :allow_unauthenticated, allow_classic_flow = :allow_classic_flow,
        supported_login_providers = :supported_login_providers, developer_provider_name = :developer_provider_name,
        open_id_connect_provider_arns = :open_id_connect_provider_arns,
        cognito_identity_providers = :cognito_identity_providers, saml_provider_arns = :saml_provider_arns,
        tags = :tags, roles = :roles, role_mappings = :role_mappings, modified = :modified, revision = revision + 1,
        principal_tags = :principal_tags
    WHERE id = :id AND revision = :revision
"""
_DELETE = "DELETE FROM identity_pools WHERE id = :id"
_HOLD = "UPDATE identity_pools SET revision = revision WHERE id = :id"  # until the commit nobody else changes it


class IdentityPools:
    """The table of identity pools. What decides reads them from `Store.directory`."""

    def __init__(self, database: Database, writes: LoggedWrites) -> None:
        self._database = database
        self._writes = writes

    async def add(self, pool: IdentityPool) -> bool:
        """Add a pool at revision 1; false if the id is taken."""
        return await self._writes.write(
            Change("identity_pool", pool.id), lambda connection: connection.execute(_ADD, _to_row(pool)) == 1
        )

    async def get(self, id_: str) -> IdentityPool | None:
        """The pool as it is in the store now."""
        return await self._database.read(lambda connection: load(connection, id_))

    async def list(self, *, after: str | None = None, limit: int = 60) -> list[IdentityPool]:
        """Pools in the order of their ids, from the one that follows `after`."""
        given = {"after": after or "", "limit": limit}
        return await self._database.scan(lambda connection: [_from_row(row) for row in connection.rows(_PAGE, given)])

    async def save(self, pool: IdentityPool) -> bool:
        """Save unless someone saved or deleted it since it was read; false means: read again."""
        return await self._writes.write(
            Change("identity_pool", pool.id), lambda connection: connection.execute(_SAVE, _to_row(pool)) == 1
        )

    async def change(self, id_: str, change: Callable[[IdentityPool], IdentityPool]) -> IdentityPool | None:
        """Read, change and save in one transaction; the saved pool, or None if there is none.

        `change` runs on the store's thread; what it raises is raised here, and nothing is saved.
        """

        def work(connection: Connection) -> IdentityPool | None:
            connection.execute(_HOLD, {"id": id_})
            pool = load(connection, id_)
            if pool is None or connection.execute(_SAVE, _to_row(change(pool))) == 0:
                return None
            return load(connection, id_)

        return await self._writes.write(Change("identity_pool", id_), work)

    async def delete(self, id_: str) -> bool:
        """Delete a pool and all its identities; false if there is none."""
        return await self._writes.write(
            Change("identity_pool", id_), lambda connection: connection.execute(_DELETE, {"id": id_}) == 1
        )


def load(connection: Connection, id_: str) -> IdentityPool | None:
    row = connection.row(_ONE, {"id": id_})
    return None if row is None else _from_row(row)


def load_all(connection: Connection) -> list[IdentityPool]:
    return [_from_row(row) for row in connection.rows(_ALL)]


_encode = msgspec.json.Encoder().encode
_decode_map = msgspec.json.Decoder(dict[str, str]).decode
_decode_list = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_providers = msgspec.json.Decoder(tuple[CognitoIdentityProvider, ...]).decode
_decode_any = msgspec.json.Decoder().decode


def _json(value: object) -> str:
    return _encode(value).decode()


def _to_row(pool: IdentityPool) -> dict[str, object]:
    return {
        "id": pool.id,
        "name": pool.name,
        "allow_unauthenticated": pool.allow_unauthenticated,
        "allow_classic_flow": pool.allow_classic_flow,
        "supported_login_providers": _json(dict(pool.supported_login_providers)),
        "developer_provider_name": pool.developer_provider_name,
        "open_id_connect_provider_arns": _json(pool.open_id_connect_provider_arns),
        "cognito_identity_providers": _json(pool.cognito_identity_providers),
        "saml_provider_arns": _json(pool.saml_provider_arns),
        "tags": _json(dict(pool.tags)),
        "roles": _json(dict(pool.roles)),
        "role_mappings": _json(dict(pool.role_mappings)),
        "created": pool.created,
        "modified": pool.modified,
        "revision": pool.revision,
        "principal_tags": _json(dict(pool.principal_tags)),
    }


def _from_row(row: Row) -> IdentityPool:
    return IdentityPool(
        id=row[0],
        name=row[1],
        allow_unauthenticated=bool(row[2]),
        allow_classic_flow=None if row[3] is None else bool(row[3]),
        supported_login_providers=_decode_map(row[4]),
        developer_provider_name=row[5],
        open_id_connect_provider_arns=_decode_list(row[6]),
        cognito_identity_providers=_decode_providers(row[7]),
        saml_provider_arns=_decode_list(row[8]),
        tags=_decode_map(row[9]),
        roles=_decode_map(row[10]),
        role_mappings=_decode_any(row[11]),
        created=row[12],
        modified=row[13],
        revision=row[14],
        principal_tags=_decode_any(row[15]),
    )
