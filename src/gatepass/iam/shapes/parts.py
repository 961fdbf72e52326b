"""Names, documents, tags and pages: what several kinds of entity have in parts."""

from typing import Annotated, TypeAlias

import msgspec

from gatepass.iam.tags import TAG_KEY, TAG_VALUE
from gatepass.wire.constraints import Enum, Length, NotNull, Pattern, Range
from gatepass.wire.query import Spelling
from gatepass.wire.xml import PercentEncoded

NAME = Spelling(Pattern(r"[\w+=,.@-]+"), "It must contain only alphanumeric characters and/or the following: +=,.@_-")
_DOCUMENT = Spelling(Pattern(r"[\u0009\u000A\u000D\u0020-\u00FF]+"), "It must contain only printable ASCII characters.")
_PATH = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
_PATH_PREFIX = Spelling(
    Pattern(r"\u002F[\u0021-\u007F]*"),
    "It must begin with the / character and contain only alphanumeric characters and/or / characters.",
)

PolicyName: TypeAlias = Annotated[str, Length(1, 128), NAME]
PolicyDocument: TypeAlias = Annotated[str, Length(1, 131072), _DOCUMENT]
Path: TypeAlias = Annotated[str, Length(1, 512), Spelling(Pattern(r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)"), _PATH)]
PolicyPath: TypeAlias = Annotated[str, Length(1, 512), Spelling(Pattern(r"((/[A-Za-z0-9\.,\+@=_-]+)*)/"), _PATH)]
PathPrefix: TypeAlias = Annotated[str, Length(1, 512), _PATH_PREFIX]
Arn: TypeAlias = Annotated[str, Length(20, 2048)]
Marker: TypeAlias = Annotated[str, Length(1, 320), Pattern(r"[\u0020-\u00FF]+")]
MaxItems: TypeAlias = Annotated[int, Range(1, 1000)]
EntityType: TypeAlias = Annotated[
    str, Enum(("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"), listed=False)
]
TagKeys: TypeAlias = Annotated[tuple[Annotated[str, Length(1, 128), TAG_KEY, NotNull()], ...], Length(maximum=50)]


class Tag(msgspec.Struct, frozen=True, rename="pascal"):
    value: Annotated[str, Length(0, 256), TAG_VALUE]
    key: Annotated[str, Length(1, 128), TAG_KEY]


Tags: TypeAlias = Annotated[tuple[Tag, ...], Length(maximum=50)]


class AttachedPermissionsBoundary(msgspec.Struct, frozen=True, rename="pascal"):
    permissions_boundary_arn: str
    permissions_boundary_type: str = "Policy"


class AttachedPolicy(msgspec.Struct, frozen=True, rename="pascal"):
    policy_arn: str
    policy_name: str


class PolicyDetail(msgspec.Struct, frozen=True, rename="pascal"):
    policy_document: PercentEncoded
    policy_name: str


class Page(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    """What every paged listing takes."""

    marker: Marker | None = None
    max_items: MaxItems = 100


class ListTagsOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    tags: tuple[Tag, ...]


class ListPolicyNamesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    policy_names: tuple[str, ...]


class ListAttachedPoliciesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool
    marker: str | None = None
    attached_policies: tuple[AttachedPolicy, ...]
