"""User groups: made, shown, listed, renamed, deleted; and who is in them."""

from collections.abc import Sequence

from gatepass import arn
from gatepass.errors import DeleteConflict, EntityAlreadyExists
from gatepass.iam import changing, limits, paging
from gatepass.iam.owners import GROUPS, USERS, check_policies
from gatepass.iam.renaming import as_checked, check_new_arn, renamed
from gatepass.iam.shapes import groups, users
from gatepass.iam.users import listed
from gatepass.operation import Call
from gatepass.store import Group, User
from gatepass.tokens.ids import ENTROPY_BYTES, unique_id


async def create_group(call: Call, given: groups.CreateGroupInput) -> groups.CreateGroupOutput:
    """A group with a new id, whichever had its name before."""
    account = call.deployment.account
    group = Group(
        name=given.group_name,
        path=given.path,
        id=unique_id("AGPA", account, call.entropy(ENTROPY_BYTES)),
        arn=arn.group_arn(account, given.path, given.group_name),
        created=call.now,
    )
    if not await call.store.groups.add(group):
        raise _taken(given.group_name)
    return groups.CreateGroupOutput(_shown(group))


def _taken(name: str) -> EntityAlreadyExists:
    return EntityAlreadyExists(f"Group with name {name} already exists.")


def _shown(group: Group) -> groups.Group:
    return groups.Group(group.path, group.name, group.id, group.arn, group.created)


async def get_group(call: Call, given: groups.PagesOfGroup) -> groups.GetGroupOutput:
    """The group, and a page of its users by name."""
    group = await GROUPS.stored(call, given.group_name)
    found = await call.store.users.members(group.name, after=paging.last_entry(given.marker), limit=given.max_items + 1)
    page = paging.cut(found, given, lambda user: user.name)
    return groups.GetGroupOutput(
        is_truncated=page.is_truncated,
        marker=page.marker,
        users=tuple(map(listed, page.entries)),
        group=_shown(group),
    )


async def list_groups(call: Call, given: groups.ListGroupsInput) -> groups.ListGroupsOutput:
    """By name."""
    found = await call.store.groups.list(
        after=paging.last_entry(given.marker), limit=given.max_items + 1, path_prefix=given.path_prefix
    )
    return _listing(paging.cut(found, given, lambda group: group.name))


async def list_groups_for_user(call: Call, given: users.PagesOfUser) -> groups.ListGroupsOutput:
    """By name."""
    user = await USERS.stored(call, given.user_name)
    page = paging.page(user.groups, given, str)
    found = [await call.store.groups.get(name) for name in page.entries]
    return _listing(paging.Page(tuple(group for group in found if group is not None), page.marker))


def _listing(page: paging.Page[Group]) -> groups.ListGroupsOutput:
    return groups.ListGroupsOutput(
        is_truncated=page.is_truncated, marker=page.marker, groups=tuple(map(_shown, page.entries))
    )


async def update_group(call: Call, given: groups.UpdateGroupInput) -> None:
    """Another name or path; id, policies and users stay."""
    group = await GROUPS.stored(call, given.group_name)
    expected = renamed(call, group, given.new_group_name, given.new_path)
    check_new_arn(call, "UpdateGroup", group, expected)

    def changed(group: Group) -> Group:
        return as_checked(renamed(call, group, given.new_group_name, given.new_path), expected)

    if await call.store.groups.rename(given.group_name, changed) is None:
        await GROUPS.stored(call, given.group_name)
        raise _taken(given.new_group_name or given.group_name)


async def delete_group(call: Call, given: groups.OfGroup) -> None:
    """A group goes only without users and policies."""
    if not await call.store.groups.delete(given.group_name, check=_check_deletable):
        raise GROUPS.missing(given.group_name)


def _check_deletable(group: Group, user_names: Sequence[str]) -> None:
    """Raises: DeleteConflict."""
    if user_names:
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    check_policies(group)


async def add_user_to_group(call: Call, given: groups.MembershipInput) -> None:
    """The group's policies count for the user's next request. It may be in the group already."""

    def check(user: User) -> None:
        if len(user.groups) >= limits.GROUPS_OF_USER:
            raise limits.exceeded("GroupsPerUser", limits.GROUPS_OF_USER)

    async def attempt() -> bool | None:
        return await call.store.groups.add_user(given.group_name, given.user_name, check=check) or None

    await changing.change(attempt, lambda: _check_both(call, given))


async def remove_user_from_group(call: Call, given: groups.MembershipInput) -> None:
    """The group's policies no longer count for the user's next request. It may not be in the group."""

    async def attempt() -> bool | None:
        return await call.store.groups.remove_user(given.group_name, given.user_name) or None

    await changing.change(attempt, lambda: _check_both(call, given))


async def _check_both(call: Call, given: groups.MembershipInput) -> None:
    """Raises: NoSuchEntity; of the user, if neither is there."""
    await USERS.stored(call, given.user_name)
    await GROUPS.stored(call, given.group_name)
