"""What opening a store means on every engine: it belongs to an account and region, and its schema is known."""

from __future__ import annotations

import os
from enum import Enum, auto
from typing import TYPE_CHECKING

from gatepass.errors import ConfigurationError
from gatepass.store.database import Connection
from gatepass.store.versions import COMPATIBLE_WITH, HEAD, REVISIONS

if TYPE_CHECKING:
    from gatepass.store.dialing import Address

_ADD = """
    INSERT INTO deployment (singleton, deployment_id, account, region, compatible_with, revision)
    VALUES (1, :deployment_id, :account, :region, :compatible_with, 0)
    ON CONFLICT DO NOTHING
"""
_OWNER = "SELECT deployment_id, account, region FROM deployment"
_REVISION = "SELECT version_num FROM alembic_version"
_COMPATIBLE_WITH = "SELECT compatible_with FROM deployment"


def address_of(url: str) -> Address:
    """Where a store on PostgreSQL is. Raises: ConfigurationError, also if PostgreSQL's driver is not installed."""
    try:
        from gatepass.store.dialing import Address
    except ImportError:
        raise ConfigurationError(
            "a store on PostgreSQL needs `psycopg`", hint="pip install 'gatepass[postgres]'"
        ) from None
    return Address(url)


class Schema(Enum):
    """What a store's schema is to this program."""

    CURRENT = auto()
    OLDER = auto()
    NEWER_BUT_COMPATIBLE = auto()
    UNKNOWN = auto()


def revision_of(connection: Connection) -> str | None:
    """The schema's revision; None for one older than the first."""
    row = connection.row(_REVISION)
    return None if row is None else str(row[0])


def schema_of(connection: Connection) -> Schema:
    """A newer schema may say that programs of a revision that is known here work on it."""
    revision = revision_of(connection)
    if revision == HEAD:
        return Schema.CURRENT
    if revision is None or revision in REVISIONS:
        return Schema.OLDER
    row = connection.row(_COMPATIBLE_WITH)
    return Schema.NEWER_BUT_COMPATIBLE if row is not None and row[0] in REVISIONS else Schema.UNKNOWN


def too_new(store: object, revision: str | None) -> ConfigurationError:
    return ConfigurationError(
        f"the store `{store}` has schema {revision}, which is newer than this program knows ({HEAD})",
        hint="install the gatepass that made it, or a newer one",
    )


def claim(store: object, connection: Connection, account: str, region: str) -> str:
    """Let the store belong to this account and region, if it is new; its deployment id.

    Raises:
        ConfigurationError: it belongs to another.
    """
    connection.execute(
        _ADD,
        {
            "deployment_id": os.urandom(16).hex(),
            "account": account,
            "region": region,
            "compatible_with": COMPATIBLE_WITH,
        },
    )
    row = connection.row(_OWNER)
    assert row is not None, "it was added if it was not there"  # noqa: S101 — see above
    deployment_id, its_account, its_region = row
    if (its_account, its_region) != (account, region):
        raise ConfigurationError(
            f"the store `{store}` belongs to account `{its_account}` in region `{its_region}`,"
            f" not to account `{account}` in region `{region}`",
            hint=f"use `--account-id {its_account} --region {its_region}`, or another store",
        )
    return str(deployment_id)
