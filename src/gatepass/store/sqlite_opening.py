"""Opening a store on SQLite: make a new one, bring an old one up to date, refuse what is not ours or not whole."""

import os
import sqlite3
from pathlib import Path

from gatepass.errors import ConfigurationError
from gatepass.store.opening import Schema, claim, revision_of, schema_of, too_new
from gatepass.store.sqlite import SqliteConnection, connect
from gatepass.store.versions import HEAD

_SCHEMA = Path(__file__).with_name("schema_sqlite.sql")
_OLDEST_SQLITE = (3, 35, 0)  # RETURNING
_CHECKED_WHOLE = 4 << 20
"""Bytes up to which a file is checked at every start: about 4 ms each MiB. Damage to a larger one shows when read."""

_STAMP = """
    CREATE TABLE alembic_version (
        version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
    )
"""


def open_sqlite(path: Path, account: str, region: str) -> str:
    """See that the file is a store of this account and region with a schema that is known; its deployment id.

    Raises:
        ConfigurationError: it is not, or it cannot be used.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise ConfigurationError(f"SQLite {sqlite3.sqlite_version} is too old", hint="3.35 or newer is needed")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = connect(path)
    except OSError as error:
        raise ConfigurationError(f"the store `{path}` cannot be used: {error.strerror or error}") from None
    except sqlite3.Error as error:
        raise _unusable(path, error) from None
    try:
        return _prepared(connection, path, account, region)
    except sqlite3.Error as error:
        raise _unusable(path, error) from None
    finally:
        connection.close()


def _prepared(connection: sqlite3.Connection, path: Path, account: str, region: str) -> str:
    if path.stat().st_size <= _CHECKED_WHOLE:
        [(verdict, *_), *_] = connection.execute("PRAGMA quick_check(1)").fetchall()
        if verdict != "ok":
            raise damaged(path, verdict)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        _create(connection)
    elif "alembic_version" not in tables:
        raise ConfigurationError(f"`{path}` is a database, but not a gatepass store", hint="give another folder")
    else:
        _check_schema(SqliteConnection(connection), path)
    return claim(path, SqliteConnection(connection), account, region)


def _create(connection: sqlite3.Connection) -> None:
    """The newest schema, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in _SCHEMA.read_text().split(";\n"):
        connection.execute(statement)
    connection.execute(_STAMP)
    connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (HEAD,))
    connection.execute("COMMIT")


def _check_schema(connection: SqliteConnection, path: Path) -> None:
    """Upgrade an older schema; let a newer one pass that says it works with this program."""
    schema = schema_of(connection)
    if schema is Schema.UNKNOWN:
        raise too_new(path, revision_of(connection))
    if schema is Schema.OLDER:
        from gatepass.store.migrations import upgrade_sqlite

        upgrade_sqlite(path)


def damaged(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"the store `{path}` is damaged: {why}", hint="restore it from a backup, or move it away to begin a new one"
    )


def _unusable(path: Path, error: sqlite3.Error) -> ConfigurationError:
    """What SQLite says, for a person."""
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_NOTADB" or name.startswith("SQLITE_CORRUPT"):
        return damaged(path, str(error))
    if name.startswith("SQLITE_BUSY"):
        return ConfigurationError(f"the store `{path}` is locked by another program", hint="close that program")
    return ConfigurationError(
        f"the store `{path}` cannot be used: {error}", hint="see that this user can write the file and its folder"
    )
