"""Opening a store on PostgreSQL: nothing is made or upgraded here, that is `gatepass store upgrade`'s."""

import time

import psycopg

from gatepass.errors import ConfigurationError
from gatepass.store.dialing import Address, Raw
from gatepass.store.opening import Schema, claim, revision_of, schema_of, too_new
from gatepass.store.postgresql import FORGET_WRITERS, FORGOTTEN_AFTER, PostgresqlConnection
from gatepass.store.versions import HEAD

_OLDEST = 14
_TABLES = "SELECT to_regclass('alembic_version') IS NOT NULL, to_regclass('deployment') IS NOT NULL"


def open_postgresql(address: Address, account: str, region: str) -> str:
    """See that it is a store of this account and region with a schema that is known; its deployment id.

    Raises:
        ConfigurationError: it is not, or it cannot be used.
    """
    with reached(address) as raw:
        try:
            with raw.transaction():
                return _checked(raw, address, account, region)
        except psycopg.Error as error:
            raise unusable(address, error) from None


def reached(address: Address) -> Raw:
    """A connection to a server that can hold a store. Raises: ConfigurationError."""
    try:
        raw = address.dial()
    except psycopg.OperationalError as error:
        raise ConfigurationError(
            f"the store `{address}` cannot be reached: {_line(error)}",
            hint="see that the server runs, and that host, database, user and password are right",
        ) from None
    version, encoding = raw.info.server_version // 10_000, raw.info.parameter_status("server_encoding")
    if version < _OLDEST:
        refused = ConfigurationError(f"PostgreSQL {version} is too old", hint=f"{_OLDEST} or newer is needed")
    elif encoding != "UTF8":
        refused = ConfigurationError(
            f"the database `{address}` holds text as {encoding}", hint="make one with `ENCODING 'UTF8'`"
        )
    else:
        return raw
    raw.close()
    raise refused


def _checked(raw: Raw, address: Address, account: str, region: str) -> str:
    connection = PostgresqlConnection(raw)
    [(is_versioned, is_store)] = connection.rows(_TABLES)
    if is_versioned and not is_store:
        raise ConfigurationError(f"`{address}` is not a gatepass store", hint="give another database")
    if not is_store:
        raise _to_upgrade(f"the store `{address}` has no tables yet")
    schema = schema_of(connection)
    if schema is Schema.OLDER:
        raise _to_upgrade(f"the store `{address}` has schema {revision_of(connection)}, this program needs {HEAD}")
    if schema is Schema.UNKNOWN:
        raise too_new(address, revision_of(connection))
    raw.execute(FORGET_WRITERS, [[], time.time() - FORGOTTEN_AFTER])
    return claim(address, connection, account, region)


def _to_upgrade(message: str) -> ConfigurationError:
    return ConfigurationError(message, hint="run `gatepass store upgrade` with the same `--store`")


def unusable(address: Address, error: psycopg.Error) -> ConfigurationError:
    return ConfigurationError(
        f"the store `{address}` cannot be used: {_line(error)}",
        hint="see that this user may read and write its tables",
    )


def _line(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
