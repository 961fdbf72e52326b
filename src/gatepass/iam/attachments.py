"""Managed policies attached to a role, user or group: they count for it as long as they are."""

from dataclasses import replace
from typing import Generic, Protocol

from gatepass.iam import limits, paging
from gatepass.iam.owners import GROUPS, ROLES, USERS, E, Owners
from gatepass.iam.policy_arns import PolicyArn, Use, no_such_policy
from gatepass.iam.shapes import parts
from gatepass.operation import Call


class OfPolicy(Protocol):
    """What an operation takes that is about one policy."""

    @property
    def policy_arn(self) -> str: ...


class UnderPath(paging.Asked, Protocol):
    @property
    def path_prefix(self) -> str: ...


class Attachments(Generic[E]):
    """The operations, for one kind of owner."""

    def __init__(self, owners: Owners[E]) -> None:
        self._owners: Owners[E] = owners

    async def attach(self, call: Call, given: OfPolicy) -> None:
        """It may be attached already."""
        owners, arn = self._owners, given.policy_arn
        use = Use.attached(arn)
        await owners.stored(call, owners.named(given))
        await use.check(call)

        def changed(owner: E) -> E:
            if arn in owner.attached_policies:
                return owner
            if len(owner.attached_policies) >= limits.ATTACHED_POLICIES:
                raise limits.exceeded(owners.quota, limits.ATTACHED_POLICIES)
            return replace(owner, attached_policies=(*owner.attached_policies, arn))

        await owners.change(call, owners.named(given), changed, use)

    async def detach(self, call: Call, given: OfPolicy) -> None:
        """The next request of who had it no longer has it."""
        arn = PolicyArn.parse(given.policy_arn).text

        def changed(owner: E) -> E:
            if arn not in owner.attached_policies:
                raise no_such_policy(arn)
            return replace(owner, attached_policies=tuple(each for each in owner.attached_policies if each != arn))

        await self._owners.change(call, self._owners.named(given), changed)

    async def list(self, call: Call, given: UnderPath) -> parts.ListAttachedPoliciesOutput:
        """Those whose own path begins with the prefix."""
        owner = await self._owners.stored(call, self._owners.named(given))
        policies = (
            each
            for each in attached(owner.attached_policies)
            if PolicyArn.parse(each.policy_arn).path.startswith(given.path_prefix)
        )
        page = paging.page(policies, given, lambda each: each.policy_arn)
        return parts.ListAttachedPoliciesOutput(
            is_truncated=page.is_truncated, marker=page.marker, attached_policies=page.entries
        )


def attached(arns: tuple[str, ...]) -> tuple[parts.AttachedPolicy, ...]:
    """Managed policies as listings show them."""
    return tuple(parts.AttachedPolicy(arn, arn.rpartition("/")[2]) for arn in arns)


ROLE_ATTACHMENTS = Attachments(ROLES)
USER_ATTACHMENTS = Attachments(USERS)
GROUP_ATTACHMENTS = Attachments(GROUPS)
