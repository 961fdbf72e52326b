"""Login tokens: which of a pool's providers a login is of, whether its token is believed, and AWS's words if not.

A pool lists its providers in three ways: public ones by name with their app ids, user pools with their clients, and
IAM's OpenID Connect providers, whose clients stand in IAM. Whatever the way, a login's name and its provider's record
say which issuer the token must be of; the token itself chooses nothing.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/external-identity-providers.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gatepass.errors import ExternalService, InvalidParameter, NotAuthorized
from gatepass.issuers import KeysUnavailable
from gatepass.operation import Call
from gatepass.tokens.jwt_refused import (
    Expired,
    MissingClaim,
    TokenRefused,
    Unverifiable,
    WrongAudience,
    WrongIssuer,
)
from gatepass.tokens.oidc import Expected, IdToken

if TYPE_CHECKING:
    from gatepass.store import IdentityPool

COGNITO = "cognito-identity.amazonaws.com"
NO_MATCH = "Logins don't match. Please include at least one valid login for this identity or identity pool."
NOT_SUPPORTED = "Token is not from a supported provider of this identity pool."
NO_SAML = "SAML identity providers are not supported. Please use an OpenID Connect provider."

# `iss` of those whose name is not their issuer without the scheme, or who spell it in more than one way.
_ISSUERS = {
    "accounts.google.com": ("https://accounts.google.com", "accounts.google.com"),
    "graph.facebook.com": ("https://www.facebook.com", "https://facebook.com"),
}
# Those that sign OpenID Connect tokens. Login with Amazon and Twitter give others, which only they can check.
_PUBLIC = frozenset({"accounts.google.com", "graph.facebook.com", "appleid.apple.com"})
_OIDC_PROVIDER = ":oidc-provider/"


@dataclass(frozen=True, slots=True)
class VerifiedLogin:
    """A login whose token is believed.

    Attributes:
        provider: the login's name: a public provider, a user pool, or an issuer without its scheme.
        subject: who it is there. Provider and subject together lead to an identity.
        audience: the client id that the token was made for.
        claims: everything the token says.
        amr: what the identity's `amr` says of this login, after `authenticated`.
        role_mapping: the name under which the pool may have a role mapping for it.
    """

    provider: str
    subject: str = field(repr=False)
    audience: str
    claims: Mapping[str, Any] = field(repr=False)
    amr: tuple[str, ...] = field(repr=False)
    role_mapping: str


@dataclass(frozen=True, slots=True)
class _Record:
    """One way in which a pool lists a provider.

    Attributes:
        audiences: the client ids it takes tokens of.
        checked_by_server: those of them whose tokens the user pool is to be asked about.
        arn: of an IAM OpenID Connect provider.
    """

    provider: str
    audiences: frozenset[str]
    is_user_pool: bool = False
    checked_by_server: frozenset[str] = frozenset()
    arn: str | None = None

    def verified(self, token: IdToken) -> VerifiedLogin:
        name, audience, subject = self.provider, token.audience, token.subject
        if self.is_user_pool:
            entry, role_mapping = f"{name}:CognitoSignIn:{subject}", f"{name}:{audience}"
        elif self.arn is not None:
            entry, role_mapping = f"{self.arn}:OIDC:{subject}", self.arn
        else:
            entry, role_mapping = f"{name}:{audience}:{subject}", name
        return VerifiedLogin(name, subject, audience, token.claims, (name, entry), role_mapping)


async def verify(call: Call, pool: IdentityPool, logins: Mapping[str, str]) -> tuple[VerifiedLogin, ...]:
    """Every login of a call, verified, in the order in which they were given; one that is refused refuses them all.

    A token that Cognito itself issued is none of these: whoever takes one takes it out of `logins` first.

    Raises:
        NotAuthorized, InvalidParameter: with AWS's text.
        ExternalService: an issuer's keys cannot be had just now.
    """
    found = [(token, _records(call, pool, name)) for name, token in logins.items()]
    return tuple([await _verified(call, records, token) for token, records in found])


async def _verified(call: Call, records: tuple[_Record, ...], token: str) -> VerifiedLogin:
    name = records[0].provider
    issuers = _ISSUERS.get(name, (f"https://{name}",))
    audiences = frozenset().union(*(record.audiences for record in records))
    expected = Expected(issuers, audiences, token_use=records[0].is_user_pool)
    try:
        if call.issuers is None:
            raise KeysUnavailable("no issuer can be asked")
        believed = await call.issuers.verify(token, expected, call.now)
    except TokenRefused as refused:
        call.note(f"login token of {name}: {refused}")
        raise _refusal(refused, name, call.now) from None
    except KeysUnavailable as unavailable:
        call.note(f"login token of {name}: the issuer's keys cannot be had: {unavailable}")
        raise ExternalService("The identity provider is not responding.") from None
    record = next(record for record in records if believed.audience in record.audiences)
    if believed.audience in record.checked_by_server and not call.issuers.is_named(issuers[0]):
        call.note(f"{name} asks for a server side token check, which only AWS can make; switch it off in the pool")
        raise NotAuthorized("Token is inactive")
    return record.verified(believed)


def _refusal(refused: TokenRefused, provider: str, now: float) -> NotAuthorized:
    """What Cognito says of a token that is not believed."""
    if isinstance(refused, WrongAudience):
        return NotAuthorized(NOT_SUPPORTED)
    return NotAuthorized(f"Invalid login token. {_fault(refused, provider, now)}")


def _fault(refused: TokenRefused, provider: str, now: float) -> str:
    if isinstance(refused, WrongIssuer):
        return "Issuer doesn't match providerName"
    if isinstance(refused, MissingClaim):
        return f"Missing a required claim: {refused.claim}"
    if isinstance(refused, Expired):
        if provider == "graph.facebook.com":
            return "Token is expired."
        return f"Token expired: {int(now)} >= {refused.expiration}"
    if isinstance(refused, Unverifiable):
        return "Couldn't verify signed token."
    return "Not a valid OpenId Connect identity token."


# --- which provider


def _records(call: Call, pool: IdentityPool, name: str) -> tuple[_Record, ...]:
    """Every way in which the pool lists the provider of this name; at least one.

    Raises:
        NotAuthorized, InvalidParameter: it lists none, or none whose tokens can be verified.
    """
    if name == COGNITO:
        raise NotAuthorized("Invalid login token. Can't pass in a Cognito token.")
    if name == pool.developer_provider_name:
        raise InvalidParameter("Please provide a valid public provider.")
    if name in pool.saml_provider_arns:
        raise NotAuthorized(NO_SAML)
    if name not in provider_names(pool):
        call.note(f"identity pool `{pool.name}` has no provider of the name given in Logins")
        raise NotAuthorized(NO_MATCH)
    records = tuple(_listed(call, pool, name))
    if not records:
        raise NotAuthorized(NOT_SUPPORTED)
    return records


def _listed(call: Call, pool: IdentityPool, name: str) -> Iterator[_Record]:
    if name in pool.supported_login_providers:
        if name in _PUBLIC:
            app_ids = pool.supported_login_providers[name].split(";")
            yield _Record(name, frozenset(filter(None, app_ids)))
        else:
            call.note(f"{name} gives no OpenID Connect tokens; only it could say whether this one is good")
    clients = [each for each in pool.cognito_identity_providers if each.provider_name == name]
    if clients:
        checked = frozenset(each.client_id for each in clients if each.server_side_token_check)
        yield _Record(name, frozenset(each.client_id for each in clients), is_user_pool=True, checked_by_server=checked)
    for arn in pool.open_id_connect_provider_arns:
        if arn.partition(_OIDC_PROVIDER)[2] == name:
            provider = call.store.directory.oidc_providers.get(arn)
            if provider is None:
                call.note(f"identity pool `{pool.name}` lists {arn}, which does not exist")
            else:
                yield _Record(name, frozenset(provider.client_ids), arn=arn)


def provider_names(pool: IdentityPool) -> frozenset[str]:
    """The keys that `Logins` may have for this pool, developer and SAML providers aside.

    An OpenID Connect provider is named by its issuer without the scheme, which its ARN ends with.
    """
    oidc = (arn.partition(_OIDC_PROVIDER)[2] for arn in pool.open_id_connect_provider_arns)
    user_pools = (provider.provider_name for provider in pool.cognito_identity_providers)
    return frozenset(pool.supported_login_providers) | frozenset(filter(None, oidc)) | frozenset(user_pools)
