"""The smallest changes to the policies that would allow a denied query, as statements to paste."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gatepass.policy.combine import Findings, combine
from gatepass.policy.compile import CompiledStatement, Policy
from gatepass.policy.evaluate import Policies
from gatepass.policy.principals import Grant
from gatepass.policy.query import COGNITO_PROVIDER, Caller, Context, Query
from gatepass.policy.resources import Resources
from gatepass.policy.results import PolicyResult
from gatepass.policy.verdict import PolicyType, Source

# What naming a caller as `_principal` does is worth.
_GRANTS = {"anonymous": Grant.LIMITED, "role-session": Grant.LIMITED, "root": Grant.DELEGATED}
_AUDIENCE, _AMR = f"{COGNITO_PROVIDER}:aud", f"{COGNITO_PROVIDER}:amr"


@dataclass(frozen=True, slots=True)
class Change:
    """One change to one policy.

    Attributes:
        change: `add` a statement, `replace` the one at `index`, or `remove` it.
        policy: where; None: a policy of this type, existing or new, as there is none to name.
        statement: what to paste; None for `remove`.
    """

    change: Literal["add", "replace", "remove"]
    policy_type: PolicyType
    policy: Source | None
    index: int | None
    statement: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        return {
            "change": self.change,
            "policy_type": self.policy_type.value,
            "policy": self.policy.name if self.policy else None,
            "index": self.index,
            "statement": self.statement,
        }


def changes_for(
    policies: Policies, query: Query, context: Context, found: Findings, results: Mapping[int, PolicyResult]
) -> tuple[Change, ...]:
    """Every Deny that applies, narrowed; then an Allow wherever one is needed and there is none.

    `results`: how each policy came out, by the id of the policy.
    """
    narrowed = [
        _narrowed(statement, policy, query, context)
        for policy in policies.all()
        for statement, result in zip(policy.statements, results[id(policy)].statements, strict=True)
        if statement.deny and result.applies
    ]
    return (*narrowed, *_additions(policies, query, context, found, results))


def _narrowed(compiled: CompiledStatement, policy: Policy, query: Query, context: Context) -> Change:
    """A Deny that lets this resource pass and nothing else, if one statement can say so; else its removal."""
    raw = dict(compiled.statement.raw)
    index = compiled.verdict.statement
    has_variables = policy.document.has_variables
    resources = list(compiled.statement.resources or ())
    spared = literal_resource(query.resource) if has_variables else query.resource
    # Outside the resource part of an ARN nothing can be escaped: `*` would spare everything.
    exact = spared == query.resource and "*" not in spared and "?" not in spared
    exact = exact or (has_variables and query.resource.count(":") >= 5)
    kept = [each for each in resources if not _matches(each, query.resource, context, has_variables)]
    if compiled.statement.not_resource and exact:
        raw["NotResource"] = [*resources, spared]
    elif resources == ["*"] and exact:
        del raw["Resource"]
        raw["NotResource"] = [spared]
    elif kept and not compiled.statement.not_resource:
        raw["Resource"] = kept
    else:
        return Change("remove", policy.source.type, policy.source, index, None)
    return Change("replace", policy.source.type, policy.source, index, raw)


def _matches(text: str, resource: str, context: Context, has_variables: bool) -> bool:
    """Whether one entry of a Deny's Resource is about the resource."""
    one = Resources.of((text,), negated=False, deny=True, fills=True, has_variables=has_variables)
    return one.met_by(resource, context)


def _additions(
    policies: Policies, query: Query, context: Context, found: Findings, results: Mapping[int, PolicyResult]
) -> Iterator[Change]:
    """The Allows that are missing once nothing denies."""
    found = found._replace(denied=None, scp=None, vpce=None)
    for level in policies.scp:
        if not _allows(level, results):
            yield _addition(PolicyType.SCP, level, _allow(query, level))
    if policies.vpce is not None and not _allows(policies.vpce, results):
        yield _addition(PolicyType.VPCE, policies.vpce, {"Principal": "*", **_allow(query, policies.vpce)})
    for _ in PolicyType:  # each turn removes one limit
        outcome, limit = combine(found)
        if outcome == "allowed":
            return
        match limit:
            case PolicyType.IDENTITY:
                found = found._replace(identity=True)
                yield _addition(PolicyType.IDENTITY, policies.identity, _allow(query, policies.identity))
            case PolicyType.BOUNDARY:
                found = found._replace(boundary=True)
                yield _addition(PolicyType.BOUNDARY, policies.boundary or (), _allow(query, policies.boundary))
            case PolicyType.SESSION:
                found = found._replace(session=True)
                yield _addition(PolicyType.SESSION, policies.session or (), _allow(query, policies.session))
            case _:
                found = found._replace(resource=_GRANTS.get(query.caller.kind, Grant.DIRECT))
                yield _addition(policies.resource_type, policies.resource, _allow_named(policies, query, context))


def _allows(pool: Iterable[Policy], results: Mapping[int, PolicyResult]) -> bool:
    return any(
        result.applies and result.effect == "Allow" for policy in pool for result in results[id(policy)].statements
    )


def _addition(policy_type: PolicyType, pool: tuple[Policy, ...], statement: dict[str, Any]) -> Change:
    return Change("add", policy_type, pool[0].source if pool else None, None, statement)


def _allow(query: Query, pool: tuple[Policy, ...] | None) -> dict[str, Any]:
    """An Allow of exactly this, to be pasted into the pool's first policy or into a new one of today's version."""
    resource = query.resource
    if resource != "*" and (not pool or pool[0].document.has_variables):
        resource = literal_resource(resource)
    return {"Effect": "Allow", "Action": query.action, "Resource": resource}


def _allow_named(policies: Policies, query: Query, context: Context) -> dict[str, Any]:
    """An Allow for a resource or trust policy, which names the caller."""
    statement = {"Effect": "Allow", "Principal": _principal(query.caller), **_allow(query, policies.resource)}
    if policies.resource_type is PolicyType.TRUST:
        del statement["Resource"]
    if query.caller.arn == COGNITO_PROVIDER:
        statement["Condition"] = _pool_condition(context)
    return statement


def _principal(caller: Caller) -> Any:
    match caller.kind:
        case "anonymous":
            return "*"
        case "federated":
            return {"Federated": caller.arn}
        case "service":
            return {"Service": caller.arn}
        case _:
            return {"AWS": caller.role_arn or caller.arn}


def _pool_condition(context: Context) -> dict[str, Any]:
    """A trust policy for Cognito says which pool, and whether guests or people who signed in."""
    condition: dict[str, Any] = {"StringEquals": {_AUDIENCE: context[_AUDIENCE] or "IDENTITY_POOL_ID"}}
    amr = context[_AMR]
    for kind in ("unauthenticated", "authenticated"):
        if kind == amr or (isinstance(amr, tuple) and kind in amr):
            condition["ForAnyValue:StringLike"] = {_AMR: kind}
            break
    return condition


def literal_resource(text: str) -> str:
    """The text as a pattern that matches nothing else, in a policy that has variables."""
    escaped = text.replace("${", "${$}{") if "${" in text else text
    pieces = escaped.split("${$}{")
    return "${$}{".join(piece.replace("*", "${*}").replace("?", "${?}") for piece in pieces)
