"""Passwords, devices, certificates and keys of other services: nobody has any here.

Programs that delete a user look for each of them first, and take away what they find: Terraform with `force_destroy`,
and most scripts.
"""

from typing import NoReturn

from gatepass.errors import NoSuchEntity
from gatepass.iam.owners import USERS
from gatepass.iam.shapes import other_credentials as shapes
from gatepass.iam.shapes.users import PagesOfUserOrCaller
from gatepass.iam.users import user_or_caller
from gatepass.operation import Call


async def no_login_profile(call: Call, given: shapes.OfShortUserOrCaller) -> NoReturn:
    """Raises: NoSuchEntity, of the user, or else of the password, which is AWS's console's."""
    user = await USERS.stored(call, user_or_caller(call, given.user_name))
    raise NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")


async def list_service_specific_credentials(
    call: Call, given: shapes.ListServiceSpecificCredentialsInput
) -> shapes.ListServiceSpecificCredentialsOutput:
    await _check_user(call, given.user_name)
    return shapes.ListServiceSpecificCredentialsOutput()


async def list_signing_certificates(call: Call, given: PagesOfUserOrCaller) -> shapes.ListSigningCertificatesOutput:
    await _check_user(call, given.user_name)
    return shapes.ListSigningCertificatesOutput()


async def list_ssh_public_keys(call: Call, given: shapes.PagesOfShortUserOrCaller) -> shapes.ListSSHPublicKeysOutput:
    await _check_user(call, given.user_name)
    return shapes.ListSSHPublicKeysOutput()


async def list_virtual_mfa_devices(
    call: Call, given: shapes.ListVirtualMFADevicesInput
) -> shapes.ListVirtualMFADevicesOutput:
    return shapes.ListVirtualMFADevicesOutput()


async def _check_user(call: Call, name: str | None) -> None:
    """Raises: NoSuchEntity. Whoever calls is there."""
    if name is not None:
        await USERS.stored(call, name)
