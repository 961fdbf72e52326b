"""Who a web identity token speaks for: verified, and in the words that trust policies use.

A token comes from an identity pool of this deployment, which signs with the store's signing keys, or from an OpenID
Connect provider that IAM knows. Every other issuer is refused.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatepass.errors import InvalidIdentityToken, InvalidParameterValue
from gatepass.issuers import verify_web_identity
from gatepass.issuers.web_identity import NO_KEYS, NOT_VALIDATED, refusal
from gatepass.operation import Call
from gatepass.policy import COGNITO, Caller, ContextValue
from gatepass.principal import Principal
from gatepass.store import Identity
from gatepass.sts import claims
from gatepass.sts.session_tags import SessionTags, requested
from gatepass.tokens import OpenIdToken, verify_openid
from gatepass.tokens.jwt_refused import TokenRefused, UnknownKey
from gatepass.tokens.jwt_text import ALGORITHMS, UnverifiedToken, read
from gatepass.tokens.oidc import IdToken
from gatepass.tokens.openid import ISSUER, developer_login
from gatepass.tokens.signing_keys import ALGORITHM

__all__ = ["NOT_VALIDATED", "WebIdentity", "believed"]

_HTTPS = "https://"


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """Someone a token speaks for; the token was verified.

    Attributes:
        caller: as trust policies name it: the provider.
        provider: `cognito-identity.amazonaws.com`, or the ARN of IAM's OpenID Connect provider.
        keys: condition keys of the federation, `<provider>:aud` and so on.
        session_keys: those of a provider that live on in the session; a pool's have their own places in it.
        roles: the only roles the token is good for; None if it does not say.
        identity_id, identity_pool_id, cognito_amr: of an identity pool's token.
    """

    caller: Caller
    provider: str
    subject: str = field(repr=False)
    audience: str
    keys: Mapping[str, ContextValue | None] = field(repr=False)
    tags: SessionTags = field(repr=False)
    session_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    roles: tuple[str, ...] | None = None
    identity_id: str | None = field(default=None, repr=False)
    identity_pool_id: str | None = None
    cognito_amr: tuple[str, ...] = field(default=(), repr=False)


async def believed(call: Call, text: str) -> WebIdentity:
    """Who the token speaks for.

    Raises:
        InvalidIdentityToken, ExpiredIdentityToken: it is not believed, or not any more.
    """
    try:
        unverified = read(text, {*ALGORITHMS, ALGORITHM})
    except TokenRefused as refused:
        raise refusal(refused, call.now) from None
    if unverified.issuer == ISSUER:
        return await _of_pool(call, unverified)
    return await _of_provider(call, text)


# --- of an identity pool


async def _of_pool(call: Call, unverified: UnverifiedToken) -> WebIdentity:
    keys = await call.store.signing_keys.find(unverified.key_id, call.now)
    try:
        token = verify_openid(keys, unverified, call.now)
    except UnknownKey as unknown:  # its issuer can be asked, and does not have it
        raise InvalidIdentityToken(NOT_VALIDATED, detail=str(unknown)) from None
    except TokenRefused as refused:
        raise refusal(refused, call.now) from None
    await _check_alive(call, token)
    name = COGNITO.arn
    return WebIdentity(
        caller=COGNITO,
        provider=name,
        subject=token.identity_id,
        audience=token.pool_id,
        keys={f"{name}:aud": token.pool_id, f"{name}:sub": token.identity_id, f"{name}:amr": token.amr},
        tags=_tags(token.principal_tags.items(), (), None),
        identity_id=token.identity_id,
        identity_pool_id=token.pool_id,
        cognito_amr=token.amr,
    )


async def _check_alive(call: Call, token: OpenIdToken) -> None:
    """Raises: InvalidIdentityToken, if the pool would not give this token to anyone any more.

    A session would not know: it is issued now, after the revocation.
    """
    why = _no_more(call, token, await call.store.identities.get(token.identity_id))
    if why is not None:
        raise InvalidIdentityToken(NOT_VALIDATED, detail=why)


def _no_more(call: Call, token: OpenIdToken, identity: Identity | None) -> str | None:
    """What has happened to pool or identity since the token was made; None if nothing has."""
    directory = call.store.directory
    pool = directory.pools.get(token.pool_id)
    if pool is None:
        return "the token's identity pool was deleted"
    if identity is None or identity.pool_id != token.pool_id:
        return "the token's identity was deleted"
    if not identity.enabled:
        return "the token's identity is disabled"
    holder = Principal(
        kind="role-session",
        account=call.deployment.account,
        arn="",
        user_id="",
        access_key_id="",
        issued_at=token.issued_at,
        identity_id=token.identity_id,
        identity_pool_id=token.pool_id,
    )
    if directory.revoked(holder):
        return "the token was made before its pool or identity was last revoked"
    if token.is_guest and identity.logins:
        return "the token is a guest's, and its identity has logins by now"
    if token.is_guest and not pool.allow_unauthenticated:
        return "the token is a guest's, and its identity pool takes none by now"
    backend = pool.developer_provider_name
    users = (login.subject for login in identity.logins if login.provider == backend)
    if backend in token.amr and not any(developer_login(backend, pool.id, user) in token.amr for user in users):
        return "the token was made for a developer login that leads to its identity no more"
    return None


# --- of an OpenID Connect provider


async def _of_provider(call: Call, text: str) -> WebIdentity:
    if call.issuers is None:
        raise InvalidIdentityToken(NO_KEYS, detail="no issuer's keys are fetched here")
    providers, account = call.store.directory.oidc_providers, call.deployment.account

    def client_ids(name: str) -> tuple[str, ...] | None:
        provider = providers.get(_provider_arn(account, name))
        return None if provider is None else provider.client_ids

    token = await verify_web_identity(call.issuers, text, client_ids=client_ids, now=call.now)
    name = token.issuer.removeprefix(_HTTPS)
    arn = _provider_arn(account, name)
    try:
        tags = _tags(claims.principal_tags(token.claims), claims.transitive(token.claims), claims.source(token.claims))
        roles = claims.roles(token.claims)
    except claims.Unusable as unusable:
        raise InvalidIdentityToken(NOT_VALIDATED, detail=str(unusable)) from None
    return WebIdentity(
        caller=Caller("federated", arn),
        provider=arn,
        subject=token.subject,
        audience=token.audience,
        keys={f"{name}:{key}": value for key, value in _keys(token).items()},
        tags=tags,
        session_keys={f"{name}:aud": token.audience, f"{name}:sub": token.subject},
        roles=roles,
    )


def _provider_arn(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:oidc-provider/{name}"


def _keys(token: IdToken) -> dict[str, ContextValue | None]:
    """What AWS documents for every provider; `aud` is the authorized party where there is one."""
    return {
        "aud": token.audience,
        "oaud": _value(token.claims.get("aud")),
        "azp": _value(token.claims.get("azp")),
        "sub": token.subject,
        "amr": _value(token.claims.get("amr")),
        "email": _value(token.claims.get("email")),
    }


def _value(claim: Any) -> ContextValue | None:
    if isinstance(claim, str):
        return claim
    if isinstance(claim, list) and claim and all(isinstance(item, str) for item in claim):
        return tuple(claim)
    return None


def _tags(pairs: Any, transitive: tuple[str, ...], source_identity: str | None) -> SessionTags:
    try:
        return requested(pairs, transitive, source_identity)
    except InvalidParameterValue as refused:
        raise InvalidIdentityToken(NOT_VALIDATED, detail=f"the token's tags: {refused.message}") from None
