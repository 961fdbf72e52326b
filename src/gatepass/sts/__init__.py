"""STS: who is calling. It owns the operations of the security token service.

It does not know how a request is signed or spelled on the wire; a caller's rights are decided before it is asked.
"""

from gatepass.sts.operations import OPERATIONS

__all__ = ["OPERATIONS"]
