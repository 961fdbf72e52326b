"""An explanation as lines a person reads: what each policy said, why, and what would allow the request."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gatepass.policy import REASONS, Change, ConditionResult, Explanation, StatementResult, Verdict

_OUTCOMES = {"allowed": "allowed", "explicitDeny": "explicit deny", "implicitDeny": "implicit deny"}


def lines(explanation: Explanation) -> Iterator[str]:
    """Indented by two spaces a level."""
    query = explanation.query
    yield f"{query.action} on {query.resource}"
    yield f"by {query.caller.arn}"
    yield f"verdict: {verdict_line(explanation.verdict)}"
    for policy in explanation.policies:
        yield f"{policy.source.name} ({policy.source.type.value}) {policy.says}"
        for statement in policy.statements:
            yield from (f"  {line}" for line in _statement(statement))
    if not explanation.policies:
        yield "there is no policy"
    if explanation.changes:
        yield "what would allow it:"
    for change in explanation.changes:
        yield f"  {_change(change)}"


def verdict_line(verdict: Verdict) -> str:
    """The outcome, and what decided it."""
    outcome = _OUTCOMES[verdict.outcome]
    if verdict.policy is not None and verdict.statement is not None:
        return f"{outcome} by statement {_place(verdict.statement, verdict.sid)} of {verdict.policy.name}"
    return f"{outcome}: no {verdict.policy_type.value} policy allows it" if verdict.policy_type else outcome


def _place(index: int, sid: str | None) -> str:
    """Counted as people do."""
    return f"number {index + 1} (Sid `{sid}`)" if sid else f"number {index + 1}"


def _statement(statement: StatementResult) -> Iterator[str]:
    reasons = "; ".join(statement.reasons)
    outcome = "applies" if statement.applies else f"does not apply: {reasons}"
    yield f"{statement.effect}, statement {_place(statement.position, statement.sid)}: {outcome}"
    if statement.action and statement.resource and statement.principal is not False:
        yield from (f"  {condition_line(each)}" for each in statement.conditions)


def condition_line(each: ConditionResult) -> str:
    """What was compared, and why it holds or not."""
    holds = "holds" if each.matched else "does not hold"
    request = "absent" if each.request is None else json.dumps(each.request, ensure_ascii=False)
    policy = json.dumps(list(each.policy), ensure_ascii=False)
    why = REASONS.get(each.reason, each.reason)
    return f"{each.operator} `{each.key}` {holds}: request {request}, policy {policy}; {why}"


def _change(change: Change) -> str:
    where = change.policy.name if change.policy else f"a policy of type {change.policy_type.value}"
    what = change.change if change.index is None else f"{change.change} statement {_place(change.index, None)}"
    text = f": {json.dumps(change.statement, ensure_ascii=False)}" if change.statement else ""
    return f"{what} {'of' if change.index is not None else 'to'} {where}{text}"
