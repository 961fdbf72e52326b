"""A running STS."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.sts.service import ACCOUNT, REGION, Sts

from gatepass.store import Store


@pytest.fixture
def sts(tmp_path: Path) -> Iterator[Sts]:
    with asyncio.Runner() as runner:
        store = runner.run(Store.open(tmp_path / "data", account=ACCOUNT, region=REGION))
        yield Sts(runner, store, tmp_path)
        runner.run(store.close())
