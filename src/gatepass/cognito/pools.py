"""Identity pools: create, describe, change, delete and list them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from gatepass import store
from gatepass.cognito import shapes
from gatepass.cognito.identity_ids import new_id
from gatepass.cognito.logins import COGNITO, provider_names
from gatepass.cognito.paging import next_page, position
from gatepass.errors import ConcurrentModification, InternalFailure, InvalidParameter, ResourceNotFound
from gatepass.operation import Call

LISTING = "ListIdentityPools"
MOST_TAGS = 50

_USER_POOL = re.compile(r"cognito-idp\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[\w-]+_[0-9a-zA-Z]+", re.ASCII)


def pool_of(call: Call, pool_id: str) -> store.IdentityPool:
    """The pool as this process knows it, without a query. Raises: ResourceNotFound."""
    pool = call.store.directory.pools.get(pool_id)
    if pool is None:
        raise not_found(pool_id)
    return pool


async def stored_pool(call: Call, pool_id: str) -> store.IdentityPool:
    """The pool as it stands in the store, to be changed and saved. Raises: ResourceNotFound."""
    pool = await call.store.identity_pools.get(pool_id)
    if pool is None:
        raise not_found(pool_id)
    return pool


async def save(call: Call, pool: store.IdentityPool) -> None:
    """Raises: ConcurrentModification, if someone saved it since it was read."""
    if not await call.store.identity_pools.save(replace(pool, modified=call.now)):
        raise overtaken(pool.id)


def overtaken(pool_id: str) -> ConcurrentModification:
    return ConcurrentModification(f"IdentityPool '{pool_id}' was modified concurrently. Please try again.")


def not_found(pool_id: str) -> ResourceNotFound:
    return ResourceNotFound(f"IdentityPool '{pool_id}' not found.")


async def create_identity_pool(call: Call, given: shapes.CreateIdentityPoolInput) -> shapes.IdentityPool:
    check_tags(given.identity_pool_tags or {})
    pool = store.IdentityPool(
        id=new_id(call.deployment.region, call.entropy),
        name=given.identity_pool_name,
        allow_unauthenticated=given.allow_unauthenticated_identities,
        allow_classic_flow=given.allow_classic_flow,
        supported_login_providers=given.supported_login_providers or {},
        developer_provider_name=given.developer_provider_name,
        open_id_connect_provider_arns=given.open_id_connect_provider_arns or (),
        cognito_identity_providers=_user_pools(given.cognito_identity_providers),
        saml_provider_arns=given.saml_provider_arns or (),
        tags=given.identity_pool_tags or {},
        created=call.now,
        modified=call.now,
    )
    _check_developer_provider(pool)
    if not await call.store.identity_pools.add(pool):
        raise InternalFailure(detail="a random identity pool id was not new")
    return described(pool)


async def describe_identity_pool(call: Call, given: shapes.DescribeIdentityPoolInput) -> shapes.IdentityPool:
    return described(await stored_pool(call, given.identity_pool_id))


async def update_identity_pool(call: Call, given: shapes.IdentityPool) -> shapes.IdentityPool:
    """What is not given goes back to its default, but for the developer provider name and the tags: they stay.

    INVARIANT: permission to change tags was asked for by those that the directory knows. If the store has others by
    now, writing what is given would undo them unasked.
    """
    known = call.store.directory.pools.get(given.identity_pool_id)
    pool = await stored_pool(call, given.identity_pool_id)
    if given.identity_pool_tags is not None and known is not None and known.tags != pool.tags:
        raise overtaken(pool.id)
    developer = given.developer_provider_name or pool.developer_provider_name
    if pool.developer_provider_name not in (None, developer):
        raise InvalidParameter("The developer provider name cannot be changed once it is set.")
    changed = replace(
        pool,
        name=given.identity_pool_name,
        allow_unauthenticated=given.allow_unauthenticated_identities,
        allow_classic_flow=given.allow_classic_flow,
        supported_login_providers=given.supported_login_providers or {},
        developer_provider_name=developer,
        open_id_connect_provider_arns=given.open_id_connect_provider_arns or (),
        cognito_identity_providers=_user_pools(given.cognito_identity_providers),
        saml_provider_arns=given.saml_provider_arns or (),
        tags=pool.tags if given.identity_pool_tags is None else given.identity_pool_tags,
    )
    _check_developer_provider(changed)
    check_tags(changed.tags)
    await save(call, changed)
    return described(changed)


async def delete_identity_pool(call: Call, given: shapes.DeleteIdentityPoolInput) -> None:
    """Its identities go with it."""
    if not await call.store.identity_pools.delete(given.identity_pool_id):
        raise not_found(given.identity_pool_id)


async def list_identity_pools(call: Call, given: shapes.ListIdentityPoolsInput) -> shapes.ListIdentityPoolsResponse:
    """One page, in the order of the ids; the next token is readable here only."""
    after = position(call, LISTING, given.next_token)
    found = await call.store.identity_pools.list(after=after, limit=given.max_results + 1)
    page = found[: given.max_results]
    next_token = next_page(call, LISTING, page[-1].id) if len(found) > len(page) else None
    entries = tuple(shapes.IdentityPoolShortDescription(pool.id, pool.name) for pool in page)
    return shapes.ListIdentityPoolsResponse(entries, next_token)


def described(pool: store.IdentityPool) -> shapes.IdentityPool:
    """Empty members are absent, but for the tags, which AWS always shows."""
    providers = tuple(shapes.CognitoIdentityProvider(*provider) for provider in pool.cognito_identity_providers)
    return shapes.IdentityPool(
        pool.id,
        pool.name,
        pool.allow_unauthenticated,
        allow_classic_flow=pool.allow_classic_flow,
        supported_login_providers=dict(pool.supported_login_providers) or None,
        developer_provider_name=pool.developer_provider_name,
        open_id_connect_provider_arns=pool.open_id_connect_provider_arns or None,
        cognito_identity_providers=providers or None,
        saml_provider_arns=pool.saml_provider_arns or None,
        identity_pool_tags=dict(pool.tags),
    )


def check_tags(tags: Mapping[str, str]) -> None:
    """Raises: InvalidParameter, for what `check_together` refuses, or keys that are AWS's own."""
    check_together(tags)
    if any(key.casefold().startswith("aws:") for key in tags):
        raise InvalidParameter("Tag keys beginning with aws: are reserved for system use.")


