"""OpenID Connect providers by ARN."""

from collections.abc import Callable

import msgspec

from gatepass.store.changes import Change, LoggedWrites
from gatepass.store.database import Connection, Database, Row
from gatepass.store.entities import OpenIDConnectProvider

_COLUMNS = "arn, url, client_ids, thumbprints, tags, created, revision"
_ALL = f"SELECT {_COLUMNS} FROM oidc_providers"  # noqa: S608 — constant text
_ONE = _ALL + " WHERE arn = :arn"
_SORTED = _ALL + " ORDER BY arn"
_ADD = f"""
    INSERT INTO oidc_providers ({_COLUMNS}) VALUES (:arn, :url, :client_ids, :thumbprints, :tags, :created, 1)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 — constant text
_SAVE = """
    UPDATE oidc_providers
    SET client_ids = :client_ids, thumbprints = :thumbprints, tags = :tags, revision = revision + 1
    WHERE arn = :arn AND revision = :revision
"""
_DELETE = "DELETE FROM oidc_providers WHERE arn = :arn"
_HOLD = "UPDATE oidc_providers SET revision = revision WHERE arn = :arn"  # until the commit nobody else changes it


class OpenIDConnectProviders:
    """The table of OpenID Connect providers. What decides reads them from `Store.directory`."""

    def __init__(self, database: Database, writes: LoggedWrites) -> None:
        self._database = database
        self._writes = writes

    async def add(self, provider: OpenIDConnectProvider) -> bool:
        """Add a provider at revision 1; false if there is one with this ARN."""
        return await self._writes.write(
            Change("oidc_provider", provider.arn), lambda connection: connection.execute(_ADD, _to_row(provider)) == 1
        )

    async def get(self, arn: str) -> OpenIDConnectProvider | None:
        """The provider as it is in the store now."""
        return await self._database.read(lambda connection: load(connection, arn))

    async def list(self) -> list[OpenIDConnectProvider]:
        """All, in the order of their ARNs; an account has few."""
        return await self._database.scan(lambda connection: [_from_row(row) for row in connection.rows(_SORTED)])

    async def change(
        self, arn: str, change: Callable[[OpenIDConnectProvider], OpenIDConnectProvider]
    ) -> OpenIDConnectProvider | None:
        """Read, change and save in one transaction; the saved provider, or None if there is none.

        `change` runs on the store's thread; what it raises is raised here, and nothing is saved. ARN, URL and time of
        creation stay what they are.
        """

        def work(connection: Connection) -> OpenIDConnectProvider | None:
            connection.execute(_HOLD, {"arn": arn})
            provider = load(connection, arn)
            if provider is None or connection.execute(_SAVE, _to_row(change(provider))) == 0:
                return None
            return load(connection, arn)

        return await self._writes.write(Change("oidc_provider", arn), work)

    async def delete(self, arn: str) -> bool:
        """Delete a provider; false if there is none."""
        return await self._writes.write(
            Change("oidc_provider", arn), lambda connection: connection.execute(_DELETE, {"arn": arn}) == 1
        )


def load(connection: Connection, arn: str) -> OpenIDConnectProvider | None:
    row = connection.row(_ONE, {"arn": arn})
    return None if row is None else _from_row(row)


def load_all(connection: Connection) -> list[OpenIDConnectProvider]:
    return [_from_row(row) for row in connection.rows(_ALL)]


_encode = msgspec.json.Encoder().encode
_decode_map = msgspec.json.Decoder(dict[str, str]).decode
_decode_list = msgspec.json.Decoder(tuple[str, ...]).decode


def _to_row(provider: OpenIDConnectProvider) -> dict[str, object]:
    return {
        "arn": provider.arn,
        "url": provider.url,
        "client_ids": _encode(provider.client_ids).decode(),
        "thumbprints": _encode(provider.thumbprints).decode(),
        "tags": _encode(dict(provider.tags)).decode(),
        "created": provider.created,
        "revision": provider.revision,
    }


def _from_row(row: Row) -> OpenIDConnectProvider:
    return OpenIDConnectProvider(
        arn=row[0],
        url=row[1],
        client_ids=_decode_list(row[2]),
        thumbprints=_decode_list(row[3]),
        tags=_decode_map(row[4]),
        created=row[5],
        revision=row[6],
    )
