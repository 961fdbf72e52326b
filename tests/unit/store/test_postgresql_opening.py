"""A store on PostgreSQL opens with a schema that is known; only `upgrade` changes one, and says so."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool
from tests.postgresql import query

from gatepass.errors import ConfigurationError
from gatepass.store import Role, Store, schema
from gatepass.store.dialing import Address
from gatepass.store.folder import DataFolder
from gatepass.store.maintaining import Upgrade, upgrade
from gatepass.store.migrations import config
from gatepass.store.versions import HEAD, REVISIONS

if TYPE_CHECKING:
    from tests.postgresql import Databases

REVISION = "SELECT version_num FROM alembic_version"


@pytest.fixture
def empty(postgresql: Databases) -> Iterator[str]:
    """The URL of a database without tables."""
    url = postgresql.make()
    yield url
    postgresql.drop(url)


@pytest.fixture
def fresh(postgresql: Databases) -> Iterator[str]:
    """The URL of a store whose schema the test may change."""
    url = postgresql.copy()
    yield url
    postgresql.drop(url)


async def opened(
    folder: Path, url: str, *, account: str = "123456789012", region: str = "us-east-1", role: str | None = None
) -> str:
    """Open the store, add a role, close it; its deployment id."""
    store = await Store.open(folder / "data", account=account, region=region, url=url)
    try:
        if role is not None:
            assert await store.roles.add(Role(role, "/", f"AROA{role}", f"arn:aws:iam::{account}:role/{role}", "{}"))
        return store.deployment_id
    finally:
        await store.close()


async def refusal(folder: Path, url: str, **given: str) -> ConfigurationError:
    """The error; the folder is free again after it, and the error shows no password."""
    with pytest.raises(ConfigurationError) as caught:
        await opened(folder, url, **given)
    DataFolder(folder / "data").close()
    assert "canary" not in f"{caught.value} {caught.value.hint}"
    return caught.value


# --- opening


async def test_a_store_is_one_for_its_account_and_region(tmp_path: Path, database: str) -> None:
    first = await opened(tmp_path, database, role="r")
    assert await opened(tmp_path, database) == first
    for given in ({"account": "999999999999"}, {"region": "eu-west-1"}):
        error = await refusal(tmp_path, database, **given)
        assert "belongs to account `123456789012` in region `us-east-1`" in str(error)
        assert "--account-id 123456789012 --region us-east-1" in error.hint


async def test_of_many_first_starts_one_makes_the_deployment(tmp_path: Path, database: str) -> None:
    """The others are told to use its key ring."""
    folders = [tmp_path / f"{number}" for number in range(6)]
    results = await asyncio.gather(*(opened(folder, database) for folder in folders), return_exceptions=True)
    ids = [result for result in results if isinstance(result, str)]
    refused = [result for result in results if isinstance(result, ConfigurationError)]
    assert len(ids) == 1
    assert len(refused) == 5
    assert len(list(tmp_path.glob("*/data/keys.json"))) == 1


async def test_a_database_without_tables_is_to_be_upgraded(tmp_path: Path, empty: str) -> None:
    error = await refusal(tmp_path, empty)
    assert "has no tables yet" in str(error)
    assert "gatepass store upgrade" in error.hint
    assert query(empty, "SELECT * FROM pg_tables WHERE schemaname = 'public'") == []


async def test_a_database_of_something_else_is_refused(tmp_path: Path, empty: str) -> None:
    query(empty, "CREATE TABLE alembic_version (version_num text)")
    assert "is not a gatepass store" in str(await refusal(tmp_path, empty))


async def test_an_older_schema_is_to_be_upgraded(tmp_path: Path, fresh: str) -> None:
    for revision in REVISIONS[:-1]:
        query(fresh, "UPDATE alembic_version SET version_num = %s", revision)
        error = await refusal(tmp_path, fresh)
        assert f"has schema {revision}, this program needs {HEAD}" in str(error)
        assert "gatepass store upgrade" in error.hint


async def test_a_newer_schema_is_refused(tmp_path: Path, fresh: str) -> None:
    await opened(tmp_path, fresh)
    query(fresh, "UPDATE alembic_version SET version_num = '9999'")
    query(fresh, "UPDATE deployment SET compatible_with = '9998'")
    error = await refusal(tmp_path, fresh)
    assert f"has schema 9999, which is newer than this program knows ({HEAD})" in str(error)
    with pytest.raises(ConfigurationError, match="newer than this program knows"):
        upgrade(tmp_path, fresh)
    assert query(fresh, REVISION) == [("9999",)]


async def test_a_newer_schema_that_works_with_this_program_opens(tmp_path: Path, fresh: str) -> None:
    """The next program may run beside this one while everything it changed was an addition."""
    await opened(tmp_path, fresh)
    query(fresh, "UPDATE alembic_version SET version_num = '9999'")
    query(fresh, "ALTER TABLE roles ADD COLUMN colour VARCHAR NOT NULL DEFAULT 'blue'")
    query(fresh, "CREATE TABLE additions (id VARCHAR)")
    await opened(tmp_path, fresh, role="r")
    assert query(fresh, "SELECT name, colour FROM roles") == [("r", "blue")]


async def test_a_store_is_upgraded_while_the_program_before_uses_it(tmp_path: Path, fresh: str) -> None:
    """Old and new side by side: neither notices anything but what the other wrote."""
    await opened(tmp_path / "old", fresh)
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    old = await Store.open(tmp_path / "old" / "data", account="123456789012", region="us-east-1", url=fresh)
    try:
        query(fresh, "CREATE TABLE additions (id VARCHAR); ALTER TABLE roles ADD COLUMN colour VARCHAR")
        query(fresh, "UPDATE alembic_version SET version_num = '9999'")
        assert await old.roles.add(Role("by-old", "/", "AROA1", "arn", "{}"))
        await opened(tmp_path / "new", fresh, role="by-new")
        await old.refresh()
        assert set(old.directory.roles) == {"by-old", "by-new"}
    finally:
        await old.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ann:canary@127.0.0.1:1/db", "the store `postgresql://127.0.0.1:1/db` cannot be reached"),
        ("postgresql://ann:canary@[::1/db", "is not one of PostgreSQL's"),
        ("postgresql://ann:canary@host/db?canary=1", "is not one of PostgreSQL's"),
        ("mysql://ann:canary@host/db", "is not one of PostgreSQL's"),
        ("host=h password=canary", "is not one of PostgreSQL's"),
        ("", "is not one of PostgreSQL's"),
    ],
)
async def test_a_url_that_leads_nowhere_is_refused_without_its_password(tmp_path: Path, url: str, said: str) -> None:
    assert said in str(await refusal(tmp_path, url))


async def test_a_database_that_is_not_there_is_refused(tmp_path: Path, postgresql: Databases) -> None:
    error = await refusal(tmp_path, postgresql.url("no_such_database"))
    assert "cannot be reached" in str(error)
    assert "no_such_database" in str(error)


async def test_text_that_is_not_unicode_is_refused(tmp_path: Path, postgresql: Databases) -> None:
    url = postgresql.make(options="TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    try:
        assert "holds text as LATIN1" in str(await refusal(tmp_path, url))
    finally:
        postgresql.drop(url)


async def test_a_user_who_may_not_write_is_refused(tmp_path: Path, database: str, postgresql: Databases) -> None:
    user = "gatepass_test_reader"
    query(database, f"CREATE USER {user}")
    query(database, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user}")
    try:
        as_reader = database.replace(f"user={conninfo_to_dict(database)['user']}", f"user={user}")
        error = await refusal(tmp_path, as_reader)
        assert "permission denied" in str(error)
        assert "read and write" in error.hint
    finally:
        query(database, f"DROP OWNED BY {user}")
        query(database, f"DROP USER {user}")


async def test_without_its_driver_pip_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "gatepass.store.dialing", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = await refusal(tmp_path, "postgresql://host/db")
    assert "psycopg" in str(error)
    assert error.hint == "pip install 'gatepass[postgres]'"
    with pytest.raises(ConfigurationError, match="psycopg"):
        upgrade(tmp_path, "postgresql://host/db")


def test_an_address_shows_neither_user_nor_password() -> None:
    assert str(Address("postgresql://ann:canary@host:5433/db?sslmode=require")) == "postgresql://host:5433/db"
    assert str(Address("postgres://ann:canary@/db?host=/run/pg")) == "postgresql:///run/pg/db"
    assert str(Address("postgresql://ann@")) == "postgresql://localhost/ann"


# --- upgrading


def at(url: str, revision: str) -> None:
    """Bring an empty database to a revision of long ago."""
    with sqlalchemy_engine(url).begin() as connection:
        command.upgrade(config(connection), revision)


def sqlalchemy_engine(url: str) -> Engine:
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)


def test_an_upgrade_says_what_it_did_and_does_it_once(tmp_path: Path, empty: str) -> None:
    store = str(Address(empty))
    assert upgrade(tmp_path, empty) == Upgrade(store, None, HEAD)
    assert upgrade(tmp_path, empty) == Upgrade(store, HEAD, HEAD)
    asyncio.run(opened(tmp_path, empty, role="r"))
    assert upgrade(tmp_path, empty) == Upgrade(store, HEAD, HEAD)


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_older_store_keeps_what_it_holds(tmp_path: Path, empty: str, revision: str) -> None:
    at(empty, revision)
    query(empty, "INSERT INTO deployment VALUES (1, 'its id', '123456789012', 'us-east-1', '0001', 0)")
    query(
        empty,
        "INSERT INTO roles (name, folded_name, path, id, arn, trust_policy, max_session_duration, tags, created,"
        " revision) VALUES ('old', 'old', '/', 'AROA', 'arn', '{}', 3600, '{}', 0, 1)",
    )
    assert upgrade(tmp_path, empty) == Upgrade(str(Address(empty)), revision, HEAD)
    assert asyncio.run(opened(tmp_path, empty, role="new")) == "its id"
    assert sorted(query(empty, "SELECT name FROM roles")) == [("new",), ("old",)]


def test_of_many_upgrades_at_once_one_upgrades(tmp_path: Path, empty: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: upgrade(tmp_path, empty), range(6)))
    assert sorted(each.before or "" for each in done) == [""] + [HEAD] * 5
    assert query(empty, REVISION) == [(HEAD,)]


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(tmp_path: Path, empty: str) -> None:
    """Something is in the way of the last table: none of the others is there after it."""
    query(empty, "CREATE TABLE epochs (mine TEXT)")
    with pytest.raises(ConfigurationError, match=r"could not be upgraded and is as it was: .*epochs"):
        upgrade(tmp_path, empty)
    assert query(empty, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [("epochs",)]


def test_an_upgrade_without_a_store_in_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no store"):
        upgrade(tmp_path / "none", None)
    assert not (tmp_path / "none").exists()


def test_an_upgrade_of_a_folder_that_a_gate_uses_is_refused(tmp_path: Path) -> None:
    asyncio.run(opened_in_folder(tmp_path))
    assert upgrade(tmp_path, None) == Upgrade(str(tmp_path / "gatepass.sqlite3"), HEAD, HEAD)
    with DataFolder(tmp_path), pytest.raises(ConfigurationError, match="is in use by"):
        upgrade(tmp_path, None)


async def opened_in_folder(folder: Path) -> None:
    store = await Store.open(folder, account="123456789012", region="us-east-1")
    await store.close()


# --- one schema, written twice

CATALOGUE = """
    SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, l.collname
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 LEFT JOIN pg_collation l
    ON l.oid = a.attcollation WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', NULL
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef, '', NULL FROM pg_indexes WHERE schemaname = 'public'
    ORDER BY 1, 2, 3
"""


def test_the_tables_are_what_the_migrations_make(tmp_path: Path, empty: str, fresh: str) -> None:
    schema.metadata.create_all(sqlalchemy_engine(empty))
    migrated = [row for row in query(fresh, CATALOGUE) if row[1] != "alembic_version"]
    assert query(empty, CATALOGUE) == migrated


def test_nothing_is_left_to_migrate(fresh: str) -> None:
    with sqlalchemy_engine(fresh).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_all_text_compares_by_bytes(fresh: str) -> None:
    """So that pages are in the order that Python and SQLite know."""
    collations = {
        (row[1], row[5])
        for row in query(fresh, CATALOGUE)
        if row[0] == "column" and row[5] and row[1] != "alembic_version"
    }
    assert {collation for _, collation in collations} == {"C"}
