"""A policy that is checked, and what is found about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gatepass.advice.app_routes import AppRoute
from gatepass.advice.effort import Effort
from gatepass.advice.findings.rules import RULES, Level
from gatepass.advice.settled import shown
from gatepass.advice.stack import Found
from gatepass.policy.document import Document, Statement


class Finding(NamedTuple):
    """One thing that is wrong.

    Attributes:
        line: in the file, from 1.
        policy: whose it is; empty for a document by itself.
        statement: its position, from 0; None for the whole document.
        fix: the next step.
    """

    rule: str
    level: Level
    line: int
    policy: str
    statement: int | None
    message: str
    fix: str


class Api(NamedTuple):
    """The app whose routes a policy is about.

    Attributes:
        api_id, stage: as deployed; None where they are not known, and any will do.
        unnamed: nobody can write out what the API is called, so an ARN that does is of another one.
    """

    routes: Sequence[AppRoute]
    api_id: str | None = None
    stage: str | None = None
    unnamed: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A policy that AWS would save.

    Attributes:
        for_guests: it is of a role that unauthenticated identities take.
        api: of the app that it is about, if that is known.
        effort: what may still be compared, of the whole file.
    """

    found: Found
    document: Document
    for_guests: bool
    api: Api | None = None
    effort: Effort = field(default_factory=Effort)

    @property
    def statements(self) -> Iterator[tuple[int, Statement]]:
        return enumerate(self.document.statements)

    def finding(
        self,
        rule: str,
        message: str,
        index: int | None,
        *path: str | int,
        fix: str = "",
        level: Level | None = None,
    ) -> Finding:
        """`path`: within the statement, to what the finding is about."""
        line = self.found.line() if index is None else statement_line(self.found, index, *path)
        given = RULES[rule]
        return Finding(
            rule, level or given.level, line, self.found.name, index, shown(message), shown(fix or given.fix)
        )

    def entries(self, index: int, name: str) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        """The texts of `Action`, `Resource` or their negations, and the way to each."""
        given = self.document.statements[index].raw.get(name)
        for number, text in enumerate(given if isinstance(given, list) else [given]):
            if isinstance(text, str):
                yield text, (name, number) if isinstance(given, list) else (name,)


def statement_line(found: Found, index: int, *path: str | int) -> int:
    """The line of a part of a statement; a single one may stand without a list."""
    single = not isinstance(found.document.get("Statement"), list)
    return found.line("Statement", *(() if single else (index,)), *path)


def element(statement: Statement, name: str) -> str:
    """The element that the statement has: `Resource` or `NotResource`."""
    return f"Not{name}" if f"Not{name}" in statement.raw else name
