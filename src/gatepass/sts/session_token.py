"""`GetSessionToken`: the caller's own rights, for a time."""

from __future__ import annotations

from gatepass.errors import AccessDenied
from gatepass.operation import Call
from gatepass.sts.issuing import check_no_mfa, issue
from gatepass.sts.shapes import GetSessionTokenInput, GetSessionTokenOutput
from gatepass.tokens import Session

DEFAULT_DURATION = 43_200
ROOT_AT_MOST = 3600


async def get_session_token(call: Call, given: GetSessionTokenInput) -> GetSessionTokenOutput:
    """Only for long-lived keys: a session cannot prolong itself."""
    caller = call.principal
    assert caller is not None  # noqa: S101 - the table says `signed`
    if caller.expiration is not None or caller.kind == "role-session":
        raise AccessDenied("Cannot call GetSessionToken with session credentials")
    check_no_mfa(given.serial_number, given.token_code)
    duration = DEFAULT_DURATION if given.duration_seconds is None else given.duration_seconds
    is_user = caller.kind == "user"
    issued_at = int(call.now)
    session = Session(
        kind=caller.kind,
        account=caller.account,
        issued_at=issued_at,
        expiration=issued_at + (duration if is_user else min(duration, ROOT_AT_MOST)),
        user_arn=caller.arn if is_user else None,
        user_id=caller.user_id if is_user else None,
    )
    return GetSessionTokenOutput(issue(call, session).credentials)
