"""Operations on roles."""

from gatepass import errors
from gatepass.iam import resources, roles
from gatepass.iam.attachments import ROLE_ATTACHMENTS
from gatepass.iam.boundaries import ROLE_BOUNDARIES
from gatepass.iam.inline_policies import ROLE_POLICIES
from gatepass.iam.operations.row import BY_ARN, CHANGE, DOCUMENT, MISSING, PAGED, row
from gatepass.iam.shapes import parts
from gatepass.iam.shapes import roles as shapes
from gatepass.iam.tagging import ROLE_TAGS
from gatepass.operation import Operation

ROLES: tuple[Operation, ...] = (
    row(
        "CreateRole",
        shapes.CreateRoleInput,
        shapes.RoleOutput,
        roles.create_role,
        *(errors.EntityAlreadyExists, errors.InvalidInput, *MISSING, *DOCUMENT),
        on=resources.new_role,
    ),
    row("GetRole", shapes.OfRole, shapes.RoleOutput, roles.get_role, *MISSING, on=resources.role),
    row(
        "ListRoles",
        shapes.ListRolesInput,
        shapes.ListRolesOutput,
        roles.list_roles,
        errors.ValidationFailure,
        on=resources.every_role,
    ),
    row("DeleteRole", shapes.OfRole, None, roles.delete_role, *MISSING, errors.DeleteConflict, on=resources.role),
    row(
        "UpdateAssumeRolePolicy",
        shapes.UpdateAssumeRolePolicyInput,
        None,
        roles.update_assume_role_policy,
        *(*CHANGE, *DOCUMENT),
        on=resources.role,
    ),
    row(
        "UpdateRole",
        shapes.UpdateRoleInput,
        shapes.UpdateRoleOutput,
        roles.update_role,
        *CHANGE,
        on=resources.role,
    ),
    row(
        "UpdateRoleDescription",
        shapes.UpdateRoleDescriptionInput,
        shapes.RoleOutput,
        roles.update_role_description,
        *CHANGE,
        on=resources.role,
    ),
    row(
        "PutRolePolicy",
        shapes.PutRolePolicyInput,
        None,
        ROLE_POLICIES.put,
        *(*CHANGE, *DOCUMENT),
        on=resources.role,
    ),
    row(
        "GetRolePolicy",
        shapes.RolePolicyInput,
        shapes.GetRolePolicyOutput,
        ROLE_POLICIES.get,
        *MISSING,
        on=resources.role,
    ),
    row(
        "ListRolePolicies",
        shapes.PagesOfRole,
        parts.ListPolicyNamesOutput,
        ROLE_POLICIES.list,
        *PAGED,
        on=resources.role,
    ),
    row("DeleteRolePolicy", shapes.RolePolicyInput, None, ROLE_POLICIES.delete, *CHANGE, on=resources.role),
    row(
        "AttachRolePolicy",
        shapes.RoleAttachmentInput,
        None,
        ROLE_ATTACHMENTS.attach,
        *(*CHANGE, *BY_ARN, errors.LimitExceeded),
        on=resources.role,
    ),
    row(
        "DetachRolePolicy",
        shapes.RoleAttachmentInput,
        None,
        ROLE_ATTACHMENTS.detach,
        *(*CHANGE, *BY_ARN),
        on=resources.role,
    ),
    row(
        "ListAttachedRolePolicies",
        shapes.ListAttachedRolePoliciesInput,
        parts.ListAttachedPoliciesOutput,
        ROLE_ATTACHMENTS.list,
        *PAGED,
        on=resources.role,
    ),
    row(
        "PutRolePermissionsBoundary",
        shapes.PutRolePermissionsBoundaryInput,
        None,
        ROLE_BOUNDARIES.put,
        *(*CHANGE, errors.InvalidInput),
        on=resources.role,
    ),
    row(
        "DeleteRolePermissionsBoundary",
        shapes.OfRole,
        None,
        ROLE_BOUNDARIES.delete,
        *CHANGE,
        on=resources.role,
    ),
    row(
        "TagRole",
        shapes.TagRoleInput,
        None,
        ROLE_TAGS.tag,
        *(*CHANGE, errors.InvalidInput, errors.LimitExceeded),
        on=resources.role,
    ),
    row("UntagRole", shapes.UntagRoleInput, None, ROLE_TAGS.untag, *CHANGE, on=resources.role),
    row("ListRoleTags", shapes.PagesOfRole, parts.ListTagsOutput, ROLE_TAGS.list, *PAGED, on=resources.role),
    row(
        "ListInstanceProfilesForRole",
        shapes.PagesOfRole,
        shapes.ListInstanceProfilesOutput,
        roles.list_instance_profiles_for_role,
        *MISSING,
        on=resources.role,
    ),
)
