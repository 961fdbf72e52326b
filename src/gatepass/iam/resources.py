"""The ARN that an operation's permission is asked for."""

from typing import Protocol

from gatepass import arn
from gatepass.iam.shapes import CreateRoleInput
from gatepass.operation import Call


class NamesRole(Protocol):
    @property
    def role_name(self) -> str: ...


def new_role(call: Call, given: CreateRoleInput) -> str:
    """The role as it will be."""
    return arn.role_arn(call.deployment.account, given.path, given.role_name)


def role(call: Call, given: NamesRole) -> str:
    """The role as it is; one that is not there is taken to be without a path, as AWS does."""
    stored = call.store.directory.roles.get(given.role_name)
    return stored.arn if stored else arn.role_arn(call.deployment.account, "/", given.role_name)


def every_role(call: Call, given: object) -> str:
    """Listing is not narrowed by a path prefix."""
    return arn.role_arn(call.deployment.account, "/", "")
