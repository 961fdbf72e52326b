"""Operations on users and their access keys."""

from gatepass import errors
from gatepass.iam import access_keys, resources, users
from gatepass.iam.attachments import USER_ATTACHMENTS
from gatepass.iam.boundaries import USER_BOUNDARIES
from gatepass.iam.inline_policies import USER_POLICIES
from gatepass.iam.operations.row import BY_ARN, CHANGE, DOCUMENT, MISSING, PAGED, row
from gatepass.iam.shapes import parts
from gatepass.iam.shapes import users as shapes
from gatepass.iam.tagging import USER_TAGS
from gatepass.operation import Operation

_OF_CALLER = (errors.NoSuchEntity, errors.ValidationFailure)

_USERS: tuple[Operation, ...] = (
    row(
        "CreateUser",
        shapes.CreateUserInput,
        shapes.UserOutput,
        users.create_user,
        *(errors.EntityAlreadyExists, errors.InvalidInput, *MISSING),
        on=resources.new_user,
    ),
    row(
        "GetUser",
        shapes.OfUserOrCaller,
        shapes.UserOutput,
        users.get_user,
        *_OF_CALLER,
        on=resources.user_or_caller,
    ),
    row(
        "ListUsers",
        shapes.ListUsersInput,
        shapes.ListUsersOutput,
        users.list_users,
        errors.ValidationFailure,
        on=resources.every_user,
    ),
    row(
        "UpdateUser",
        shapes.UpdateUserInput,
        None,
        users.update_user,
        *(*CHANGE, errors.EntityAlreadyExists),
        on=resources.user,
    ),
    row("DeleteUser", shapes.OfUser, None, users.delete_user, *MISSING, errors.DeleteConflict, on=resources.user),
    row(
        "PutUserPolicy",
        shapes.PutUserPolicyInput,
        None,
        USER_POLICIES.put,
        *(*CHANGE, *DOCUMENT),
        on=resources.user,
    ),
    row(
        "GetUserPolicy",
        shapes.UserPolicyInput,
        shapes.GetUserPolicyOutput,
        USER_POLICIES.get,
        *MISSING,
        on=resources.user,
    ),
    row(
        "ListUserPolicies",
        shapes.PagesOfUser,
        parts.ListPolicyNamesOutput,
        USER_POLICIES.list,
        *PAGED,
        on=resources.user,
    ),
    row("DeleteUserPolicy", shapes.UserPolicyInput, None, USER_POLICIES.delete, *CHANGE, on=resources.user),
    row(
        "AttachUserPolicy",
        shapes.UserAttachmentInput,
        None,
        USER_ATTACHMENTS.attach,
        *(*CHANGE, *BY_ARN, errors.LimitExceeded),
        on=resources.user,
    ),
    row(
        "DetachUserPolicy",
        shapes.UserAttachmentInput,
        None,
        USER_ATTACHMENTS.detach,
        *(*CHANGE, *BY_ARN),
        on=resources.user,
    ),
    row(
        "ListAttachedUserPolicies",
        shapes.ListAttachedUserPoliciesInput,
        parts.ListAttachedPoliciesOutput,
        USER_ATTACHMENTS.list,
        *PAGED,
        on=resources.user,
    ),
    row(
        "PutUserPermissionsBoundary",
        shapes.PutUserPermissionsBoundaryInput,
        None,
        USER_BOUNDARIES.put,
        *(*CHANGE, errors.InvalidInput),
        on=resources.user,
    ),
    row(
        "DeleteUserPermissionsBoundary",
        shapes.OfShortUser,
        None,
        USER_BOUNDARIES.delete,
        *CHANGE,
        on=resources.user,
    ),
    row(
        "TagUser",
        shapes.TagUserInput,
        None,
        USER_TAGS.tag,
        *(*CHANGE, errors.InvalidInput, errors.LimitExceeded),
        on=resources.user,
    ),
    row("UntagUser", shapes.UntagUserInput, None, USER_TAGS.untag, *CHANGE, on=resources.user),
    row("ListUserTags", shapes.PagesOfUser, parts.ListTagsOutput, USER_TAGS.list, *PAGED, on=resources.user),
    row(
        "ListMFADevices",
        shapes.PagesOfUserOrCaller,
        shapes.ListMFADevicesOutput,
        users.list_mfa_devices,
        *MISSING,
        on=resources.user_or_caller,
    ),
)

_ACCESS_KEYS: tuple[Operation, ...] = (
    row(
        "CreateAccessKey",
        shapes.OfUserOrCaller,
        shapes.CreateAccessKeyOutput,
        access_keys.create_access_key,
        *(*_OF_CALLER, errors.LimitExceeded),
        on=resources.user_or_caller,
    ),
    row(
        "ListAccessKeys",
        shapes.PagesOfUserOrCaller,
        shapes.ListAccessKeysOutput,
        access_keys.list_access_keys,
        *_OF_CALLER,
        on=resources.user_or_caller,
    ),
    row(
        "UpdateAccessKey",
        shapes.UpdateAccessKeyInput,
        None,
        access_keys.update_access_key,
        *(*_OF_CALLER, errors.InvalidInput),
        on=resources.user_or_caller,
    ),
    row(
        "DeleteAccessKey",
        shapes.AccessKeyInput,
        None,
        access_keys.delete_access_key,
        *_OF_CALLER,
        on=resources.user_or_caller,
    ),
    row(
        "GetAccessKeyLastUsed",
        shapes.GetAccessKeyLastUsedInput,
        shapes.GetAccessKeyLastUsedOutput,
        access_keys.get_access_key_last_used,
        errors.AccessDenied,
        on=resources.user_of_key,
    ),
)

USERS: tuple[Operation, ...] = (*_USERS, *_ACCESS_KEYS)
