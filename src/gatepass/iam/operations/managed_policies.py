"""Operations on managed policies and their versions."""

from gatepass import errors
from gatepass.iam import managed_policies, policy_versions, resources
from gatepass.iam.operations.row import BY_ARN, DOCUMENT, row
from gatepass.iam.shapes import managed_policies as shapes
from gatepass.iam.shapes import parts
from gatepass.operation import Operation

_CHANGE = (*BY_ARN, errors.ConcurrentModification, errors.AccessDenied)

_POLICIES: tuple[Operation, ...] = (
    row(
        "CreatePolicy",
        shapes.CreatePolicyInput,
        shapes.PolicyOutput,
        managed_policies.create_policy,
        *(errors.EntityAlreadyExists, errors.InvalidInput, *DOCUMENT),
        on=resources.new_policy,
    ),
    row(
        "GetPolicy",
        shapes.OfPolicy,
        shapes.PolicyOutput,
        managed_policies.get_policy,
        *BY_ARN,
        on=resources.policy,
    ),
    row(
        "ListPolicies",
        shapes.ListPoliciesInput,
        shapes.ListPoliciesOutput,
        managed_policies.list_policies,
        errors.ValidationFailure,
    ),
    row(
        "DeletePolicy",
        shapes.OfPolicy,
        None,
        managed_policies.delete_policy,
        *(*BY_ARN, errors.AccessDenied, errors.DeleteConflict),
        on=resources.policy,
    ),
    row(
        "ListEntitiesForPolicy",
        shapes.ListEntitiesForPolicyInput,
        shapes.ListEntitiesForPolicyOutput,
        managed_policies.list_entities_for_policy,
        *BY_ARN,
        on=resources.policy,
    ),
    row(
        "TagPolicy",
        shapes.TagPolicyInput,
        None,
        managed_policies.tag_policy,
        *(*_CHANGE, errors.LimitExceeded),
        on=resources.policy,
    ),
    row("UntagPolicy", shapes.UntagPolicyInput, None, managed_policies.untag_policy, *_CHANGE, on=resources.policy),
    row(
        "ListPolicyTags",
        shapes.PagesOfPolicy,
        parts.ListTagsOutput,
        managed_policies.list_policy_tags,
        *BY_ARN,
        on=resources.policy,
    ),
)

_VERSIONS: tuple[Operation, ...] = (
    row(
        "CreatePolicyVersion",
        shapes.CreatePolicyVersionInput,
        shapes.PolicyVersionOutput,
        policy_versions.create_policy_version,
        *(*_CHANGE, *DOCUMENT),
        on=resources.policy,
    ),
    row(
        "GetPolicyVersion",
        shapes.PolicyVersionInput,
        shapes.PolicyVersionOutput,
        policy_versions.get_policy_version,
        *BY_ARN,
        on=resources.policy,
    ),
    row(
        "ListPolicyVersions",
        shapes.PagesOfPolicy,
        shapes.ListPolicyVersionsOutput,
        policy_versions.list_policy_versions,
        *BY_ARN,
        on=resources.policy,
    ),
    row(
        "SetDefaultPolicyVersion",
        shapes.PolicyVersionInput,
        None,
        policy_versions.set_default_policy_version,
        *_CHANGE,
        on=resources.policy,
    ),
    row(
        "DeletePolicyVersion",
        shapes.PolicyVersionInput,
        None,
        policy_versions.delete_policy_version,
        *(*_CHANGE, errors.DeleteConflict),
        on=resources.policy,
    ),
)

MANAGED_POLICIES: tuple[Operation, ...] = (*_POLICIES, *_VERSIONS)
