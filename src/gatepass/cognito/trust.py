"""Whether a role trusts this identity pool with this identity: its trust policy, evaluated at every issue."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import COGNITO, ContextValue, Policy, PolicyType, Source, compile_policy, evaluate_trust, load

if TYPE_CHECKING:
    from gatepass.store import Role

ACTION = "sts:AssumeRoleWithWebIdentity"


def why_not(role: Role, *, pool_id: str, identity_id: str, amr: tuple[str, ...]) -> str | None:
    """Why the role does not trust the pool with this identity, for the decision log; None if it does.

    Args:
        amr: how the identity was authenticated: `unauthenticated`, or `authenticated` and the provider names.
    """
    policy = _compiled(role.name, role.trust_policy)
    if policy is None:
        return f"trust policy of role `{role.name}` cannot be read"
    context: dict[str, ContextValue] = {
        "cognito-identity.amazonaws.com:aud": pool_id,
        "cognito-identity.amazonaws.com:sub": identity_id,
        "cognito-identity.amazonaws.com:amr": amr,
    }
    verdict = evaluate_trust(policy, COGNITO, ACTION, context)
    if verdict.allowed:
        return None
    if verdict.outcome == "explicitDeny":
        name = f"{verdict.statement}" if verdict.sid is None else f"{verdict.statement} (`{verdict.sid}`)"
        return f"trust policy of role `{role.name}`: statement {name} denies {ACTION}"
    return (
        f"trust policy of role `{role.name}`: no statement allows {ACTION} to {COGNITO.arn}"
        f" for identity pool {pool_id} and amr {', '.join(amr)}"
    )


@lru_cache(maxsize=1024)
def _compiled(role_name: str, trust_policy: str) -> Policy | None:
    """By the text itself, so that no change of it can be missed; None if it is no policy."""
    try:
        return compile_policy(load(trust_policy), Source(PolicyType.TRUST, f"trust policy of role `{role_name}`"))
    except MalformedPolicyDocument:
        return None
