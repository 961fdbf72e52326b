"""The judge of one call: what all policies say about something that an operation does for its caller."""

from __future__ import annotations

from collections.abc import Mapping

from gatepass.gateway.headers import proven_header
from gatepass.gateway.snapshot import Snapshot
from gatepass.http import Request
from gatepass.operation import Judge, deny_all
from gatepass.policy import Caller, Constants, ContextValue, Policies, Policy, Query, RequestContext, Verdict, evaluate
from gatepass.sigv4 import Verified

_OF_NOBODY = Constants({})


def judge_of(snapshot: Snapshot, request: Request, verified: Verified | None, now: float) -> Judge:
    """The judge of a call that this request asks for.

    INVARIANT: what the request says of its caller, its source and its time comes from the signature and the
    connection. An operation adds keys to that, it replaces none.
    """

    signed = None if verified is None else verified.signed_headers

    def judge(
        action: str,
        resource: str,
        context: Mapping[str, ContextValue | None],
        *,
        trust: Policy | None = None,
        caller: Caller | None = None,
    ) -> Verdict:
        if caller is not None:  # someone a token speaks for has no policies: the resource's alone can let them in
            asking, constants, policies = caller, _OF_NOBODY, Policies(resource=() if trust is None else (trust,))
        elif verified is None:
            return deny_all(action, resource, context)
        else:
            standing = snapshot.standings.of(verified.principal)
            asking, constants, policies = standing.caller, standing.constants, standing.policies
            if trust is not None:
                policies = Policies(policies.identity, policies.session, policies.boundary, (trust,))
        asked = RequestContext(
            constants,
            now,
            request.source_ip,
            request.secure,
            lambda: proven_header(request, signed, b"user-agent"),
            lambda: proven_header(request, signed, b"referer"),
            snapshot.deployment.region,
            {name: value for name, value in context.items() if value is not None},
        )
        return evaluate(policies, Query(action, resource, asking, snapshot.deployment.account, asked))

    return judge
