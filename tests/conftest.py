"""What tests of every kind share."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.postgresql import Databases, Server

# How fast an example is depends on the machine: tests judge what is answered, benches how fast.
settings.register_profile("gatepass", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gatepass")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    given = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    asyncio.run(pyfuncitem.obj(**given))
    return True


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Databases]:
    """A PostgreSQL server that makes databases; started when the first test asks for it."""
    from tests.postgresql import databases

    with databases() as made:
        yield made


@pytest.fixture(scope="session")
def own_postgresql() -> Iterator[Server]:
    """A PostgreSQL server that a test may stop, if it starts it again."""
    from tests.postgresql import own_server

    with own_server() as server:
        yield server


@pytest.fixture
def database(postgresql: Databases) -> Iterator[str]:
    """The URL of a database with the newest schema and nothing in it, for one test."""
    url = postgresql.lend()
    yield url
    postgresql.give_back(url)
