"""Roles."""

from typing import Annotated, TypeAlias

import msgspec

from gatepass.iam.shapes.parts import (
    NAME,
    Arn,
    AttachedPermissionsBoundary,
    Page,
    Path,
    PathPrefix,
    PolicyDocument,
    PolicyName,
    PolicyPath,
    Tag,
    TagKeys,
    Tags,
)
from gatepass.wire.constraints import Length, Pattern, Range
from gatepass.wire.xml import PercentEncoded, Timestamp

RoleName: TypeAlias = Annotated[str, Length(1, 64), NAME]
Description: TypeAlias = Annotated[
    str, Length(maximum=1000), Pattern(r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*")
]
MaxSessionDuration: TypeAlias = Annotated[int, Range(3600, 43200)]


class RoleLastUsed(msgspec.Struct, frozen=True, rename="pascal"):
    last_used_date: Timestamp | None = None
    region: str | None = None


class Role(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    path: str
    permissions_boundary: AttachedPermissionsBoundary | None = None
    assume_role_policy_document: PercentEncoded
    max_session_duration: int | None = None
    role_id: str
    role_last_used: RoleLastUsed | None = None
    role_name: str
    description: str | None = None
    arn: str
    create_date: Timestamp
    tags: tuple[Tag, ...] | None = None


class OfRole(msgspec.Struct, frozen=True, rename="pascal"):
    """What takes nothing but a role."""

    role_name: RoleName


class PagesOfRole(Page, frozen=True, rename="pascal", kw_only=True):
    role_name: RoleName


class CreateRoleInput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    path: Path = "/"
    role_name: RoleName
    assume_role_policy_document: PolicyDocument
    description: Description | None = None
    max_session_duration: MaxSessionDuration = 3600
    permissions_boundary: Arn | None = None
    tags: Tags = ()


class RoleOutput(msgspec.Struct, frozen=True, rename="pascal"):
    role: Role


class ListRolesInput(Page, frozen=True, rename="pascal", kw_only=True):
    path_prefix: PathPrefix = "/"


class ListRolesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    roles: tuple[Role, ...]


class UpdateAssumeRolePolicyInput(OfRole, frozen=True, rename="pascal"):
    policy_document: PolicyDocument


class UpdateRoleInput(OfRole, frozen=True, rename="pascal"):
    description: Description | None = None
    max_session_duration: MaxSessionDuration | None = None


class UpdateRoleOutput(msgspec.Struct, frozen=True, rename="pascal"):
    pass


class UpdateRoleDescriptionInput(OfRole, frozen=True, rename="pascal"):
    description: Description


class PutRolePolicyInput(OfRole, frozen=True, rename="pascal"):
    policy_name: PolicyName
    policy_document: PolicyDocument


class RolePolicyInput(OfRole, frozen=True, rename="pascal"):
    policy_name: PolicyName


class GetRolePolicyOutput(msgspec.Struct, frozen=True, rename="pascal"):
    policy_document: PercentEncoded
    policy_name: str
    role_name: str


class RoleAttachmentInput(OfRole, frozen=True, rename="pascal"):
    policy_arn: Arn


class ListAttachedRolePoliciesInput(PagesOfRole, frozen=True, rename="pascal", kw_only=True):
    path_prefix: PolicyPath = "/"


class PutRolePermissionsBoundaryInput(OfRole, frozen=True, rename="pascal"):
    permissions_boundary: Arn


class TagRoleInput(OfRole, frozen=True, rename="pascal"):
    tags: Tags


class UntagRoleInput(OfRole, frozen=True, rename="pascal"):
    tag_keys: TagKeys


class ListInstanceProfilesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool = False
    marker: str | None = None
    instance_profiles: tuple[str, ...] = ()
