"""Users and groups under another name or path: the caller needs the permission for the new ARN as for the old one.

Else whoever may change one user could take the name of another, and what policies allow the bearer of that name.
"""

from dataclasses import replace
from typing import TypeVar

from gatepass.arn import group_arn, user_arn
from gatepass.errors import AccessDenied
from gatepass.iam.changing import overtaken
from gatepass.operation import Call
from gatepass.policy import Caller, Query, denial_message, iam_resource_tag_keys
from gatepass.store import Group, User

E = TypeVar("E", User, Group)


def renamed(call: Call, entity: E, name: str | None, path: str | None) -> E:
    """The entity as it will be; what is not given stays."""
    account, name, path = call.deployment.account, name or entity.name, path or entity.path
    arn = user_arn(account, path, name) if isinstance(entity, User) else group_arn(account, path, name)
    return replace(entity, name=name, path=path, arn=arn)


def check_new_arn(call: Call, operation: str, old: User | Group, new: User | Group) -> None:
    """Raises: AccessDenied, if the caller may not change what is called like this."""
    if new.arn == old.arn or call.principal is None:
        return
    context = iam_resource_tag_keys(old.tags if isinstance(old, User) else {})
    action = f"iam:{operation}"
    verdict = call.judge(action, new.arn, context)
    if not verdict.allowed:
        raise AccessDenied(denial_message(verdict, Query(action, new.arn, Caller.of(call.principal))))


def as_checked(new: E, checked: E) -> E:
    """The new entity. Raises: ConcurrentModification, if it is not called what the permission was asked for."""
    if new.arn != checked.arn:
        raise overtaken()
    return new
