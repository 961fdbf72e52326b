"""Tags of roles. They take part in decisions as `aws:PrincipalTag` and `aws:ResourceTag`."""

from dataclasses import replace

from gatepass.iam import shapes
from gatepass.iam.paging import last_entry, marker
from gatepass.iam.role_changes import change_role, stored_role
from gatepass.iam.tags import tags, with_tags, without_tags
from gatepass.operation import Call


async def tag_role(call: Call, given: shapes.TagRoleInput) -> None:
    """More tags, or other values of those that are there."""
    added = tags((tag.key, tag.value) for tag in given.tags)
    await change_role(call, given.role_name, lambda role: replace(role, tags=with_tags(role.tags, added)))


async def untag_role(call: Call, given: shapes.UntagRoleInput) -> None:
    """Fewer tags."""
    await change_role(call, given.role_name, lambda role: replace(role, tags=without_tags(role.tags, given.tag_keys)))


async def list_role_tags(call: Call, given: shapes.ListRoleTagsInput) -> shapes.ListRoleTagsOutput:
    """By key."""
    after = last_entry(given.marker) or ""
    role = await stored_role(call, given.role_name)
    found = sorted((key, value) for key, value in role.tags.items() if key > after)
    page = found[: given.max_items]
    return shapes.ListRoleTagsOutput(
        is_truncated=len(found) > len(page),
        marker=marker(page[-1][0]) if len(found) > len(page) else None,
        tags=tuple(shapes.Tag(value, key) for key, value in page),
    )
