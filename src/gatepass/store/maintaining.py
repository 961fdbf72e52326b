"""What `gatepass store` does: bring a store to the schema of this program; forget a secret that was lost."""

from pathlib import Path
from typing import NamedTuple

from gatepass.errors import ConfigurationError
from gatepass.store.folder import DATABASE, DataFolder
from gatepass.store.opening import address_of
from gatepass.store.shared_secrets import FORGET
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


def forget(url: str, name: str) -> bool:
    """Let the next gate that starts bring a secret of its own; false if the store goes by none.

    Args:
        name: one of `shared_secrets.NAMES`.

    Raises:
        ConfigurationError: the store cannot be used.
    """
    address = address_of(url)
    import psycopg

    from gatepass.store.postgresql import PostgresqlConnection
    from gatepass.store.postgresql_opening import reached, unusable

    with reached(address) as raw:
        try:
            return PostgresqlConnection(raw).execute(FORGET, {"name": name}) == 1
        except psycopg.Error as error:
            raise unusable(address, error) from None
