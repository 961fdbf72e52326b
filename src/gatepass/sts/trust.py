"""Whether a role may be taken: its trust policy, together with everything that binds who asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from gatepass.operation import Call
from gatepass.policy import (
    Caller,
    ContextValue,
    Policy,
    PolicyType,
    Source,
    Verdict,
    compile_stored,
    iam_resource_tag_keys,
    request_tag_keys,
)
from gatepass.store import Role
from gatepass.sts.session_tags import SessionTags

Context = Mapping[str, ContextValue | None]


def refused(
    call: Call, role: Role, actions: tuple[str, ...], context: Context, caller: Caller | None = None
) -> str | None:
    """The first of the actions that is not allowed on the role; None if all are. Why goes to the decision log."""
    trust = _compiled(role.name, role.trust_policy)
    for action in actions:
        verdict = call.judge(action, role.arn, context, trust=trust, caller=caller)
        if not verdict.allowed:
            call.note(_why(action, role, verdict))
            return action
    return None


def request_keys(role: Role, session_name: str, tags: SessionTags) -> dict[str, ContextValue | None]:
    """The condition keys of any request for a role.

    INVARIANT: what a caller chooses stands under names that nothing else is found under, `aws:RequestTag/…`; the
    role's own tags come from the store.
    """
    keys: dict[str, ContextValue | None] = {
        "sts:RoleSessionName": session_name,
        "sts:SourceIdentity": tags.source_identity,
        "sts:TransitiveTagKeys": tags.transitive or None,
    }
    return {**keys, **request_tag_keys(tags.tags), **iam_resource_tag_keys(role.tags)}


def _why(action: str, role: Role, verdict: Verdict) -> str:
    if verdict.outcome == "explicitDeny" and verdict.policy is not None:
        name = f"{verdict.statement}" if verdict.sid is None else f"{verdict.statement} (`{verdict.sid}`)"
        return f"{verdict.policy.name}: statement {name} denies {action} on role `{role.name}`"
    kind = verdict.policy_type.value if verdict.policy_type is not None else "no"
    return f"no {kind} policy allows {action} on role `{role.name}`"


@lru_cache(maxsize=1024)
def _compiled(role_name: str, trust_policy: str) -> Policy:
    """By the text itself, so that no change of it can be missed. A text that cannot be read denies everything."""
    return compile_stored(trust_policy, Source(PolicyType.TRUST, f"trust policy of role `{role_name}`"))
