"""How large policies may be. White space does not count.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from collections.abc import Mapping

from gatepass.errors import LimitExceeded

TRUST_POLICY = 2048
ROLE_INLINE_POLICIES = 10240


def size(document: str) -> int:
    """The characters of a policy that count."""
    return len("".join(document.split()))


def check_trust_policy(document: str) -> None:
    """Raises: LimitExceeded, if the role's trust policy would be too large."""
    if size(document) > TRUST_POLICY:
        raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY}")


def check_inline_policies(role_name: str, policies: Mapping[str, str]) -> None:
    """Raises: LimitExceeded, if all inline policies of the role together would be too large."""
    if sum(map(size, policies.values())) > ROLE_INLINE_POLICIES:
        raise LimitExceeded(f"Maximum policy size of {ROLE_INLINE_POLICIES} bytes exceeded for role {role_name}")
