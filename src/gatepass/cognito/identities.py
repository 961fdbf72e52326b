"""Identities: who someone is to an identity pool. A guest is a new identity each time."""

from __future__ import annotations

from dataclasses import replace

from gatepass.cognito import logins, shapes
from gatepass.cognito.identity_ids import new_id
from gatepass.cognito.linking import check_enabled, settle
from gatepass.cognito.paging import next_page, position
from gatepass.cognito.pools import not_found, pool_of, stored_pool
from gatepass.cognito.proof import GUESTS_REFUSED, sent_identity
from gatepass.errors import (
    InvalidParameter,
    LimitExceeded,
    NotAuthorized,
    ResourceConflict,
    ResourceNotFound,
    TooManyRequests,
)
from gatepass.operation import Call
from gatepass.store import Identity
from gatepass.store.entities import Login
from gatepass.store.guests import PoolIsFull
from gatepass.wire.json11 import Timestamp


async def get_id(call: Call, given: shapes.GetIdInput) -> shapes.GetIdResponse:
    """A guest's new identity, or the one that the logins lead to; it is made if they lead to none."""
    pool = pool_of(call, given.identity_pool_id)
    if given.account_id not in (None, call.deployment.account):
        raise ResourceNotFound(f"IdentityPool '{pool.id}' not found.", detail="the account id is not this deployment's")
    if not call.admits(pool.id, call.source_ip, call.now):
        raise TooManyRequests(detail=f"too many identities are asked for of {pool.id}, or from this address")
    if given.logins:
        verified = await logins.verify(call, pool, given.logins)
        proven = [Login(login.provider, login.subject) for login in verified]
        return shapes.GetIdResponse((await settle(call, pool, proven)).id)
    if not pool.allow_unauthenticated:
        raise NotAuthorized(GUESTS_REFUSED)
    identity = Identity(
        id=new_id(call.deployment.region, call.entropy),
        pool_id=pool.id,
        created=call.now,
        modified=call.now,
    )
    try:
        added = await call.store.guests.add(identity)
    except PoolIsFull:
        raise LimitExceeded(
            f"The limit of unauthenticated identities for identity pool '{pool.id}' is reached.",
            detail="`gatepass serve --guests-limit` sets how many a pool may have; `gatepass pool prune` makes room",
        ) from None
    if not added:  # ids do not meet: the pool was deleted meanwhile
        raise not_found(pool.id)
    return shapes.GetIdResponse(identity.id)


async def list_identities(call: Call, given: shapes.ListIdentitiesInput) -> shapes.ListIdentitiesResponse:
    """One page, in the order of the ids."""
    pool = await stored_pool(call, given.identity_pool_id)
    listing = f"ListIdentities {pool.id} {given.hide_disabled or False}"
    after, wanted = position(call, listing, given.next_token), given.max_results + 1
    found: list[Identity] = []
    while len(found) < wanted:
        page = await call.store.identities.list(pool.id, after=after, limit=wanted)
        found += [identity for identity in page if identity.enabled or not given.hide_disabled]
        if len(page) < wanted:
            break
        after = page[-1].id
    shown = found[: given.max_results]
    next_token = next_page(call, listing, shown[-1].id) if len(found) > len(shown) else None
    return shapes.ListIdentitiesResponse(pool.id, tuple(map(described, shown)), next_token)


async def describe_identity(call: Call, given: shapes.DescribeIdentityInput) -> shapes.IdentityDescription:
    identity, _ = await sent_identity(call, given.identity_id)
    return described(identity)


async def delete_identities(call: Call, given: shapes.DeleteIdentitiesInput) -> shapes.DeleteIdentitiesResponse:
    """Those that are not there are answered as not processed."""
    failed = [
        shapes.UnprocessedIdentityId(identity_id, "AccessDenied")
        for identity_id in dict.fromkeys(given.identity_ids_to_delete)
        if not await call.store.identities.delete(identity_id)
    ]
    return shapes.DeleteIdentitiesResponse(tuple(failed))


async def unlink_identity(call: Call, given: shapes.UnlinkIdentityInput) -> None:
    """Let logins lead to this identity no more. Without its last one nobody reaches it: it is disabled."""
    identity, pool = await sent_identity(call, given.identity_id)
    check_enabled(identity)
    if pool.developer_provider_name in given.logins_to_remove:
        raise InvalidParameter("Please provide a valid public provider.")
    verified = await logins.verify(call, pool, given.logins)
    if not {Login(login.provider, login.subject) for login in verified} & set(identity.logins):
        raise NotAuthorized(logins.NO_MATCH)
    if not set(given.logins_to_remove) <= {login.provider for login in identity.logins}:
        raise NotAuthorized(logins.NO_MATCH, detail="a login is to be removed that the identity does not have")
    kept = tuple(login for login in identity.logins if login.provider not in given.logins_to_remove)
    await save_logins(call, identity, kept)


async def save_logins(call: Call, identity: Identity, kept: tuple[Login, ...]) -> None:
    """Raises: ResourceConflict, if someone was faster."""
    changed = replace(identity, logins=kept, enabled=bool(kept), modified=call.now)
    if not await call.store.identities.save(changed):
        raise ResourceConflict(f"Identity '{identity.id}' is being changed by another request. Please try again.")


def described(identity: Identity) -> shapes.IdentityDescription:
    providers = tuple(dict.fromkeys(login.provider for login in identity.logins))
    return shapes.IdentityDescription(
        identity.id, Timestamp(identity.created), Timestamp(identity.modified), providers or None
    )
