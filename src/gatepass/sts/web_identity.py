"""`AssumeRoleWithWebIdentity`: a token of an identity pool or an OpenID Connect provider for a role's credentials."""

from __future__ import annotations

from gatepass.arn import Arn
from gatepass.errors import AccessDenied, InvalidIdentityToken, ValidationFailure
from gatepass.operation import Call
from gatepass.store import Role
from gatepass.sts import federation, trust
from gatepass.sts.federation import WebIdentity
from gatepass.sts.issuing import assumed_role_user, issue, role_duration
from gatepass.sts.session_policies import session_policies
from gatepass.sts.shapes import AssumeRoleWithWebIdentityInput, AssumeRoleWithWebIdentityOutput
from gatepass.tokens import Session

ACTION = "sts:AssumeRoleWithWebIdentity"


async def assume_role_with_web_identity(
    call: Call, given: AssumeRoleWithWebIdentityInput
) -> AssumeRoleWithWebIdentityOutput:
    """Nobody signs the request: the token says who asks, and the role's trust policy alone can let them in."""
    _check_arn(given.role_arn)
    limits = session_policies(call, given.policy, given.policy_arns)
    if given.provider_id is not None:
        raise InvalidIdentityToken(
            federation.NOT_VALIDATED, detail="a ProviderId is for OAuth 2.0 access tokens, which are not taken"
        )
    identity = await federation.believed(call, given.web_identity_token)
    if identity.roles is not None and given.role_arn not in identity.roles:
        raise InvalidIdentityToken(federation.NOT_VALIDATED, detail=f"the token is not for the role {given.role_arn}")
    role = _role(call, given, identity)
    issued_at = int(call.now)
    session = Session(
        kind="role-session",
        account=call.deployment.account,
        issued_at=issued_at,
        expiration=issued_at + role_duration(role, given.duration_seconds, chained=False),
        role_arn=role.arn,
        role_id=role.id,
        session_name=given.role_session_name,
        identity_id=identity.identity_id,
        identity_pool_id=identity.identity_pool_id,
        amr=identity.cognito_amr,
        session_policies=limits.inline,
        session_policy_arns=limits.arns,
        tags=dict(identity.tags.tags),
        transitive_tag_keys=identity.tags.transitive,
        source_identity=identity.tags.source_identity,
        federated_provider=identity.provider,
        federation_keys=dict(identity.session_keys),
    )
    issued = issue(call, session)
    return AssumeRoleWithWebIdentityOutput(
        audience=identity.audience,
        assumed_role_user=assumed_role_user(call, role, given.role_session_name),
        credentials=issued.credentials,
        provider=identity.provider,
        source_identity=identity.tags.source_identity,
        subject_from_web_identity_token=identity.subject,
        packed_policy_size=issued.packed_policy_size,
    )


def _role(call: Call, given: AssumeRoleWithWebIdentityInput, identity: WebIdentity) -> Role:
    """The role, if it trusts the identity. Raises: AccessDenied."""
    role = call.store.directory.role_by_arn(given.role_arn)
    if role is None:
        call.note(f"there is no role {given.role_arn}")
        raise _denied(ACTION)
    context = {
        **trust.request_keys(role, given.role_session_name, identity.tags),
        **identity.keys,
        "aws:FederatedProvider": identity.provider,
        "sts:RoleAuthorizedByIdp": "false" if identity.roles is None else "true",
    }
    refused = trust.refused(call, role, (ACTION, *identity.tags.actions()), context, identity.caller)
    if refused is not None:
        raise _denied(refused)
    return role


def _check_arn(text: str) -> None:
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise ValidationFailure("Request ARN is invalid") from None
    if arn.service != "iam" or not arn.resource.startswith("role/"):
        raise ValidationFailure("Request ARN is invalid")


def _denied(action: str) -> AccessDenied:
    return AccessDenied(f"Not authorized to perform {action}")
