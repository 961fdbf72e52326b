"""What must hold of any policies and request: each law gives None, or says how it was broken."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from random import Random
from typing import Any

from tests.oracles import plain_policy, policy_cases
from tests.oracles.plain_policy import Documents
from tests.oracles.policy_cases import Case

from gatepass.policy import Change, PolicyType, evaluate, explain


def disagreement(case: Case) -> str | None:
    """Engine, remembered decision, bound engine, explanation and plain evaluator give one verdict."""
    verdict = evaluate(case.policies, case.query)
    readings = {
        "remembered": evaluate(case.policies, case.query),
        "bound": evaluate(case.policies.bind(case.constants), case.query),
        "explained": explain(case.policies, case.query).verdict,
    }
    for name, other in readings.items():
        if other != verdict:
            return f"{name}: {other}, engine: {verdict}"
    plain = plain_policy.outcome(case.documents, case.asked)
    return None if plain == verdict.outcome else f"plain: {plain}, engine: {verdict}"


def widening(case: Case, random: Random) -> str | None:
    """A session policy never allows what the same caller may not do without it, nor does a boundary."""
    session = [policy_cases.document(random) for _ in range(random.choice((1, 1, 2)))]
    if random.random() < 0.6:  # most narrow by taking away; without an Allow of its own a session may do nothing
        session.append(_document({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    limited = dataclasses.replace(case.documents, session=session)
    if limited.boundary is None and random.random() < 0.3:
        limited = dataclasses.replace(limited, boundary=[policy_cases.document(random)])
    child = evaluate(policy_cases.compile_documents(limited), case.query)
    parent = dataclasses.replace(case.documents, session=None)
    if child.allowed and plain_policy.outcome(parent, case.asked) != "allowed":
        return f"the session may what its role may not: {json.dumps(limited.__dict__, default=str)}"
    if plain_policy.outcome(limited, case.asked) != child.outcome:
        return f"plain and engine disagree on the session: {json.dumps(limited.__dict__, default=str)}"
    return None


def denying(case: Case, random: Random) -> str | None:
    """One more Deny, anywhere, never allows what was not allowed, and never turns an explicit deny into another."""
    before = evaluate(case.policies, case.query).outcome
    statement = {**policy_cases.statement(random, named=True), "Effect": "Deny"}
    unnamed = {name: value for name, value in statement.items() if name not in ("Principal", "NotPrincipal")}
    given = case.documents
    added = random.choice(
        (
            dataclasses.replace(given, identity=[*given.identity, _document(unnamed)]),
            dataclasses.replace(given, resource=[*given.resource, _document(statement)]),
            dataclasses.replace(given, scp=[[*level, _document(unnamed)] for level in given.scp]),
        )
    )
    after = evaluate(policy_cases.compile_documents(added), case.query).outcome
    if after != before and after != "explicitDeny":
        return f"{before} became {after} by a Deny: {json.dumps(statement)}"
    return None


def unhelpful(case: Case) -> str | None:
    """The changes an explanation proposes allow what was denied."""
    explanation = explain(case.policies, case.query)
    if explanation.verdict.allowed:
        return "changes for what is allowed" if explanation.changes else None
    audience = case.asked.context.get("cognito-identity.amazonaws.com:aud")
    if case.query.caller.arn == "cognito-identity.amazonaws.com" and audience not in ("a", "alice", "us-east-1:pool"):
        return None  # no condition can name a pool that the request does not name
    changed = applied(case.documents, explanation.changes)
    verdict = evaluate(policy_cases.compile_documents(changed), case.query)
    if verdict.allowed:
        return None
    return f"still {verdict} after {[change.to_json() for change in explanation.changes]}"


def applied(given: Documents, changes: Sequence[Change]) -> Documents:
    """The documents after the changes, pasted where each says."""
    members = {
        PolicyType.IDENTITY: "identity",
        PolicyType.SESSION: "session",
        PolicyType.BOUNDARY: "boundary",
        PolicyType.RESOURCE: "resource",
        PolicyType.TRUST: "resource",
        PolicyType.VPCE: "vpce",
    }
    made: dict[str, Any] = {field.name: getattr(given, field.name) for field in dataclasses.fields(given)}
    for change in changes:
        member = members.get(change.policy_type, change.policy_type.value)
        if member in ("scp", "rcp"):
            levels = made[member] = [*made[member]]
            number = int(change.policy.name.split()[1]) if change.policy else levels.index([])
            levels[number] = _changed([*levels[number]], change)
        else:
            made[member] = _changed([*(made[member] or ())], change)
    return _without_removed(made)


_REMOVED = "removed"


def _changed(pool: list[Any], change: Change) -> list[Any]:
    """Replaced and removed statements keep their place, so that later positions still hold."""
    if change.policy is None:
        return [*pool, _document(change.statement)]
    position = int(change.policy.name.split()[2])
    document = {**pool[position], "Statement": [*plain_policy.listed(pool[position]["Statement"])]}
    if change.index is None:
        document["Statement"].append(change.statement)
    else:
        document["Statement"][change.index] = change.statement or _REMOVED
    return [*pool[:position], document, *pool[position + 1 :]]


def _without_removed(given: dict[str, Any]) -> Documents:
    members = json.loads(json.dumps(given))
    pools = [members[name] or [] for name in ("identity", "session", "boundary", "resource", "vpce")]
    for document in [each for pool in (*pools, *members["scp"], *members["rcp"]) for each in pool]:
        document["Statement"] = [each for each in plain_policy.listed(document["Statement"]) if each != _REMOVED]
    return Documents(**members)


def _document(statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}
