"""Amazon Resource Names: parse and format.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from typing import NamedTuple, Self

ANY = "ANY"
"""API Gateway's word for a method that is there for every verb; in an ARN it is `*`."""
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""What `ANY` stands for."""


def verbs(method: str) -> tuple[str, ...]:
    """Those that a route's method is there for, in order."""
    return tuple(sorted(METHODS)) if method == ANY else (method,)


class Arn(NamedTuple):
    """arn:partition:service:region:account:resource; the resource may itself hold colons."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises: ValueError, if there are fewer than six parts or the first is not `arn`."""
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":
            raise ValueError(f"`{text}` is not an ARN")
        return cls(*parts[1:])

    def __str__(self) -> str:
        return "arn:" + ":".join(self)


def role_arn(account: str, path: str, name: str) -> str:
    """`path` begins and ends with a slash."""
    return f"arn:aws:iam::{account}:role{path}{name}"


def user_arn(account: str, path: str, name: str) -> str:
    """`path` as in `role_arn`."""
    return f"arn:aws:iam::{account}:user{path}{name}"


def group_arn(account: str, path: str, name: str) -> str:
    """`path` as in `role_arn`."""
    return f"arn:aws:iam::{account}:group{path}{name}"


def policy_arn(account: str, path: str, name: str) -> str:
    """`path` as in `role_arn`."""
    return f"arn:aws:iam::{account}:policy{path}{name}"


def oidc_provider_arn(account: str, url: str) -> str:
    """`url` with its scheme."""
    return f"arn:aws:iam::{account}:oidc-provider/{url.partition('://')[2]}"


def assumed_role_arn(account: str, role_name: str, session_name: str) -> str:
    """The caller ARN of a role session; the role's path is not part of it."""
    return f"arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}"


def root_arn(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


def identity_pool_arn(region: str, account: str, pool_id: str) -> str:
    return f"arn:aws:cognito-identity:{region}:{account}:identitypool/{pool_id}"


def method_arn(region: str, account: str, api_id: str, stage: str, verb: str, path: str) -> str:
    """`path` without the leading slash, as received; the root resource is the empty path."""
    return f"arn:aws:execute-api:{region}:{account}:{api_id}/{stage}/{verb}/{path}"
