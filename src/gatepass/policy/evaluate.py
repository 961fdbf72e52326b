"""First working version; the compiled engine replaces it behind the same names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from gatepass.policy.document import Condition, Document, Statement
from gatepass.policy.query import Caller, Context, ContextValue, Query
from gatepass.policy.verdict import PolicyType, Source, Verdict


class Policy(NamedTuple):
    """A document ready to be evaluated, and where it comes from."""

    document: Document
    source: Source


class Policies(NamedTuple):
    """Every policy that takes part; None means there is none of that type, an empty tuple allows nothing."""

    identity: tuple[Policy, ...] = ()
    session: tuple[Policy, ...] | None = None
    boundary: tuple[Policy, ...] | None = None
    resource: tuple[Policy, ...] = ()


def compile_policy(document: Document, source: Source) -> Policy:
    return Policy(document, source)


def evaluate(policies: Policies, query: Query) -> Verdict:
    """The verdict of all policies together."""
    context = Context.of(query.context)
    pools = (policies.identity, policies.session or (), policies.boundary or (), policies.resource)
    for pool in pools:
        for policy in pool:
            for index, statement in enumerate(policy.document.statements):
                if statement.effect == "Deny" and _applies(statement, query, context):
                    return Verdict("explicitDeny", policy.source.type, policy.source, index, statement.sid)
    found = {}
    for name, chosen in (("identity", policies.identity), ("resource", policies.resource)):
        for policy in chosen:
            for index, statement in enumerate(policy.document.statements):
                if name not in found and statement.effect == "Allow" and _applies(statement, query, context):
                    found[name] = Verdict("allowed", policy.source.type, policy.source, index, statement.sid)
    same = query.resource_account in ("", query.caller.account)
    granted = found.get("identity") or (found.get("resource") if same else None)
    if granted is None or (not same and "resource" not in found):
        limit = PolicyType.IDENTITY if "identity" not in found else PolicyType.RESOURCE
        return Verdict("implicitDeny", limit)
    for limiting, limit in ((policies.boundary, PolicyType.BOUNDARY), (policies.session, PolicyType.SESSION)):
        if limiting is not None and not any(
            statement.effect == "Allow" and _applies(statement, query, context)
            for policy in limiting
            for statement in policy.document.statements
        ):
            return Verdict("implicitDeny", limit)
    return granted


def evaluate_trust(policy: Policy, caller: Caller, action: str, context: Mapping[str, ContextValue | None]) -> Verdict:
    """Whether a role's trust policy lets the caller take the role."""
    given = Context.of(context)
    query = Query(action, "*", caller, "", given)
    for effect, outcome in (("Deny", "explicitDeny"), ("Allow", "allowed")):
        for index, statement in enumerate(policy.document.statements):
            if statement.effect != effect or not _applies(statement, query, given):
                continue
            if (
                effect == "Allow"
                and "cognito-identity.amazonaws.com" in (statement.principals or {}).get("Federated", ())
                and not any(c.key.lower() == "cognito-identity.amazonaws.com:aud" for c in statement.conditions)
            ):
                continue
            return Verdict(outcome, PolicyType.TRUST, policy.source, index, statement.sid)  # type: ignore[arg-type]
    return Verdict("implicitDeny", PolicyType.TRUST)


def _applies(statement: Statement, query: Query, context: Context) -> bool:
    action = query.action.lower()
    if any(_like(p.lower(), action) for p in statement.actions or ()) == statement.not_action:
        return False
    if statement.resources is not None and (
        any(_like(p, query.resource) for p in statement.resources) == statement.not_resource
    ):
        return False
    if statement.principals is not None:
        names = {name for given in statement.principals.values() for name in given}
        caller = query.caller
        wanted = {"*", caller.arn, caller.role_arn, caller.account, f"arn:aws:iam::{caller.account}:root"}
        if bool(names & wanted) == statement.not_principal:
            return False
    return all(_holds(condition, context) for condition in statement.conditions)


_SIMPLE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda pattern, value: pattern == value,
    "StringLike": lambda pattern, value: _like(pattern, value),
    "ArnLike": lambda pattern, value: _like(pattern, value),
    "ArnEquals": lambda pattern, value: _like(pattern, value),
    "Bool": lambda pattern, value: pattern.lower() == value.lower(),
}


def _holds(condition: Condition, context: Context) -> bool:
    mode, _, name = condition.operator.rpartition(":")
    compare = _SIMPLE.get(name)
    value = context[condition.key.lower()]
    if compare is None or value is None:
        return False
    values = value if isinstance(value, tuple) else (value,)
    hits = [any(compare(pattern, each) for pattern in condition.values) for each in values]
    return all(hits) if mode == "ForAllValues" else any(hits) if mode or not isinstance(value, tuple) else False


def _like(pattern: str, text: str) -> bool:
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    if not text.startswith(first) or not text[len(first) :].endswith(rest[-1]):
        return False
    position, end = len(first), len(text) - len(rest[-1])
    for piece in rest[:-1]:
        position = text.find(piece, position, end)
        if position < 0:
            return False
        position += len(piece)
    return position <= end
