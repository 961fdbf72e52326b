"""IAM policies: what a document says, whether it may be saved, and what all policies together decide.

Pure: no I/O, no clock, no randomness. It knows nothing of HTTP, of the store, or of how a caller was authenticated.

Saving::

    document = parse(text, "identity")     # or managed, trust, resource, session; raises MalformedPolicyDocument
    size(text) > SIZE_LIMITS["trust"]      # white space not counted; the IAM operations answer LimitExceeded
    expand_resources(text, api_arn)        # `execute-api:/stage/GET/pets` in an API's own policy

Deciding, once per role (recompile when it changes)::

    policy = compile_stored(text, Source(PolicyType.IDENTITY, "inline policy `allow` of role `r`"))
    policies = Policies(identity=(policy,), session=guest_scope_down() if principal.scoped_down else None)

once per session (keep the result with the session, bounded)::

    constants = session_constants(principal)
    bound = policies.bind(constants)       # `policies` itself where nothing depends on the session
    caller = Caller.of(principal)

and once per request::

    context = request_context(constants, now=now, source_ip=…, secure=…, user_agent=…, referer=…)
    query = Query("execute-api:Invoke", method_arn, caller, account, context)
    verdict = evaluate(bound, query)       # .allowed .outcome .policy_type .policy .statement .sid
    denial_message(verdict, query, mask_account=True)
    explain(bound, query).to_json()        # when asked: the same verdict, with every why and what would allow it

`compile_stored` never raises: a text that cannot be read becomes a policy that denies everything. `session` is one
pool: an Allow in any of its policies suffices. None means the type is not present; an empty tuple is present and
allows nothing. `resource_account` is the account that owns the resource; empty is the caller's own. The account root
has `Policies(identity=(account_root(),))`.

Issuing credentials::

    verdict = evaluate_trust(policy, COGNITO, "sts:AssumeRoleWithWebIdentity", {
        "cognito-identity.amazonaws.com:aud": pool_id,
        "cognito-identity.amazonaws.com:sub": identity_id,
        "cognito-identity.amazonaws.com:amr": ("unauthenticated",),     # a tuple is a set-typed key
    })

where `policy` was compiled with `PolicyType.TRUST`. Session tags need `sts:TagSession` allowed in the same way. For
`sts:AssumeRole` by a caller with an account, ask `evaluate` with the caller's identity policies and the trust policy
as `resource`.
"""

from gatepass.policy.change import Change
from gatepass.policy.compile import Policy, compile_policy, compile_stored
from gatepass.policy.context import RequestContext, request_context, session_constants
from gatepass.policy.document import Document, Kind, load
from gatepass.policy.evaluate import Policies, evaluate, evaluate_trust
from gatepass.policy.explain import Explanation, explain
from gatepass.policy.judge import REASONS, ConditionResult
from gatepass.policy.managed import (
    GUEST_INLINE_SESSION_POLICY,
    GUEST_SESSION_POLICY_ARN,
    MANAGED_POLICIES,
    account_root,
    guest_scope_down,
    managed_policy,
)
from gatepass.policy.query import ANONYMOUS, COGNITO, Caller, Constants, Context, ContextValue, Query
from gatepass.policy.results import PolicyResult, StatementResult
from gatepass.policy.shorthand import expand_resources
from gatepass.policy.tag_keys import iam_resource_tag_keys, request_tag_keys, resource_tag_keys, untag_keys
from gatepass.policy.validation import SIZE_LIMITS, parse, size
from gatepass.policy.verdict import Outcome, PolicyType, Source, Verdict
from gatepass.policy.wording import denial_message

__all__ = [
    "ANONYMOUS",
    "COGNITO",
    "GUEST_INLINE_SESSION_POLICY",
    "GUEST_SESSION_POLICY_ARN",
    "MANAGED_POLICIES",
    "REASONS",
    "SIZE_LIMITS",
    "Caller",
    "Change",
    "ConditionResult",
    "Constants",
    "Context",
    "ContextValue",
    "Document",
    "Explanation",
    "Kind",
    "Outcome",
    "Policies",
    "Policy",
    "PolicyResult",
    "PolicyType",
    "Query",
    "RequestContext",
    "Source",
    "StatementResult",
    "Verdict",
    "account_root",
    "compile_policy",
    "compile_stored",
    "denial_message",
    "evaluate",
    "evaluate_trust",
    "expand_resources",
    "explain",
    "guest_scope_down",
    "iam_resource_tag_keys",
    "load",
    "managed_policy",
    "parse",
    "request_context",
    "request_tag_keys",
    "resource_tag_keys",
    "session_constants",
    "size",
    "untag_keys",
]
