"""Tags of roles and users, which take part in decisions as `aws:PrincipalTag`, and of policies and providers."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Generic, Protocol

from gatepass.iam import paging
from gatepass.iam.owners import ROLES, USERS, Owners, S
from gatepass.iam.shapes.parts import ListTagsOutput, Tag
from gatepass.iam.tags import ANY_CASE, Keys
from gatepass.operation import Call


class Tagged(Protocol):
    @property
    def tags(self) -> Mapping[str, str]: ...


class WithTags(Protocol):
    @property
    def tags(self) -> Iterable[Tag]: ...


class WithKeys(Protocol):
    @property
    def tag_keys(self) -> Iterable[str]: ...


def shown(entity: Tagged) -> tuple[Tag, ...]:
    """Tags as answers show them."""
    return tuple(Tag(value, key) for key, value in entity.tags.items())


def page(tags: Mapping[str, str], given: paging.Asked) -> ListTagsOutput:
    """By key."""
    found = paging.page((Tag(value, key) for key, value in tags.items()), given, lambda tag: tag.key)
    return ListTagsOutput(is_truncated=found.is_truncated, marker=found.marker, tags=found.entries)


class Tagging(Generic[S]):
    """The operations, for roles or users."""

    def __init__(self, owners: Owners[S], keys: Keys = ANY_CASE) -> None:
        self._owners: Owners[S] = owners
        self._keys = keys

    async def tag(self, call: Call, given: WithTags) -> None:
        """More tags, or other values of those that are there."""
        keys, added = self._keys, self._keys.tags(given.tags)
        name = self._owners.named(given)
        await self._owners.change(call, name, lambda owner: replace(owner, tags=keys.added(owner.tags, added)))

    async def untag(self, call: Call, given: WithKeys) -> None:
        """Fewer tags."""
        keys, gone = self._keys, tuple(given.tag_keys)
        name = self._owners.named(given)
        await self._owners.change(call, name, lambda owner: replace(owner, tags=keys.removed(owner.tags, gone)))

    async def list(self, call: Call, given: paging.Asked) -> ListTagsOutput:
        """By key."""
        owner = await self._owners.stored(call, self._owners.named(given))
        return page(owner.tags, given)


ROLE_TAGS = Tagging(ROLES)
USER_TAGS = Tagging(USERS)
