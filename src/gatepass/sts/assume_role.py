"""`AssumeRole`: one principal's credentials for those of a role that trusts it."""

from __future__ import annotations

from gatepass.arn import Arn
from gatepass.errors import AccessDenied, InvalidParameterValue, ValidationFailure
from gatepass.operation import Call
from gatepass.sts import session_tags, trust
from gatepass.sts.issuing import assumed_role_user, check_no_mfa, issue, role_duration
from gatepass.sts.session_policies import session_policies
from gatepass.sts.shapes import AssumeRoleInput, AssumeRoleOutput
from gatepass.tokens import Session

ACTION = "sts:AssumeRole"
NOT_BY_ROOT = "Roles may not be assumed by root accounts."


async def assume_role(call: Call, given: AssumeRoleInput) -> AssumeRoleOutput:
    """What the request says is checked first, then whether the role may be taken, then for how long.

    The session ends with its caller's at the latest: who holds credentials for a time cannot have them for longer.
    """
    caller = call.principal
    assert caller is not None  # noqa: S101 - the table says `signed`
    _check_arn(given.role_arn)
    asked = session_tags.requested(
        ((tag.key, tag.value) for tag in given.tags), given.transitive_tag_keys, given.source_identity
    )
    limits = session_policies(call, given.policy, given.policy_arns)
    if given.provided_contexts:
        raise InvalidParameterValue("The provided context is not valid.", detail="no context provider is trusted here")
    check_no_mfa(given.serial_number, given.token_code)
    if caller.kind == "root":
        raise AccessDenied(NOT_BY_ROOT)
    role = call.store.directory.role_by_arn(given.role_arn)
    if role is None:
        call.note(f"there is no role {given.role_arn}")
        raise _denied(caller.arn, ACTION, given.role_arn)
    tags = session_tags.chained(asked, caller)
    context = {**trust.request_keys(role, given.role_session_name, tags), "sts:ExternalId": given.external_id}
    refused = trust.refused(call, role, (ACTION, *tags.actions()), context)
    if refused is not None:
        raise _denied(caller.arn, refused, role.arn)
    issued_at = int(call.now)
    expiration = issued_at + role_duration(role, given.duration_seconds, chained=caller.expiration is not None)
    session = Session(
        kind="role-session",
        account=call.deployment.account,
        issued_at=issued_at,
        expiration=expiration if caller.expiration is None else min(expiration, caller.expiration),
        role_arn=role.arn,
        role_id=role.id,
        session_name=given.role_session_name,
        session_policies=limits.inline,
        session_policy_arns=limits.arns,
        tags=dict(tags.tags),
        transitive_tag_keys=tags.transitive,
        source_identity=tags.source_identity,
    )
    issued = issue(call, session)
    return AssumeRoleOutput(
        assumed_role_user=assumed_role_user(call, role, given.role_session_name),
        credentials=issued.credentials,
        source_identity=tags.source_identity,
        packed_policy_size=issued.packed_policy_size,
    )


def _check_arn(text: str) -> None:
    try:
        Arn.parse(text)
    except ValueError:
        raise ValidationFailure(f"{text} is invalid") from None


def _denied(caller_arn: str, action: str, role_arn: str) -> AccessDenied:
    """One sentence for a role that is not there, one that does not trust, and a caller that may not ask."""
    return AccessDenied(f"User: {caller_arn} is not authorized to perform: {action} on resource: {role_arn}")
