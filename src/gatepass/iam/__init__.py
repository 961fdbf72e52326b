"""IAM: roles, users, groups and OpenID Connect providers, and the policies they carry.

It owns what may be saved, under which names and limits, and what the policy simulator answers. It does not know whether
the caller may do what it asks (the gateway has decided that), nor how a request is spelled on the wire.
"""

from gatepass.iam.operations import OPERATIONS

__all__ = ["OPERATIONS"]
