"""Tokens that `sts:AssumeRoleWithWebIdentity` takes from IAM's OpenID Connect providers, in STS's words."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NoReturn

from gatepass.errors import ExpiredIdentityToken, InvalidIdentityToken, ServiceError
from gatepass.issuers.issuers import Issuers
from gatepass.issuers.key_cache import KeysUnavailable
from gatepass.tokens.jwt_refused import (
    Expired,
    MissingClaim,
    NotAnIdToken,
    TokenRefused,
    UnknownKey,
    Unreadable,
    WrongAudience,
    shown,
)
from gatepass.tokens.jwt_text import UnverifiedToken, read
from gatepass.tokens.oidc import Expected, IdToken

OLDEST = 86_400
"""Seconds since a token was issued after which STS takes it no more, whatever it says itself."""

NOT_A_TOKEN = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
NO_KEYS = (
    "Couldn't retrieve verification key from your identity provider,"
    "  please reference AssumeRoleWithWebIdentity documentation for requirements"
)
# What AWS's documentation says of the error where no text of its own is known.
NOT_VALIDATED = (
    "The web identity token that was passed could not be validated by AWS."
    " Get a new identity token from the identity provider and then retry the request."
)
_HTTPS = "https://"
_LONGEST_ISSUER = 255


async def verify_web_identity(
    issuers: Issuers,
    token: str | UnverifiedToken,
    *,
    client_ids: Callable[[str], Collection[str] | None],
    now: float,
) -> IdToken:
    """Believe a token of one of the account's OpenID Connect providers.

    Args:
        client_ids: of the provider with this name, which is its issuer without the scheme; None if the account has
            none of that name.

    Raises:
        InvalidIdentityToken, ExpiredIdentityToken: with STS's text.
    """
    try:
        unverified = read(token) if isinstance(token, str) else token
        if unverified.issuer is None:
            raise Unreadable("it does not say who issued it")
        clients = client_ids(unverified.issuer.removeprefix(_HTTPS)) if unverified.issuer.startswith(_HTTPS) else None
        if clients is None:
            _no_provider(unverified.issuer)
        expected = Expected((unverified.issuer,), frozenset(clients))
        believed = await issuers.verify(unverified, expected, now)
    except TokenRefused as refused:
        raise refusal(refused, now) from None
    except KeysUnavailable as unavailable:
        raise InvalidIdentityToken(NO_KEYS, detail=str(unavailable)) from None
    age = int(now - believed.claims["iat"])
    if age > OLDEST:
        raise ExpiredIdentityToken(f"Token too old: {age}")
    return believed


def refusal(refused: TokenRefused, now: float) -> ServiceError:
    """What STS answers."""
    detail = str(refused)
    if isinstance(refused, Expired):
        text = f"Token expired: current date/time {int(now)} must be before the expiration date/time"
        return ExpiredIdentityToken(f"{text}{refused.expiration}", detail=detail)
    if isinstance(refused, WrongAudience):
        return InvalidIdentityToken("Incorrect token audience", detail=detail)
    if isinstance(refused, Unreadable | NotAnIdToken | MissingClaim):
        return InvalidIdentityToken(NOT_A_TOKEN, detail=detail)
    if isinstance(refused, UnknownKey):
        return InvalidIdentityToken(NO_KEYS, detail=detail)
    return InvalidIdentityToken(NOT_VALIDATED, detail=detail)


def _no_provider(issuer: str) -> NoReturn:
    if len(issuer) > _LONGEST_ISSUER or not issuer.isascii() or not issuer.isprintable():
        raise Unreadable(f"its issuer {shown(issuer)} is none")
    raise InvalidIdentityToken(f"No OpenIDConnect provider found in your account for {issuer}")
