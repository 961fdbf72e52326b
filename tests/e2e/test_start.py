"""Starting is quick because what is slow to import waits until it is used."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"alembic", "rich", "httpx", "jwt", "yaml", "jinja2", "prometheus_client", "boto3", "botocore"}
FOR_THE_DEFAULT_POOL = {
    "gatepass.advice.effort",
    "gatepass.advice.languages",
    "gatepass.advice.least",
    "gatepass.advice.patterns",
}
APP = "async def app(scope, receive, send): ...\n"


@pytest.mark.parametrize("when", ["the first start", "a later start"])
def test_nothing_heavy_is_imported(tmp_path: Path, when: str) -> None:
    """Neither to make a new store nor to open one that is there."""
    (tmp_path / "app.py").write_text(APP)
    starts = 1 if when == "the first start" else 2
    for _ in range(starts):
        imported = modules_imported_until_ready(tmp_path)
    packages = {name.partition(".")[0] for name in imported}
    assert "gatepass" in packages
    assert sorted(packages & HEAVY) == []
    assert {name for name in imported if name.startswith("gatepass.advice.")} == FOR_THE_DEFAULT_POOL


def modules_imported_until_ready(folder: Path) -> set[str]:
    """What Python itself says it imported."""
    command = [sys.executable, "-X", "importtime", "-m", "gatepass", "serve", "app:app", "--port", "0", "--json"]
    with (
        (folder / "imports.txt").open("w") as log,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.readline().startswith("{"), (folder / "imports.txt").read_text()[-2000:]
        process.terminate()
    lines = (folder / "imports.txt").read_text().splitlines()
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}
