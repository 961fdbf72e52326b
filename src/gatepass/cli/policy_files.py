"""The policies that a command or a case names: those in a file, or those of a role."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gatepass.advice.cases import Named
from gatepass.advice.reading import plain
from gatepass.cli.aws import Account, account
from gatepass.cli.saying import visible_json
from gatepass.errors import ConfigurationError
from gatepass.policy import MANAGED_POLICIES, PolicyType

_MOST_BYTES = 16 * 1024 * 1024
_SUFFIXES = (".json", ".yaml", ".yml", ".txt")


def text_of(path: Path) -> str:
    """The text of a file, or of a pipe. Raises: ConfigurationError, also for more than anyone writes: `/dev/zero`."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ConfigurationError(f"`{path}` cannot be read: it has more than {_MOST_BYTES:,} bytes")
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except IsADirectoryError:
        raise ConfigurationError(f"`{path}` is a folder", hint="name a file in it") from None
    except OSError as error:
        raise ConfigurationError(f"`{path}` cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"`{path}` cannot be read: it is not UTF-8") from None


@contextlib.contextmanager
def about_file(path: Path) -> Iterator[None]:
    """What cannot be used is said of this file."""
    try:
        yield
    except ConfigurationError as error:
        raise ConfigurationError(f"`{path}`: {error}", hint=error.hint) from None


def in_file(path: Path) -> list[Named]:
    """The policies of a file: a document, or a list of them. Raises: ConfigurationError."""
    text = text_of(path)
    with about_file(path):
        value = plain(text)
    found = value if isinstance(value, list) else [value]
    if not found or not all(isinstance(each, dict) and "Statement" in each for each in found):
        raise ConfigurationError(
            f"`{path}` holds no policy: there is no Statement", hint="a document or a list of them"
        )
    if len(found) == 1:
        return [Named(f"`{path}`", found[0])]
    return [Named(f"`{path}` number {number}", each) for number, each in enumerate(found, 1)]


def names_file(path: Path) -> bool:
    """Whether a name is that of a file, and not of a role."""
    is_arn = str(path).startswith("arn:")
    return not is_arn and (path.is_file() or path.suffix in _SUFFIXES or len(path.parts) > 1)


def parted(name: str) -> tuple[str, str]:
    """`FILE#NAME` as the file and what is meant of it; without `#`, or where it is part of a file's name, no name."""
    if "#" not in name or Path(name).exists():
        return name, ""
    file, _, wanted = name.rpartition("#")
    return file, wanted


class Roles:
    """Policies of roles, each asked for once."""

    def __init__(self) -> None:
        self._known: dict[tuple[PolicyType, str], list[Named]] = {}

    def __call__(self, type_: PolicyType, name: str) -> list[Named]:
        """The role's policies of this type; `name` may be its ARN. Raises: GatepassError."""
        name = name.rpartition("/")[2]
        if (type_, name) not in self._known:
            with account() as on:
                self._known[type_, name] = _of_role(on, type_, name)
        return self._known[type_, name]


def _of_role(on: Account, type_: PolicyType, name: str) -> list[Named]:
    try:
        role = on.iam.get_role(RoleName=name)["Role"]
    except on.iam.exceptions.NoSuchEntityException:
        raise ConfigurationError(f"there is no role and no file `{name}`", hint="see `gatepass role list`") from None
    if type_ is PolicyType.IDENTITY:
        return [*_inline(on, name), *_attached(on, name)]
    if type_ is PolicyType.TRUST:
        return [Named(f"the trust policy of role `{name}`", role["AssumeRolePolicyDocument"])]
    if type_ is PolicyType.BOUNDARY:
        boundary = role.get("PermissionsBoundary")
        return [_managed(on, boundary["PermissionsBoundaryArn"])] if boundary else []
    raise ConfigurationError(f"the role `{name}` has no policy of type {type_.value}")


def _inline(on: Account, role: str) -> list[Named]:
    return [
        Named(
            f"inline policy `{name}` of role `{role}`",
            on.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"],
        )
        for page in on.iam.get_paginator("list_role_policies").paginate(RoleName=role)
        for name in page["PolicyNames"]
    ]


def _attached(on: Account, role: str) -> list[Named]:
    return [
        _managed(on, each["PolicyArn"])
        for page in on.iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
        for each in page["AttachedPolicies"]
    ]


def _managed(on: Account, arn: str) -> Named:
    version = on.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = on.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return Named(f"managed policy `{arn.rpartition('/')[2]}`", document, arn)


class Names:
    """What names in a file of cases mean: files beside it, AWS's own policies by ARN, else roles."""

    def __init__(self, folder: Path, roles: Callable[[PolicyType, str], list[Named]]) -> None:
        self._folder = folder
        self._roles = roles
        self._files: dict[Path, list[Named]] = {}

    def __call__(self, type_: PolicyType, name: str) -> list[Named]:
        """Raises: GatepassError."""
        if name in MANAGED_POLICIES:
            return [Named(f"managed policy `{name.rpartition('/')[2]}`", json.loads(MANAGED_POLICIES[name]), name)]
        is_arn = name.startswith("arn:")
        path = self._folder / name
        if not is_arn and (path.is_file() or name.endswith(_SUFFIXES) or "/" in name):
            if path not in self._files:
                self._files[path] = in_file(path)
            return self._files[path]
        return self._roles(type_, name)


def as_json(value: Any) -> str:
    return visible_json(json.dumps(value, indent=2, ensure_ascii=False))
