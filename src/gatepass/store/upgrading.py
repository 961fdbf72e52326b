"""`gatepass store upgrade`: bring a store to the schema of this program."""

from pathlib import Path
from typing import NamedTuple

from gatepass.errors import ConfigurationError
from gatepass.store.folder import DATABASE, DataFolder
from gatepass.store.opening import address_of
from gatepass.store.versions import HEAD


class Upgrade(NamedTuple):
    """What was done.

    Attributes:
        store: what it is called; no password.
        before, after: schema revisions; no revision before the first.
    """

    store: str
    before: str | None
    after: str


def upgrade(folder: Path, url: str | None) -> Upgrade:
    """Upgrade the store at this URL, or the one in this data folder. Doing it again changes nothing.

    Raises:
        ConfigurationError: it cannot be used or upgraded, or a gate has the folder; the store is as it was.
    """
    return _in_folder(folder) if url is None else _on_postgresql(url)


def _in_folder(folder: Path) -> Upgrade:
    from gatepass.store.migrations import upgrade_sqlite

    path = folder / DATABASE
    if not path.exists():
        raise ConfigurationError(
            f"there is no store in `{folder}`",
            hint="`gatepass serve` makes one; give another folder with `--data`, or a URL with `--store`",
        )
    with DataFolder(folder):
        return Upgrade(str(path), upgrade_sqlite(path), HEAD)


def _on_postgresql(url: str) -> Upgrade:
    address = address_of(url)
    from gatepass.store.migrations import upgrade_postgresql
    from gatepass.store.postgresql_opening import reached

    with reached(address) as raw:
        return Upgrade(str(address), upgrade_postgresql(address, raw), HEAD)
