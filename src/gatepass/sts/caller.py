"""Who is calling."""

from gatepass.operation import Call
from gatepass.sts.shapes import GetCallerIdentityInput, GetCallerIdentityOutput


async def get_caller_identity(call: Call, given: GetCallerIdentityInput) -> GetCallerIdentityOutput:
    """The verified caller, whoever that is: even an explicit deny does not hide it."""
    caller = call.principal
    assert caller is not None  # noqa: S101 - the table says `signed`
    return GetCallerIdentityOutput(caller.arn, caller.user_id, caller.account)
