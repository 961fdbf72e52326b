"""OpenID tokens for an identity: what the basic flow takes to STS, and what a backend gives its users.

Source: https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetOpenIdToken.html
"""

from __future__ import annotations

from typing import Final

from gatepass.arn import identity_pool_arn
from gatepass.cognito import shapes
from gatepass.cognito.proof import Proof, prove, sent_identity
from gatepass.errors import InvalidParameter
from gatepass.operation import Call
from gatepass.tokens import OpenIdToken, mint_openid

LIFETIME: Final = 600
CLASSIC_OFF: Final = "Basic (classic) flow is not enabled, please use enhanced flow."
CLASSIC_WITH_MAPPINGS: Final = "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."


async def get_open_id_token(call: Call, given: shapes.GetOpenIdTokenInput) -> shapes.OpenIdTokenResponse:
    """A token that STS takes for any role that trusts the pool: only where the pool allows that."""
    identity, pool = await sent_identity(call, given.identity_id)
    if not pool.allow_classic_flow:
        raise InvalidParameter(CLASSIC_OFF)
    if pool.role_mappings:
        raise InvalidParameter(CLASSIC_WITH_MAPPINGS)
    proof = await prove(call, identity, pool, given.logins)
    return shapes.OpenIdTokenResponse(proof.identity.id, await signed(call, proof, LIFETIME))


async def signed(call: Call, proof: Proof, lifetime: int) -> str:
    """The token, signed.

    Args:
        lifetime: seconds; less where what was proven ends sooner.
    """
    issued_at = int(call.now)
    expiration = issued_at + lifetime
    token = OpenIdToken(
        identity_id=proof.identity.id,
        pool_id=proof.pool.id,
        amr=proof.amr,
        issued_at=issued_at,
        expiration=expiration if proof.until is None else min(expiration, proof.until),
        pool_arn=identity_pool_arn(call.deployment.region, call.deployment.account, proof.pool.id),
        principal_tags=proof.tags,
    )
    return mint_openid(await call.store.signing_keys.get(call.now), token)
