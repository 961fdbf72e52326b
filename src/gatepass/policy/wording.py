"""What the caller is told when policies deny.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from gatepass.policy.query import Query
from gatepass.policy.verdict import PolicyType, Verdict

_NAMES = {
    PolicyType.IDENTITY: ("an", "identity-based policy"),
    PolicyType.RESOURCE: ("a", "resource-based policy"),
    PolicyType.SESSION: ("a", "session policy"),
    PolicyType.BOUNDARY: ("a", "permissions boundary"),
    PolicyType.TRUST: ("the", "role trust policy"),
    PolicyType.SCP: ("a", "service control policy"),
    PolicyType.RCP: ("a", "resource control policy"),
    PolicyType.VPCE: ("a", "VPC endpoint policy"),
}


def masked(resource: str) -> str:
    """The ARN with all but the last four digits of its account as asterisks, as API Gateway prints it."""
    parts = resource.split(":", 5)
    if len(parts) < 6 or not parts[4]:
        return resource
    parts[4] = "********" + parts[4][-4:]
    return ":".join(parts)


def denial_message(verdict: Verdict, query: Query, *, mask_account: bool = False) -> str:
    """AWS's sentence for a denied query. `mask_account`: as API Gateway, hide the account in the resource."""
    resource = masked(query.resource) if mask_account else query.resource
    sentence = f"User: {query.caller.arn} is not authorized to perform: {query.action} on resource: {resource}"
    if verdict.policy_type is None:
        return sentence
    article, name = _NAMES[verdict.policy_type]
    if verdict.outcome == "explicitDeny":
        return f"{sentence} with an explicit deny in {article} {name}"
    return f"{sentence} because no {name} allows the {query.action} action"
