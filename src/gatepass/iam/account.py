"""The account as a whole: everything that decides, page by page, and how much there is of what."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from gatepass.iam import boundaries, limits, paging, tagging
from gatepass.iam.attachments import attached
from gatepass.iam.aws_policies import AWS_POLICIES
from gatepass.iam.policy_versions import shown
from gatepass.iam.roles import shown_use
from gatepass.iam.shapes import account as shapes
from gatepass.iam.shapes.parts import Page, PolicyDetail
from gatepass.iam.shapes.roles import ListInstanceProfilesOutput
from gatepass.operation import Call
from gatepass.store import Group, ManagedPolicy, PolicyUsage, Role, User
from gatepass.store.last_uses import LastUse


class _Entry(NamedTuple):
    """One entity of a page, which names it in the marker; `kind` is the filter it passes."""

    kind: str
    name: str
    detail: Any


_Lister = Callable[[Call, str, int], AsyncIterator[tuple[str, Any]]]


async def get_account_authorization_details(
    call: Call, given: shapes.GetAccountAuthorizationDetailsInput
) -> shapes.GetAccountAuthorizationDetailsOutput:
    """Users, groups, roles, the account's policies, and those of AWS's that are used, in this order and by name."""
    found = await _entries(call, given)
    page: paging.Page[_Entry] = paging.cut(found, given, lambda entry: f"{entry.kind}/{entry.name}")

    def of(*kinds: str) -> tuple[Any, ...]:
        return tuple(entry.detail for entry in page.entries if entry.kind in kinds)

    return shapes.GetAccountAuthorizationDetailsOutput(
        is_truncated=page.is_truncated,
        marker=page.marker,
        policies=of("LocalManagedPolicy", "AWSManagedPolicy"),
        user_detail_list=of("User"),
        role_detail_list=of("Role"),
        group_detail_list=of("Group"),
    )


async def _entries(call: Call, given: shapes.GetAccountAuthorizationDetailsInput) -> Sequence[_Entry]:
    """What follows the marker, one more than the page holds if there is more."""
    last_kind, _, last_name = (paging.last_entry(given.marker) or "").partition("/")
    kinds = list(_LISTERS)
    found: list[_Entry] = []
    for kind in kinds[kinds.index(last_kind) if last_kind in kinds else 0 :]:
        if given.filter and kind not in given.filter:
            continue
        after = last_name if kind == last_kind else ""
        wanted = given.max_items + 1 - len(found)
        found += [_Entry(kind, name, detail) async for name, detail in _LISTERS[kind](call, after, wanted)]
        if len(found) > given.max_items:
            break
    return found


async def _users(call: Call, after: str, limit: int) -> AsyncIterator[tuple[str, Any]]:
    for user in await call.store.users.list(after=after, limit=limit):
        yield user.name, _user(user)


async def _groups(call: Call, after: str, limit: int) -> AsyncIterator[tuple[str, Any]]:
    for group in await call.store.groups.list(after=after, limit=limit):
        yield group.name, _group(group)


async def _roles(call: Call, after: str, limit: int) -> AsyncIterator[tuple[str, Any]]:
    found = await call.store.roles.list(after=after, limit=limit)
    uses = await call.store.last_uses.of_roles(role.id for role in found)
    for role in found:
        yield role.name, _role(role, uses.get(role.id))


async def _own_policies(call: Call, after: str, limit: int) -> AsyncIterator[tuple[str, Any]]:
    policies = await call.store.managed_policies.list(after=after, limit=limit)
    usages = await call.store.managed_policies.usage(policy.arn for policy in policies)
    for policy, usage in zip(policies, usages, strict=True):
        yield policy.name, _policy(policy, usage)


async def _aws_policies(call: Call, after: str, limit: int) -> AsyncIterator[tuple[str, Any]]:
    policies = sorted((each for each in AWS_POLICIES.values() if each.name > after), key=lambda each: each.name)
    usages = await call.store.managed_policies.usage(policy.arn for policy in policies)
    used = [pair for pair in zip(policies, usages, strict=True) if any(pair[1])]
    for policy, usage in used[:limit]:
        yield policy.name, _policy(policy, usage)


_LISTERS: Mapping[str, _Lister] = {
    "User": _users,
    "Group": _groups,
    "Role": _roles,
    "LocalManagedPolicy": _own_policies,
    "AWSManagedPolicy": _aws_policies,
}


def _documents(policies: Mapping[str, str]) -> tuple[PolicyDetail, ...]:
    return tuple(PolicyDetail(document, name) for name, document in policies.items())


def _user(user: User) -> shapes.UserDetail:
    return shapes.UserDetail(
        path=user.path,
        permissions_boundary=boundaries.shown(user.permissions_boundary),
        attached_managed_policies=attached(user.attached_policies),
        group_list=user.groups,
        user_policy_list=_documents(user.inline_policies) or None,
        user_name=user.name,
        arn=user.arn,
        user_id=user.id,
        create_date=user.created,
        tags=tagging.shown(user),
    )


def _group(group: Group) -> shapes.GroupDetail:
    return shapes.GroupDetail(
        path=group.path,
        group_name=group.name,
        attached_managed_policies=attached(group.attached_policies),
        group_id=group.id,
        arn=group.arn,
        group_policy_list=_documents(group.inline_policies),
        create_date=group.created,
    )


def _role(role: Role, last: LastUse | None) -> shapes.RoleDetail:
    return shapes.RoleDetail(
        path=role.path,
        permissions_boundary=boundaries.shown(role.permissions_boundary),
        assume_role_policy_document=role.trust_policy,
        role_id=role.id,
        attached_managed_policies=attached(role.attached_policies),
        role_last_used=shown_use(last),
        role_name=role.name,
        arn=role.arn,
        create_date=role.created,
        role_policy_list=_documents(role.inline_policies),
        tags=tagging.shown(role),
    )


def _policy(policy: ManagedPolicy, usage: PolicyUsage) -> shapes.ManagedPolicyDetail:
    return shapes.ManagedPolicyDetail(
        permissions_boundary_usage_count=usage.boundaries,
        policy_version_list=tuple(shown(policy, number) for number in sorted(policy.versions, reverse=True)),
        path=policy.path,
        update_date=policy.updated,
        policy_id=policy.id,
        default_version_id=f"v{policy.default_version}",
        policy_name=policy.name,
        description=policy.description,
        attachment_count=usage.attachments,
        arn=policy.arn,
        create_date=policy.created,
    )


async def get_account_summary(call: Call, given: shapes.GetAccountSummaryInput) -> shapes.GetAccountSummaryOutput:
    """What there is, and the quotas: those that are enforced, and AWS's where none is."""
    directory = call.store.directory
    return shapes.GetAccountSummaryOutput(
        {
            "Users": len(directory.users),
            "UsersQuota": 5000,
            "Groups": len(directory.groups),
            "GroupsQuota": 300,
            "GroupsPerUserQuota": limits.GROUPS_OF_USER,
            "Roles": len(directory.roles),
            "RolesQuota": 1000,
            "Policies": len(directory.managed_policies),
            "PoliciesQuota": 1500,
            "PolicySizeQuota": limits.MANAGED_POLICY,
            "PolicyVersionsInUse": await call.store.managed_policies.count_versions(),
            "PolicyVersionsInUseQuota": 10000,
            "VersionsPerPolicyQuota": limits.POLICY_VERSIONS,
            "AttachedPoliciesPerUserQuota": limits.ATTACHED_POLICIES,
            "AttachedPoliciesPerGroupQuota": limits.ATTACHED_POLICIES,
            "AttachedPoliciesPerRoleQuota": limits.ATTACHED_POLICIES,
            "UserPolicySizeQuota": limits.USER_INLINE_POLICIES,
            "GroupPolicySizeQuota": limits.GROUP_INLINE_POLICIES,
            "RolePolicySizeQuota": limits.ROLE_INLINE_POLICIES,
            "AssumeRolePolicySizeQuota": limits.TRUST_POLICY,
            "AccessKeysPerUserQuota": limits.ACCESS_KEYS,
            "AccountAccessKeysPresent": 1,  # the administrator's
            "AccountMFAEnabled": 0,
            "AccountPasswordPresent": 0,
            "AccountSigningCertificatesPresent": 0,
            "Providers": len(directory.oidc_providers),
            "GlobalEndpointTokenVersion": 1,
            "MFADevices": 0,
            "MFADevicesInUse": 0,
            "InstanceProfiles": 0,
            "InstanceProfilesQuota": 1000,
            "ServerCertificates": 0,
            "ServerCertificatesQuota": 20,
            "SigningCertificatesPerUserQuota": 2,
        }
    )


# --- what an account might have on AWS, and has not here


async def list_instance_profiles(call: Call, given: shapes.ListInstanceProfilesInput) -> ListInstanceProfilesOutput:
    """None: nothing here runs on instances."""
    return ListInstanceProfilesOutput()


async def list_saml_providers(call: Call, given: shapes.ListSAMLProvidersInput) -> shapes.ListSAMLProvidersOutput:
    """None: SAML is not spoken here."""
    return shapes.ListSAMLProvidersOutput()


async def list_account_aliases(call: Call, given: Page) -> shapes.ListAccountAliasesOutput:
    """None: an alias is part of the address of AWS's console."""
    return shapes.ListAccountAliasesOutput()
