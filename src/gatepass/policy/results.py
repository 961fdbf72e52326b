"""How policies and statements came out, one by one: the leaves of an explanation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from gatepass.policy.compile import CompiledStatement
from gatepass.policy.judge import REASONS, ConditionResult
from gatepass.policy.principals import Grant
from gatepass.policy.verdict import Source

Says = Literal["allows", "denies", "is silent"]


class StatementResult(NamedTuple):
    """How one statement came out.

    Attributes:
        position: its place in the policy, from 0.
        principal: None where the policy type names no principals.
        grant: how strongly it names the caller; None with `principal`.
        applies: action, resource, principal and every condition hold.
    """

    position: int
    sid: str | None
    effect: str
    action: bool
    resource: bool
    principal: bool | None
    grant: Grant | None
    conditions: tuple[ConditionResult, ...]
    applies: bool

    @property
    def failed_condition(self) -> ConditionResult | None:
        """The first condition that does not hold."""
        return next((each for each in self.conditions if not each.matched), None)

    @property
    def why_not(self) -> str:
        """What keeps the statement from applying, in words; empty if it applies."""
        return next(self.reasons, "")

    @property
    def reasons(self) -> Iterator[str]:
        """All that keeps it from applying: of several conditions that do not hold, the first."""
        if not self.action:
            yield "it is about other actions"
        if self.principal is False:
            yield "it names other principals"
        if not self.resource:
            yield "it is about other resources"
        failed = self.failed_condition
        if failed is not None:
            yield f"`{failed.operator}` on `{failed.key}`: {REASONS[failed.reason]}"

    def to_json(self) -> dict[str, Any]:
        failed = self.failed_condition
        return {
            "index": self.position,
            "sid": self.sid,
            "effect": self.effect,
            "applies": self.applies,
            "action": self.action,
            "resource": self.resource,
            "principal": self.principal,
            "conditions": [each.to_json() for each in self.conditions],
            "failed_condition": None if failed is None else failed.to_json(),
            "why_not": self.why_not,
        }


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """One policy and how its statements came out."""

    source: Source
    statements: tuple[StatementResult, ...]

    @property
    def says(self) -> Says:
        effects = {statement.effect for statement in self.statements if statement.applies}
        return "denies" if "Deny" in effects else "allows" if effects else "is silent"

    def to_json(self) -> dict[str, Any]:
        return {
            **source_json(self.source),
            "says": self.says,
            "statements": [each.to_json() for each in self.statements],
        }


def statement_result(
    compiled: CompiledStatement,
    action: bool,
    resource: bool,
    grant: Grant | None,
    conditions: tuple[ConditionResult, ...],
) -> StatementResult:
    """How a statement came out, from how its elements did."""
    verdict, named = compiled.verdict, None if grant is None else grant > 0
    applies = action and resource and named is not False and all(each.matched for each in conditions)
    effect = "Deny" if compiled.deny else "Allow"
    return StatementResult(
        verdict.statement or 0, verdict.sid, effect, action, resource, named, grant, conditions, applies
    )


def source_json(source: Source) -> dict[str, Any]:
    return {"type": source.type.value, "name": source.name, "arn": source.arn}
