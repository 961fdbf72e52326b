"""Roles, users and groups as what has policies: the part of them that is the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from gatepass.errors import DeleteConflict, NoSuchEntity
from gatepass.iam import changing, limits
from gatepass.iam.policy_arns import Use
from gatepass.operation import Call
from gatepass.store import Group, Role, Store, User

E = TypeVar("E", Role, User, Group)
S = TypeVar("S", Role, User)
"""What can have a permissions boundary and tags."""


class Table(Protocol[E]):
    """Where owners of one kind are kept."""

    async def get(self, name: str) -> E | None: ...
    async def change(self, name: str, change: Callable[[E], E], *, policy: str | None = None) -> E | None: ...


@dataclass(frozen=True, slots=True)
class Owners(Generic[E]):
    """One kind of owner.

    Attributes:
        kind: as messages and parameters name it.
        table: where the store keeps them.
        inline_limit: how large the inline policies of one may be together.
        quota: the name of the limit of attached policies.
    """

    kind: Literal["role", "user", "group"]
    table: Callable[[Store], Table[E]]
    inline_limit: int
    quota: str

    def named(self, given: object) -> str:
        """The owner an operation's input names."""
        name: str = getattr(given, f"{self.kind}_name")
        return name

    def missing(self, name: str) -> NoSuchEntity:
        return NoSuchEntity(f"The {self.kind} with name {name} cannot be found.")

    async def stored(self, call: Call, name: str) -> E:
        """Raises: NoSuchEntity."""
        owner = await self.table(call.store).get(name)
        if owner is None:
            raise self.missing(name)
        return owner

    async def change(self, call: Call, name: str, changed: Callable[[E], E], use: Use | None = None) -> None:
        """Save what `changed` makes of the owner; made again from the newest one when another change came first.

        Args:
            use: the managed policy that it begins to use.

        Raises:
            NoSuchEntity: there is no such owner or policy, or no more.
            ConcurrentModification: others were faster every time.
        """
        table = self.table(call.store)

        async def check() -> None:
            await self.stored(call, name)
            if use is not None:
                await use.check(call)

        await changing.change(lambda: table.change(name, changed, policy=use.stored if use else None), check)


ROLES: Owners[Role] = Owners("role", lambda store: store.roles, limits.ROLE_INLINE_POLICIES, "PoliciesPerRole")
USERS: Owners[User] = Owners("user", lambda store: store.users, limits.USER_INLINE_POLICIES, "PoliciesPerUser")
GROUPS: Owners[Group] = Owners("group", lambda store: store.groups, limits.GROUP_INLINE_POLICIES, "PoliciesPerGroup")


def check_policies(owner: Role | User | Group) -> None:
    """Raises: DeleteConflict, if the owner has policies: it cannot be deleted yet."""
    if owner.attached_policies:
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if owner.inline_policies:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
