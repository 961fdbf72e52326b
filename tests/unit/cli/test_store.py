"""`gatepass store`: what it says it did, and which store it does it to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.postgresql import query

from gatepass.store import Store
from gatepass.store.dialing import Address
from gatepass.store.versions import HEAD

if TYPE_CHECKING:
    from tests.postgresql import Databases
    from tests.unit.cli.conftest import Command


@pytest.fixture
def empty(postgresql: Databases) -> Iterator[str]:
    url = postgresql.make()
    yield url
    postgresql.drop(url)


def opened(folder: Path, url: str | None = None) -> None:
    async def run() -> None:
        await (await Store.open(folder, account="123456789012", region="us-east-1", url=url)).close()

    asyncio.run(run())


def test_an_upgrade_says_from_where_to_where(command: Command, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command("store", "upgrade", "--store", empty) == (
        0,
        f"{Address(empty)}: upgraded from nothing to {HEAD}\n",
        "",
    )
    monkeypatch.setenv("GATEPASS_STORE", empty)
    assert command("store", "upgrade") == (0, f"{Address(empty)}: schema {HEAD}, nothing to do\n", "")


def test_a_store_in_a_folder(command: Command, tmp_path: Path) -> None:
    opened(tmp_path / "data")
    expected = f"{tmp_path}/data/gatepass.sqlite3: schema {HEAD}, nothing to do\n"
    assert command("store", "upgrade", "--data", str(tmp_path / "data")) == (0, expected, "")
    done = command("store", "upgrade")
    assert (done.status, done.out) == (1, "")
    assert "there is no store in `.gatepass`" in done.err


def test_two_stores_are_one_too_many(command: Command) -> None:
    done = command("store", "upgrade", "--store", "postgresql://host/db", "--data", ".")
    assert done.status == 2
    assert "--store and --data name two stores" in done.err


def test_a_secret_is_forgotten_and_another_takes_its_place(command: Command, tmp_path: Path, database: str) -> None:
    opened(tmp_path / "one", database)
    assert command("store", "forget", "keys", "--store", database) == (0, "keys: forgotten\n", "")
    assert command("store", "forget", "keys", "--store", database) == (0, "keys: nothing to forget\n", "")
    opened(tmp_path / "two", database)
    assert query(database, "SELECT name FROM fingerprints") == [("keys",)]
    assert (tmp_path / "two" / "keys.json").read_bytes() != (tmp_path / "one" / "keys.json").read_bytes()


def test_a_store_in_a_folder_has_nothing_to_forget(command: Command) -> None:
    done = command("store", "forget", "keys")
    assert done.status == 1
    assert "no store was named" in done.err
    assert "goes by the files in its folder" in done.err


@pytest.mark.parametrize("what", ["upgrade", "forget keys"])
def test_a_password_is_never_shown(command: Command, what: str) -> None:
    done = command("store", *what.split(), "--store", "postgresql://ann:canary@127.0.0.1:1/db")
    assert done.status == 1
    assert "cannot be reached" in done.err
    assert "canary" not in done.out + done.err
