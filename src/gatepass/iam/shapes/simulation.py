"""Simulated requests, and the context keys that policies read."""

from typing import Annotated, TypeAlias

import msgspec

from gatepass.iam.shapes.parts import Arn, Page, PolicyDocument, PolicyName
from gatepass.wire.constraints import Enum, Length, Pattern
from gatepass.wire.query import Spelling

ActionName: TypeAlias = Annotated[str, Length(3, 128)]
ResourceName: TypeAlias = Annotated[str, Length(1, 2048)]
ContextKeyName: TypeAlias = Annotated[str, Length(5, 256)]
_NAMES = Spelling(
    Pattern(r"[\w+=,.@*?-]+"), "It must contain only alphanumeric characters and/or the following: +=,.@_-*?"
)
_PLAIN = ("string", "numeric", "boolean", "ip", "binary", "date")
CONTEXT_KEY_TYPES = tuple(kind for plain in _PLAIN for kind in (plain, f"{plain}List"))


class ContextEntry(msgspec.Struct, frozen=True, rename="pascal"):
    context_key_name: ContextKeyName | None = None
    context_key_values: tuple[str, ...] = ()
    context_key_type: Annotated[str, Enum(CONTEXT_KEY_TYPES, listed=False)] | None = None


class SimulationInput(Page, frozen=True, rename="pascal", kw_only=True):
    """What both simulations take."""

    permissions_boundary_policy_input_list: tuple[PolicyDocument, ...] = ()
    action_names: tuple[ActionName, ...]
    resource_arns: tuple[ResourceName, ...] = ()
    resource_policy: PolicyDocument | None = None
    resource_owner: ResourceName | None = None
    caller_arn: ResourceName | None = None
    context_entries: tuple[ContextEntry, ...] = ()
    resource_handling_option: Annotated[str, Length(1, 64)] | None = None


class OrganizationLevel(msgspec.Struct, frozen=True, rename="pascal"):
    service_control_policy_input_list: tuple[PolicyDocument, ...] = ()


class SimulateCustomPolicyInput(SimulationInput, frozen=True, rename="pascal", kw_only=True):
    policy_input_list: tuple[PolicyDocument, ...]
    ordered_organization_policy_input_list: Annotated[tuple[OrganizationLevel, ...], Length(maximum=7)] = ()


class InlinePolicyIdentifier(msgspec.Struct, frozen=True, rename="pascal"):
    policy_name: PolicyName
    attachment_type: Annotated[str, Enum(("user", "group", "role"), listed=False)]
    attachment_name: Annotated[str, Length(1, 128), _NAMES]


class PolicyIdentifier(msgspec.Struct, frozen=True, rename="pascal"):
    policy_type: (
        Annotated[
            str,
            Enum(("inline", "aws-managed", "user-managed", "permission-boundary", "scp", "rcp"), listed=False),
        ]
        | None
    ) = None
    policy_arn: Arn | None = None
    inline_policy_identifier: InlinePolicyIdentifier | None = None


class SimulatePrincipalPolicyInput(SimulationInput, frozen=True, rename="pascal", kw_only=True):
    policy_source_arn: Arn
    policy_input_list: tuple[PolicyDocument, ...] = ()
    policy_exclusion_list: Annotated[tuple[PolicyIdentifier, ...], Length(maximum=256)] = ()


class Position(msgspec.Struct, frozen=True, rename="pascal"):
    line: int
    column: int


class Statement(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    end_position: Position
    source_policy_id: str
    source_policy_type: str
    start_position: Position


class OrganizationsDecisionDetail(msgspec.Struct, frozen=True, rename="pascal"):
    allowed_by_organizations: bool


class PermissionsBoundaryDecisionDetail(msgspec.Struct, frozen=True, rename="pascal"):
    allowed_by_permissions_boundary: bool


class ResourceSpecificResult(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    permissions_boundary_decision_detail: PermissionsBoundaryDecisionDetail | None = None
    matched_statements: tuple[Statement, ...]
    eval_resource_decision: str
    missing_context_values: tuple[str, ...]
    eval_resource_name: str


class EvaluationResult(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    organizations_decision_detail: OrganizationsDecisionDetail | None = None
    eval_decision_details: dict[str, str] | None = None
    permissions_boundary_decision_detail: PermissionsBoundaryDecisionDetail | None = None
    matched_statements: tuple[Statement, ...]
    missing_context_values: tuple[str, ...]
    eval_resource_name: str
    eval_action_name: str
    eval_decision: str
    resource_specific_results: tuple[ResourceSpecificResult, ...] | None = None


class SimulatePolicyOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    evaluation_results: tuple[EvaluationResult, ...]
    marker: str | None = None


class ContextKeysOfCustomPolicyInput(msgspec.Struct, frozen=True, rename="pascal"):
    policy_input_list: tuple[PolicyDocument, ...]


class ContextKeysOfPrincipalPolicyInput(msgspec.Struct, frozen=True, rename="pascal"):
    policy_source_arn: Arn
    policy_input_list: tuple[PolicyDocument, ...] = ()


class ContextKeysOutput(msgspec.Struct, frozen=True, rename="pascal"):
    context_key_names: tuple[str, ...]
