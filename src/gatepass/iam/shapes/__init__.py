"""What IAM operations take and give, with AWS's names and constraints.

Members of outputs stand in the order AWS prints them: that of a Java hash table of 16 buckets over their names, which
every recorded answer agrees with (docs/decisions/0045-order-of-xml-members.md).
"""

from gatepass.iam.shapes import account, groups, managed_policies, parts, providers, roles, simulation, users

__all__ = ["account", "groups", "managed_policies", "parts", "providers", "roles", "simulation", "users"]
