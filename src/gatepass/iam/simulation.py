"""The policy simulator: what policies would decide, asked of the same engine that decides.

Nothing but what is given enters the context: a key that no entry gives is missing, and is said to be.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from gatepass.arn import Arn
from gatepass.errors import InvalidInput
from gatepass.iam import paging, positions
from gatepass.iam.context_keys import context_keys
from gatepass.iam.policy_exclusions import NONE, Exclusions
from gatepass.iam.shapes import simulation as shapes
from gatepass.iam.simulated_policies import (
    SimulatedPolicy,
    boundary_of,
    entity_of,
    given_policies,
    given_resource_policy,
    policies_of,
)
from gatepass.operation import Call
from gatepass.policy import Caller, Context, ContextValue, Explanation, Policies, PolicyType, Query, Source, explain

MOST_DECISIONS = 1000
"""On one page; what is more comes on the next."""

ANY = "*"
_IMPLICIT, _ALLOWED, _EXPLICIT = "implicitDeny", "allowed", "explicitDeny"


class _Given(NamedTuple):
    """A policy, and where its statements stand."""

    policy: SimulatedPolicy
    spans: tuple[positions.Span, ...]


class _Simulation(NamedTuple):
    """Everything that is the same for each action and resource."""

    policies: Policies
    given: dict[Source, _Given]
    caller: Caller
    resource_owner: str
    context: Context
    missing: tuple[str, ...]


async def simulate_custom_policy(call: Call, given: shapes.SimulateCustomPolicyInput) -> shapes.SimulatePolicyOutput:
    """Policies that come with the request."""
    if given.resource_policy is not None and given.caller_arn is None:
        raise InvalidInput("CallerArn is required when a ResourcePolicy is given.")
    identity = given_policies("PolicyInputList", given.policy_input_list)
    levels = tuple(
        given_policies(f"OrderedOrganizationPolicyInputList.{number}", level.service_control_policy_input_list)
        for number, level in enumerate(given.ordered_organization_policy_input_list, 1)
    )
    caller = _caller(given.caller_arn) if given.caller_arn else Caller("user", "", call.deployment.account)
    return await _simulated(_simulation(given, identity, _given_boundary(given), caller, levels), given)


async def simulate_principal_policy(
    call: Call, given: shapes.SimulatePrincipalPolicyInput
) -> shapes.SimulatePolicyOutput:
    """The policies of a user, group or role, and those that come with the request."""
    entity = entity_of(call, given.policy_source_arn)
    directory, excluded = call.store.directory, Exclusions.of(given.policy_exclusion_list)
    identity = (
        *policies_of(directory, entity, excluded),
        *given_policies("PolicyInputList", given.policy_input_list),
    )
    boundary = _given_boundary(given)
    if boundary is None:
        boundary = boundary_of(directory, entity, excluded)
    caller = _caller(given.caller_arn or entity.arn)
    return await _simulated(_simulation(given, identity, boundary, caller, ()), given)


def _caller(arn: str) -> Caller:
    """Raises: InvalidInput, if it is not the ARN of a user, group, role or account."""
    caller = Caller.from_arn(arn)
    if caller.kind not in ("user", "role-session", "root") or ":assumed-role/" in arn:
        raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    return caller


def _given_boundary(given: shapes.SimulationInput) -> tuple[SimulatedPolicy, ...] | None:
    """Raises: InvalidInput, if there are several."""
    texts = given.permissions_boundary_policy_input_list
    if len(texts) > 1:
        raise InvalidInput("Only one permissions boundary policy can be given.")
    return given_policies("PermissionsBoundaryPolicyInputList", texts) or None


def _simulation(
    given: shapes.SimulationInput,
    identity: Sequence[SimulatedPolicy],
    boundary: Sequence[SimulatedPolicy] | None,
    caller: Caller,
    levels: Sequence[Sequence[SimulatedPolicy]],
) -> _Simulation:
    resource = () if given.resource_policy is None else (given_resource_policy(given.resource_policy),)
    sources = {
        policy.source(policy_type): _Given(policy, positions.statements(policy.text))
        for policy_type, pool in (
            (PolicyType.IDENTITY, identity),
            (PolicyType.BOUNDARY, boundary or ()),
            (PolicyType.RESOURCE, resource),
            (PolicyType.SCP, [policy for level in levels for policy in level]),
        )
        for policy in pool
    }
    policies = Policies(
        [policy.compile(PolicyType.IDENTITY) for policy in identity],
        boundary=None if boundary is None else [policy.compile(PolicyType.BOUNDARY) for policy in boundary],
        resource=[policy.compile(PolicyType.RESOURCE) for policy in resource],
        scp=[[policy.compile(PolicyType.SCP) for policy in level] for level in levels],
    )
    context = _context(given.context_entries)
    documents = [policy.document() for policy in (*identity, *(boundary or ()), *resource)]
    missing = tuple(key for key in context_keys(documents) if context[key.lower()] is None)
    owner = _account(given.resource_owner) if given.resource_policy is not None else ""
    return _Simulation(policies, sources, caller, owner, context, missing)


def _context(entries: Sequence[shapes.ContextEntry]) -> Context:
    """Raises: InvalidInput, if an entry has no name."""
    found: dict[str, ContextValue | None] = {}
    for entry in entries:
        if entry.context_key_name is None:
            raise InvalidInput("A context entry must have a ContextKeyName.")
        values = entry.context_key_values
        single = not (entry.context_key_type or "").endswith("List") and len(values) == 1
        found[entry.context_key_name] = values[0] if single else values
    return Context.of(found)


def _account(owner: str | None) -> str:
    """The account that owns the resources, as id or as ARN; empty if none is named."""
    if owner is None:
        return ""
    try:
        return Arn.parse(owner).account
    except ValueError:
        return owner


# --- deciding


async def _simulated(simulation: _Simulation, given: shapes.SimulationInput) -> shapes.SimulatePolicyOutput:
    resources = tuple(dict.fromkeys(given.resource_arns)) or (ANY,)
    numbered = [(f"{number:06}", action) for number, action in enumerate(given.action_names)]
    most = min(given.max_items, max(1, MOST_DECISIONS // len(resources)))
    page = paging.page(numbered, paging.At(given.marker, most), lambda each: each[0])
    results = [await _result(simulation, action, resources) for _, action in page.entries]
    return shapes.SimulatePolicyOutput(
        is_truncated=page.is_truncated, evaluation_results=tuple(results), marker=page.marker
    )


async def _result(simulation: _Simulation, action: str, resources: Sequence[str]) -> shapes.EvaluationResult:
    """One action: on everything, or on each of some resources and on all of them together."""
    decisions = []
    for resource in resources:
        decisions.append(_decide(simulation, action, resource))
        await asyncio.sleep(0)  # others wait
    on_everything = resources == (ANY,)
    outcomes = {decision.outcome for decision in decisions}
    first = decisions[0] if len(decisions) == 1 else None
    return shapes.EvaluationResult(
        organizations_decision_detail=shapes.OrganizationsDecisionDetail(
            all(each.in_organization for each in decisions)
        )
        if simulation.policies.scp
        else None,
        eval_decision_details=None if on_everything else {},  # details are for requests across accounts
        permissions_boundary_decision_detail=_boundary(simulation, decisions),
        matched_statements=() if first is None else first.matched,
        missing_context_values=simulation.missing if on_everything else (),
        eval_resource_name=resources[0] if first is not None else ANY,
        eval_action_name=action,
        eval_decision=next(each for each in (_EXPLICIT, _ALLOWED, _IMPLICIT) if each in outcomes),
        resource_specific_results=None
        if on_everything
        else tuple(
            shapes.ResourceSpecificResult(
                permissions_boundary_decision_detail=_boundary(simulation, [decision]),
                matched_statements=decision.matched,
                eval_resource_decision=decision.outcome,
                missing_context_values=simulation.missing,
                eval_resource_name=resource,
            )
            for resource, decision in zip(resources, decisions, strict=True)
        ),
    )


class _Decision(NamedTuple):
    """What is left of an explanation, which names every statement there is."""

    outcome: str
    matched: tuple[shapes.Statement, ...]
    in_boundary: bool
    in_organization: bool


def _decide(simulation: _Simulation, action: str, resource: str) -> _Decision:
    owner = ""
    if simulation.policies.resource:
        parts = resource.split(":", 5)
        owner = (parts[4] if len(parts) == 6 else "") or simulation.resource_owner
    query = Query(action, resource, simulation.caller, owner, simulation.context)
    explanation = explain(simulation.policies, query)
    says = {(result.source.type, result.says) for result in explanation.policies}
    return _Decision(
        outcome=explanation.verdict.outcome,
        matched=_matched(simulation, explanation),
        in_boundary=(PolicyType.BOUNDARY, "allows") in says and (PolicyType.BOUNDARY, "denies") not in says,
        in_organization=(PolicyType.SCP, "denies") not in says and explanation.limited_by is not PolicyType.SCP,
    )


def _matched(simulation: _Simulation, explanation: Explanation) -> tuple[shapes.Statement, ...]:
    """The Deny statements that hold, or else the Allow statements that made it so."""
    outcome = explanation.verdict.outcome
    if outcome == _IMPLICIT:
        return ()
    effect = "Deny" if outcome == _EXPLICIT else "Allow"
    granting = (PolicyType.IDENTITY, PolicyType.RESOURCE)
    return tuple(
        _statement(simulation.given[result.source], statement.position)
        for result in explanation.policies
        if effect == "Deny" or result.source.type in granting
        for statement in result.statements
        if statement.applies and statement.effect == effect
    )


def _statement(given: _Given, index: int) -> shapes.Statement:
    policy, (start, end) = given.policy, given.spans[index]
    return shapes.Statement(
        end_position=shapes.Position(*end),
        source_policy_id=policy.id,
        source_policy_type=policy.type,
        start_position=shapes.Position(*start),
    )


def _boundary(
    simulation: _Simulation, decisions: Sequence[_Decision]
) -> shapes.PermissionsBoundaryDecisionDetail | None:
    if simulation.policies.boundary is None:
        return None
    return shapes.PermissionsBoundaryDecisionDetail(all(each.in_boundary for each in decisions))


# --- context keys


async def get_context_keys_for_custom_policy(
    call: Call, given: shapes.ContextKeysOfCustomPolicyInput
) -> shapes.ContextKeysOutput:
    """Of policies that come with the request."""
    policies = given_policies("PolicyInputList", given.policy_input_list)
    return shapes.ContextKeysOutput(context_keys(policy.document() for policy in policies))


async def get_context_keys_for_principal_policy(
    call: Call, given: shapes.ContextKeysOfPrincipalPolicyInput
) -> shapes.ContextKeysOutput:
    """Of the policies of a user, group or role, too."""
    own = policies_of(call.store.directory, entity_of(call, given.policy_source_arn), NONE)
    policies = (*own, *given_policies("PolicyInputList", given.policy_input_list))
    return shapes.ContextKeysOutput(context_keys(policy.document() for policy in policies))
