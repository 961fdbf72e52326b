"""Identities: who someone is to an identity pool. A guest is a new identity each time."""

from __future__ import annotations

from gatepass.cognito import logins
from gatepass.cognito.identity_ids import new_id
from gatepass.cognito.pools import not_found, pool_of
from gatepass.cognito.shapes import GetIdInput, GetIdResponse
from gatepass.errors import NotAuthorized, ResourceNotFound
from gatepass.operation import Call
from gatepass.store import Identity

GUESTS_REFUSED = "Unauthenticated access is not supported for this identity pool."


async def get_id(call: Call, given: GetIdInput) -> GetIdResponse:
    """Make a guest's identity; a login is refused until its token can be verified."""
    pool = pool_of(call, given.identity_pool_id)
    if given.account_id not in (None, call.deployment.account):
        raise ResourceNotFound(f"IdentityPool '{pool.id}' not found.", detail="the account id is not this deployment's")
    if given.logins:
        logins.refuse(call, pool, given.logins, cognito_token=False)
    if not pool.allow_unauthenticated:
        raise NotAuthorized(GUESTS_REFUSED)
    identity = Identity(
        id=new_id(call.deployment.region, call.entropy),
        pool_id=pool.id,
        created=call.now,
        modified=call.now,
    )
    if not await call.store.identities.add(identity):  # ids do not meet: the pool was deleted meanwhile
        raise not_found(pool.id)
    return GetIdResponse(identity.id)
