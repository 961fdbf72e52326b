"""What IAM operations take and give, with AWS's names and constraints.

Members of outputs stand in the order AWS prints them: that of a Java hash table of 16 buckets over their names, which
every recorded answer agrees with (docs/decisions/0045-order-of-xml-members.md).
"""

from typing import Annotated, TypeAlias

import msgspec

from gatepass.iam.tags import TAG_KEY, TAG_VALUE
from gatepass.wire.constraints import Length, Pattern, Range
from gatepass.wire.query import Spelling
from gatepass.wire.xml import PercentEncoded, Timestamp

_NAME = Spelling(Pattern(r"[\w+=,.@-]+"), "It must contain only alphanumeric characters and/or the following: +=,.@_-")
_DOCUMENT = Spelling(Pattern(r"[\u0009\u000A\u000D\u0020-\u00FF]+"), "It must contain only printable ASCII characters.")
_PATH = Spelling(
    Pattern(r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)"),
    "It must begin and end with / and contain only alphanumeric characters and/or / characters.",
)
_PATH_PREFIX = Spelling(
    Pattern(r"\u002F[\u0021-\u007F]*"),
    "It must begin with the / character and contain only alphanumeric characters and/or / characters.",
)

RoleName: TypeAlias = Annotated[str, Length(1, 64), _NAME]
PolicyName: TypeAlias = Annotated[str, Length(1, 128), _NAME]
PolicyDocument: TypeAlias = Annotated[str, Length(1, 131072), _DOCUMENT]
Path: TypeAlias = Annotated[str, Length(1, 512), _PATH]
PathPrefix: TypeAlias = Annotated[str, Length(1, 512), _PATH_PREFIX]
Description: TypeAlias = Annotated[
    str, Length(maximum=1000), Pattern(r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*")
]
MaxSessionDuration: TypeAlias = Annotated[int, Range(3600, 43200)]
Arn: TypeAlias = Annotated[str, Length(20, 2048)]
Marker: TypeAlias = Annotated[str, Length(1, 320), Pattern(r"[\u0020-\u00FF]+")]
MaxItems: TypeAlias = Annotated[int, Range(1, 1000)]


# --- what entities look like


class Tag(msgspec.Struct, frozen=True, rename="pascal"):
    value: Annotated[str, Length(0, 256), TAG_VALUE]
    key: Annotated[str, Length(1, 128), TAG_KEY]


class AttachedPermissionsBoundary(msgspec.Struct, frozen=True, rename="pascal"):
    permissions_boundary_arn: str
    permissions_boundary_type: str = "Policy"


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


# --- roles


class CreateRoleInput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    path: Path = "/"
    role_name: RoleName
    assume_role_policy_document: PolicyDocument
    description: Description | None = None
    max_session_duration: MaxSessionDuration = 3600
    permissions_boundary: Arn | None = None
    tags: Annotated[tuple[Tag, ...], Length(maximum=50)] = ()


class CreateRoleOutput(msgspec.Struct, frozen=True, rename="pascal"):
    role: Role


class GetRoleInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_name: RoleName


class GetRoleOutput(msgspec.Struct, frozen=True, rename="pascal"):
    role: Role


class ListRolesInput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    path_prefix: PathPrefix = "/"
    marker: Marker | None = None
    max_items: MaxItems = 100


class ListRolesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    roles: tuple[Role, ...]


class DeleteRoleInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_name: RoleName


class UpdateAssumeRolePolicyInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_name: RoleName
    policy_document: PolicyDocument


class UpdateRoleInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_name: RoleName
    description: Description | None = None
    max_session_duration: MaxSessionDuration | None = None


class UpdateRoleOutput(msgspec.Struct, frozen=True, rename="pascal"):
    pass


class UpdateRoleDescriptionInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_name: RoleName
    description: Description


class UpdateRoleDescriptionOutput(msgspec.Struct, frozen=True, rename="pascal"):
    role: Role


# --- tags of roles


class TagRoleInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_name: RoleName
    tags: Annotated[tuple[Tag, ...], Length(maximum=50)]


class UntagRoleInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_name: RoleName
    tag_keys: Annotated[tuple[Annotated[str, Length(1, 128), TAG_KEY], ...], Length(maximum=50)]


class ListRoleTagsInput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    role_name: RoleName
    marker: Marker | None = None
    max_items: MaxItems = 100


class ListRoleTagsOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    tags: tuple[Tag, ...]


# --- inline policies of roles


class PutRolePolicyInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_name: RoleName
    policy_name: PolicyName
    policy_document: PolicyDocument


class GetRolePolicyInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_name: RoleName
    policy_name: PolicyName


class GetRolePolicyOutput(msgspec.Struct, frozen=True, rename="pascal"):
    policy_document: PercentEncoded
    policy_name: str
    role_name: str


class ListRolePoliciesInput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    role_name: RoleName
    marker: Marker | None = None
    max_items: MaxItems = 100


class ListRolePoliciesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    policy_names: tuple[str, ...]


class DeleteRolePolicyInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_name: RoleName
    policy_name: PolicyName
