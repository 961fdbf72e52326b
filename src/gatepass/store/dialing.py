"""Reaching a PostgreSQL server: where it is, what it is called in messages, and a connection that is set up."""

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from gatepass.errors import ConfigurationError

Raw = psycopg.Connection[tuple[object, ...]]

# What a URL may say otherwise. A server that does not answer is given up after seconds, not after minutes.
_ASSUMED = {
    "application_name": "gatepass",
    "connect_timeout": "3",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "target_session_attrs": "read-write",
}

# Nobody waits for ever, not even for a process that stopped in the middle of a transaction; and what is acknowledged
# is on disk, also where the server is set up to be faster than that.
_SET_UP = """
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '10s';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""


class Address:
    """Where a store is on a PostgreSQL server; `str` gives it without user and password."""

    def __init__(self, url: str) -> None:
        """Raises: ConfigurationError, which does not repeat the URL: it may hold a password."""
        try:
            given = conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            given = {}
        if not url.startswith(("postgresql://", "postgres://")) or not given:
            raise ConfigurationError(
                "the URL of the store is not one of PostgreSQL's", hint="give postgresql://USER@HOST:PORT/DATABASE"
            )
        host, port, name = given.get("host"), given.get("port"), given.get("dbname") or given.get("user")
        self._text = f"postgresql://{host or 'localhost'}{f':{port}' if port else ''}/{name or ''}"
        self._given: dict[str, Any] = {**_ASSUMED, **{key: value for key, value in given.items() if value is not None}}

    def __str__(self) -> str:
        return self._text

    def dial(self) -> Raw:
        """A connection without transactions of its own making. Raises: psycopg.OperationalError."""
        raw = psycopg.connect("", autocommit=True, cursor_factory=psycopg.RawCursor, **self._given)
        try:
            raw.execute(_SET_UP)
        except BaseException:
            raw.close()
            raise
        return raw
