"""The ARN that an operation's permission is asked for."""

from typing import Protocol

from gatepass import arn
from gatepass.iam.shapes.groups import CreateGroupInput
from gatepass.iam.shapes.managed_policies import CreatePolicyInput
from gatepass.iam.shapes.providers import CreateProviderInput
from gatepass.iam.shapes.roles import CreateRoleInput
from gatepass.iam.shapes.users import CreateUserInput, GetAccessKeyLastUsedInput
from gatepass.operation import Call


class NamesRole(Protocol):
    @property
    def role_name(self) -> str: ...


class NamesUser(Protocol):
    @property
    def user_name(self) -> str: ...


class MayNameUser(Protocol):
    @property
    def user_name(self) -> str | None: ...


class NamesGroup(Protocol):
    @property
    def group_name(self) -> str: ...


class NamesPolicy(Protocol):
    @property
    def policy_arn(self) -> str: ...


class NamesProvider(Protocol):
    @property
    def provider_arn(self) -> str: ...


class NamesSource(Protocol):
    @property
    def policy_source_arn(self) -> str: ...


# --- what is to be


def new_role(call: Call, given: CreateRoleInput) -> str:
    """The role as it will be."""
    return arn.role_arn(call.deployment.account, given.path, given.role_name)


def new_user(call: Call, given: CreateUserInput) -> str:
    """The user as it will be."""
    return arn.user_arn(call.deployment.account, given.path, given.user_name)


def new_group(call: Call, given: CreateGroupInput) -> str:
    """The group as it will be."""
    return arn.group_arn(call.deployment.account, given.path, given.group_name)


def new_policy(call: Call, given: CreatePolicyInput) -> str:
    """The policy as it will be."""
    return arn.policy_arn(call.deployment.account, given.path, given.policy_name)


def new_provider(call: Call, given: CreateProviderInput) -> str:
    """The provider as it will be."""
    return arn.oidc_provider_arn(call.deployment.account, given.url)


# --- what is there; what is not is taken to be without a path, as AWS does


def role(call: Call, given: NamesRole) -> str:
    """The role with its path."""
    stored = call.store.directory.roles.get(given.role_name)
    return stored.arn if stored else arn.role_arn(call.deployment.account, "/", given.role_name)


def user(call: Call, given: NamesUser) -> str:
    """The user with its path."""
    return _user(call, given.user_name)


def user_or_caller(call: Call, given: MayNameUser) -> str:
    """The user that is named, or who calls."""
    if given.user_name is not None:
        return _user(call, given.user_name)
    return call.principal.arn if call.principal is not None else "*"


def _user(call: Call, name: str) -> str:
    stored = call.store.directory.users.get(name)
    return stored.arn if stored else arn.user_arn(call.deployment.account, "/", name)


def user_of_key(call: Call, given: GetAccessKeyLastUsedInput) -> str:
    """The user that has the key."""
    key = call.store.directory.access_keys.get(given.access_key_id)
    if key is None:
        return "*"
    return arn.root_arn(call.deployment.account) if key.user_name is None else _user(call, key.user_name)


def group(call: Call, given: NamesGroup) -> str:
    """The group with its path."""
    stored = call.store.directory.groups.get(given.group_name)
    return stored.arn if stored else arn.group_arn(call.deployment.account, "/", given.group_name)


def policy(call: Call, given: NamesPolicy) -> str:
    """The policy."""
    return given.policy_arn


def provider(call: Call, given: NamesProvider) -> str:
    """The provider."""
    return given.provider_arn


def source(call: Call, given: NamesSource) -> str:
    """The user, group or role whose policies are simulated."""
    return given.policy_source_arn


# --- listings, which no path prefix narrows


def every_role(call: Call, given: object) -> str:
    return arn.role_arn(call.deployment.account, "/", "")


def every_user(call: Call, given: object) -> str:
    return arn.user_arn(call.deployment.account, "/", "")


def every_group(call: Call, given: object) -> str:
    return arn.group_arn(call.deployment.account, "/", "")


def every_provider(call: Call, given: object) -> str:
    return arn.oidc_provider_arn(call.deployment.account, "https://*")


def every_instance_profile(call: Call, given: object) -> str:
    return f"arn:aws:iam::{call.deployment.account}:instance-profile/"
