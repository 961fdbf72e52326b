"""The condition keys of IAM's operations, as AWS's service authorization reference lists them.

What is asked for stands under `aws:RequestTag/…`, `aws:TagKeys`, `iam:PolicyARN` and `iam:PermissionsBoundary`; what
the resource is, under `aws:ResourceTag/…` and `iam:ResourceTag/…`. Without a key a `Deny` that is conditioned on it
would not deny.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gatepass.arn import Arn
from gatepass.operation import Call
from gatepass.policy import ContextValue, iam_resource_tag_keys, request_tag_keys, untag_keys
from gatepass.store import Directory, Role, User

Keys = Mapping[str, ContextValue | None]

_POLICY_ARN = frozenset(f"{verb}{owner}Policy" for verb in ("Attach", "Detach") for owner in ("Role", "User", "Group"))
_BOUNDARY_GIVEN = frozenset({"CreateRole", "CreateUser", "PutRolePermissionsBoundary", "PutUserPermissionsBoundary"})
_BOUNDARY_KEPT = frozenset(
    operation
    for owner in ("Role", "User")
    for operation in (
        *(f"{verb}{owner}Policy" for verb in ("Attach", "Detach", "Put", "Delete")),
        f"Delete{owner}PermissionsBoundary",
    )
)
_TAGS_GIVEN = frozenset(
    f"{verb}{what}" for verb in ("Create", "Tag") for what in ("Role", "User", "Policy", "OpenIDConnectProvider")
)
_TAG_KEYS_GIVEN = frozenset({"UntagRole", "UntagUser", "UntagPolicy", "UntagOpenIDConnectProvider"})


def condition_keys(operation: str, resource: Callable[[Call, Any], str]) -> Callable[[Call, Any], Keys]:
    """What gives the keys of an operation whose permission is asked for on a resource."""

    def keys(call: Call, given: Any) -> Keys:
        directory, arn = call.store.directory, resource(call, given)
        found = iam_resource_tag_keys(tags_of(directory, arn))
        if operation in _POLICY_ARN:
            found["iam:PolicyARN"] = given.policy_arn
        if operation in _BOUNDARY_GIVEN:
            found["iam:PermissionsBoundary"] = given.permissions_boundary
        elif operation in _BOUNDARY_KEPT:
            owner = _owner(directory, arn)
            found["iam:PermissionsBoundary"] = owner.permissions_boundary if owner is not None else None
        if operation in _TAGS_GIVEN:
            found |= request_tag_keys({tag.key: tag.value for tag in given.tags})
        elif operation in _TAG_KEYS_GIVEN:
            found |= untag_keys(given.tag_keys)
        return found

    return keys


def tags_of(directory: Directory, arn: str) -> Mapping[str, str]:
    """The tags of what has this ARN."""
    found = _owner(directory, arn) or directory.oidc_providers.get(arn)
    return found.tags if found is not None else directory.policy_tags.get(arn, {})


def _owner(directory: Directory, text: str) -> Role | User | None:
    """The role or user with exactly this ARN."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        return None
    kind, name = arn.resource.partition("/")[0], arn.resource.rpartition("/")[2]
    found: Role | User | None = None
    match kind:
        case "role":
            found = directory.roles.get(name)
        case "user":
            found = directory.users.get(name)
    return found if found is not None and found.arn == text else None
