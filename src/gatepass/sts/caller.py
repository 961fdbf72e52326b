"""Who is calling, and whose an access key is."""

from gatepass.errors import AccessDenied
from gatepass.operation import Call
from gatepass.sts.shapes import (
    GetAccessKeyInfoInput,
    GetAccessKeyInfoOutput,
    GetCallerIdentityInput,
    GetCallerIdentityOutput,
)
from gatepass.tokens import account_of


async def get_caller_identity(call: Call, given: GetCallerIdentityInput) -> GetCallerIdentityOutput:
    """The verified caller, whoever that is: even an explicit deny does not hide it."""
    caller = call.principal
    assert caller is not None  # noqa: S101 - the table says `signed`
    return GetCallerIdentityOutput(caller.arn, caller.user_id, caller.account)


async def get_access_key_info(call: Call, given: GetAccessKeyInfoInput) -> GetAccessKeyInfoOutput:
    """The account that the id encodes, whether there is such a key or not; older ids encode none.

    Raises: AccessDenied, if the id encodes no account and is no key of this one.
    """
    account = account_of(given.access_key_id)
    if account is None and given.access_key_id in call.store.directory.access_keys:
        account = call.deployment.account
    if account is None:
        raise AccessDenied("Access Denied", detail="the access key id encodes no account")
    return GetAccessKeyInfoOutput(account)
