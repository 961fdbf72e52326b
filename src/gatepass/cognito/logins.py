"""Login tokens: what an identity provider says about a user. None can be verified yet, so none is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

from gatepass.errors import InvalidParameter, NotAuthorized
from gatepass.operation import Call

if TYPE_CHECKING:
    from gatepass.store import IdentityPool

COGNITO = "cognito-identity.amazonaws.com"


def provider_names(pool: IdentityPool) -> frozenset[str]:
    """The keys that `Logins` may have for this pool, developer and SAML providers aside.

    An OpenID Connect provider is named by its issuer without the scheme, which its ARN ends with.
    """
    oidc = (arn.partition(":oidc-provider/")[2] for arn in pool.open_id_connect_provider_arns)
    user_pools = (provider.provider_name for provider in pool.cognito_identity_providers)
    return frozenset(pool.supported_login_providers) | frozenset(filter(None, oidc)) | frozenset(user_pools)


def refuse(call: Call, pool: IdentityPool, logins: Mapping[str, str], *, cognito_token: bool) -> NoReturn:
    """Refuse every login, with the text that AWS has for the nearest fault.

    Args:
        cognito_token: the operation takes a token that Cognito itself issued.

    Raises:
        NotAuthorized, InvalidParameter.
    """
    known = provider_names(pool)
    for name in logins:
        if name == COGNITO and not cognito_token:
            raise NotAuthorized("Invalid login token. Can't pass in a Cognito token.")
        if name == pool.developer_provider_name:
            raise InvalidParameter("Please provide a valid public provider.")
        if name not in known and name != COGNITO:
            call.note(f"identity pool `{pool.name}` has no provider of the name given in Logins")
            raise NotAuthorized(
                "Logins don't match. Please include at least one valid login for this identity or identity pool."
            )
    call.note("login tokens cannot be verified here yet, so none is accepted")
    raise NotAuthorized("Invalid login token. Couldn't verify signed token.")
