"""Roles: made, shown, listed, changed, deleted."""

from dataclasses import replace

from gatepass import arn, policy
from gatepass.errors import DeleteConflict, EntityAlreadyExists, InvalidInput, NoSuchEntity
from gatepass.iam import limits, shapes
from gatepass.iam.paging import last_entry, marker
from gatepass.iam.role_changes import change_role, no_such_role, stored_role
from gatepass.iam.tags import tags
from gatepass.operation import Call
from gatepass.store import Role
from gatepass.tokens.ids import ENTROPY_BYTES, unique_id


async def create_role(call: Call, given: shapes.CreateRoleInput) -> shapes.CreateRoleOutput:
    """A role with a new id, whoever had its name before."""
    role_tags = tags((tag.key, tag.value) for tag in given.tags)
    check_trust_policy(given.assume_role_policy_document)
    if given.permissions_boundary is not None:
        check_permissions_boundary(given.permissions_boundary)
    account = call.deployment.account
    role = Role(
        name=given.role_name,
        path=given.path,
        id=unique_id("AROA", account, call.entropy(ENTROPY_BYTES)),
        arn=arn.role_arn(account, given.path, given.role_name),
        trust_policy=given.assume_role_policy_document,
        description=given.description,
        max_session_duration=given.max_session_duration,
        permissions_boundary=given.permissions_boundary,
        tags=role_tags,
        created=call.now,
    )
    if not await call.store.roles.add(role):
        raise EntityAlreadyExists(f"Role with name {given.role_name} already exists.")
    return shapes.CreateRoleOutput(
        shapes.Role(
            path=role.path,
            assume_role_policy_document=role.trust_policy,
            role_id=role.id,
            role_name=role.name,
            arn=role.arn,
            create_date=role.created,
            tags=_tags(role),
        )
    )


async def get_role(call: Call, given: shapes.GetRoleInput) -> shapes.GetRoleOutput:
    """All of a role. When it was last used is not recorded."""
    role = await stored_role(call, given.role_name)
    boundary = role.permissions_boundary
    return shapes.GetRoleOutput(
        shapes.Role(
            path=role.path,
            permissions_boundary=None if boundary is None else shapes.AttachedPermissionsBoundary(boundary),
            assume_role_policy_document=role.trust_policy,
            max_session_duration=role.max_session_duration,
            role_id=role.id,
            role_last_used=shapes.RoleLastUsed(),
            role_name=role.name,
            description=role.description,
            arn=role.arn,
            create_date=role.created,
            tags=_tags(role),
        )
    )


def _tags(role: Role) -> tuple[shapes.Tag, ...] | None:
    return tuple(shapes.Tag(value, key) for key, value in role.tags.items()) or None


async def list_roles(call: Call, given: shapes.ListRolesInput) -> shapes.ListRolesOutput:
    """Roles by name, without boundary, tags and last use, as in AWS's listings."""
    found = await call.store.roles.list(
        after=last_entry(given.marker), limit=given.max_items + 1, path_prefix=given.path_prefix
    )
    page = found[: given.max_items]
    return shapes.ListRolesOutput(
        is_truncated=len(found) > len(page),
        marker=marker(page[-1].name) if len(found) > len(page) else None,
        roles=tuple(_listed(role) for role in page),
    )


def _listed(role: Role) -> shapes.Role:
    return shapes.Role(
        path=role.path,
        assume_role_policy_document=role.trust_policy,
        max_session_duration=role.max_session_duration,
        role_id=role.id,
        role_name=role.name,
        description=role.description,
        arn=role.arn,
        create_date=role.created,
    )


async def update_role(call: Call, given: shapes.UpdateRoleInput) -> shapes.UpdateRoleOutput:
    """Its description and how long its sessions may last; what is not given stays."""

    def changed(role: Role) -> Role:
        return replace(
            role,
            description=role.description if given.description is None else given.description,
            max_session_duration=given.max_session_duration or role.max_session_duration,
        )

    await change_role(call, given.role_name, changed)
    return shapes.UpdateRoleOutput()


async def update_role_description(
    call: Call, given: shapes.UpdateRoleDescriptionInput
) -> shapes.UpdateRoleDescriptionOutput:
    """The older way, which shows the role."""
    await change_role(call, given.role_name, lambda role: replace(role, description=given.description))
    role = await stored_role(call, given.role_name)
    return shapes.UpdateRoleDescriptionOutput(
        shapes.Role(
            path=role.path,
            assume_role_policy_document=role.trust_policy,
            role_id=role.id,
            role_name=role.name,
            description=role.description,
            arn=role.arn,
            create_date=role.created,
        )
    )


async def update_assume_role_policy(call: Call, given: shapes.UpdateAssumeRolePolicyInput) -> None:
    """Who may take the role from now on."""
    await stored_role(call, given.role_name)
    check_trust_policy(given.policy_document)
    await change_role(call, given.role_name, lambda role: replace(role, trust_policy=given.policy_document))


async def delete_role(call: Call, given: shapes.DeleteRoleInput) -> None:
    """A role goes only without policies."""
    if not await call.store.roles.delete(given.role_name, check=check_deletable):
        raise no_such_role(given.role_name)


def check_deletable(role: Role) -> None:
    """Raises: DeleteConflict."""
    if role.attached_policies:
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if role.inline_policies:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")


def check_trust_policy(document: str) -> None:
    """Raises: MalformedPolicyDocument, LimitExceeded."""
    policy.parse(document, "trust")
    limits.check_trust_policy(document)


def check_permissions_boundary(text: str) -> None:
    """Refused: there are no managed policies yet, so there is none that could be a boundary.

    Raises:
        InvalidInput: not the ARN of a policy.
        NoSuchEntity: no such policy.
    """
    try:
        parsed = arn.Arn.parse(text)
    except ValueError:
        raise InvalidInput(f"ARN {text} is not valid.") from None
    if parsed.service != "iam" or not parsed.resource.startswith("policy/"):
        raise InvalidInput(f"ARN {text} is not valid.")
    raise NoSuchEntity(f"Scope ARN: {text} does not exist or is not attachable.")
