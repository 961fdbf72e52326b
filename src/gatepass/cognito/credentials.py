"""Credentials for an identity, by the enhanced flow: the pool takes the role and hands out the session.

Every check is made every time: the identity exists and is enabled, its pool takes guests, the pool has a role, the role
exists, and its trust policy allows this pool, this kind of identity and this identity.
"""

from __future__ import annotations

from gatepass.cognito import logins, shapes, trust
from gatepass.cognito.identities import GUESTS_REFUSED
from gatepass.cognito.pools import pool_of
from gatepass.errors import InvalidIdentityPoolConfiguration, NotAuthorized, ResourceNotFound
from gatepass.operation import Call
from gatepass.store import Identity, IdentityPool, Role
from gatepass.tokens import Minted, Session, mint
from gatepass.wire.json11 import Timestamp

LIFETIME = 3600
SESSION_NAME = "CognitoIdentityCredentials"
UNAUTHENTICATED = ("unauthenticated",)
SALT_BYTES = 16
ACCESS_KEY_ENTROPY_BYTES = 6


async def get_credentials_for_identity(
    call: Call, given: shapes.GetCredentialsForIdentityInput
) -> shapes.GetCredentialsForIdentityResponse:
    """A guest's credentials; a login is refused until its token can be verified."""
    identity = await call.store.identities.get(given.identity_id)
    if identity is None:
        raise ResourceNotFound(f"Identity '{given.identity_id}' not found.")
    pool = pool_of(call, identity.pool_id)
    if given.logins:
        logins.refuse(call, pool, given.logins, cognito_token=True)
    check_guest(pool, identity)
    role = guest_role(call, pool, given.custom_role_arn)
    refused = trust.why_not(role, pool_id=pool.id, identity_id=identity.id, amr=UNAUTHENTICATED)
    if refused is not None:
        call.note(refused)
        raise InvalidIdentityPoolConfiguration
    minted = _minted(call, pool, identity, role)
    return shapes.GetCredentialsForIdentityResponse(
        shapes.Credentials(
            access_key_id=minted.access_key_id,
            expiration=Timestamp(minted.session.expiration),
            secret_key=minted.secret_access_key,
            session_token=minted.session_token,
        ),
        identity.id,
    )


def check_guest(pool: IdentityPool, identity: Identity) -> None:
    """Raises: NotAuthorized, unless this identity may be used without a login, in this pool, now."""
    if identity.logins or not identity.enabled:
        raise NotAuthorized(f"Access to Identity '{identity.id}' is forbidden.")
    if not pool.allow_unauthenticated:
        raise NotAuthorized(GUESTS_REFUSED)


def guest_role(call: Call, pool: IdentityPool, custom_role_arn: str | None) -> Role:
    """The role of a pool's guests.

    A guest brings no token that could name another role: a custom role that is not the guest role is refused.
    """
    arn = pool.roles.get("unauthenticated")
    if custom_role_arn not in (None, arn):
        call.note("a guest asked for a role of its own choice")
        raise NotAuthorized(f"Access to Role '{custom_role_arn}' is forbidden.")
    if arn is None:
        call.note(f"identity pool `{pool.name}` has no role for guests")
        raise InvalidIdentityPoolConfiguration
    role = call.store.directory.role_by_arn(arn)
    if role is None:
        call.note(f"identity pool `{pool.name}` names the role {arn}, which does not exist")
        raise InvalidIdentityPoolConfiguration
    return role


def _minted(call: Call, pool: IdentityPool, identity: Identity, role: Role) -> Minted:
    issued_at = int(call.now)
    session = Session(
        kind="role-session",
        account=call.deployment.account,
        issued_at=issued_at,
        expiration=issued_at + min(LIFETIME, role.max_session_duration),
        role_arn=role.arn,
        role_id=role.id,
        session_name=SESSION_NAME,
        identity_id=identity.id,
        identity_pool_id=pool.id,
        amr=UNAUTHENTICATED,
        scoped_down=True,
        federated_provider=logins.COGNITO,
    )
    return mint(
        call.key_ring,
        session,
        salt=call.entropy(SALT_BYTES),
        access_key_entropy=call.entropy(ACCESS_KEY_ENTROPY_BYTES),
    )
