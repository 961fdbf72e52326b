"""Simulations as tables: a row for each request, or for each statement of one request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatepass.cli.policy_explained import verdict_line
from gatepass.policy import Explanation

_GAP = "  "
_YES_NO = {True: "yes", False: "no", None: "-"}
_COLUMNS = (
    "POLICY",
    "TYPE",
    "STATEMENT",
    "SID",
    "EFFECT",
    "ACTION",
    "RESOURCE",
    "PRINCIPAL",
    "CONDITIONS",
    "APPLIES",
    "WHY NOT",
)


def verdicts(explanations: Sequence[Explanation]) -> Iterator[str]:
    """A row a request."""
    rows = [(each.verdict.outcome, each.query.action, each.query.resource, _decided(each)) for each in explanations]
    yield from _aligned([("VERDICT", "ACTION", "RESOURCE", "DECIDED BY"), *rows])


def _decided(explanation: Explanation) -> str:
    """What follows the outcome in words."""
    line = verdict_line(explanation.verdict)
    return next((line.partition(sign)[2] for sign in (" by ", ": ") if sign in line), "")


def statements(explanation: Explanation) -> Iterator[str]:
    """The verdict, and a row a statement."""
    query = explanation.query
    yield f"{query.action} on {query.resource}"
    yield f"by {query.caller.arn}"
    yield f"verdict: {verdict_line(explanation.verdict)}"
    rows = [
        (
            policy.source.name,
            policy.source.type.value,
            f"{statement.position + 1}",
            statement.sid or "",
            statement.effect,
            *(_YES_NO[each] for each in (statement.action, statement.resource, statement.principal)),
            f"{sum(each.matched for each in statement.conditions)}/{len(statement.conditions)}",
            _YES_NO[statement.applies],
            statement.why_not,
        )
        for policy in explanation.policies
        for statement in policy.statements
    ]
    yield from _aligned([_COLUMNS, *rows])


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
