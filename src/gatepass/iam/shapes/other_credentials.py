"""What users sign in or sign with on AWS beside access keys."""

from typing import Annotated

import msgspec

from gatepass.iam.shapes.parts import Page
from gatepass.iam.shapes.users import UserName
from gatepass.wire.constraints import Enum
from gatepass.wire.xml import Timestamp


class OfShortUserOrCaller(msgspec.Struct, frozen=True, rename="pascal"):
    user_name: UserName | None = None


class PagesOfShortUserOrCaller(Page, frozen=True, rename="pascal", kw_only=True):
    user_name: UserName | None = None


class LoginProfile(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    user_name: str
    password_reset_required: bool = False
    create_date: Timestamp


class GetLoginProfileOutput(msgspec.Struct, frozen=True, rename="pascal"):
    login_profile: LoginProfile


class ListServiceSpecificCredentialsInput(PagesOfShortUserOrCaller, frozen=True, rename="pascal", kw_only=True):
    service_name: str | None = None
    all_users: bool | None = None


class ListServiceSpecificCredentialsOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool = False
    service_specific_credentials: tuple[str, ...] = ()
    marker: str | None = None


class ListSigningCertificatesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool = False
    certificates: tuple[str, ...] = ()
    marker: str | None = None


class ListSSHPublicKeysOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool = False
    marker: str | None = None
    ssh_public_keys: tuple[str, ...] = msgspec.field(name="SSHPublicKeys", default=())


class ListVirtualMFADevicesInput(Page, frozen=True, rename="pascal", kw_only=True):
    assignment_status: Annotated[str, Enum(("Assigned", "Unassigned", "Any"), listed=False)] = "Any"


class ListVirtualMFADevicesOutput(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    is_truncated: bool = False
    marker: str | None = None
    virtual_mfa_devices: tuple[str, ...] = msgspec.field(name="VirtualMFADevices", default=())
