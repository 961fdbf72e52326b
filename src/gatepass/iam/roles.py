"""Roles: made, shown, listed, changed, deleted."""

from dataclasses import replace

from gatepass import arn
from gatepass.errors import EntityAlreadyExists
from gatepass.iam import boundaries, paging, tagging
from gatepass.iam.owners import ROLES, check_policies
from gatepass.iam.policy_arns import Use
from gatepass.iam.shapes import roles
from gatepass.iam.tags import ANY_CASE
from gatepass.iam.trusted import check_trust_policy
from gatepass.operation import Call
from gatepass.store import Role
from gatepass.store.last_uses import LastUse
from gatepass.tokens.ids import ENTROPY_BYTES, unique_id


async def create_role(call: Call, given: roles.CreateRoleInput) -> roles.RoleOutput:
    """A role with a new id, whoever had its name before."""
    tags = ANY_CASE.tags(given.tags)
    await check_trust_policy(call, given.assume_role_policy_document)
    use = None if given.permissions_boundary is None else Use.as_boundary(given.permissions_boundary)
    if use is not None:
        await use.check(call)
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
        tags=tags,
        created=call.now,
    )
    if not await call.store.roles.add(role, policy=use.stored if use else None):
        if use is not None:
            await use.check(call)
        raise EntityAlreadyExists(f"Role with name {given.role_name} already exists.")
    return roles.RoleOutput(
        roles.Role(
            path=role.path,
            permissions_boundary=boundaries.shown(role.permissions_boundary),
            assume_role_policy_document=role.trust_policy,
            role_id=role.id,
            role_name=role.name,
            arn=role.arn,
            create_date=role.created,
            tags=tagging.shown(role) or None,
        )
    )


async def get_role(call: Call, given: roles.OfRole) -> roles.RoleOutput:
    """All of a role."""
    role = await ROLES.stored(call, given.role_name)
    uses = await call.store.last_uses.of_roles([role.id])
    return roles.RoleOutput(
        roles.Role(
            path=role.path,
            permissions_boundary=boundaries.shown(role.permissions_boundary),
            assume_role_policy_document=role.trust_policy,
            max_session_duration=role.max_session_duration,
            role_id=role.id,
            role_last_used=shown_use(uses.get(role.id)),
            role_name=role.name,
            description=role.description,
            arn=role.arn,
            create_date=role.created,
            tags=tagging.shown(role) or None,
        )
    )


def shown_use(last: LastUse | None) -> roles.RoleLastUsed:
    """When a session of a role was last used, as of a minute or so ago; empty if none ever was."""
    return roles.RoleLastUsed() if last is None else roles.RoleLastUsed(last.at, last.region)


async def list_roles(call: Call, given: roles.ListRolesInput) -> roles.ListRolesOutput:
    """Roles by name, without boundary, tags and last use, as in AWS's listings."""
    found = await call.store.roles.list(
        after=paging.last_entry(given.marker), limit=given.max_items + 1, path_prefix=given.path_prefix
    )
    page = paging.cut(found, given, lambda role: role.name)
    return roles.ListRolesOutput(
        is_truncated=page.is_truncated, marker=page.marker, roles=tuple(map(_listed, page.entries))
    )


def _listed(role: Role) -> roles.Role:
    return roles.Role(
        path=role.path,
        assume_role_policy_document=role.trust_policy,
        max_session_duration=role.max_session_duration,
        role_id=role.id,
        role_name=role.name,
        description=role.description,
        arn=role.arn,
        create_date=role.created,
    )


async def update_role(call: Call, given: roles.UpdateRoleInput) -> roles.UpdateRoleOutput:
    """Its description and how long its sessions may last; what is not given stays."""

    def changed(role: Role) -> Role:
        return replace(
            role,
            description=role.description if given.description is None else given.description,
            max_session_duration=given.max_session_duration or role.max_session_duration,
        )

    await ROLES.change(call, given.role_name, changed)
    return roles.UpdateRoleOutput()


async def update_role_description(call: Call, given: roles.UpdateRoleDescriptionInput) -> roles.RoleOutput:
    """The older way, which shows the role."""
    await ROLES.change(call, given.role_name, lambda role: replace(role, description=given.description))
    role = await ROLES.stored(call, given.role_name)
    return roles.RoleOutput(
        roles.Role(
            path=role.path,
            permissions_boundary=boundaries.shown(role.permissions_boundary),
            assume_role_policy_document=role.trust_policy,
            role_id=role.id,
            role_name=role.name,
            description=role.description,
            arn=role.arn,
            create_date=role.created,
        )
    )


async def update_assume_role_policy(call: Call, given: roles.UpdateAssumeRolePolicyInput) -> None:
    """Who may take the role from now on."""
    await ROLES.stored(call, given.role_name)
    await check_trust_policy(call, given.policy_document)
    await ROLES.change(call, given.role_name, lambda role: replace(role, trust_policy=given.policy_document))


async def delete_role(call: Call, given: roles.OfRole) -> None:
    """A role goes only without policies."""
    if not await call.store.roles.delete(given.role_name, check=check_policies):
        raise ROLES.missing(given.role_name)


async def list_instance_profiles_for_role(call: Call, given: roles.PagesOfRole) -> roles.ListInstanceProfilesOutput:
    """None: nothing here runs on instances. Programs that delete a role ask first."""
    await ROLES.stored(call, given.role_name)
    return roles.ListInstanceProfilesOutput()
