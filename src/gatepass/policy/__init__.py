"""IAM policies: what a document says, whether it may be saved, and what all policies together decide.

Pure: no I/O, no clock, no randomness. It knows nothing of HTTP, of the store, or of how a caller was authenticated.

Saving::

    document = parse(text, "identity")     # or managed, trust, resource, session
                                           # raises errors.MalformedPolicyDocument with AWS's message

Deciding::

    allow = compile_policy(load(text), Source(PolicyType.IDENTITY, "inline policy `allow` of role `r`"))
    policies = Policies(identity=(allow,), session=None, boundary=None, resource=())
    verdict = evaluate(policies, Query("execute-api:Invoke", method_arn, Caller.of(principal), account, context))
    verdict.allowed                        # outcome, policy_type, policy, statement, sid say why

`session` is one pool: an Allow in any of its policies suffices. None means the type is not present; an empty tuple is
present and allows nothing. `resource_account` is the account that owns the resource (empty: the caller's own).

Issuing credentials::

    verdict = evaluate_trust(policy, COGNITO, "sts:AssumeRoleWithWebIdentity", {
        "cognito-identity.amazonaws.com:aud": pool_id,
        "cognito-identity.amazonaws.com:sub": identity_id,
        "cognito-identity.amazonaws.com:amr": ("unauthenticated",),     # a tuple is a set-typed key
    })
"""

from gatepass.policy.document import Document, Kind, load, parse
from gatepass.policy.compile import Policy, compile_policy
from gatepass.policy.evaluate import Policies, evaluate, evaluate_trust
from gatepass.policy.query import ANONYMOUS, Caller, Constants, Context, ContextValue, Query
from gatepass.policy.verdict import Outcome, PolicyType, Source, Verdict

COGNITO = Caller("federated", "cognito-identity.amazonaws.com")

__all__ = [
    "ANONYMOUS",
    "COGNITO",
    "Caller",
    "Constants",
    "Context",
    "ContextValue",
    "Document",
    "Kind",
    "Outcome",
    "Policies",
    "Policy",
    "PolicyType",
    "Query",
    "Source",
    "Verdict",
    "compile_policy",
    "evaluate",
    "evaluate_trust",
    "load",
    "parse",
]
