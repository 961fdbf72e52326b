"""Developer authenticated identities: a backend says who its users are, in calls that it signs.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/developer-authenticated-identities.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gatepass.cognito import logins, principal_tags, shapes
from gatepass.cognito.identities import save_logins
from gatepass.cognito.linking import check_enabled, check_logins, forbidden, settle
from gatepass.cognito.openid_tokens import signed
from gatepass.cognito.paging import next_page, position
from gatepass.cognito.pools import stored_pool
from gatepass.cognito.proof import AUTHENTICATED, Proof, amr_of, developer_amr, sent_identity
from gatepass.errors import (
    DeveloperUserAlreadyRegistered,
    ExternalService,
    InvalidParameter,
    NotAuthorized,
    ResourceConflict,
    ResourceNotFound,
)
from gatepass.operation import Call
from gatepass.store import Identity, IdentityPool
from gatepass.store.entities import Login
from gatepass.wire.constraints import length

LIFETIME: Final = 900
MOST_RESULTS: Final = 60
LONGEST_USER: Final = 1024
MOST_USER_BYTES: Final = 2048
"""In UTF-8: with the pool and the provider, what an index of PostgreSQL can hold."""


async def get_open_id_token_for_developer_identity(
    call: Call, given: shapes.GetOpenIdTokenForDeveloperIdentityInput
) -> shapes.OpenIdTokenResponse:
    """A token for a user of the backend, who is registered if need be; public logins beside are linked."""
    pool = await stored_pool(call, given.identity_pool_id)
    user = _developer_login(pool, given.logins)
    public = {name: token for name, token in given.logins.items() if name != user.provider}
    tags = given.principal_tags or {}
    principal_tags.check_keys(tags)
    if not all(map(principal_tags.is_tag_value, tags.values())):
        raise InvalidParameter("A value of PrincipalTags is not a valid tag value.")
    sent = await _identity_of(call, pool, given.identity_id) if given.identity_id is not None else None
    try:
        verified = await logins.verify(call, pool, public)
    except ExternalService as unavailable:  # not an error of this operation
        raise NotAuthorized("Invalid login token. Couldn't verify signed token.") from unavailable
    identity = await _registered(call, pool, user, verified, sent)
    amr = (AUTHENTICATED, *developer_amr(pool, user.subject), *amr_of(verified)[1:])
    proof = Proof(pool, identity, amr, verified, {**principal_tags.of_logins(call, pool, verified), **tags})
    return shapes.OpenIdTokenResponse(identity.id, await signed(call, proof, given.token_duration or LIFETIME))


async def lookup_developer_identity(
    call: Call, given: shapes.LookupDeveloperIdentityInput
) -> shapes.LookupDeveloperIdentityResponse:
    """The identity of a user, and the users of an identity; of both together, that they belong together."""
    pool = await stored_pool(call, given.identity_pool_id)
    provider = _provider_of(pool)
    if given.identity_id is None and given.developer_user_identifier is None:
        raise InvalidParameter("Please provide an IdentityId or a DeveloperUserIdentifier.")
    identity = await _identity_of(call, pool, given.identity_id) if given.identity_id is not None else None
    if given.developer_user_identifier is not None:
        owner = await _user(call, pool, Login(provider, given.developer_user_identifier))
        if identity is not None and identity.id != owner.id:
            raise ResourceConflict("The DeveloperUserIdentifier is not registered to this IdentityId.")
        identity = owner
    assert identity is not None  # noqa: S101 (one of the two was given)
    listing = f"LookupDeveloperIdentity {identity.id}"
    after = position(call, listing, given.next_token)
    users = sorted(login.subject for login in identity.logins if login.provider == provider)
    left = [user for user in users if after is None or user > after]
    page = left[: given.max_results or MOST_RESULTS]
    next_token = next_page(call, listing, page[-1]) if len(left) > len(page) else None
    return shapes.LookupDeveloperIdentityResponse(identity.id, tuple(page), next_token)


async def merge_developer_identities(
    call: Call, given: shapes.MergeDeveloperIdentitiesInput
) -> shapes.MergeDeveloperIdentitiesResponse:
    """All logins of the source's identity lead to the destination's then; the source's is disabled."""
    pool = await stored_pool(call, given.identity_pool_id)
    _check_provider(pool, given.developer_provider_name)
    source = await _user(call, pool, Login(given.developer_provider_name, given.source_user_identifier))
    destination = await _user(call, pool, Login(given.developer_provider_name, given.destination_user_identifier))
    if source.id == destination.id:
        raise InvalidParameter("The source and the destination user are of the same identity already.")
    together = tuple(dict.fromkeys((*destination.logins, *source.logins)))
    check_logins(together, pool.developer_provider_name)
    child = replace(source, logins=(), enabled=False, modified=call.now)
    parent = replace(destination, logins=together, modified=call.now)
    if not await call.store.identities.save_all((child, parent)):
        raise ResourceConflict("The identities are being changed by another request. Please try again.")
    return shapes.MergeDeveloperIdentitiesResponse(parent.id)


