"""Who someone has proven to be, before anything is handed out: an identity, and by what.

A guest proves nothing but that they know the id. Everyone else brings logins: tokens of the pool's providers, or the
token that the pool itself gave their backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from gatepass.arn import identity_pool_arn
from gatepass.cognito import logins, principal_tags
from gatepass.cognito.linking import check_enabled, forbidden, settle
from gatepass.cognito.logins import COGNITO, NO_MATCH, VerifiedLogin
from gatepass.cognito.pools import pool_of
from gatepass.errors import NotAuthorized, ResourceNotFound
from gatepass.operation import Call
from gatepass.principal import Principal
from gatepass.store import Identity, IdentityPool
from gatepass.store.entities import Login
from gatepass.tokens import OpenIdToken, verify_openid
from gatepass.tokens.jwt_refused import Expired, TokenRefused
from gatepass.tokens.jwt_text import read
from gatepass.tokens.openid import ISSUER, UNAUTHENTICATED, developer_login
from gatepass.tokens.signing_keys import ALGORITHM

GUESTS_REFUSED: Final = "Unauthenticated access is not supported for this identity pool."
AUTHENTICATED: Final = "authenticated"


class Proof(msgspec.Struct, frozen=True, eq=False):
    """Someone who may have what this identity gets.

    Attributes:
        amr: `unauthenticated`, or `authenticated` and what was brought.
        logins: those whose tokens came with this call.
        tags: principal tags: from the logins' claims, or those that the backend asked for.
        until: when the token ends that the pool itself had given; what is made of it ends no later.
    """

    pool: IdentityPool
    identity: Identity
    amr: tuple[str, ...]
    logins: tuple[VerifiedLogin, ...] = ()
    tags: Mapping[str, str] = {}
    until: int | None = None

    def __repr__(self) -> str:  # `amr` says who someone is to a provider
        return f"Proof(pool={self.pool.id!r}, logins={self.logins!r})"

    @property
    def is_guest(self) -> bool:
        return self.amr == UNAUTHENTICATED


async def sent_identity(call: Call, identity_id: str) -> tuple[Identity, IdentityPool]:
    """The identity of this id and its pool. Raises: ResourceNotFound."""
    identity = await call.store.identities.get(identity_id)
    if identity is None:
        raise ResourceNotFound(f"Identity '{identity_id}' not found.")
    return identity, pool_of(call, identity.pool_id)


async def prove(call: Call, identity: Identity, pool: IdentityPool, given: Mapping[str, str] | None) -> Proof:
    """What the caller has proven; logins that are new are linked.

    Raises:
        NotAuthorized, InvalidParameter, ExternalService, ResourceConflict.
    """
    if not given:
        check_guest(pool, identity)
        call.store.sightings.note(identity.id, call.now)
        return Proof(pool, identity, UNAUTHENTICATED)
    check_enabled(identity)
    public = {name: token for name, token in given.items() if name != COGNITO}
    own = None
    if COGNITO in given:
        own = await _own_token(call, pool, identity, given[COGNITO])
    verified = await logins.verify(call, pool, public)
    proven = [Login(login.provider, login.subject) for login in verified]
    if own is not None:  # it stands for a login that leads here already
        proven += [login for login in identity.logins if login.provider == pool.developer_provider_name]
    settled = await settle(call, pool, proven, identity)
    tags = principal_tags.of_logins(call, pool, verified)
    if own is None:
        return Proof(pool, settled, amr_of(verified), verified, tags)
    amr = tuple(dict.fromkeys((*own.amr, *amr_of(verified))))
    return Proof(pool, settled, amr, verified, {**tags, **own.principal_tags}, own.expiration)


def amr_of(verified: tuple[VerifiedLogin, ...]) -> tuple[str, ...]:
    return (AUTHENTICATED, *dict.fromkeys(entry for login in verified for entry in login.amr))


def developer_amr(pool: IdentityPool, user: str) -> tuple[str, ...]:
    """What a developer provider's login adds."""
    name = pool.developer_provider_name or ""
    return (name, developer_login(name, pool.id, user))


def check_guest(pool: IdentityPool, identity: Identity) -> None:
    """Raises: NotAuthorized, unless this identity may be used without a login, in this pool, now."""
    if identity.logins or not identity.enabled:
        raise forbidden(identity.id)
    if not pool.allow_unauthenticated:
        raise NotAuthorized(GUESTS_REFUSED)


async def _own_token(call: Call, pool: IdentityPool, identity: Identity, text: str) -> OpenIdToken:
    """The token that this pool gave a backend for this identity.

    INVARIANT: a guest's own token is signed by the same keys; it proves no login, nor does one whose developer login
    was unlinked or that was made before the identity or pool was revoked.

    Raises: NotAuthorized.
    """
    try:
        unverified = read(text, (ALGORITHM,))
        if unverified.issuer != ISSUER:
            raise NotAuthorized("Invalid login token. Issuer doesn't match providerName")
        keys = await call.store.signing_keys.find(unverified.key_id, call.now)
        token = verify_openid(keys, unverified, call.now)
    except TokenRefused as refused:
        call.note(f"token of this identity pool: {refused}")
        raise NotAuthorized(f"Invalid login token. {_fault(refused, call.now)}") from None
    users = [login.subject for login in identity.logins if login.provider == pool.developer_provider_name]
    if (token.pool_id, token.identity_id) != (pool.id, identity.id):
        why = "it is of another identity"
    elif token.pool_arn not in (None, identity_pool_arn(call.deployment.region, call.deployment.account, pool.id)):
        why = "it is of another account or region"
    elif token.amr[0] != AUTHENTICATED or not any(developer_amr(pool, user)[1] in token.amr for user in users):
        why = "it was made for no developer login that leads to this identity"
    elif call.store.directory.revoked(_holder(call, token)):
        why = "it was made before its pool or identity was last revoked"
    else:
        return token
    call.note(f"token of this identity pool: {why}")
    raise NotAuthorized(NO_MATCH)


def _fault(refused: TokenRefused, now: float) -> str:
    if isinstance(refused, Expired):
        return f"Token expired: {int(now)} >= {refused.expiration}"
    return "Couldn't verify signed token."


def _holder(call: Call, token: OpenIdToken) -> Principal:
    return Principal(
        kind="role-session",
        account=call.deployment.account,
        arn="",
        user_id="",
        access_key_id="",
        issued_at=token.issued_at,
        identity_id=token.identity_id,
        identity_pool_id=token.pool_id,
    )
