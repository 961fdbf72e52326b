"""Session policies: what a new session is limited to, whatever its role may do. They never add to it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
"""

from __future__ import annotations

import json
from typing import NamedTuple

from gatepass.errors import InvalidParameterValue, MalformedPolicyDocument, PackedPolicyTooLarge, ValidationFailure
from gatepass.operation import Call
from gatepass.policy import MANAGED_POLICIES, SIZE_LIMITS, parse, size
from gatepass.sts.shapes import PolicyDescriptor

MOST_ARNS = 10


class SessionPolicies(NamedTuple):
    """What limits a session: an Allow in any of these suffices, and is needed. None at all: nothing limits it."""

    inline: tuple[str, ...] = ()
    arns: tuple[str, ...] = ()


def session_policies(call: Call, policy: str | None, descriptors: tuple[PolicyDescriptor, ...]) -> SessionPolicies:
    """The policies a request passes.

    Raises:
        MalformedPolicyDocument: the inline policy cannot be read.
        PackedPolicyTooLarge: it is longer than a session policy may be.
        InvalidParameterValue: an ARN names no managed policy of this account or of AWS.
        ValidationFailure: there are too many of them.
    """
    if len(descriptors) > MOST_ARNS:
        raise ValidationFailure(f"PolicyArns may name at most {MOST_ARNS} managed policies.")
    arns = tuple(descriptor.arn or "" for descriptor in descriptors)
    managed = call.store.directory.managed_policies
    if not all(arn in managed or arn in MANAGED_POLICIES for arn in arns):
        raise InvalidParameterValue(
            "At least one Policy ARN in the PolicyArns parameter does not match an existing IAM Managed Policy ARN."
        )
    if policy is None:
        return SessionPolicies((), arns)
    try:
        json.loads(policy)
    except (ValueError, RecursionError):
        raise MalformedPolicyDocument("The policy is not in the valid JSON format.") from None
    parse(policy, "session")
    if size(policy) > SIZE_LIMITS["session"]:
        share = -(-size(policy) * 100 // SIZE_LIMITS["session"])
        raise PackedPolicyTooLarge(f"Packed policy consumes {share}% of allotted space, please use smaller policy.")
    return SessionPolicies((policy,), arns)
