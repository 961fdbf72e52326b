"""What the tables ask of a database engine.

Tables say what they want done in plain SQL that SQLite and PostgreSQL both speak, with parameters as `:name`; they
never see an engine, a thread or a transaction.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

Row = tuple[Any, ...]
Parameters = Mapping[str, object]
T = TypeVar("T")

NONE: Parameters = {}


class ConstraintViolated(Exception):
    """The statement would break a constraint of the schema. Work lets it pass: what the work did is undone."""


class Connection(Protocol):
    """A connection within a transaction."""

    def execute(self, statement: str, parameters: Parameters = NONE) -> int:
        """How many rows it changed. Raises: ConstraintViolated."""

    def execute_many(self, statement: str, parameters: Iterable[Parameters]) -> None:
        """Raises: ConstraintViolated."""

    def rows(self, statement: str, parameters: Parameters = NONE) -> list[Row]:
        """All rows."""

    def row(self, statement: str, parameters: Parameters = NONE) -> Row | None:
        """The first row, or None."""

    def announce(self) -> None:
        """Let other processes know, when this transaction is committed, that something changed which decides."""


class Database(Protocol):
    """An engine on threads of its own; used from one event loop.

    Work runs on another thread and must be a function of the connection alone: it may run at any time, and on engines
    that retry, more than once.
    """

    exclusive: bool
    """No other process writes to this store while it is open: nobody announces anything."""

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do quick reading work; it sees one state of the store. Raises: StoreUnavailable."""

    async def scan(self, work: Callable[[Connection], T]) -> T:
        """The same for work that reads many rows: it never makes quick work wait."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Do work in a transaction and return when it is on disk; if it raises, nothing it did is.

        Where the caller is cancelled, the work may still be done.

        Raises:
            StoreUnavailable: the store cannot be written; whether the work was done is not known.
        """

    async def listen(self, heard: Callable[[], None]) -> None:
        """Call `heard`, in this event loop, when another process announced something; costs nothing to ask again.

        It may not be called for what was announced before this returned, nor while the store is away.
        """

    async def close(self) -> None:
        """Finish what was asked, then close."""
