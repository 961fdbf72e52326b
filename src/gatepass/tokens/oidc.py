"""OpenID Connect identity tokens: what must hold before one is believed.

Three steps, each of which takes only what the one before gives: `read` the text, `check` what it says against what the
provider's record expects, `verify` the signature with the issuer's key. Only the last gives an `IdToken`.

Source: https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gatepass.tokens.jwt_keys import PublicKey
from gatepass.tokens.jwt_refused import (
    Expired,
    MissingClaim,
    NotAnIdToken,
    NotYetValid,
    Unreadable,
    Unverifiable,
    WrongAudience,
    WrongIssuer,
    shown,
)
from gatepass.tokens.jwt_text import UnverifiedToken

if TYPE_CHECKING:
    from jwt.algorithms import Algorithm

CLOCKS_DIFFER = 300
"""Seconds that an issuer's clock may be ahead of ours. Nothing is added to a token's end."""

LONGEST_SUBJECT = 255

_REQUIRED = ("iss", "aud", "sub", "exp", "iat")
# What Keycloak says in a claim `typ`; other issuers do not have it.
_ID_TOKEN_TYPES = frozenset({"id", "jwt"})


@dataclass(frozen=True, slots=True)
class Expected:
    """What a provider's record says of its tokens.

    Attributes:
        issuers: the spellings of `iss`, letter for letter; the first names the issuer.
        audiences: the client ids whose tokens are taken.
        token_use: its tokens say what they are for in a claim of this name, as those of user pools do.
    """

    issuers: tuple[str, ...]
    audiences: frozenset[str]
    token_use: bool = False


@dataclass(frozen=True, slots=True)
class CheckedToken:
    """A token that says what is expected. Made by `check` only; still, anyone may have written it."""

    token: UnverifiedToken
    subject: str = field(repr=False)
    audience: str


@dataclass(frozen=True, slots=True)
class IdToken:
    """A token that is believed. Made by `verify` only.

    Attributes:
        issuer: as the token spells it.
        subject: who logged in; one subject of one issuer is one person.
        audience: the client id it was made for: `azp`, or the audience where there is only one.
    """

    issuer: str
    subject: str = field(repr=False)
    audience: str
    claims: Mapping[str, Any] = field(repr=False)


def check(token: UnverifiedToken, expected: Expected, now: float) -> CheckedToken:
    """Whether a token says what is expected of it.

    Raises:
        TokenRefused: it does not; the class says in what.
    """
    claims = token.claims
    if "iss" not in claims:
        raise MissingClaim("iss")
    if token.issuer not in expected.issuers:
        raise WrongIssuer(f"the token is of the issuer {shown(claims['iss'])}, not {shown(expected.issuers[0])}")
    for claim in _REQUIRED:
        if claim not in claims:
            raise MissingClaim(claim)
    _check_use(claims, expected)
    subject = claims["sub"]
    if not isinstance(subject, str) or not _is_name(subject):
        raise Unreadable("its subject is empty, too long, or not plain text")
    audience = _audience(claims, expected.audiences)
    _check_times(claims, now)
    return CheckedToken(token, subject, audience)


def verify(checked: CheckedToken, key: PublicKey) -> IdToken:
    """Raises: Unverifiable, unless the issuer's key made the token's signature."""
    token = checked.token
    if token.algorithm != key.algorithm:
        raise Unverifiable(f"its key is for {key.algorithm}, not for {shown(token.algorithm)}")
    if not _algorithm(key.algorithm).verify(token.signed, key.key, token.signature):
        raise Unverifiable("its signature does not hold")
    return IdToken(token.claims["iss"], checked.subject, checked.audience, token.claims)


@lru_cache(maxsize=8)
def _algorithm(name: str) -> "Algorithm":
    """PyJWT's; imported when the first token is verified."""
    from jwt.algorithms import get_default_algorithms

    return get_default_algorithms()[name]


def _check_use(claims: Mapping[str, Any], expected: Expected) -> None:
    """Raises: NotAnIdToken, for a token that proves something else than who logged in."""
    use = claims.get("token_use", None if expected.token_use else "id")
    if use != "id":
        raise NotAnIdToken(f"its token_use is {shown(use)}")
    kind = claims.get("typ", "ID")
    if not isinstance(kind, str) or kind.lower() not in _ID_TOKEN_TYPES:
        raise NotAnIdToken(f"its typ is {shown(kind)}")
    if "events" in claims:
        raise NotAnIdToken("it tells of events, as a logout token does")


def _audience(claims: Mapping[str, Any], audiences: frozenset[str]) -> str:
    """The client the token was made for.

    Where it names an authorized party, that is the client. It must do so where it has several audiences: each of them
    has seen the token, and could show it here.
    """
    given = claims["aud"]
    several = given if isinstance(given, list) else [given]
    if not all(isinstance(audience, str) for audience in several):
        raise Unreadable("its audience is no text")
    if not audiences.intersection(several):
        raise WrongAudience(f"the token is for {shown(given)}, which is no client here")
    party = claims.get("azp", None if len(several) > 1 else several[0])
    if not isinstance(party, str) or party not in audiences:
        raise WrongAudience(f"the token's authorized party is {shown(party)}, which is no client here")
    return party


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expiration, issued_at = _time(claims["exp"]), _time(claims["iat"])
    not_before = _time(claims.get("nbf", issued_at))
    if now >= expiration:
        raise Expired(int(expiration))
    if not_before > now + CLOCKS_DIFFER:
        raise NotYetValid("the token is not valid yet")
    if issued_at > now + CLOCKS_DIFFER:
        raise NotYetValid("the token was issued in the future")


def _time(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Unreadable("one of its times is no number")
    return value


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_SUBJECT and text.isascii() and text.isprintable()
