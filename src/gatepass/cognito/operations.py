"""The table of Cognito Identity's operations: what each takes, gives and may answer instead.

Source: https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from typing import Any

from gatepass.arn import identity_pool_arn
from gatepass.cognito import (
    credentials,
    developers,
    identities,
    openid_tokens,
    pools,
    principal_tags,
    roles,
    shapes,
    tags,
)
from gatepass.errors import (
    ConcurrentModification,
    DeveloperUserAlreadyRegistered,
    ExternalService,
    InvalidIdentityPoolConfiguration,
    InvalidParameter,
    LimitExceeded,
    NotAuthorized,
    ResourceConflict,
    ResourceNotFound,
    TooManyRequests,
)
from gatepass.operation import Call, Operation


def one_pool(call: Call, given: Any) -> str:
    """The ARN that permission is asked for, of an operation on one pool."""
    return identity_pool_arn(call.deployment.region, call.deployment.account, given.identity_pool_id)


def no_pool(call: Call, given: Any) -> str:
    """The ARN of an operation on no pool in particular; AWS prints it like this."""
    return identity_pool_arn(call.deployment.region, call.deployment.account, "")


def tagged_pool(call: Call, given: Any) -> str:
    """The ARN of an operation on tags: the one that was given."""
    arn: str = given.resource_arn
    return arn


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "cognito-identity",
        "CreateIdentityPool",
        takes=shapes.CreateIdentityPoolInput,
        gives=shapes.IdentityPool,
        answer=pools.create_identity_pool,
        fails=(InvalidParameter,),
        resource=no_pool,
    ),
    Operation(
        "cognito-identity",
        "DescribeIdentityPool",
        takes=shapes.DescribeIdentityPoolInput,
        gives=shapes.IdentityPool,
        answer=pools.describe_identity_pool,
        fails=(ResourceNotFound,),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "UpdateIdentityPool",
        takes=shapes.IdentityPool,
        gives=shapes.IdentityPool,
        answer=pools.update_identity_pool,
        fails=(ResourceNotFound, InvalidParameter, ConcurrentModification),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "DeleteIdentityPool",
        takes=shapes.DeleteIdentityPoolInput,
        gives=None,
        answer=pools.delete_identity_pool,
        fails=(ResourceNotFound,),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "ListIdentityPools",
        takes=shapes.ListIdentityPoolsInput,
        gives=shapes.ListIdentityPoolsResponse,
        answer=pools.list_identity_pools,
        fails=(InvalidParameter,),
        resource=no_pool,
    ),
    Operation(
        "cognito-identity",
        "SetIdentityPoolRoles",
        takes=shapes.SetIdentityPoolRolesInput,
        gives=None,
        answer=roles.set_identity_pool_roles,
        fails=(ResourceNotFound, InvalidParameter, NotAuthorized, ConcurrentModification),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "GetIdentityPoolRoles",
        takes=shapes.GetIdentityPoolRolesInput,
        gives=shapes.GetIdentityPoolRolesResponse,
        answer=roles.get_identity_pool_roles,
        fails=(ResourceNotFound,),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "GetId",
        takes=shapes.GetIdInput,
        gives=shapes.GetIdResponse,
        answer=identities.get_id,
        fails=(
            ResourceNotFound,
            NotAuthorized,
            InvalidParameter,
            ResourceConflict,
            TooManyRequests,
            LimitExceeded,
            ExternalService,
        ),
        signed=False,
        needs_permission=False,
    ),
    Operation(
        "cognito-identity",
        "GetCredentialsForIdentity",
        takes=shapes.GetCredentialsForIdentityInput,
        gives=shapes.GetCredentialsForIdentityResponse,
        answer=credentials.get_credentials_for_identity,
        fails=(
            ResourceNotFound,
            NotAuthorized,
            InvalidParameter,
            InvalidIdentityPoolConfiguration,
            ResourceConflict,
            ExternalService,
        ),
        signed=False,
        needs_permission=False,
    ),
    Operation(
        "cognito-identity",
        "GetOpenIdToken",
        takes=shapes.GetOpenIdTokenInput,
        gives=shapes.OpenIdTokenResponse,
        answer=openid_tokens.get_open_id_token,
        fails=(
            ResourceNotFound,
            NotAuthorized,
            InvalidParameter,
            ResourceConflict,
            ExternalService,
        ),
        signed=False,
        needs_permission=False,
    ),
    Operation(
        "cognito-identity",
        "UnlinkIdentity",
        takes=shapes.UnlinkIdentityInput,
        gives=None,
        answer=identities.unlink_identity,
        fails=(
            ResourceNotFound,
            NotAuthorized,
            InvalidParameter,
            ResourceConflict,
            ExternalService,
        ),
        signed=False,
        needs_permission=False,
    ),
    Operation(
        "cognito-identity",
        "ListIdentities",
        takes=shapes.ListIdentitiesInput,
        gives=shapes.ListIdentitiesResponse,
        answer=identities.list_identities,
        fails=(
            ResourceNotFound,
            InvalidParameter,
        ),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "DescribeIdentity",
        takes=shapes.DescribeIdentityInput,
        gives=shapes.IdentityDescription,
        answer=identities.describe_identity,
        fails=(ResourceNotFound,),
    ),
    Operation(
        "cognito-identity",
        "DeleteIdentities",
        takes=shapes.DeleteIdentitiesInput,
        gives=shapes.DeleteIdentitiesResponse,
        answer=identities.delete_identities,
        fails=(),
    ),
    Operation(
        "cognito-identity",
        "GetOpenIdTokenForDeveloperIdentity",
        takes=shapes.GetOpenIdTokenForDeveloperIdentityInput,
        gives=shapes.OpenIdTokenResponse,
        answer=developers.get_open_id_token_for_developer_identity,
        fails=(
            ResourceNotFound,
            NotAuthorized,
            InvalidParameter,
            ResourceConflict,
            DeveloperUserAlreadyRegistered,
        ),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "LookupDeveloperIdentity",
        takes=shapes.LookupDeveloperIdentityInput,
        gives=shapes.LookupDeveloperIdentityResponse,
        answer=developers.lookup_developer_identity,
        fails=(
            ResourceNotFound,
            NotAuthorized,
            InvalidParameter,
            ResourceConflict,
        ),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "MergeDeveloperIdentities",
        takes=shapes.MergeDeveloperIdentitiesInput,
        gives=shapes.MergeDeveloperIdentitiesResponse,
        answer=developers.merge_developer_identities,
        fails=(
            ResourceNotFound,
            InvalidParameter,
            ResourceConflict,
        ),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "UnlinkDeveloperIdentity",
        takes=shapes.UnlinkDeveloperIdentityInput,
        gives=None,
        answer=developers.unlink_developer_identity,
        fails=(
            ResourceNotFound,
            NotAuthorized,
            InvalidParameter,
            ResourceConflict,
        ),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "GetPrincipalTagAttributeMap",
        takes=shapes.GetPrincipalTagAttributeMapInput,
        gives=shapes.PrincipalTagAttributeMap,
        answer=principal_tags.get_principal_tag_attribute_map,
        fails=(
            ResourceNotFound,
            InvalidParameter,
        ),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "SetPrincipalTagAttributeMap",
        takes=shapes.SetPrincipalTagAttributeMapInput,
        gives=shapes.PrincipalTagAttributeMap,
        answer=principal_tags.set_principal_tag_attribute_map,
        fails=(
            ResourceNotFound,
            InvalidParameter,
        ),
        resource=one_pool,
    ),
    Operation(
        "cognito-identity",
        "TagResource",
        takes=shapes.TagResourceInput,
        gives=shapes.Empty,
        answer=tags.tag_resource,
        fails=(
            ResourceNotFound,
            InvalidParameter,
        ),
        resource=tagged_pool,
    ),
    Operation(
        "cognito-identity",
        "UntagResource",
        takes=shapes.UntagResourceInput,
        gives=shapes.Empty,
        answer=tags.untag_resource,
        fails=(
            ResourceNotFound,
            InvalidParameter,
        ),
        resource=tagged_pool,
    ),
    Operation(
        "cognito-identity",
        "ListTagsForResource",
        takes=shapes.ListTagsForResourceInput,
        gives=shapes.ListTagsForResourceResponse,
        answer=tags.list_tags_for_resource,
        fails=(
            ResourceNotFound,
            InvalidParameter,
        ),
        resource=tagged_pool,
    ),
)
