"""The STS operations that are served."""

from gatepass import errors
from gatepass.operation import Operation
from gatepass.sts import assume_role, caller, messages, session_token, shapes, web_identity

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "sts",
        "AssumeRole",
        takes=shapes.AssumeRoleInput,
        gives=shapes.AssumeRoleOutput,
        answer=assume_role.assume_role,
        fails=(
            errors.AccessDenied,
            errors.InvalidParameterValue,
            errors.MalformedPolicyDocument,
            errors.PackedPolicyTooLarge,
            errors.ValidationFailure,
        ),
        needs_permission=False,
        asks_itself=True,  # the role's trust policy has a say
    ),
    Operation(
        "sts",
        "AssumeRoleWithWebIdentity",
        takes=shapes.AssumeRoleWithWebIdentityInput,
        gives=shapes.AssumeRoleWithWebIdentityOutput,
        answer=web_identity.assume_role_with_web_identity,
        fails=(
            errors.AccessDenied,
            errors.ExpiredIdentityToken,
            errors.InvalidIdentityToken,
            errors.InvalidParameterValue,
            errors.MalformedPolicyDocument,
            errors.PackedPolicyTooLarge,
            errors.ValidationFailure,
        ),
        signed=False,
    ),
    Operation(
        "sts",
        "DecodeAuthorizationMessage",
        takes=shapes.DecodeAuthorizationMessageInput,
        gives=shapes.DecodeAuthorizationMessageOutput,
        answer=messages.decode_authorization_message,
        fails=(errors.InvalidAuthorizationMessage,),
        of_user_sessions=False,
    ),
    Operation(
        "sts",
        "GetAccessKeyInfo",
        takes=shapes.GetAccessKeyInfoInput,
        gives=shapes.GetAccessKeyInfoOutput,
        answer=caller.get_access_key_info,
        fails=(errors.AccessDenied,),
        of_user_sessions=False,
    ),
    Operation(
        "sts",
        "GetCallerIdentity",
        takes=shapes.GetCallerIdentityInput,
        gives=shapes.GetCallerIdentityOutput,
        answer=caller.get_caller_identity,
        fails=(),
        needs_permission=False,
    ),
    Operation(
        "sts",
        "GetSessionToken",
        takes=shapes.GetSessionTokenInput,
        gives=shapes.GetSessionTokenOutput,
        answer=session_token.get_session_token,
        fails=(errors.AccessDenied,),
        needs_permission=False,  # AWS: policies do not control it
    ),
)
