"""The store suite runs on every engine: one line in `ENGINES` adds one.

Tests are coroutines; each opens its store in its own event loop, and may open it again to see what outlived it.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatepass.store import Identity, IdentityPool, Role, Store

ACCOUNT, REGION = "123456789012", "us-east-1"


class Engine:
    """One store, opened as often as a test likes."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.url = url

    @asynccontextmanager
    async def open(self, **more: Any) -> AsyncIterator[Store]:
        store = await Store.open(self.folder, account=ACCOUNT, region=REGION, url=self.url, **more)
        try:
            yield store
        finally:
            await store.close()


# The fixture that gives an engine's URL; None for the one that needs none.
ENGINES = {"sqlite": None, "postgresql": "database"}


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    fixture = ENGINES[request.param]
    return Engine(tmp_path / "data", None if fixture is None else request.getfixturevalue(fixture))


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
