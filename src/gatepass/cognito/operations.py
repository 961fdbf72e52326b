"""The table of Cognito Identity's operations: what each takes, gives and may answer instead.

Source: https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from typing import Any

from gatepass.arn import identity_pool_arn
from gatepass.cognito import credentials, identities, pools, roles, shapes
from gatepass.errors import (
    ConcurrentModification,
    InvalidIdentityPoolConfiguration,
    InvalidParameter,
    NotAuthorized,
    ResourceNotFound,
)
from gatepass.operation import Call, Operation


def one_pool(call: Call, given: Any) -> str:
    """The ARN that permission is asked for, of an operation on one pool."""
    return identity_pool_arn(call.deployment.region, call.deployment.account, given.identity_pool_id)


def no_pool(call: Call, given: Any) -> str:
    """The ARN of an operation on no pool in particular; AWS prints it like this."""
    return identity_pool_arn(call.deployment.region, call.deployment.account, "")


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
        fails=(ResourceNotFound, NotAuthorized, InvalidParameter),
        signed=False,
        needs_permission=False,
    ),
    Operation(
        "cognito-identity",
        "GetCredentialsForIdentity",
        takes=shapes.GetCredentialsForIdentityInput,
        gives=shapes.GetCredentialsForIdentityResponse,
        answer=credentials.get_credentials_for_identity,
        fails=(ResourceNotFound, NotAuthorized, InvalidParameter, InvalidIdentityPoolConfiguration),
        signed=False,
        needs_permission=False,
    ),
)
