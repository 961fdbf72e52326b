"""Inline policies: a document under a name, in one role, user or group, and gone with it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Generic, Protocol

from gatepass import policy
from gatepass.errors import LimitExceeded, NoSuchEntity
from gatepass.iam import limits, paging
from gatepass.iam.owners import GROUPS, ROLES, USERS, E, Owners
from gatepass.iam.shapes import groups, parts, roles, users
from gatepass.operation import Call


class Named(Protocol):
    """What an operation takes that is about one policy."""

    @property
    def policy_name(self) -> str: ...


class WithDocument(Named, Protocol):
    @property
    def policy_document(self) -> str: ...


class InlinePolicies(Generic[E]):
    """The operations, for one kind of owner.

    Args:
        output: makes the answer of the one that shows a policy.
    """

    def __init__(self, owners: Owners[E], output: Callable[..., Any]) -> None:
        self._owners: Owners[E] = owners
        self._output = output

    async def put(self, call: Call, given: WithDocument) -> None:
        """A policy of the owner, in place of one of the same name."""
        owners = self._owners
        name, document = owners.named(given), given.policy_document
        await owners.stored(call, name)
        policy.parse(document, "identity")

        def changed(owner: E) -> E:
            policies = {**owner.inline_policies, given.policy_name: document}
            if sum(map(limits.size, policies.values())) > owners.inline_limit:
                limit = f"Maximum policy size of {owners.inline_limit} bytes exceeded for {owners.kind} {name}"
                raise LimitExceeded(limit)
            return replace(owner, inline_policies=policies)

        await owners.change(call, name, changed)

    async def get(self, call: Call, given: Named) -> Any:
        """The document as it was put."""
        owner = await self._owners.stored(call, self._owners.named(given))
        if given.policy_name not in owner.inline_policies:
            raise self._missing(given.policy_name)
        return self._output(
            policy_document=owner.inline_policies[given.policy_name],
            policy_name=given.policy_name,
            **{f"{self._owners.kind}_name": owner.name},
        )

    async def list(self, call: Call, given: paging.Asked) -> parts.ListPolicyNamesOutput:
        """Names only."""
        owner = await self._owners.stored(call, self._owners.named(given))
        page = paging.page(owner.inline_policies, given, str)
        return parts.ListPolicyNamesOutput(
            is_truncated=page.is_truncated, marker=page.marker, policy_names=page.entries
        )

    async def delete(self, call: Call, given: Named) -> None:
        """The next request of who had it no longer has it."""

        def changed(owner: E) -> E:
            policies = dict(owner.inline_policies)
            if policies.pop(given.policy_name, None) is None:
                raise self._missing(given.policy_name)
            return replace(owner, inline_policies=policies)

        await self._owners.change(call, self._owners.named(given), changed)

    def _missing(self, name: str) -> NoSuchEntity:
        return NoSuchEntity(f"The {self._owners.kind} policy with name {name} cannot be found.")


ROLE_POLICIES = InlinePolicies(ROLES, roles.GetRolePolicyOutput)
USER_POLICIES = InlinePolicies(USERS, users.GetUserPolicyOutput)
GROUP_POLICIES = InlinePolicies(GROUPS, groups.GetGroupPolicyOutput)
