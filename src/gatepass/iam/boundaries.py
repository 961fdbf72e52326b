"""Permissions boundaries: a managed policy that grants nothing, and without whose Allow nothing is allowed."""

from dataclasses import replace
from typing import Generic, Protocol

from gatepass.iam.owners import ROLES, USERS, Owners, S
from gatepass.iam.policy_arns import Use
from gatepass.iam.shapes.parts import AttachedPermissionsBoundary
from gatepass.operation import Call


class WithBoundary(Protocol):
    @property
    def permissions_boundary(self) -> str: ...


class Boundaries(Generic[S]):
    """The operations, for one kind of owner."""

    def __init__(self, owners: Owners[S]) -> None:
        self._owners: Owners[S] = owners

    async def put(self, call: Call, given: WithBoundary) -> None:
        """In place of the one there may be."""
        use = Use.as_boundary(given.permissions_boundary)
        name = self._owners.named(given)
        await self._owners.stored(call, name)
        await use.check(call)
        await self._owners.change(call, name, lambda owner: replace(owner, permissions_boundary=use.arn.text), use)

    async def delete(self, call: Call, given: object) -> None:
        """There may be none."""
        await self._owners.change(
            call, self._owners.named(given), lambda owner: replace(owner, permissions_boundary=None)
        )


def shown(boundary: str | None) -> AttachedPermissionsBoundary | None:
    """A boundary as answers show it."""
    return None if boundary is None else AttachedPermissionsBoundary(boundary)


ROLE_BOUNDARIES = Boundaries(ROLES)
USER_BOUNDARIES = Boundaries(USERS)
