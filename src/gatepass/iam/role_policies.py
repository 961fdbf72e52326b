"""Inline policies of roles."""

from dataclasses import replace

from gatepass import policy
from gatepass.errors import NoSuchEntity
from gatepass.iam import limits, shapes
from gatepass.iam.paging import last_entry, marker
from gatepass.iam.role_changes import change_role, stored_role
from gatepass.operation import Call
from gatepass.store import Role


async def put_role_policy(call: Call, given: shapes.PutRolePolicyInput) -> None:
    """A policy of the role, in place of one of the same name."""
    await stored_role(call, given.role_name)
    policy.parse(given.policy_document, "identity")

    def changed(role: Role) -> Role:
        policies = {**role.inline_policies, given.policy_name: given.policy_document}
        limits.check_inline_policies(role.name, policies)
        return replace(role, inline_policies=policies)

    await change_role(call, given.role_name, changed)


async def get_role_policy(call: Call, given: shapes.GetRolePolicyInput) -> shapes.GetRolePolicyOutput:
    """The document as it was put."""
    role = await stored_role(call, given.role_name)
    if given.policy_name not in role.inline_policies:
        raise _no_such_policy(given.policy_name)
    return shapes.GetRolePolicyOutput(role.inline_policies[given.policy_name], given.policy_name, role.name)


async def list_role_policies(call: Call, given: shapes.ListRolePoliciesInput) -> shapes.ListRolePoliciesOutput:
    """Names only."""
    after = last_entry(given.marker) or ""
    role = await stored_role(call, given.role_name)
    names = sorted(name for name in role.inline_policies if name > after)
    page = tuple(names[: given.max_items])
    return shapes.ListRolePoliciesOutput(
        is_truncated=len(names) > len(page),
        marker=marker(page[-1]) if len(names) > len(page) else None,
        policy_names=page,
    )


async def delete_role_policy(call: Call, given: shapes.DeleteRolePolicyInput) -> None:
    """The next request of a session of this role no longer has it."""

    def changed(role: Role) -> Role:
        policies = dict(role.inline_policies)
        if policies.pop(given.policy_name, None) is None:
            raise _no_such_policy(given.policy_name)
        return replace(role, inline_policies=policies)

    await change_role(call, given.role_name, changed)


def _no_such_policy(name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The role policy with name {name} cannot be found.")
