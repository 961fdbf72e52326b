"""Alembic's migrations. Imported only when a store has to be upgraded, and by tests."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from gatepass.errors import ConfigurationError


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.attributes["connection"] = connection
    return made


def upgrade_sqlite(path: Path) -> None:
    """Bring a store to the newest schema; all of it in one transaction, or nothing. Raises: ConfigurationError."""
    engine = create_engine(URL.create("sqlite", database=str(path)))

    @event.listens_for(engine, "connect")
    def _(raw: object, _record: object) -> None:
        raw.isolation_level = None  # type: ignore[attr-defined] # else sqlite3 would commit before a CREATE TABLE

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            command.upgrade(config(connection), "head")
    except (SQLAlchemyError, CommandError) as error:
        raise ConfigurationError(
            f"the store `{path}` could not be upgraded and is as it was: {error}",
            hint="open it with the gatepass that made it, and report this",
        ) from None
    finally:
        engine.dispose()
