"""Which role an identity gets: the pool's default role, one that a rule names, or one that a token names.

Claims are compared as what they are. A text is compared letter for letter; of a list of texts, `Contains` means that
one of them is exactly the value; true, false and whole numbers equal how JSON writes them; nothing else ever matches.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from gatepass.errors import InvalidIdentityPoolConfiguration, NotAuthorized
from gatepass.operation import Call
from gatepass.store import IdentityPool, Role

if TYPE_CHECKING:
    from gatepass.cognito.logins import VerifiedLogin
    from gatepass.cognito.proof import Proof

AMBIGUOUS: Final = "The ambiguous role mapping rules denied this request"


def role_of(call: Call, proof: Proof, custom_role_arn: str | None) -> Role:
    """The role of someone who has proven who they are.

    Raises:
        NotAuthorized: the role asked for is not one they may choose, or the pool denies what is ambiguous.
        InvalidIdentityPoolConfiguration: there is no such role.
    """
    pool = proof.pool
    arn = _chosen(proof, custom_role_arn)
    if arn is None:
        kind = "guests" if proof.is_guest else "authenticated identities"
        call.note(f"identity pool `{pool.name}` has no role for {kind}")
        raise InvalidIdentityPoolConfiguration
    role = call.store.directory.role_by_arn(arn)
    if role is None:
        call.note(f"identity pool `{pool.name}` names the role {arn}, which does not exist")
        raise InvalidIdentityPoolConfiguration
    return role


def _chosen(proof: Proof, custom_role_arn: str | None) -> str | None:
    """The role's ARN; None if the pool has none."""
    mapped = None if proof.is_guest else _mapped(proof)
    if mapped is not None:
        login, mapping = mapped
        return _by_mapping(proof.pool, login, mapping, custom_role_arn)
    default = proof.pool.roles.get("unauthenticated" if proof.is_guest else "authenticated")
    if custom_role_arn not in (None, default):
        raise forbidden(custom_role_arn)
    return default


def forbidden(arn: str | None) -> NotAuthorized:
    return NotAuthorized(f"Access to Role '{arn}' is forbidden.")


def _mapped(proof: Proof) -> tuple[VerifiedLogin, Mapping[str, Any]] | None:
    """The first login for which the pool has a role mapping, with it."""
    for login in proof.logins:
        mapping = proof.pool.role_mappings.get(login.role_mapping)
        if mapping is not None:
            return login, mapping
    return None


def _by_mapping(
    pool: IdentityPool, login: VerifiedLogin, mapping: Mapping[str, Any], custom_role_arn: str | None
) -> str | None:
    if mapping.get("Type") == "Rules":
        rules = mapping.get("RulesConfiguration") or {}
        offered = tuple(_matching(rules.get("Rules", ()), login.claims))
        preferred = offered[0] if offered else None
    else:
        offered = _token_roles(login)
        preferred = _preferred(login, offered)
    if custom_role_arn is not None:
        if custom_role_arn not in offered:
            raise forbidden(custom_role_arn)
        return custom_role_arn
    if preferred is not None:
        return preferred
    if mapping.get("AmbiguousRoleResolution") == "AuthenticatedRole":
        return pool.roles.get("authenticated")
    raise NotAuthorized(AMBIGUOUS)


# --- by token


def _token_roles(login: VerifiedLogin) -> tuple[str, ...]:
    """The roles that a user pool's token names; what another issuer says of roles does not count."""
    roles = login.claims.get("cognito:roles")
    if not login.role_mapping.startswith(f"{login.provider}:") or not isinstance(roles, list):
        return ()
    return tuple(role for role in roles if isinstance(role, str))


def _preferred(login: VerifiedLogin, offered: tuple[str, ...]) -> str | None:
    """What the token prefers among its roles; its only role; None where that is ambiguous."""
    preferred = login.claims.get("cognito:preferred_role")
    if preferred is not None:
        return preferred if preferred in offered else None
    return offered[0] if len(offered) == 1 else None


# --- by rules


def _matching(rules: Any, claims: Mapping[str, Any]) -> Iterator[str]:
    """The roles of the rules that match, in their order."""
    for rule in rules:
        if matches(rule["MatchType"], claims.get(rule["Claim"]), rule["Value"]):
            yield rule["RoleARN"]


def matches(match_type: str, claim: object, value: str) -> bool:
    """Whether a claim, None if the token has none, is what a rule asks for."""
    if isinstance(claim, list):
        return match_type == "Contains" and all(isinstance(item, str) for item in claim) and value in claim
    if isinstance(claim, bool):
        text = "true" if claim else "false"
    elif isinstance(claim, int):
        text = str(claim)
    elif isinstance(claim, str):
        if match_type == "Contains":
            return value in claim
        if match_type == "StartsWith":
            return claim.startswith(value)
        text = claim
    else:
        return False
    return (match_type == "Equals" and text == value) or (match_type == "NotEqual" and text != value)
