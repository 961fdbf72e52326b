"""Credentials for an identity, by the enhanced flow: the pool takes the role and hands out the session.

Every check is made every time: the identity exists and is enabled, its logins are believed or its pool takes guests,
the pool leads to a role, the role exists, and its trust policy allows this pool, this kind of identity, this identity
and its tags.
"""

from __future__ import annotations

from gatepass.cognito import shapes, trust
from gatepass.cognito.logins import COGNITO
from gatepass.cognito.proof import Proof, prove, sent_identity
from gatepass.cognito.role_choice import role_of
from gatepass.errors import InvalidIdentityPoolConfiguration, PackedPolicyTooLarge
from gatepass.operation import Call
from gatepass.store import Role
from gatepass.tokens import Minted, Session, mint
from gatepass.wire.json11 import Timestamp

LIFETIME = 3600
SALT_BYTES = 16
ACCESS_KEY_ENTROPY_BYTES = 6


async def get_credentials_for_identity(
    call: Call, given: shapes.GetCredentialsForIdentityInput
) -> shapes.GetCredentialsForIdentityResponse:
    """The identity answered is another than the one sent where the logins merge the two."""
    identity, pool = await sent_identity(call, given.identity_id)
    proof = await prove(call, identity, pool, given.logins)
    role = role_of(call, proof, given.custom_role_arn)
    refused = trust.why_not(role, pool_id=pool.id, identity_id=proof.identity.id, amr=proof.amr, tags=proof.tags)
    if refused is not None:
        call.note(refused)
        raise InvalidIdentityPoolConfiguration
    minted = _minted(call, proof, role)
    return shapes.GetCredentialsForIdentityResponse(
        shapes.Credentials(
            access_key_id=minted.access_key_id,
            expiration=Timestamp(minted.session.expiration),
            secret_key=minted.secret_access_key,
            session_token=minted.session_token,
        ),
        proof.identity.id,
    )


def _minted(call: Call, proof: Proof, role: Role) -> Minted:
    issued_at = int(call.now)
    session = Session(
        kind="role-session",
        account=call.deployment.account,
        issued_at=issued_at,
        expiration=issued_at + min(LIFETIME, role.max_session_duration),
        role_arn=role.arn,
        role_id=role.id,
        session_name=trust.SESSION_NAME,
        identity_id=proof.identity.id,
        identity_pool_id=proof.pool.id,
        amr=proof.amr,
        scoped_down=proof.is_guest,
        tags=dict(proof.tags),
        federated_provider=COGNITO,
    )
    try:
        return mint(
            call.key_ring,
            session,
            salt=call.entropy(SALT_BYTES),
            access_key_entropy=call.entropy(ACCESS_KEY_ENTROPY_BYTES),
        )
    except PackedPolicyTooLarge as too_large:
        call.note(f"logins and principal tags do not fit into a session token: {too_large.message}")
        raise InvalidIdentityPoolConfiguration from None
