"""The schema is written three times: as tables, as SQL and as migrations. All three are one."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from gatepass.errors import ConfigurationError
from gatepass.store import Role, Store, User
from gatepass.store import schema as tables
from gatepass.store.migrations import config, upgrade_sqlite
from gatepass.store.versions import COMPATIBLE_WITH, HEAD, REVISIONS


def schema(path: Path) -> list[tuple[str, str, str]]:
    """Every table and index with its SQL; names of what SQLite makes by itself included."""
    connection = sqlite3.connect(path)
    try:
        found = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name")
        return [(kind, name, " ".join(sql.replace("\n", " ").split())) for kind, name, sql in found]
    finally:
        connection.close()


def opened(folder: Path) -> None:
    async def run() -> None:
        store = await Store.open(folder, account="123456789012", region="us-east-1")
        assert await store.roles.add(Role("r", "/", "AROA", "arn:aws:iam::123456789012:role/r", "{}"))
        await store.close()

    asyncio.run(run())


def test_the_sql_is_what_create_all_runs() -> None:
    assert tables.SQLITE_FILE.read_text() == tables.ddl("sqlite://"), "run `python -m gatepass.store.schema`"


def test_a_new_store_equals_one_that_was_migrated(tmp_path: Path) -> None:
    opened(tmp_path / "new")
    migrated = tmp_path / "migrated.sqlite3"
    upgrade_sqlite(migrated)
    assert schema(migrated) == schema(tmp_path / "new" / "gatepass.sqlite3")


def test_nothing_is_left_to_migrate(tmp_path: Path) -> None:
    """Alembic finds no difference between the tables and what the migrations make."""
    path = tmp_path / "migrated.sqlite3"
    upgrade_sqlite(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    engine.dispose()


def test_the_known_revisions_are_those_of_alembic() -> None:
    scripts = ScriptDirectory.from_config(config())
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == REVISIONS
    assert scripts.get_heads() == [HEAD]
    assert COMPATIBLE_WITH in REVISIONS


def test_an_older_store_is_upgraded_when_it_is_opened(tmp_path: Path) -> None:
    """Older than the first revision: stamped with none."""
    folder = tmp_path / "old"
    folder.mkdir()
    connection = sqlite3.connect(folder / "gatepass.sqlite3")
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.close()
    opened(folder)
    opened_again = sqlite3.connect(folder / "gatepass.sqlite3")
    assert opened_again.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    assert opened_again.execute("SELECT name FROM roles").fetchall() == [("r",)]
    opened_again.close()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_what_an_older_store_holds_stays(tmp_path: Path, revision: str) -> None:
    """Roles and their policies; what is newer takes its place beside them."""
    engine = create_engine(f"sqlite:///{tmp_path / 'gatepass.sqlite3'}")
    with engine.begin() as connection:
        command.upgrade(config(connection), revision)
        connection.exec_driver_sql(
            "INSERT INTO roles"
            " (name, folded_name, path, id, arn, trust_policy, max_session_duration, tags, created, revision)"
            " VALUES ('Old', 'old', '/', 'AROA', 'arn:aws:iam::123456789012:role/Old', '{}', 3600, '{}', 1, 1)"
        )
        connection.exec_driver_sql("INSERT INTO role_inline_policies VALUES ('Old', 'p', '{}')")
    engine.dispose()

    async def run() -> None:
        store = await Store.open(tmp_path, account="123456789012", region="us-east-1")
        role = await store.roles.get("Old")
        assert role is not None
        assert role.inline_policies == {"p": "{}"}
        assert await store.users.add(User("ann", "/", "AIDA", "arn:aws:iam::123456789012:user/ann"))
        assert set(store.directory.users) == {"ann"}
        await store.close()

    asyncio.run(run())


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """Something is in the way of the last table: none of the others is there after it."""
    path = tmp_path / "store.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE epochs (mine TEXT)")
    connection.commit()
    before = schema(path)
    with pytest.raises(ConfigurationError, match=r"could not be upgraded and is as it was: .*epochs"):
        upgrade_sqlite(path)
    assert schema(path) == before
    connection.close()
