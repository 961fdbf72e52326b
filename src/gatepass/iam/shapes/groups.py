"""User groups."""

from typing import Annotated, TypeAlias

import msgspec

from gatepass.iam.shapes.parts import NAME, Arn, Page, Path, PathPrefix, PolicyDocument, PolicyName, PolicyPath
from gatepass.iam.shapes.users import ExistingUserName, User
from gatepass.wire.constraints import Length
from gatepass.wire.xml import PercentEncoded, Timestamp

GroupName: TypeAlias = Annotated[str, Length(1, 128), NAME]


class Group(msgspec.Struct, frozen=True, rename="pascal"):
    path: str
    group_name: str
    group_id: str
    arn: str
    create_date: Timestamp


class OfGroup(msgspec.Struct, frozen=True, rename="pascal"):
    """What takes nothing but a group."""

    group_name: GroupName


class PagesOfGroup(Page, frozen=True, rename="pascal", kw_only=True):
    group_name: GroupName


class CreateGroupInput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    path: Path = "/"
    group_name: GroupName


class CreateGroupOutput(msgspec.Struct, frozen=True, rename="pascal"):
    group: Group


class GetGroupOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    users: tuple[User, ...]
    group: Group


class ListGroupsInput(Page, frozen=True, rename="pascal", kw_only=True):
    path_prefix: PathPrefix = "/"


class ListGroupsOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    groups: tuple[Group, ...]


class UpdateGroupInput(OfGroup, frozen=True, rename="pascal"):
    new_path: Path | None = None
    new_group_name: GroupName | None = None


class MembershipInput(OfGroup, frozen=True, rename="pascal"):
    user_name: ExistingUserName


class PutGroupPolicyInput(OfGroup, frozen=True, rename="pascal"):
    policy_name: PolicyName
    policy_document: PolicyDocument


class GroupPolicyInput(OfGroup, frozen=True, rename="pascal"):
    policy_name: PolicyName


class GetGroupPolicyOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    policy_document: PercentEncoded
    group_name: str
    policy_name: str


class GroupAttachmentInput(OfGroup, frozen=True, rename="pascal"):
    policy_arn: Arn


class ListAttachedGroupPoliciesInput(PagesOfGroup, frozen=True, rename="pascal", kw_only=True):
    path_prefix: PolicyPath = "/"
