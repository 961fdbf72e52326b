"""The IAM operations that are served: one table for each kind of entity."""

from gatepass.iam.operations.account import ACCOUNT
from gatepass.iam.operations.groups import GROUPS
from gatepass.iam.operations.managed_policies import MANAGED_POLICIES
from gatepass.iam.operations.other_credentials import OTHER_CREDENTIALS
from gatepass.iam.operations.providers import PROVIDERS
from gatepass.iam.operations.roles import ROLES
from gatepass.iam.operations.users import USERS
from gatepass.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *ROLES,
    *MANAGED_POLICIES,
    *USERS,
    *OTHER_CREDENTIALS,
    *GROUPS,
    *PROVIDERS,
    *ACCOUNT,
)

__all__ = ["OPERATIONS"]
