"""Tags of identity pools, by the pool's ARN."""

from __future__ import annotations

from dataclasses import replace

from gatepass.arn import identity_pool_arn
from gatepass.cognito import shapes
from gatepass.cognito.pools import check_tags, check_together, not_found
from gatepass.errors import InvalidParameter
from gatepass.operation import Call
from gatepass.store import IdentityPool


async def tag_resource(call: Call, given: shapes.TagResourceInput) -> shapes.Empty:
    """Add tags, and replace those whose keys are there."""
    check_tags(given.tags)

    def tagged(pool: IdentityPool) -> IdentityPool:
        tags = {**pool.tags, **given.tags}
        check_together(tags)
        return replace(pool, tags=tags)

    pool_id = _pool_id(call, given.resource_arn)
    if await call.store.identity_pools.change(pool_id, tagged) is None:
        raise not_found(pool_id)
    return shapes.Empty()


async def untag_resource(call: Call, given: shapes.UntagResourceInput) -> shapes.Empty:
    """Take tags away; a key that is not there is none to take."""

    def untagged(pool: IdentityPool) -> IdentityPool:
        return replace(pool, tags={key: value for key, value in pool.tags.items() if key not in given.tag_keys})

    pool_id = _pool_id(call, given.resource_arn)
    if await call.store.identity_pools.change(pool_id, untagged) is None:
        raise not_found(pool_id)
    return shapes.Empty()


async def list_tags_for_resource(
    call: Call, given: shapes.ListTagsForResourceInput
) -> shapes.ListTagsForResourceResponse:
    pool_id = _pool_id(call, given.resource_arn)
    pool = await call.store.identity_pools.get(pool_id)
    if pool is None:
        raise not_found(pool_id)
    return shapes.ListTagsForResourceResponse(dict(pool.tags))


def _pool_id(call: Call, arn: str) -> str:
    """The pool's id in its ARN, which is also what the permission was asked for. Raises: InvalidParameter."""
    prefix = identity_pool_arn(call.deployment.region, call.deployment.account, "")
    pool_id = arn.removeprefix(prefix)
    if pool_id == arn or not pool_id:
        raise InvalidParameter(f"'{arn}' is not the ARN of an identity pool of this account and region.")
    return pool_id
