"""What Cognito Identity's operations take and give, with the constraints of AWS's service model.

Source: https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_Types.html
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, TypeAlias

import msgspec

from gatepass.wire.constraints import Enum, Length, Pattern, Range, Sensitive
from gatepass.wire.json11 import Timestamp


def _is_visible(text: str) -> bool:
    """Letters, marks, symbols, numbers and punctuation, in any script."""
    return bool(text) and all(unicodedata.category(character)[0] in "LMSNP" for character in text)


PoolId: TypeAlias = Annotated[str, Length(1, 55), Pattern(r"[\w-]+:[0-9a-f-]+")]
IdentityId: TypeAlias = Annotated[str, Length(1, 55), Pattern(r"[\w-]+:[0-9a-f-]+")]
PoolName: TypeAlias = Annotated[str, Length(1, 128), Pattern(r"[\w\s+=,.@-]+")]
AccountId: TypeAlias = Annotated[str, Length(1, 15), Pattern(r"\d+")]
Arn: TypeAlias = Annotated[str, Length(20, 2048)]
ProviderName: TypeAlias = Annotated[str, Length(1, 128)]
ProviderId: TypeAlias = Annotated[str, Length(1, 128), Pattern(r"[\w.;_/-]+")]
ProviderToken: TypeAlias = Annotated[str, Length(1, 50000), Sensitive()]
DeveloperProviderName: TypeAlias = Annotated[str, Length(1, 128), Pattern(r"[\w._-]+")]
UserPoolProviderName: TypeAlias = Annotated[str, Length(1, 128), Pattern(r"[\w._:/-]+")]
ClientId: TypeAlias = Annotated[str, Length(1, 128), Pattern(r"[\w_]+")]
RoleType: TypeAlias = Annotated[str, Length(1, 128), Pattern("(un)?authenticated")]
TagKey: TypeAlias = Annotated[str, Length(1, 128)]
TagValue: TypeAlias = Annotated[str, Length(0, 256)]
DeveloperUser: TypeAlias = Annotated[str, Length(1, 1024)]
PrincipalTags: TypeAlias = Annotated[
    dict[Annotated[str, Length(1, 128)], Annotated[str, Length(1, 256)]], Length(None, 50)
]
PaginationKey: TypeAlias = Annotated[str, Length(1, 65535), Pattern(r"[\S]+")]
QueryLimit: TypeAlias = Annotated[int, Range(1, 60)]
ClaimName: TypeAlias = Annotated[str, Length(1, 64), Pattern(r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+", matches=_is_visible)]
ClaimValue: TypeAlias = Annotated[str, Length(1, 128)]

Logins: TypeAlias = Annotated[dict[ProviderName, ProviderToken], Length(None, 10)]
LoginProviders: TypeAlias = Annotated[dict[ProviderName, ProviderId], Length(None, 10)]
Roles: TypeAlias = Annotated[dict[RoleType, Arn], Length(None, 2)]
Tags: TypeAlias = dict[TagKey, TagValue]


class Shape(msgspec.Struct, frozen=True, omit_defaults=True, rename="pascal"):
    """Members are named as on the wire, absent ones are None and stay absent in an answer."""


# --- identity pools


class CognitoIdentityProvider(Shape, frozen=True):
    provider_name: UserPoolProviderName | None = None
    client_id: ClientId | None = None
    server_side_token_check: bool | None = None


class CreateIdentityPoolInput(Shape, frozen=True):
    identity_pool_name: PoolName
    allow_unauthenticated_identities: bool
    allow_classic_flow: bool | None = None
    supported_login_providers: LoginProviders | None = None
    developer_provider_name: DeveloperProviderName | None = None
    open_id_connect_provider_arns: tuple[Arn, ...] | None = msgspec.field(
        default=None, name="OpenIdConnectProviderARNs"
    )
    cognito_identity_providers: tuple[CognitoIdentityProvider, ...] | None = None
    saml_provider_arns: tuple[Arn, ...] | None = msgspec.field(default=None, name="SamlProviderARNs")
    identity_pool_tags: Tags | None = None


class IdentityPool(Shape, frozen=True):
    """What `UpdateIdentityPool` takes, and what every operation on one pool gives."""

    identity_pool_id: PoolId
    identity_pool_name: PoolName
    allow_unauthenticated_identities: bool
    allow_classic_flow: bool | None = None
    supported_login_providers: LoginProviders | None = None
    developer_provider_name: DeveloperProviderName | None = None
    open_id_connect_provider_arns: tuple[Arn, ...] | None = msgspec.field(
        default=None, name="OpenIdConnectProviderARNs"
    )
    cognito_identity_providers: tuple[CognitoIdentityProvider, ...] | None = None
    saml_provider_arns: tuple[Arn, ...] | None = msgspec.field(default=None, name="SamlProviderARNs")
    identity_pool_tags: Tags | None = None


class DescribeIdentityPoolInput(Shape, frozen=True):
    identity_pool_id: PoolId


class DeleteIdentityPoolInput(Shape, frozen=True):
    identity_pool_id: PoolId


class ListIdentityPoolsInput(Shape, frozen=True):
    max_results: QueryLimit
    next_token: PaginationKey | None = None


class IdentityPoolShortDescription(Shape, frozen=True):
    identity_pool_id: str
    identity_pool_name: str


class ListIdentityPoolsResponse(Shape, frozen=True):
    identity_pools: tuple[IdentityPoolShortDescription, ...]
    next_token: str | None = None


# --- roles


class MappingRule(Shape, frozen=True):
    claim: ClaimName
    match_type: Annotated[str, Enum(("Equals", "Contains", "StartsWith", "NotEqual"))]
    value: ClaimValue
    role_arn: Arn = msgspec.field(name="RoleARN")


class RulesConfiguration(Shape, frozen=True):
    rules: Annotated[tuple[MappingRule, ...], Length(1, 400)]


class RoleMapping(Shape, frozen=True):
    type: Annotated[str, Enum(("Token", "Rules"))]
    ambiguous_role_resolution: Annotated[str, Enum(("AuthenticatedRole", "Deny"))] | None = None
    rules_configuration: RulesConfiguration | None = None


RoleMappings: TypeAlias = Annotated[dict[ProviderName, RoleMapping], Length(None, 10)]


class SetIdentityPoolRolesInput(Shape, frozen=True):
    identity_pool_id: PoolId
    roles: Roles
    role_mappings: RoleMappings | None = None


class GetIdentityPoolRolesInput(Shape, frozen=True):
    identity_pool_id: PoolId


class GetIdentityPoolRolesResponse(Shape, frozen=True):
    identity_pool_id: str
    roles: dict[str, str]
    role_mappings: dict[str, RoleMapping] | None = None


# --- identities and their credentials


class GetIdInput(Shape, frozen=True, kw_only=True):
    account_id: AccountId | None = None
    identity_pool_id: PoolId
    logins: Logins | None = None

    def __repr__(self) -> str:  # login tokens are secrets
        return f"GetIdInput(identity_pool_id={self.identity_pool_id!r}, logins={sorted(self.logins or {})})"


class GetIdResponse(Shape, frozen=True):
    identity_id: str

    def __repr__(self) -> str:  # an identity id is all a guest needs to become that guest: not for logs
        return "GetIdResponse()"


class GetCredentialsForIdentityInput(Shape, frozen=True):
    identity_id: IdentityId
    logins: Logins | None = None
    custom_role_arn: Arn | None = None

    def __repr__(self) -> str:
        return f"GetCredentialsForIdentityInput(logins={sorted(self.logins or {})})"


class Credentials(Shape, frozen=True):
    access_key_id: str
    expiration: Timestamp
    secret_key: str
    session_token: str

    def __repr__(self) -> str:
        return f"Credentials(access_key_id={self.access_key_id!r}, expiration={self.expiration})"


class GetCredentialsForIdentityResponse(Shape, frozen=True):
    credentials: Credentials
    identity_id: str

    def __repr__(self) -> str:
        return f"GetCredentialsForIdentityResponse(credentials={self.credentials!r})"


class GetOpenIdTokenInput(Shape, frozen=True):
    identity_id: IdentityId
    logins: Logins | None = None

    def __repr__(self) -> str:
        return f"GetOpenIdTokenInput(logins={sorted(self.logins or {})})"


class OpenIdTokenResponse(Shape, frozen=True):
    identity_id: str
    token: str

    def __repr__(self) -> str:
        return "OpenIdTokenResponse()"


class UnlinkIdentityInput(Shape, frozen=True):
    identity_id: IdentityId
    logins: Logins
    logins_to_remove: tuple[ProviderName, ...]

    def __repr__(self) -> str:
        return f"UnlinkIdentityInput(logins={sorted(self.logins)}, logins_to_remove={self.logins_to_remove})"


class ListIdentitiesInput(Shape, frozen=True):
    identity_pool_id: PoolId
    max_results: QueryLimit
    next_token: PaginationKey | None = None
    hide_disabled: bool | None = None


class DescribeIdentityInput(Shape, frozen=True):
    identity_id: IdentityId

    def __repr__(self) -> str:
        return "DescribeIdentityInput()"


class IdentityDescription(Shape, frozen=True):
    identity_id: str
    creation_date: Timestamp
    last_modified_date: Timestamp
    logins: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return f"IdentityDescription(logins={self.logins!r})"


class ListIdentitiesResponse(Shape, frozen=True):
    identity_pool_id: str
    identities: tuple[IdentityDescription, ...]
    next_token: str | None = None


class DeleteIdentitiesInput(Shape, frozen=True):
    identity_ids_to_delete: Annotated[tuple[IdentityId, ...], Length(1, 60)]

    def __repr__(self) -> str:
        return f"DeleteIdentitiesInput({len(self.identity_ids_to_delete)})"


class UnprocessedIdentityId(Shape, frozen=True):
    identity_id: str
    error_code: str

    def __repr__(self) -> str:
        return f"UnprocessedIdentityId(error_code={self.error_code!r})"


class DeleteIdentitiesResponse(Shape, frozen=True):
    unprocessed_identity_ids: tuple[UnprocessedIdentityId, ...]


# --- developer authenticated identities


class GetOpenIdTokenForDeveloperIdentityInput(Shape, frozen=True, kw_only=True):
    identity_pool_id: PoolId
    identity_id: IdentityId | None = None
    logins: Logins
    principal_tags: PrincipalTags | None = None
    token_duration: Annotated[int, Range(1, 86400)] | None = None

    def __repr__(self) -> str:
        return f"GetOpenIdTokenForDeveloperIdentityInput(logins={sorted(self.logins)})"


class LookupDeveloperIdentityInput(Shape, frozen=True):
    identity_pool_id: PoolId
    identity_id: IdentityId | None = None
    developer_user_identifier: DeveloperUser | None = None
    max_results: QueryLimit | None = None
    next_token: PaginationKey | None = None

    def __repr__(self) -> str:
        return f"LookupDeveloperIdentityInput(identity_pool_id={self.identity_pool_id!r})"


class LookupDeveloperIdentityResponse(Shape, frozen=True):
    identity_id: str
    developer_user_identifier_list: tuple[str, ...]
    next_token: str | None = None

    def __repr__(self) -> str:
        return "LookupDeveloperIdentityResponse()"


class MergeDeveloperIdentitiesInput(Shape, frozen=True):
    source_user_identifier: DeveloperUser
    destination_user_identifier: DeveloperUser
    developer_provider_name: DeveloperProviderName
    identity_pool_id: PoolId


class MergeDeveloperIdentitiesResponse(Shape, frozen=True):
    identity_id: str

    def __repr__(self) -> str:
        return "MergeDeveloperIdentitiesResponse()"


class UnlinkDeveloperIdentityInput(Shape, frozen=True):
    identity_id: IdentityId
    identity_pool_id: PoolId
    developer_provider_name: DeveloperProviderName
    developer_user_identifier: DeveloperUser

    def __repr__(self) -> str:
        return f"UnlinkDeveloperIdentityInput(identity_pool_id={self.identity_pool_id!r})"


# --- principal tags


class GetPrincipalTagAttributeMapInput(Shape, frozen=True):
    identity_pool_id: PoolId
    identity_provider_name: ProviderName


class SetPrincipalTagAttributeMapInput(Shape, frozen=True):
    identity_pool_id: PoolId
    identity_provider_name: ProviderName
    use_defaults: bool | None = None
    principal_tags: PrincipalTags | None = None


class PrincipalTagAttributeMap(Shape, frozen=True):
    identity_pool_id: str
    identity_provider_name: str
    use_defaults: bool
    principal_tags: dict[str, str]


# --- tags


class TagResourceInput(Shape, frozen=True):
    resource_arn: Arn
    tags: Tags


class UntagResourceInput(Shape, frozen=True):
    resource_arn: Arn
    tag_keys: tuple[TagKey, ...]


class ListTagsForResourceInput(Shape, frozen=True):
    resource_arn: Arn


class ListTagsForResourceResponse(Shape, frozen=True):
    tags: dict[str, str]


class Empty(Shape, frozen=True):
    """AWS answers `{}`."""
