"""The store suite runs on every engine: one line in `ENGINES` adds one.

Tests are coroutines; each opens its store in its own event loop, and may open it again to see what outlived it.
"""

import asyncio
import hashlib
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatepass.store import Identity, IdentityPool, Role, Store

ACCOUNT, REGION = "123456789012", "us-east-1"


class Engine:
    """One store, opened as often as a test likes."""

    def __init__(self, location: str | Path) -> None:
        self.location = location

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Store]:
        store = await Store.open(self.location, account=ACCOUNT, region=REGION)
        try:
            yield store
        finally:
            await store.close()


ENGINES: dict[str, Callable[[Path], Engine]] = {
    "sqlite": lambda folder: Engine(folder / "data"),
}


@pytest.fixture(params=list(ENGINES.values()), ids=list(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    made: Engine = request.param(tmp_path)
    return made


class Make:
    """Entities that a test need not spell out."""

    def pool(self, number: int = 1, **more: Any) -> IdentityPool:
        return replace(IdentityPool(f"{REGION}:00000000-0000-0000-0000-{number:012x}", f"pool {number}"), **more)

    def role(self, name: str, **more: Any) -> Role:
        id_ = "AROA" + hashlib.sha256(name.encode()).hexdigest()[:17].upper()
        return replace(Role(name, "/", id_, f"arn:aws:iam::{ACCOUNT}:role/{name}", "{}"), **more)

    def identity(self, number: int, **more: Any) -> Identity:
        return replace(Identity(f"{REGION}:11111111-0000-0000-0000-{number:012x}", self.pool().id), **more)


@pytest.fixture
def make() -> Make:
    return Make()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    given = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    asyncio.run(pyfuncitem.obj(**given))
    return True
