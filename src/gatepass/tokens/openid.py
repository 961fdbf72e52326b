"""OpenID tokens that identity pools hand out: who an identity is, for `sts:AssumeRoleWithWebIdentity` and for others.

Unlike a session token it is signed, not sealed: whoever has the public keys (`SigningKeys.jwks`) can read and verify
it. What is signed here is believed here only, because each deployment has keys of its own.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA512

from gatepass.tokens.jwt_refused import Expired, MissingClaim, NotYetValid, UnknownKey, Unreadable, Unverifiable
from gatepass.tokens.jwt_text import UnverifiedToken, read
from gatepass.tokens.jwt_writing import write
from gatepass.tokens.signing_keys import ALGORITHM, SigningKeys

ISSUER: Final = "https://cognito-identity.amazonaws.com"
TAGS_CLAIM: Final = "https://aws.amazon.com/tags"
POOL_ARN_CLAIM: Final = "https://cognito-identity.amazonaws.com/identity-pool-arn"

CLOCKS_DIFFER: Final = 300
"""Seconds that the replica that signed may be ahead of this one. Nothing is added to a token's end."""

UNAUTHENTICATED: Final = ("unauthenticated",)
"""`amr` of a guest."""

_KIND = "JWS"


@dataclass(frozen=True, slots=True)
class OpenIdToken:
    """What a pool says of an identity.

    Attributes:
        amr: `unauthenticated`, or `authenticated` and the providers.
        issued_at, expiration: seconds since the epoch, UTC.
        principal_tags: become session tags.
    """

    identity_id: str = field(repr=False)  # all a guest needs to become that guest: not for logs
    pool_id: str
    amr: tuple[str, ...] = field(repr=False)
    issued_at: int
    expiration: int
    pool_arn: str | None = None
    principal_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_guest(self) -> bool:
        return self.amr == UNAUTHENTICATED


def developer_login(provider: str, pool_id: str, user: str) -> str:
    """A backend's user in `amr`, after the backend's own name."""
    return f"{provider}:{pool_id}:{user}"


def mint_openid(keys: SigningKeys, token: OpenIdToken) -> str:
    """The token as text, signed with the key that is active."""
    claims: dict[str, Any] = {"sub": token.identity_id, "aud": token.pool_id, "amr": list(token.amr)}
    if token.principal_tags:
        claims[TAGS_CLAIM] = {"principal_tags": {name: [value] for name, value in token.principal_tags.items()}}
    claims["iss"] = ISSUER
    if token.pool_arn is not None:
        claims[POOL_ARN_CLAIM] = token.pool_arn
    claims |= {"exp": token.expiration, "iat": token.issued_at}
    return write(keys.keys[keys.active], claims, key_id=keys.active, algorithm=ALGORITHM, kind=_KIND)


def verify_openid(keys: SigningKeys, token: str | UnverifiedToken, now: float) -> OpenIdToken:
    """Believe a token that was signed here.

    Raises:
        TokenRefused: it was not, was altered, or has ended.
    """
    unverified = read(token, (ALGORITHM,)) if isinstance(token, str) else token
    key = keys.keys.get(unverified.key_id)
    if unverified.algorithm != ALGORITHM:
        raise Unverifiable(f"it is not signed with {ALGORITHM}")
    if key is None:
        raise UnknownKey("it names a key that is not one of this deployment's")
    try:
        key.public_key().verify(unverified.signature, unverified.signed, PKCS1v15(), SHA512())
    except InvalidSignature:
        raise Unverifiable("its signature does not hold") from None
    return _believed(unverified.claims, now)


def _believed(claims: Mapping[str, Any], now: float) -> OpenIdToken:
    """What a token says whose signature holds. It was written here; still, by a newer program, perhaps."""
    if claims.get("iss") != ISSUER:
        raise Unverifiable("another issuer is named in it")
    token = OpenIdToken(
        identity_id=_text(claims, "sub"),
        pool_id=_text(claims, "aud"),
        amr=_texts(claims, "amr"),
        issued_at=_time(claims, "iat"),
        expiration=_time(claims, "exp"),
        pool_arn=_text(claims, POOL_ARN_CLAIM) if POOL_ARN_CLAIM in claims else None,
        principal_tags=_principal_tags(claims),
    )
    if now >= token.expiration:
        raise Expired(token.expiration)
    if token.issued_at > now + CLOCKS_DIFFER:
        raise NotYetValid("it was signed in the future")
    return token


def _principal_tags(claims: Mapping[str, Any]) -> dict[str, str]:
    given = claims.get(TAGS_CLAIM, {})
    if not isinstance(given, dict) or given.keys() - {"principal_tags"}:
        _unreadable(TAGS_CLAIM)
    tags = given.get("principal_tags", {})
    if not isinstance(tags, dict):
        _unreadable(TAGS_CLAIM)
    found = {}
    for name, values in tags.items():
        if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
            _unreadable(TAGS_CLAIM)
        found[name] = values[0]
    return found


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = _given(claims, name)
    return value if isinstance(value, str) and value else _unreadable(name)


def _texts(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = _given(claims, name)
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        _unreadable(name)
    return tuple(value)


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = _given(claims, name)
    return value if isinstance(value, int) and not isinstance(value, bool) else _unreadable(name)


def _given(claims: Mapping[str, Any], name: str) -> object:
    if name not in claims:
        raise MissingClaim(name)
    return claims[name]


def _unreadable(name: str) -> NoReturn:
    raise Unreadable(f"its `{name}` is not what this program writes")
