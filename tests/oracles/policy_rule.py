"""How a rule of evaluation is written down: what it says, and the smallest case that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

OWN, OTHER = "111122223333", "999988887777"
ROLE = f"arn:aws:iam::{OWN}:role/R"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/R/s"
USER = f"arn:aws:iam::{OWN}:user/alice"
COGNITO = "cognito-identity.amazonaws.com"
API = f"arn:aws:execute-api:us-east-1:{OWN}:a1b2c3d4e5"
PETS = f"{API}/prod/GET/pets"
ALLOWED, IMPLICIT, EXPLICIT = "allowed", "implicitDeny", "explicitDeny"

RULES: list[dict[str, Any]] = []


def document(*statements: Json, version: str | None = "2012-10-17") -> dict[str, Any]:
    return {**({"Version": version} if version else {}), "Statement": list(statements)}


def allow(resource: Any = "*", action: Any = "execute-api:Invoke", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(resource: Any = "*", action: Any = "execute-api:Invoke", **more: Any) -> dict[str, Any]:
    return {**allow(resource, action, **more), "Effect": "Deny"}


def when(operator: str, value: Any, key: str = "test:k", **more: Any) -> dict[str, Any]:
    """An Allow under one condition."""
    return allow(Condition={operator: {key: value}}, **more)


def unless(operator: str, value: Any, key: str = "test:k") -> tuple[dict[str, Any], dict[str, Any]]:
    """An Allow, and a Deny under one condition."""
    return allow(), deny(Condition={operator: {key: value}})


def rule(
    says: str,
    expected: str,
    *identity: Json,
    version: str | None = "2012-10-17",
    principal: str = SESSION,
    action: str = "execute-api:Invoke",
    target: str = PETS,
    owner: str = OWN,
    context: Mapping[str, str | Sequence[str]] | None = None,
    kind: str | None = None,
    **types: Any,
) -> None:
    """Adds a case, in the form of the case files. A tuple in the context is a key with a set of values."""
    given = context or {}
    RULES.append(
        {
            "id": f"rule-{len(RULES) + 1:03}",
            "name": says,
            "policies": {
                "identity": [document(*identity, version=version)] if identity else [],
                "session": [],
                **types,
            },
            "request": {
                "principal": principal,
                "action": action,
                "resource": target,
                "resourceAccount": owner,
                "context": {key: [value] if isinstance(value, str) else list(value) for key, value in given.items()},
                "multivalued": [key for key, value in given.items() if not isinstance(value, str)],
            },
            "expected": expected,
            **({"kind": kind} if kind else {}),
        }
    )


def by(principal: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """A resource policy of one statement."""
    return document({**allow(**more), "Effect": effect, "Principal": principal})


def all_but(principal: Any) -> dict[str, Any]:
    """A resource policy that denies all but some."""
    return document({**deny(), "NotPrincipal": principal})
