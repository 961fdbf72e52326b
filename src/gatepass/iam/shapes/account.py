"""The account as a whole."""

import msgspec

from gatepass.iam.shapes.managed_policies import PolicyVersion
from gatepass.iam.shapes.parts import (
    AttachedPermissionsBoundary,
    AttachedPolicy,
    EntityType,
    Page,
    PathPrefix,
    PolicyDetail,
    Tag,
)
from gatepass.iam.shapes.roles import RoleLastUsed
from gatepass.wire.xml import PercentEncoded, Timestamp


class GetAccountAuthorizationDetailsInput(Page, frozen=True, rename="pascal", kw_only=True):
    filter: tuple[EntityType, ...] = ()


class UserDetail(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    path: str
    permissions_boundary: AttachedPermissionsBoundary | None = None
    attached_managed_policies: tuple[AttachedPolicy, ...]
    group_list: tuple[str, ...]
    user_policy_list: tuple[PolicyDetail, ...] | None = None
    user_name: str
    arn: str
    user_id: str
    create_date: Timestamp
    tags: tuple[Tag, ...]


class GroupDetail(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    path: str
    group_name: str
    attached_managed_policies: tuple[AttachedPolicy, ...]
    group_id: str
    arn: str
    group_policy_list: tuple[PolicyDetail, ...]
    create_date: Timestamp


class RoleDetail(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    path: str
    permissions_boundary: AttachedPermissionsBoundary | None = None
    assume_role_policy_document: PercentEncoded
    instance_profile_list: tuple[str, ...] = ()
    role_id: str
    attached_managed_policies: tuple[AttachedPolicy, ...]
    role_last_used: RoleLastUsed
    role_name: str
    arn: str
    create_date: Timestamp
    role_policy_list: tuple[PolicyDetail, ...]
    tags: tuple[Tag, ...]


class ManagedPolicyDetail(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    permissions_boundary_usage_count: int
    policy_version_list: tuple[PolicyVersion, ...]
    path: str
    update_date: Timestamp
    policy_id: str
    default_version_id: str
    policy_name: str
    is_attachable: bool = True
    description: str | None = None
    attachment_count: int
    arn: str
    create_date: Timestamp


class GetAccountAuthorizationDetailsOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    policies: tuple[ManagedPolicyDetail, ...]
    user_detail_list: tuple[UserDetail, ...]
    role_detail_list: tuple[RoleDetail, ...]
    group_detail_list: tuple[GroupDetail, ...]


class GetAccountSummaryInput(msgspec.Struct, frozen=True):
    pass


class GetAccountSummaryOutput(msgspec.Struct, frozen=True, rename="pascal"):
    summary_map: dict[str, int]


class ListInstanceProfilesInput(Page, frozen=True, rename="pascal", kw_only=True):
    path_prefix: PathPrefix = "/"


class ListSAMLProvidersInput(msgspec.Struct, frozen=True):
    pass


class ListSAMLProvidersOutput(msgspec.Struct, frozen=True):
    providers: tuple[str, ...] = msgspec.field(name="SAMLProviderList", default=())


class ListAccountAliasesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool = False
    marker: str | None = None
    account_aliases: tuple[str, ...] = ()
