"""The rule that makes one verdict of what the policy types say.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from typing import NamedTuple

from gatepass.policy.principals import Grant
from gatepass.policy.verdict import Outcome, PolicyType


class Findings(NamedTuple):
    """What was found in each type. None: no policy of that type is present, so it does not limit.

    Attributes:
        denied: the type of the first policy that denies.
        same_account: caller and resource belong to one account, or the caller to none.
        has_account: false for anonymous and federated callers and services: they have no identity policies, and what
            is given for them as one allows nothing.
        resource: the strongest way in which a resource policy's Allow names the caller.
        must_grant: the resource policy is a role's trust policy, without which nobody takes the role.
        scp: every level of service control policies allows. (Resource control policies only deny: one that allows
            everything is always attached.)
    """

    denied: PolicyType | None = None
    same_account: bool = True
    has_account: bool = True
    identity: bool = False
    resource: Grant = Grant.NONE
    must_grant: bool = False
    boundary: bool | None = None
    session: bool | None = None
    scp: bool | None = None
    vpce: bool | None = None


def combine(found: Findings) -> tuple[Outcome, PolicyType]:
    """The outcome, and the type that decided it or, in an implicit deny, does not allow."""
    if found.denied is not None:
        return "explicitDeny", found.denied
    if found.scp is False:
        return "implicitDeny", PolicyType.SCP
    if found.vpce is False:
        return "implicitDeny", PolicyType.VPCE
    if found.same_account and found.resource is Grant.DIRECT:
        return "allowed", PolicyType.RESOURCE
    identity = found.identity and found.has_account
    if not (identity or (found.same_account and found.resource is Grant.LIMITED)):
        return "implicitDeny", PolicyType.IDENTITY if found.has_account else PolicyType.RESOURCE
    if found.boundary is False:
        return "implicitDeny", PolicyType.BOUNDARY
    if found.session is False:
        return "implicitDeny", PolicyType.SESSION
    if found.resource is Grant.NONE and (found.must_grant or not found.same_account):
        return "implicitDeny", PolicyType.RESOURCE
    return "allowed", PolicyType.IDENTITY if identity else PolicyType.RESOURCE
