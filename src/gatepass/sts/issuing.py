"""Making a session: how long it lives, and what is answered of it."""

from __future__ import annotations

from typing import NamedTuple

from gatepass.arn import assumed_role_arn
from gatepass.errors import AccessDenied, ValidationFailure
from gatepass.operation import Call
from gatepass.store import Role
from gatepass.sts.shapes import AssumedRoleUser, Credentials
from gatepass.tokens import Session, mint
from gatepass.tokens.session import SESSION_TOKEN_LIMIT

DEFAULT_DURATION = 3600
CHAINED_AT_MOST = 3600
SALT_BYTES = 16
ACCESS_KEY_ENTROPY_BYTES = 6

CHAINED_TOO_LONG = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
TOO_LONG = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
# A trailing blank, as pasted answers have it.
HALF_OF_MFA = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. "
NO_MFA = (
    "MultiFactorAuthentication failed, unable to validate MFA code."
    "  Please verify your MFA serial number is valid and associated with this user."
)


class Issued(NamedTuple):
    """A session as it is answered.

    Attributes:
        packed_policy_size: percent of what session policies and tags may take; None where none were passed.
    """

    credentials: Credentials
    packed_policy_size: int | None


def issue(call: Call, session: Session) -> Issued:
    """Raises: PackedPolicyTooLarge."""
    minted = mint(
        call.key_ring,
        session,
        salt=call.entropy(SALT_BYTES),
        access_key_entropy=call.entropy(ACCESS_KEY_ENTROPY_BYTES),
    )
    credentials = Credentials(
        minted.access_key_id, minted.secret_access_key, minted.session_token, minted.session.expiration
    )
    share = None
    if session.session_policies or session.session_policy_arns or session.tags:
        share = -(-len(minted.session_token) * 100 // SESSION_TOKEN_LIMIT)
    return Issued(credentials, share)


def role_duration(role: Role, given: int | None, *, chained: bool) -> int:
    """How many seconds a role's session may last.

    Raises: ValidationFailure, if more are asked for than the role, or a chain of roles, gives.
    """
    duration = DEFAULT_DURATION if given is None else given
    if chained and duration > CHAINED_AT_MOST:
        raise ValidationFailure(CHAINED_TOO_LONG)
    if duration > role.max_session_duration:
        raise ValidationFailure(TOO_LONG)
    return duration


def assumed_role_user(call: Call, role: Role, session_name: str) -> AssumedRoleUser:
    arn = assumed_role_arn(call.deployment.account, role.name, session_name)
    return AssumedRoleUser(f"{role.id}:{session_name}", arn)


def check_no_mfa(serial_number: str | None, token_code: str | None) -> None:
    """Raises: AccessDenied, for a code of a device: nobody has one here, and a code is not ignored."""
    if serial_number is not None or token_code is not None:
        raise AccessDenied(HALF_OF_MFA if serial_number is None or token_code is None else NO_MFA)
