"""How large policies may be, white space not counted, and how many there may be of what.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from gatepass.errors import LimitExceeded

TRUST_POLICY = 2048
MANAGED_POLICY = 6144
ROLE_INLINE_POLICIES = 10240
USER_INLINE_POLICIES = 2048
GROUP_INLINE_POLICIES = 5120
POLICY_VERSIONS = 5
ATTACHED_POLICIES = 10
ACCESS_KEYS = 2
GROUPS_OF_USER = 10
TAGS = 50
CLIENT_IDS = 100
THUMBPRINTS = 5


def size(document: str) -> int:
    """The characters of a policy that count."""
    return len("".join(document.split()))


def check_trust_policy(document: str) -> None:
    """Raises: LimitExceeded, if the role's trust policy would be too large."""
    if size(document) > TRUST_POLICY:
        raise exceeded("ACLSizePerRole", TRUST_POLICY)


def check_managed_policy(document: str) -> None:
    """Raises: LimitExceeded, if the version would be too large."""
    if size(document) > MANAGED_POLICY:
        raise exceeded("PolicySize", MANAGED_POLICY)


def exceeded(quota: str, limit: int) -> LimitExceeded:
    return LimitExceeded(f"Cannot exceed quota for {quota}: {limit}")
