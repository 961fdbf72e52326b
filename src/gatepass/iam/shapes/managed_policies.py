"""Managed policies and their versions."""

from typing import Annotated, TypeAlias

import msgspec

from gatepass.iam.shapes.parts import (
    Arn,
    EntityType,
    Page,
    Path,
    PolicyDocument,
    PolicyName,
    PolicyPath,
    Tag,
    TagKeys,
    Tags,
)
from gatepass.wire.constraints import Enum, Length, Pattern
from gatepass.wire.xml import PercentEncoded, Timestamp

Description: TypeAlias = Annotated[str, Length(maximum=1000)]
VersionId: TypeAlias = Annotated[str, Pattern(r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?")]
UsageFilter: TypeAlias = Annotated[str, Enum(("PermissionsPolicy", "PermissionsBoundary"), listed=False)]


class Policy(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    permissions_boundary_usage_count: int
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
    tags: tuple[Tag, ...] | None = None


class PolicyVersion(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    version_id: str
    is_default_version: bool
    document: PercentEncoded | None = None
    create_date: Timestamp


class OfPolicy(msgspec.Struct, frozen=True, rename="pascal"):
    """What takes nothing but a policy."""

    policy_arn: Arn


class PagesOfPolicy(Page, frozen=True, rename="pascal", kw_only=True):
    policy_arn: Arn


class CreatePolicyInput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    policy_name: PolicyName
    path: PolicyPath = "/"
    policy_document: PolicyDocument
    description: Description | None = None
    tags: Tags = ()


class PolicyOutput(msgspec.Struct, frozen=True, rename="pascal"):
    policy: Policy


class ListPoliciesInput(Page, frozen=True, rename="pascal", kw_only=True):
    scope: Annotated[str, Enum(("All", "AWS", "Local"), listed=False)] = "All"
    only_attached: bool = False
    path_prefix: PolicyPath = "/"
    policy_usage_filter: UsageFilter | None = None


class ListPoliciesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    policies: tuple[Policy, ...]


class CreatePolicyVersionInput(OfPolicy, frozen=True, rename="pascal"):
    policy_document: PolicyDocument
    set_as_default: bool = False


class PolicyVersionOutput(msgspec.Struct, frozen=True, rename="pascal"):
    policy_version: PolicyVersion


class PolicyVersionInput(OfPolicy, frozen=True, rename="pascal"):
    version_id: VersionId


class ListPolicyVersionsOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    versions: tuple[PolicyVersion, ...]
    marker: str | None = None


class ListEntitiesForPolicyInput(PagesOfPolicy, frozen=True, rename="pascal", kw_only=True):
    entity_filter: EntityType | None = None
    path_prefix: Path = "/"
    policy_usage_filter: UsageFilter | None = None


class PolicyGroup(msgspec.Struct, frozen=True, rename="pascal"):
    group_name: str
    group_id: str


class PolicyUser(msgspec.Struct, frozen=True, rename="pascal"):
    user_name: str
    user_id: str


class PolicyRole(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    role_id: str
    role_name: str


class ListEntitiesForPolicyOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    policy_roles: tuple[PolicyRole, ...]
    is_truncated: bool
    policy_users: tuple[PolicyUser, ...]
    marker: str | None = None
    policy_groups: tuple[PolicyGroup, ...]


class TagPolicyInput(OfPolicy, frozen=True, rename="pascal"):
    tags: Tags


class UntagPolicyInput(OfPolicy, frozen=True, rename="pascal"):
    tag_keys: TagKeys
