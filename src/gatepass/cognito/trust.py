"""Whether a role trusts this identity pool with this identity: its trust policy, evaluated at every issue."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import (
    COGNITO,
    Context,
    Policy,
    PolicyType,
    Source,
    compile_policy,
    evaluate_trust,
    iam_resource_tag_keys,
    load,
    request_tag_keys,
)

if TYPE_CHECKING:
    from gatepass.store import Role

ACTION = "sts:AssumeRoleWithWebIdentity"
TAG_SESSION = "sts:TagSession"
SESSION_NAME = "CognitoIdentityCredentials"


def why_not(
    role: Role, *, pool_id: str, identity_id: str, amr: tuple[str, ...], tags: Mapping[str, str] | None = None
) -> str | None:
    """Why the role does not trust the pool with this identity, for the decision log; None if it does.

    Args:
        amr: how the identity was authenticated: `unauthenticated`, or `authenticated` and the provider names.
        tags: those the session is to have; to give any, the role must allow it.
    """
    policy = _compiled(role.name, role.trust_policy)
    if policy is None:
        return f"trust policy of role `{role.name}` cannot be read"
    context = _context(role, pool_id, identity_id, amr, tags or {})
    for action in (ACTION, TAG_SESSION) if tags else (ACTION,):
        verdict = evaluate_trust(policy, COGNITO, action, context)
        if verdict.outcome == "explicitDeny":
            name = f"{verdict.statement}" if verdict.sid is None else f"{verdict.statement} (`{verdict.sid}`)"
            return f"trust policy of role `{role.name}`: statement {name} denies {action}"
        if not verdict.allowed:
            return (
                f"trust policy of role `{role.name}`: no statement allows {action} to {COGNITO.arn}"
                f" for identity pool {pool_id} and amr {', '.join(amr[:2])}"
            )
    return None


def _context(role: Role, pool_id: str, identity_id: str, amr: tuple[str, ...], tags: Mapping[str, str]) -> Context:
    """The condition keys, in lower case.

    INVARIANT: what a token says stands under names that nothing else is found under, `aws:RequestTag/…`; the role's
    own tags come from the store.
    """
    context = Context(
        {
            "cognito-identity.amazonaws.com:aud": pool_id,
            "cognito-identity.amazonaws.com:sub": identity_id,
            "cognito-identity.amazonaws.com:amr": amr,
            "sts:rolesessionname": SESSION_NAME,
            "aws:federatedprovider": COGNITO.arn,
        }
    )
    if tags:
        context |= Context.of(request_tag_keys(tags))
    if role.tags:
        context |= Context.of(iam_resource_tag_keys(role.tags))
    return context


@lru_cache(maxsize=1024)
def _compiled(role_name: str, trust_policy: str) -> Policy | None:
    """By the text itself, so that no change of it can be missed; None if it is no policy."""
    try:
        return compile_policy(load(trust_policy), Source(PolicyType.TRUST, f"trust policy of role `{role_name}`"))
    except MalformedPolicyDocument:
        return None
