"""IAM: roles and the policies they carry. It owns what may be saved, under which names and limits.

It does not know whether the caller may do what it asks (the gateway has decided that), how a policy is evaluated, or
how a request is spelled on the wire.
"""

from gatepass.iam.operations import OPERATIONS

__all__ = ["OPERATIONS"]
