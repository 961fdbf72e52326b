"""Why the verdict is what it is: every policy and statement asked again, and each answer kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gatepass.policy.change import Change, changes_for
from gatepass.policy.combine import Findings, combine
from gatepass.policy.compile import Policy
from gatepass.policy.evaluate import ALWAYS_ALLOWED, Policies
from gatepass.policy.judge import judge
from gatepass.policy.principals import Grant
from gatepass.policy.query import Context, Query
from gatepass.policy.results import PolicyResult, StatementResult, source_json, statement_result
from gatepass.policy.verdict import PolicyType, Source, Verdict
from gatepass.policy.wording import denial_message


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict and all that led to it.

    Attributes:
        message: AWS's sentence; empty if the query is allowed.
        changes: the smallest changes that together would allow it; empty if it is allowed.
    """

    verdict: Verdict
    query: Query
    policies: tuple[PolicyResult, ...]
    message: str
    changes: tuple[Change, ...]

    @property
    def limited_by(self) -> PolicyType | None:
        """The policy type that keeps the query from being allowed."""
        return None if self.verdict.allowed else self.verdict.policy_type

    @property
    def nearest(self) -> tuple[Source, StatementResult] | None:
        """Of an implicit deny: the Allow of the limiting type that came closest."""
        if self.verdict.outcome != "implicitDeny":
            return None
        candidates = [
            (policy.source, statement)
            for policy in self.policies
            if policy.source.type is self.limited_by
            for statement in policy.statements
            if statement.effect == "Allow"
        ]
        return max(candidates, key=lambda each: _closeness(each[1]), default=None)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON members; absent keys of the request are null."""
        verdict, near = self.verdict, self.nearest
        return {
            "outcome": verdict.outcome,
            "policy_type": verdict.policy_type.value if verdict.policy_type else None,
            "policy": source_json(verdict.policy) if verdict.policy else None,
            "statement": verdict.statement,
            "sid": verdict.sid,
            "message": self.message,
            "caller": self.query.caller.arn,
            "action": self.query.action,
            "resource": self.query.resource,
            "nearest": None
            if near is None
            else {**source_json(near[0]), "statement": near[1].position, "why_not": near[1].why_not},
            "policies": [each.to_json() for each in self.policies],
            "changes": [each.to_json() for each in self.changes],
        }


def _closeness(statement: StatementResult) -> tuple[bool, bool, bool, int]:
    held = sum(condition.matched for condition in statement.conditions)
    return statement.action, statement.principal is not False, statement.resource, held - len(statement.conditions)


def explain(policies: Policies, query: Query) -> Explanation:
    """The verdict `evaluate` gives, with every reason."""
    context = Context.of(query.context)
    bounded = policies.boundary is not None
    results = {id(policy): _policy_result(policy, query, context, bounded) for policy in policies.all()}
    found, deciding = _findings(policies, query, results)
    verdict = _verdict(policies, query, found, deciding)
    ordered = tuple(results.values())
    if verdict.allowed:
        return Explanation(verdict, query, ordered, "", ())
    changes = changes_for(policies, query, context, found, results)
    return Explanation(verdict, query, ordered, denial_message(verdict, query), changes)


_Named = tuple[Source, StatementResult]


def _policy_result(policy: Policy, query: Query, context: Context, bounded: bool) -> PolicyResult:
    has_variables = policy.document.has_variables
    action, statements = query.action.lower(), []
    for compiled in policy.statements:
        conditions = tuple(
            judge(condition, context, deny=compiled.deny, has_variables=has_variables)
            for condition in compiled.statement.conditions
        )
        names = compiled.names_principals
        statements.append(
            statement_result(
                compiled,
                compiled.has_action(action),
                compiled.has_resource(query.resource, context),
                compiled.grant(query.caller, bounded) if names else None,
                conditions,
            )
        )
    return PolicyResult(policy.source, tuple(statements))


class _Deciding(NamedTuple):
    """The statements a verdict may name."""

    denied: _Named | None
    identity: _Named | None
    granting: _Named | None


def _findings(policies: Policies, query: Query, results: Mapping[int, PolicyResult]) -> tuple[Findings, _Deciding]:
    """What each type says, and the statements that say it."""

    def first(pool: Iterable[Policy], effect: str) -> _Named | None:
        return next(_applying(pool, results, effect), None)

    def allows(pool: Iterable[Policy] | None) -> bool | None:
        return None if pool is None else first(pool, "Allow") is not None

    caller = query.caller
    denied, identity = first(policies.all(), "Deny"), first(policies.identity, "Allow")
    granting = list(_applying(policies.resource, results, "Allow"))
    strongest = max((each.grant or Grant.NONE for _, each in granting), default=Grant.NONE)
    found = Findings(
        denied[0].type if denied else None,
        query.resource_account in ("", caller.account) or not caller.account,
        caller.account != "",
        identity is not None,
        strongest,
        policies.resource_type is PolicyType.TRUST,
        allows(policies.boundary),
        allows(policies.session),
        all(allows(level) for level in policies.scp) if policies.scp else None,
        allows(policies.vpce),
    )
    return found, _Deciding(denied, identity, next((each for each in granting if each[1].grant is strongest), None))


def _applying(pool: Iterable[Policy], results: Mapping[int, PolicyResult], effect: str) -> Iterator[_Named]:
    return (
        (policy.source, statement)
        for policy in pool
        for statement in results[id(policy)].statements
        if statement.applies and statement.effect == effect
    )


def _verdict(policies: Policies, query: Query, found: Findings, deciding: _Deciding) -> Verdict:
    if query.action.lower() == ALWAYS_ALLOWED:
        return Verdict("allowed")
    outcome, decider = combine(found)
    if outcome == "implicitDeny":
        return Verdict(outcome, policies.resource_type if decider is PolicyType.RESOURCE else decider)
    named = deciding.identity if decider is PolicyType.IDENTITY else deciding.granting
    if outcome == "explicitDeny":
        named = deciding.denied
    if named is None:
        raise AssertionError("a verdict that no statement gives")
    source, statement = named
    return Verdict(outcome, source.type, source, statement.position, statement.sid)