def check_together(tags: Mapping[str, str]) -> None:
    """Whether a pool may have all of these.

    The names of condition keys ignore case, so of two tags whose keys differ in nothing else policies would see one:
    the other could be anything.

    Raises: InvalidParameter.
    """
    if len({key.casefold() for key in tags}) < len(tags):
        raise InvalidParameter("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if len(tags) > MOST_TAGS:
        raise InvalidParameter(f"An identity pool can have {MOST_TAGS} tags at most.")


def _check_developer_provider(pool: store.IdentityPool) -> None:
    """A login says its provider by name alone: what a backend says must not pass for what a public provider says.

    Raises: InvalidParameter.
    """
    name = pool.developer_provider_name
    if name == COGNITO or name in provider_names(pool):
        raise InvalidParameter(f"The developer provider name {name} is the name of a public provider.")


def _user_pools(
    given: tuple[shapes.CognitoIdentityProvider, ...] | None,
) -> tuple[store.CognitoIdentityProvider, ...]:
    """Raises: InvalidParameter, for what names no user pool and client."""
    providers = []
    for provider in given or ():
        name, client_id = provider.provider_name, provider.client_id
        if name is None or client_id is None or _USER_POOL.fullmatch(name) is None:
            raise InvalidParameter("Invalid Cognito Identity Provider")
        providers.append(store.CognitoIdentityProvider(name, client_id, provider.server_side_token_check or False))
    return tuple(providers)
