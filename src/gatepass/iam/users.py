"""Users: made, shown, listed, renamed, deleted."""

from collections.abc import Sequence

from gatepass import arn
from gatepass.errors import DeleteConflict, EntityAlreadyExists, ValidationFailure
from gatepass.iam import boundaries, paging, tagging
from gatepass.iam.owners import USERS, check_policies
from gatepass.iam.policy_arns import Use
from gatepass.iam.renaming import as_checked, check_new_arn, renamed
from gatepass.iam.shapes import users
from gatepass.iam.tags import ANY_CASE
from gatepass.operation import Call
from gatepass.store import User
from gatepass.tokens.ids import ENTROPY_BYTES, unique_id


async def create_user(call: Call, given: users.CreateUserInput) -> users.UserOutput:
    """A user with a new id, whoever had its name before."""
    tags = ANY_CASE.tags(given.tags)
    use = None if given.permissions_boundary is None else Use.as_boundary(given.permissions_boundary)
    if use is not None:
        await use.check(call)
    account = call.deployment.account
    user = User(
        name=given.user_name,
        path=given.path,
        id=unique_id("AIDA", account, call.entropy(ENTROPY_BYTES)),
        arn=arn.user_arn(account, given.path, given.user_name),
        permissions_boundary=given.permissions_boundary,
        tags=tags,
        created=call.now,
    )
    if not await call.store.users.add(user, policy=use.stored if use else None):
        if use is not None:
            await use.check(call)
        raise _taken(given.user_name)
    return users.UserOutput(_whole(user))


async def get_user(call: Call, given: users.OfUserOrCaller) -> users.UserOutput:
    """A user by name, or the caller. The root has neither a name nor a path."""
    principal = call.principal
    if given.user_name is None and principal is not None and principal.kind == "root":
        return users.UserOutput(users.User(arn=principal.arn, user_id=principal.user_id))
    return users.UserOutput(_whole(await USERS.stored(call, user_or_caller(call, given.user_name))))


def user_or_caller(call: Call, name: str | None) -> str:
    """The user that is named, or else who calls.

    Raises:
        ValidationFailure: nobody is named, and a role calls.
    """
    if name is not None:
        return name
    caller = None if call.principal is None else call.principal.user_name
    if caller is None:
        raise ValidationFailure("Must specify userName when calling with non-User credentials")
    return caller


async def list_users(call: Call, given: users.ListUsersInput) -> users.ListUsersOutput:
    """Users by name, without boundary and tags, as in AWS's listings."""
    found = await call.store.users.list(
        after=paging.last_entry(given.marker), limit=given.max_items + 1, path_prefix=given.path_prefix
    )
    page = paging.cut(found, given, lambda user: user.name)
    return users.ListUsersOutput(
        is_truncated=page.is_truncated, marker=page.marker, users=tuple(map(listed, page.entries))
    )


def listed(user: User) -> users.User:
    """A user as listings show it."""
    return users.User(path=user.path, user_name=user.name, arn=user.arn, user_id=user.id, create_date=user.created)


def _whole(user: User) -> users.User:
    return users.User(
        path=user.path,
        permissions_boundary=boundaries.shown(user.permissions_boundary),
        user_name=user.name,
        arn=user.arn,
        user_id=user.id,
        create_date=user.created,
        tags=tagging.shown(user) or None,
    )


async def update_user(call: Call, given: users.UpdateUserInput) -> None:
    """Another name or path. Id, policies, groups and access keys stay; policies that name the old ARN do not follow."""
    user = await USERS.stored(call, given.user_name)
    expected = renamed(call, user, given.new_user_name, given.new_path)
    check_new_arn(call, "UpdateUser", user, expected)

    def changed(user: User) -> User:
        return as_checked(renamed(call, user, given.new_user_name, given.new_path), expected)

    if await call.store.users.rename(given.user_name, changed) is None:
        await USERS.stored(call, given.user_name)
        raise _taken(given.new_user_name or given.user_name)


def _taken(name: str) -> EntityAlreadyExists:
    return EntityAlreadyExists(f"User with name {name} already exists.")


async def delete_user(call: Call, given: users.OfUser) -> None:
    """A user goes only without policies, access keys and groups."""
    if not await call.store.users.delete(given.user_name, check=_check_deletable):
        raise USERS.missing(given.user_name)


def _check_deletable(user: User, access_key_ids: Sequence[str]) -> None:
    """Raises: DeleteConflict."""
    check_policies(user)
    if access_key_ids:
        raise DeleteConflict("Cannot delete entity, must delete access keys first.")
    if user.groups:
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")


async def list_mfa_devices(call: Call, given: users.PagesOfUserOrCaller) -> users.ListMFADevicesOutput:
    """None. Programs that delete a user ask first."""
    if given.user_name is not None:
        await USERS.stored(call, given.user_name)
    return users.ListMFADevicesOutput()