async def unlink_developer_identity(call: Call, given: shapes.UnlinkDeveloperIdentityInput) -> None:
    """Forget a user of the backend. An identity without its last login is disabled."""
    pool = await stored_pool(call, given.identity_pool_id)
    _check_provider(pool, given.developer_provider_name)
    identity = await _identity_of(call, pool, given.identity_id)
    login = Login(given.developer_provider_name, given.developer_user_identifier)
    if login not in identity.logins:
        owner = await _user(call, pool, login)
        raise ResourceConflict(
            "The DeveloperUserIdentifier is not registered to this IdentityId.",
            detail=f"but to another: {owner.pool_id}",
        )
    await save_logins(call, identity, tuple(each for each in identity.logins if each != login))


async def _registered(
    call: Call, pool: IdentityPool, user: Login, verified: tuple[logins.VerifiedLogin, ...], sent: Identity | None
) -> Identity:
    """The user's identity; the one that the backend named, if the user had none.

    Raises:
        DeveloperUserAlreadyRegistered: the user has another identity than the one named.
        ResourceConflict: so has one of the logins.
    """
    proven = [user, *(Login(login.provider, login.subject) for login in verified)]
    if sent is None:
        return await settle(call, pool, proven)
    check_enabled(sent)
    for owner in await call.store.identities.by_logins(pool.id, proven):
        if owner.id != sent.id and user in owner.logins:
            raise DeveloperUserAlreadyRegistered("The developer user is already registered to another identity.")
        if owner.id != sent.id:
            raise ResourceConflict("A login is already linked to another identity.")
    together = tuple(dict.fromkeys((*sent.logins, *proven)))
    check_logins(together, pool.developer_provider_name)
    if set(together) == set(sent.logins):
        return sent
    if not await call.store.identities.save(replace(sent, logins=together, modified=call.now)):
        raise ResourceConflict("The identity is being changed by another request. Please try again.")
    return replace(sent, logins=together)


def _developer_login(pool: IdentityPool, given: dict[str, str]) -> Login:
    """Raises: InvalidParameter, unless the pool's developer provider is among the logins."""
    provider = _provider_of(pool)
    user = given.get(provider)
    if user is None:
        raise InvalidParameter(f"Please provide a login of the developer provider {provider}.")
    if "\0" in user:  # of a token it would be said elsewhere
        raise InvalidParameter("A developer user identifier does not hold U+0000.")
    if length(user) > LONGEST_USER or len(user.encode()) > MOST_USER_BYTES:
        most = f"{LONGEST_USER} characters, and {MOST_USER_BYTES} bytes"
        raise InvalidParameter(f"A developer user identifier has at most {most}.")
    return Login(provider, user)


def _provider_of(pool: IdentityPool) -> str:
    if pool.developer_provider_name is None:
        raise InvalidParameter("This identity pool has no developer provider.")
    return pool.developer_provider_name


def _check_provider(pool: IdentityPool, name: str) -> None:
    if name != _provider_of(pool):
        raise InvalidParameter(f"{name} is not the developer provider of this identity pool.")


async def _identity_of(call: Call, pool: IdentityPool, identity_id: str) -> Identity:
    """INVARIANT: the permission was asked for this pool; an identity of another is not there.

    Raises: ResourceNotFound; NotAuthorized, for one that was disabled.
    """
    identity, its_pool = await sent_identity(call, identity_id)
    if its_pool.id != pool.id:
        raise ResourceNotFound(f"Identity '{identity_id}' not found.", detail="it is of another identity pool")
    if not identity.enabled:
        raise forbidden(identity.id)
    return identity


async def _user(call: Call, pool: IdentityPool, login: Login) -> Identity:
    """Raises: ResourceNotFound."""
    identity = await call.store.identities.by_login(pool.id, login)
    if identity is None:
        raise ResourceNotFound("Developer user identifier not found.")
    return identity
