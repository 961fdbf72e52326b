"""Tags as condition keys: what a resource has, and what a request asks for.

INVARIANT: whoever chooses a tag's key or value chooses what stands behind `aws:RequestTag/` or `aws:ResourceTag/`, and
no other condition key.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from collections.abc import Iterable, Mapping

from gatepass.policy.query import ContextValue

Keys = dict[str, ContextValue | None]


def resource_tag_keys(tags: Mapping[str, str]) -> Keys:
    """Of a resource that has these tags."""
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}


def iam_resource_tag_keys(tags: Mapping[str, str]) -> Keys:
    """Of a role, user, policy or provider, whose tags have a name of IAM's own beside."""
    return resource_tag_keys(tags) | {f"iam:ResourceTag/{key}": value for key, value in tags.items()}


def request_tag_keys(tags: Mapping[str, str]) -> Keys:
    """Of a request that gives these tags."""
    return {**untag_keys(tags), **{f"aws:RequestTag/{key}": value for key, value in tags.items()}}


def untag_keys(names: Iterable[str]) -> Keys:
    """Of a request that names the keys of tags only."""
    return {"aws:TagKeys": tuple(names) or None}
