"""The guest scope-down lets guests reach APIs and little else, and never more than their role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatepass.policy import (
    GUEST_INLINE_SESSION_POLICY,
    GUEST_SESSION_POLICY_ARN,
    MANAGED_POLICIES,
    Caller,
    Policies,
    PolicyType,
    Query,
    Source,
    account_root,
    compile_policy,
    evaluate,
    guest_scope_down,
    load,
    managed_policy,
    parse,
)

if TYPE_CHECKING:
    from tests.unit.policy.conftest import Make

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("execute-api:Invoke", True),
        ("execute-api:ManageConnections", True),
        ("lambda:InvokeFunction", True),
        ("s3:GetObject", True),
        ("rum:PutRumEvents", True),
        ("geo:GetMapTile", True),
        ("geo:DeleteMap", False),
        ("kms:Decrypt", True),
        ("kms:ScheduleKeyDeletion", False),
        ("sagemaker:InvokeEndpoint", True),
        ("sagemaker:CreateModel", False),
        ("iam:CreateUser", False),
        ("sts:AssumeRole", False),
        ("ec2:RunInstances", False),
    ],
)
def test_a_guest_whose_role_may_everything_may_this(make: Make, caller: Caller, action: str, allowed: bool) -> None:
    policies = Policies([make(EVERYTHING)], session=guest_scope_down())
    verdict = evaluate(policies, Query(action, "*", caller))
    assert verdict.allowed is allowed
    if not allowed:
        assert verdict.policy_type is PolicyType.SESSION


def test_the_scope_down_gives_nothing_by_itself(caller: Caller) -> None:
    assert not evaluate(Policies(session=guest_scope_down()), Query("execute-api:Invoke", "*", caller)).allowed


def test_the_managed_part_by_itself_has_no_apis(make: Make, caller: Caller) -> None:
    policies = Policies([make(EVERYTHING)], session=[managed_policy(GUEST_SESSION_POLICY_ARN, PolicyType.SESSION)])
    assert not evaluate(policies, Query("execute-api:Invoke", "*", caller)).allowed


@pytest.mark.parametrize("text", [*MANAGED_POLICIES.values(), GUEST_INLINE_SESSION_POLICY])
def test_aws_would_save_them(text: str) -> None:
    assert parse(text, "managed")


def test_they_are_compiled_once() -> None:
    assert guest_scope_down() is guest_scope_down()
    with pytest.raises(KeyError):
        managed_policy("arn:aws:iam::aws:policy/Unknown", PolicyType.IDENTITY)


def test_the_account_root_may_everything_in_its_account_and_no_more() -> None:
    root = Caller("root", "arn:aws:iam::111122223333:root", "111122223333")
    policies = Policies([account_root()])
    assert evaluate(policies, Query("iam:CreateRole", "*", root, "111122223333")).allowed
    assert not evaluate(policies, Query("iam:CreateRole", "*", root, "999988887777")).allowed


def test_invoke_full_access_is_for_apis_only(caller: Caller) -> None:
    text = MANAGED_POLICIES["arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"]
    policies = Policies([compile_policy(load(text), Source(PolicyType.IDENTITY, "x"))])
    api = "arn:aws:execute-api:us-east-1:111122223333:api1/prod/GET/"
    assert evaluate(policies, Query("execute-api:Invoke", api, caller)).allowed
    assert not evaluate(policies, Query("execute-api:Invoke", "arn:aws:s3:::b", caller)).allowed
    assert not evaluate(policies, Query("s3:GetObject", api, caller)).allowed
