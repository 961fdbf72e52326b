"""What STS operations take and give, with AWS's names and constraints.

Members of outputs stand in the order AWS prints them: that of a Java hash table of 16 buckets over their names, which
every recorded answer agrees with (docs/decisions/0045-order-of-xml-members.md).
"""

import unicodedata
from typing import Annotated, TypeAlias

import msgspec

from gatepass.wire.constraints import Length, Pattern, Range, Sensitive
from gatepass.wire.xml import Timestamp


def _is_arn_text(text: str) -> bool:
    """What the pattern means to Java, which reads `\\u10000-\\u10FFFF` as U+1000, `0` to U+10FF, and `FF`."""
    return text != "" and all(
        character in "\t\n\r" or " " <= character <= "\ud7ff" or "\ue000" <= character <= "\ufffd" for character in text
    )


def _is_tag_text(text: str) -> bool:
    """Letters, separators and numbers of any script, and `_.:/=+-@`."""
    return all(character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN" for character in text)


TAG_KEY = Pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", lambda text: text and _is_tag_text(text))
TAG_VALUE = Pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", _is_tag_text)
NAME = Pattern(r"[\w+=,.@-]*")
SOURCE_IDENTITY_LENGTH = Length(2, 64)

Arn: TypeAlias = Annotated[
    str,
    Length(20, 2048),
    Pattern(
        r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
        _is_arn_text,
    ),
]
SessionName: TypeAlias = Annotated[str, Length(2, 64), NAME]
SourceIdentity: TypeAlias = Annotated[str, SOURCE_IDENTITY_LENGTH, NAME]
Policy: TypeAlias = Annotated[str, Length(1), Pattern(r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
ShortPolicy: TypeAlias = Annotated[str, Length(1, 2048), Pattern(r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
RoleDuration: TypeAlias = Annotated[int, Range(900, 43200)]
UserDuration: TypeAlias = Annotated[int, Range(900, 129600)]
SerialNumber: TypeAlias = Annotated[str, Length(9, 256), Pattern(r"[\w+=/:,.@-]*")]
TokenCode: TypeAlias = Annotated[str, Length(6, 6), Pattern(r"[\d]*")]
TagKey: TypeAlias = Annotated[str, Length(1, 128), TAG_KEY]
TokenSize: TypeAlias = Annotated[int, Range(0, 4096)]


# --- what is taken


class Tag(msgspec.Struct, frozen=True, rename="pascal"):
    key: TagKey
    value: Annotated[str, Length(0, 256), TAG_VALUE]


class PolicyDescriptor(msgspec.Struct, frozen=True):
    """Its member is spelled in lower case, on the wire too."""

    arn: Arn | None = None


class ProvidedContext(msgspec.Struct, frozen=True, rename="pascal"):
    provider_arn: Arn | None = None
    context_assertion: Annotated[str, Length(4, 2048)] | None = None


class GetCallerIdentityInput(msgspec.Struct, frozen=True, rename="pascal"):
    pass


class AssumeRoleInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_arn: Arn
    role_session_name: SessionName
    policy_arns: tuple[PolicyDescriptor, ...] = ()
    policy: Policy | None = None
    duration_seconds: RoleDuration | None = None
    tags: Annotated[tuple[Tag, ...], Length(maximum=50)] = ()
    transitive_tag_keys: Annotated[tuple[TagKey, ...], Length(maximum=50)] = ()
    external_id: Annotated[str, Length(2, 1224), Pattern(r"[\w+=,.@:\/-]*")] | None = None
    serial_number: SerialNumber | None = None
    token_code: TokenCode | None = None
    source_identity: SourceIdentity | None = None
    provided_contexts: Annotated[tuple[ProvidedContext, ...], Length(1, 5)] = ()
    minimum_session_token_size: TokenSize | None = None


class AssumeRoleWithWebIdentityInput(msgspec.Struct, frozen=True, rename="pascal"):
    role_arn: Arn
    role_session_name: SessionName
    web_identity_token: Annotated[str, Length(4, 20000), Sensitive()]
    provider_id: Annotated[str, Length(4, 2048)] | None = None
    policy_arns: tuple[PolicyDescriptor, ...] = ()
    policy: ShortPolicy | None = None
    duration_seconds: RoleDuration | None = None
    minimum_session_token_size: TokenSize | None = None

    def __repr__(self) -> str:  # the token is a secret
        return f"AssumeRoleWithWebIdentityInput(role_arn={self.role_arn!r})"


class GetSessionTokenInput(msgspec.Struct, frozen=True, rename="pascal"):
    duration_seconds: UserDuration | None = None
    serial_number: SerialNumber | None = None
    token_code: TokenCode | None = None
    minimum_session_token_size: TokenSize | None = None


class GetAccessKeyInfoInput(msgspec.Struct, frozen=True, rename="pascal"):
    access_key_id: Annotated[str, Length(16, 128), Pattern(r"[\w]*")]


class DecodeAuthorizationMessageInput(msgspec.Struct, frozen=True, rename="pascal"):
    encoded_message: Annotated[str, Length(1, 10240)]


# --- what is given


class GetCallerIdentityOutput(msgspec.Struct, frozen=True, rename="pascal"):
    arn: str
    user_id: str
    account: str


class Credentials(msgspec.Struct, frozen=True, rename="pascal"):
    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: Timestamp

    def __repr__(self) -> str:
        return f"Credentials(access_key_id={self.access_key_id!r}, expiration={self.expiration!r})"


class AssumedRoleUser(msgspec.Struct, frozen=True, rename="pascal"):
    assumed_role_id: str
    arn: str


class AssumeRoleOutput(msgspec.Struct, frozen=True, rename="pascal"):
    assumed_role_user: AssumedRoleUser
    credentials: Credentials
    source_identity: str | None
    packed_policy_size: int | None


class AssumeRoleWithWebIdentityOutput(msgspec.Struct, frozen=True, rename="pascal"):
    audience: str
    assumed_role_user: AssumedRoleUser
    credentials: Credentials
    provider: str
    source_identity: str | None
    subject_from_web_identity_token: str
    packed_policy_size: int | None


class GetSessionTokenOutput(msgspec.Struct, frozen=True, rename="pascal"):
    credentials: Credentials


class GetAccessKeyInfoOutput(msgspec.Struct, frozen=True, rename="pascal"):
    account: str


class DecodeAuthorizationMessageOutput(msgspec.Struct, frozen=True, rename="pascal"):
    decoded_message: str
