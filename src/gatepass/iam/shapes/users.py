"""Users and their access keys."""

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
from gatepass.wire.constraints import Enum, Length, Pattern
from gatepass.wire.xml import PercentEncoded, Timestamp

UserName: TypeAlias = Annotated[str, Length(1, 64), NAME]
ExistingUserName: TypeAlias = Annotated[str, Length(1, 128), NAME]
AccessKeyId: TypeAlias = Annotated[str, Length(16, 128), Pattern(r"[\w]+")]


class User(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    path: str | None = None
    permissions_boundary: AttachedPermissionsBoundary | None = None
    user_name: str | None = None
    arn: str
    user_id: str
    create_date: Timestamp | None = None
    tags: tuple[Tag, ...] | None = None


class OfUser(msgspec.Struct, frozen=True, rename="pascal"):
    """What takes nothing but a user by the name it has; AWS takes longer names here than new ones may have."""

    user_name: ExistingUserName


class OfShortUser(msgspec.Struct, frozen=True, rename="pascal"):
    """The same where AWS does not."""

    user_name: UserName


class PagesOfUser(Page, frozen=True, rename="pascal", kw_only=True):
    user_name: ExistingUserName


class OfUserOrCaller(msgspec.Struct, frozen=True, rename="pascal"):
    user_name: ExistingUserName | None = None


class PagesOfUserOrCaller(Page, frozen=True, rename="pascal", kw_only=True):
    user_name: ExistingUserName | None = None


class CreateUserInput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    path: Path = "/"
    user_name: UserName
    permissions_boundary: Arn | None = None
    tags: Tags = ()


class UserOutput(msgspec.Struct, frozen=True, rename="pascal"):
    user: User


class ListUsersInput(Page, frozen=True, rename="pascal", kw_only=True):
    path_prefix: PathPrefix = "/"


class ListUsersOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    users: tuple[User, ...]


class UpdateUserInput(OfUser, frozen=True, rename="pascal"):
    new_path: Path | None = None
    new_user_name: UserName | None = None


class PutUserPolicyInput(OfUser, frozen=True, rename="pascal"):
    policy_name: PolicyName
    policy_document: PolicyDocument


class UserPolicyInput(OfUser, frozen=True, rename="pascal"):
    policy_name: PolicyName


class GetUserPolicyOutput(msgspec.Struct, frozen=True, rename="pascal"):
    policy_document: PercentEncoded
    policy_name: str
    user_name: str


class UserAttachmentInput(OfShortUser, frozen=True, rename="pascal"):
    policy_arn: Arn


class ListAttachedUserPoliciesInput(Page, frozen=True, rename="pascal", kw_only=True):
    user_name: UserName
    path_prefix: PolicyPath = "/"


class PutUserPermissionsBoundaryInput(OfShortUser, frozen=True, rename="pascal"):
    permissions_boundary: Arn


class TagUserInput(OfUser, frozen=True, rename="pascal"):
    tags: Tags


class UntagUserInput(OfUser, frozen=True, rename="pascal"):
    tag_keys: TagKeys


# --- access keys


class AccessKey(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    access_key_id: str
    secret_access_key: str
    user_name: str | None = None
    status: str
    create_date: Timestamp

    def __repr__(self) -> str:
        return f"AccessKey({self.access_key_id!r}, user_name={self.user_name!r}, secret_access_key=***)"


class AccessKeyMetadata(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    access_key_id: str
    user_name: str | None = None
    status: str
    create_date: Timestamp


class CreateAccessKeyOutput(msgspec.Struct, frozen=True, rename="pascal"):
    access_key: AccessKey


class ListAccessKeysOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    access_key_metadata: tuple[AccessKeyMetadata, ...]


class AccessKeyInput(OfUserOrCaller, frozen=True, rename="pascal", kw_only=True):
    access_key_id: AccessKeyId


class UpdateAccessKeyInput(AccessKeyInput, frozen=True, rename="pascal", kw_only=True):
    status: Annotated[str, Enum(("Active", "Inactive", "Expired"), listed=False)]


class GetAccessKeyLastUsedInput(msgspec.Struct, frozen=True, rename="pascal"):
    access_key_id: AccessKeyId


class AccessKeyLastUsed(msgspec.Struct, frozen=True, rename="pascal"):
    last_used_date: Timestamp | None = None
    service_name: str = "N/A"
    region: str = "N/A"


class GetAccessKeyLastUsedOutput(msgspec.Struct, frozen=True, rename="pascal"):
    access_key_last_used: AccessKeyLastUsed
    user_name: str | None = None


# --- what a user might have on AWS, and has not here


class ListMFADevicesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool = False
    marker: str | None = None
    mfa_devices: tuple[str, ...] = msgspec.field(name="MFADevices", default=())
