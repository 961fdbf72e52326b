"""Operations on user groups."""

from gatepass import errors
from gatepass.iam import groups, resources
from gatepass.iam.attachments import GROUP_ATTACHMENTS
from gatepass.iam.inline_policies import GROUP_POLICIES
from gatepass.iam.operations.row import BY_ARN, CHANGE, DOCUMENT, MISSING, PAGED, row
from gatepass.iam.shapes import groups as shapes
from gatepass.iam.shapes import parts, users
from gatepass.operation import Operation

GROUPS: tuple[Operation, ...] = (
    row(
        "CreateGroup",
        shapes.CreateGroupInput,
        shapes.CreateGroupOutput,
        groups.create_group,
        errors.EntityAlreadyExists,
        on=resources.new_group,
    ),
    row("GetGroup", shapes.PagesOfGroup, shapes.GetGroupOutput, groups.get_group, *PAGED, on=resources.group),
    row(
        "ListGroups",
        shapes.ListGroupsInput,
        shapes.ListGroupsOutput,
        groups.list_groups,
        errors.ValidationFailure,
        on=resources.every_group,
    ),
    row(
        "UpdateGroup",
        shapes.UpdateGroupInput,
        None,
        groups.update_group,
        *(*CHANGE, errors.EntityAlreadyExists),
        on=resources.group,
    ),
    row("DeleteGroup", shapes.OfGroup, None, groups.delete_group, *MISSING, errors.DeleteConflict, on=resources.group),
    row(
        "AddUserToGroup",
        shapes.MembershipInput,
        None,
        groups.add_user_to_group,
        *(*MISSING, errors.LimitExceeded),
        on=resources.group,
    ),
    row(
        "RemoveUserFromGroup",
        shapes.MembershipInput,
        None,
        groups.remove_user_from_group,
        *MISSING,
        on=resources.group,
    ),
    row(
        "ListGroupsForUser",
        users.PagesOfUser,
        shapes.ListGroupsOutput,
        groups.list_groups_for_user,
        *PAGED,
        on=resources.user,
    ),
    row(
        "PutGroupPolicy",
        shapes.PutGroupPolicyInput,
        None,
        GROUP_POLICIES.put,
        *(*CHANGE, *DOCUMENT),
        on=resources.group,
    ),
    row(
        "GetGroupPolicy",
        shapes.GroupPolicyInput,
        shapes.GetGroupPolicyOutput,
        GROUP_POLICIES.get,
        *MISSING,
        on=resources.group,
    ),
    row(
        "ListGroupPolicies",
        shapes.PagesOfGroup,
        parts.ListPolicyNamesOutput,
        GROUP_POLICIES.list,
        *PAGED,
        on=resources.group,
    ),
    row("DeleteGroupPolicy", shapes.GroupPolicyInput, None, GROUP_POLICIES.delete, *CHANGE, on=resources.group),
    row(
        "AttachGroupPolicy",
        shapes.GroupAttachmentInput,
        None,
        GROUP_ATTACHMENTS.attach,
        *(*CHANGE, *BY_ARN, errors.LimitExceeded),
        on=resources.group,
    ),
    row(
        "DetachGroupPolicy",
        shapes.GroupAttachmentInput,
        None,
        GROUP_ATTACHMENTS.detach,
        *(*CHANGE, *BY_ARN),
        on=resources.group,
    ),
    row(
        "ListAttachedGroupPolicies",
        shapes.ListAttachedGroupPoliciesInput,
        parts.ListAttachedPoliciesOutput,
        GROUP_ATTACHMENTS.list,
        *PAGED,
        on=resources.group,
    ),
)
