"""The changes proposed are the smallest, and together they allow the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatepass.policy import (
    ANONYMOUS,
    COGNITO,
    Caller,
    Change,
    ContextValue,
    Policies,
    Policy,
    PolicyType,
    Query,
    explain,
)
from gatepass.policy.change import literal_resource

if TYPE_CHECKING:
    from tests.unit.policy.conftest import Make

METHOD = "arn:aws:execute-api:us-east-1:111122223333:api1/prod/GET/pets"
OTHER = "arn:aws:execute-api:us-east-1:111122223333:api1/prod/GET/other"
ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": METHOD}
DENY: dict[str, Any] = {**ALLOW, "Effect": "Deny"}
ELSEWHERE: dict[str, Any] = {**ALLOW, "Action": "s3:*"}


def changes(policies: Policies, caller: Caller, resource: str = METHOD, owner: str = "111122223333") -> list[Change]:
    return list(explain(policies, Query("execute-api:Invoke", resource, caller, owner)).changes)


@pytest.mark.parametrize(
    ("elements", "change", "expected"),
    [
        ({"Resource": "*"}, "replace", {"NotResource": [METHOD]}),
        ({"NotResource": OTHER}, "replace", {"NotResource": [OTHER, METHOD]}),
        ({"Resource": [f"{METHOD}*", OTHER]}, "replace", {"Resource": [OTHER]}),
        ({"Resource": METHOD}, "remove", None),
        ({"Resource": ["*", METHOD]}, "remove", None),
    ],
)
def test_a_deny_is_narrowed_as_far_as_one_statement_can(
    make: Make, caller: Caller, elements: dict[str, Any], change: str, expected: dict[str, Any] | None
) -> None:
    deny = {name: value for name, value in DENY.items() if name != "Resource"}
    policy = make(ALLOW, {**deny, "Sid": "No", **elements})
    (only,) = changes(Policies([policy]), caller)
    assert (only.change, only.policy_type, only.policy, only.index) == (
        change,
        PolicyType.IDENTITY,
        policy.source,
        1,
    )
    assert only.statement == (None if expected is None else {**deny, "Sid": "No", **expected})


@pytest.mark.parametrize("name", ["identity", "session", "boundary"])
def test_an_allow_is_added_where_one_is_missing(make: Make, caller: Caller, name: str) -> None:
    pools: dict[str, list[Policy]] = {each: [make(ALLOW)] for each in ("identity", "session", "boundary")}
    policy_type = PolicyType(name)
    silent = make(ELSEWHERE, type=policy_type)
    pools[name] = [silent]
    (only,) = changes(Policies(pools["identity"], pools["session"], pools["boundary"]), caller)
    assert only == Change("add", policy_type, silent.source, None, ALLOW)


def test_everything_missing_is_told_at_once(make: Make, caller: Caller) -> None:
    policies = Policies(session=[], boundary=[make(ELSEWHERE)], scp=[[make(DENY, type=PolicyType.SCP)]])
    told = [(each.change, each.policy_type.value) for each in changes(policies, caller, owner="999988887777")]
    assert told == [
        ("remove", "scp"),
        ("add", "scp"),
        ("add", "identity"),
        ("add", "boundary"),
        ("add", "session"),
        ("add", "resource"),
    ]


@pytest.mark.parametrize(
    ("caller", "principal"),
    [
        (ANONYMOUS, "*"),
        (COGNITO, {"Federated": "cognito-identity.amazonaws.com"}),
        (Caller("service", "lambda.amazonaws.com"), {"Service": "lambda.amazonaws.com"}),
    ],
)
def test_who_has_no_identity_policies_is_named_in_the_resource_policy(caller: Caller, principal: Any) -> None:
    (only,) = changes(Policies(), caller)
    assert only.policy_type is PolicyType.RESOURCE
    assert only.statement is not None
    assert only.statement["Principal"] == principal


def test_a_trust_policy_is_proposed_with_the_pool_and_the_kind_of_identity(make: Make) -> None:
    silent = make({"Effect": "Allow", "Principal": {"Service": "a.amazonaws.com"}, "Action": "sts:AssumeRole"},
                  type=PolicyType.TRUST)  # fmt: skip
    key = "cognito-identity.amazonaws.com"
    context: dict[str, ContextValue] = {f"{key}:aud": "us-east-1:pool", f"{key}:amr": ("unauthenticated",)}
    query = Query("sts:AssumeRoleWithWebIdentity", "*", COGNITO, "", context)
    (only,) = explain(Policies(resource=[silent]), query).changes
    assert only.statement == {
        "Effect": "Allow",
        "Principal": {"Federated": key},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{key}:aud": "us-east-1:pool"},
            "ForAnyValue:StringLike": {f"{key}:amr": "unauthenticated"},
        },
    }


@pytest.mark.parametrize(
    ("text", "literal"),
    [("a/b", "a/b"), ("a*b?", "a${*}b${?}"), ("${x}", "${$}{x}"), ("$a", "$a"), ("${*}", "${$}{${*}}")],
)
def test_wildcards_in_a_path_are_proposed_as_characters(text: str, literal: str) -> None:
    assert literal_resource(text) == literal


def test_an_older_policy_has_no_way_to_write_them(make: Make, caller: Caller) -> None:
    older = make(ELSEWHERE, version=None)
    (only,) = changes(Policies([older]), caller, METHOD + "*")
    assert only.statement == {**ALLOW, "Resource": METHOD + "*"}
