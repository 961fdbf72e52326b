"""The STS operations that are served."""

from gatepass.operation import Operation
from gatepass.sts.caller import get_caller_identity
from gatepass.sts.shapes import GetCallerIdentityInput, GetCallerIdentityOutput

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "sts",
        "GetCallerIdentity",
        takes=GetCallerIdentityInput,
        gives=GetCallerIdentityOutput,
        answer=get_caller_identity,
        fails=(),
        needs_permission=False,
    ),
)
