"""What the tests of policies share: policies from JSON members, and one caller."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gatepass.policy import Caller, Policy, PolicyType, Source, compile_policy, load

Make = Callable[..., Policy]


@pytest.fixture
def make() -> Make:
    """Statements (and a version) -> a policy of a type, named after the type."""

    def made(
        *statements: Mapping[str, Any],
        type: PolicyType = PolicyType.IDENTITY,
        version: str | None = "2012-10-17",
        name: str = "",
    ) -> Policy:
        document = {**({"Version": version} if version else {}), "Statement": list(statements)}
        return compile_policy(load(json.dumps(document)), Source(type, name or f"the {type.value} policy"))

    return made


@pytest.fixture
def caller() -> Caller:
    return Caller(
        "role-session",
        "arn:aws:sts::111122223333:assumed-role/guests/CognitoIdentityCredentials",
        "111122223333",
        "arn:aws:iam::111122223333:role/apps/guests",
    )
