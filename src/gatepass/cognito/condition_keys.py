"""The condition keys of Cognito Identity's operations, and what they take beside their own permission.

As AWS's service authorization reference lists them: what is asked for stands under `aws:RequestTag/…` and
`aws:TagKeys`, what the pool is, under `aws:ResourceTag/…`. Operations on identities have no resource; the pool of the
identity is their key. Without a key a `Deny` that is conditioned on it would not deny.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_cognito-identity.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gatepass.arn import identity_pool_arn
from gatepass.cognito import shapes
from gatepass.operation import Call, Permission
from gatepass.policy import ContextValue, request_tag_keys, resource_tag_keys, untag_keys

Keys = Mapping[str, ContextValue | None]

POOL_ARN = "cognito-identity:IdentityPoolArn"
TAG, UNTAG = "cognito-identity:TagResource", "cognito-identity:UntagResource"


def of_pool(resource: Callable[[Call, Any], str]) -> Callable[[Call, Any], Keys]:
    """The keys of an operation whose permission is asked for on a pool: the pool's tags."""
    return lambda call, given: _of_pool(call, resource(call, given))


def tagging(resource: Callable[[Call, Any], str]) -> Callable[[Call, Any], Keys]:
    """The same, and the tags that the pool is to have."""
    return lambda call, given: {**_of_pool(call, resource(call, given)), **request_tag_keys(given.tags)}


def untagging(resource: Callable[[Call, Any], str]) -> Callable[[Call, Any], Keys]:
    """The same, and the keys of the tags that are to go."""
    return lambda call, given: {**_of_pool(call, resource(call, given)), **untag_keys(given.tag_keys)}


async def creating(call: Call, given: shapes.CreateIdentityPoolInput) -> Sequence[Permission]:
    """Who gives tags to a new pool tags it."""
    pools, tags = _arn(call, ""), request_tag_keys(given.identity_pool_tags or {})
    own = Permission("cognito-identity:CreateIdentityPool", pools, tags)
    return (own, Permission(TAG, pools, tags)) if given.identity_pool_tags else (own,)


async def updating(call: Call, given: shapes.IdentityPool) -> Sequence[Permission]:
    """Who changes a pool's tags with the rest of it tags and untags it: what they say could not be relied on else."""
    arn = _arn(call, given.identity_pool_id)
    of_pool = _of_pool(call, arn)
    asked = [Permission("cognito-identity:UpdateIdentityPool", arn, of_pool)]
    pool = call.store.directory.pools.get(given.identity_pool_id)
    if given.identity_pool_tags is None or pool is None:
        return asked
    changed = {key: value for key, value in given.identity_pool_tags.items() if pool.tags.get(key) != value}
    gone = [key for key in pool.tags if key not in given.identity_pool_tags]
    if changed:
        asked.append(Permission(TAG, arn, {**of_pool, **request_tag_keys(changed)}))
    if gone:
        asked.append(Permission(UNTAG, arn, {**of_pool, **untag_keys(gone)}))
    return asked


async def describing(call: Call, given: shapes.DescribeIdentityInput) -> Sequence[Permission]:
    return await _on_identities(call, "DescribeIdentity", (given.identity_id,))


async def deleting(call: Call, given: shapes.DeleteIdentitiesInput) -> Sequence[Permission]:
    return await _on_identities(call, "DeleteIdentities", given.identity_ids_to_delete)


async def _on_identities(call: Call, operation: str, identity_ids: Iterable[str]) -> Sequence[Permission]:
    """One for each pool that the identities are of; without its key, if none of them is there."""
    found = [await call.store.identities.get(identity_id) for identity_id in dict.fromkeys(identity_ids)]
    arns = dict.fromkeys(_arn(call, identity.pool_id) for identity in found if identity is not None)
    return [Permission(f"cognito-identity:{operation}", "*", {POOL_ARN: arn}) for arn in arns or (None,)]


def _arn(call: Call, pool_id: str) -> str:
    return identity_pool_arn(call.deployment.region, call.deployment.account, pool_id)


def _of_pool(call: Call, arn: str) -> Keys:
    pool = call.store.directory.pools.get(arn.removeprefix(_arn(call, "")))
    return resource_tag_keys(pool.tags) if pool is not None else {}
