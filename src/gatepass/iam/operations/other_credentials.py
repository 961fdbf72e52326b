"""Operations on what users sign in or sign with on AWS beside access keys."""

from gatepass import errors
from gatepass.iam import other_credentials, resources
from gatepass.iam.operations.row import MISSING, row
from gatepass.iam.shapes import other_credentials as shapes
from gatepass.iam.shapes import users
from gatepass.operation import Operation

OTHER_CREDENTIALS: tuple[Operation, ...] = (
    row(
        "GetLoginProfile",
        shapes.OfShortUserOrCaller,
        shapes.GetLoginProfileOutput,
        other_credentials.no_login_profile,
        *(*MISSING, errors.ValidationFailure),
        on=resources.user_or_caller,
    ),
    row(
        "DeleteLoginProfile",
        shapes.OfShortUserOrCaller,
        None,
        other_credentials.no_login_profile,
        *(*MISSING, errors.ValidationFailure),
        on=resources.user_or_caller,
    ),
    row(
        "ListServiceSpecificCredentials",
        shapes.ListServiceSpecificCredentialsInput,
        shapes.ListServiceSpecificCredentialsOutput,
        other_credentials.list_service_specific_credentials,
        *MISSING,
        on=resources.user_or_caller,
    ),
    row(
        "ListSigningCertificates",
        users.PagesOfUserOrCaller,
        shapes.ListSigningCertificatesOutput,
        other_credentials.list_signing_certificates,
        *MISSING,
        on=resources.user_or_caller,
    ),
    row(
        "ListSSHPublicKeys",
        shapes.PagesOfShortUserOrCaller,
        shapes.ListSSHPublicKeysOutput,
        other_credentials.list_ssh_public_keys,
        *MISSING,
        on=resources.user_or_caller,
    ),
    row(
        "ListVirtualMFADevices",
        shapes.ListVirtualMFADevicesInput,
        shapes.ListVirtualMFADevicesOutput,
        other_credentials.list_virtual_mfa_devices,
    ),
)
