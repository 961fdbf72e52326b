"""STS: credentials for a role or for the caller itself, and who is calling. It owns the operations of the service.

Every session it makes is limited to what its role may do, and what the session policies passed with it allow; it lives
no longer than the credentials it was asked for with. It does not know how a request is signed or spelled on the wire,
nor how policies of a caller are found: `Call.judge` asks them.
"""

from gatepass.sts.operations import OPERATIONS

__all__ = ["OPERATIONS"]
