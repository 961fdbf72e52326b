"""Alembic's migrations. Imported only when a store has to be upgraded, and by tests."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from gatepass.errors import ConfigurationError
from gatepass.store.opening import too_new
from gatepass.store.versions import COMPATIBLE_WITH, HEAD, REVISIONS

if TYPE_CHECKING:
    import psycopg

# Any number, but the same in every version: of several upgrades of one database, one goes first.
_UPGRADING = 7_108_322_591


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.attributes["connection"] = connection
    return made


def upgrade_sqlite(path: Path) -> str | None:
    """Bring a store to the newest schema; all of it in one transaction, or nothing. Gives the revision it had.

    Raises:
        ConfigurationError: it could not be; the store is as it was.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)))

    @event.listens_for(engine, "connect")
    def _(raw: object, _record: object) -> None:
        raw.isolation_level = None  # type: ignore[attr-defined] # else sqlite3 would commit before a CREATE TABLE

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return _upgraded(path, engine)


def upgrade_postgresql(store: object, raw: "psycopg.Connection[Any]") -> str | None:
    """The same on PostgreSQL; whoever upgrades it at the same time waits.

    Args:
        store: what it is called in messages.
        raw: a connection to it, which is closed.
    """
    import psycopg

    raw.autocommit, raw.cursor_factory = False, psycopg.Cursor
    engine = create_engine("postgresql+psycopg://", creator=lambda: raw, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADING})")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")  # rather fail than keep running gates waiting

    return _upgraded(store, engine)


def _upgraded(store: object, engine: Engine) -> str | None:
    try:
        with engine.begin() as connection:
            before = MigrationContext.configure(connection).get_current_revision()
            if before is not None and before not in REVISIONS:
                raise too_new(store, before)
            if before != HEAD:
                command.upgrade(config(connection), HEAD)
                statement = f"UPDATE deployment SET compatible_with = '{COMPATIBLE_WITH}'"  # noqa: S608 — our own text
                connection.exec_driver_sql(statement)
            return before
    except (SQLAlchemyError, CommandError) as error:
        raise ConfigurationError(
            f"the store `{store}` could not be upgraded and is as it was: {getattr(error, 'orig', None) or error}",
            hint="use it with the gatepass that made it, and report this",
        ) from None
    finally:
        engine.dispose()
