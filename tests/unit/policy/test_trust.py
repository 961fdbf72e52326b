"""A role's trust policy: which federated callers may take the role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatepass.policy import (
    COGNITO,
    Caller,
    ContextValue,
    Policies,
    PolicyType,
    Query,
    Verdict,
    evaluate,
    evaluate_trust,
)

if TYPE_CHECKING:
    from tests.unit.policy.conftest import Make

ACTION = "sts:AssumeRoleWithWebIdentity"
KEY = "cognito-identity.amazonaws.com"
GUEST: dict[str, ContextValue] = {
    f"{KEY}:aud": "us-east-1:pool",
    f"{KEY}:sub": "us-east-1:guest",
    f"{KEY}:amr": ("unauthenticated",),
}
POOL = {"StringEquals": {f"{KEY}:aud": "us-east-1:pool"}}
GUESTS = {**POOL, "ForAnyValue:StringLike": {f"{KEY}:amr": "unauthenticated"}}


def trusting(principal: Any = None, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal or {"Federated": KEY}, "Action": ACTION, **more}


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        (trusting(Condition=GUESTS), "allowed"),
        (trusting("*", Condition=GUESTS), "allowed"),
        (trusting(Condition={**POOL, "ForAnyValue:StringLike": {f"{KEY}:amr": "authenticated"}}), "implicitDeny"),
        (trusting(Condition={"StringEquals": {f"{KEY}:aud": "us-east-1:other"}}), "implicitDeny"),
        (trusting(), "implicitDeny"),
        (trusting("*"), "implicitDeny"),
        (trusting(Condition={"StringEquals": {f"{KEY}:sub": "us-east-1:guest"}}), "implicitDeny"),
        (trusting(Condition={"ForAnyValue:StringLike": {f"{KEY}:amr": "unauthenticated"}}), "implicitDeny"),
        (trusting(Condition={"StringLike": {f"{KEY}:aud": "*"}}), "implicitDeny"),
        (trusting(Condition={"StringNotEquals": {f"{KEY}:aud": "us-east-1:other"}}), "implicitDeny"),
        (trusting({"Federated": "accounts.google.com"}, Condition=GUESTS), "implicitDeny"),
        (trusting({"AWS": "*"}, Condition=GUESTS), "implicitDeny"),
        (trusting({"Service": KEY}, Condition=GUESTS), "implicitDeny"),
        (trusting(Condition=GUESTS, Action="sts:AssumeRole"), "implicitDeny"),
        (trusting(Effect="Deny"), "explicitDeny"),
    ],
)
def test_guests_take_only_roles_that_name_their_pool(make: Make, statement: dict[str, Any], outcome: str) -> None:
    policy = make(statement, type=PolicyType.TRUST, name="trust policy of role `guests`")
    verdict = evaluate_trust(policy, COGNITO, ACTION, GUEST)
    assert verdict.outcome == outcome
    assert verdict.policy_type is PolicyType.TRUST


def test_the_deciding_statement_is_named(make: Make) -> None:
    policy = make(
        trusting(Condition={"StringEquals": {f"{KEY}:aud": "us-east-1:other"}}),
        trusting(Condition=GUESTS, Sid="Guests"),
        type=PolicyType.TRUST,
    )
    assert evaluate_trust(policy, COGNITO, ACTION, GUEST) == Verdict(
        "allowed", PolicyType.TRUST, policy.source, 1, "Guests"
    )


def test_session_tags_are_a_permission_of_their_own(make: Make) -> None:
    plain = make(trusting(Condition=GUESTS), type=PolicyType.TRUST)
    tagging = make(trusting(Condition=GUESTS, Action=[ACTION, "sts:TagSession"]), type=PolicyType.TRUST)
    assert not evaluate_trust(plain, COGNITO, "sts:TagSession", GUEST).allowed
    assert evaluate_trust(tagging, COGNITO, "sts:TagSession", GUEST).allowed


@pytest.mark.parametrize(
    ("principal", "with_identity", "without"),
    [
        ({"AWS": "111122223333"}, True, False),
        ({"AWS": "arn:aws:iam::111122223333:user/alice"}, True, True),
        ({"AWS": "arn:aws:iam::111122223333:user/bob"}, False, False),
    ],
)
def test_taking_a_role_from_an_account_needs_both_sides(
    make: Make, principal: dict[str, str], with_identity: bool, without: bool
) -> None:
    alice = Caller("user", "arn:aws:iam::111122223333:user/alice", "111122223333")
    role = "arn:aws:iam::111122223333:role/r"
    trust = make(trusting(principal, Action="sts:AssumeRole"), type=PolicyType.TRUST)
    own = make({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role})
    query = Query("sts:AssumeRole", role, alice, "111122223333")
    assert evaluate(Policies([own], resource=[trust]), query).allowed is with_identity
    assert evaluate(Policies(resource=[trust]), query).allowed is without
    assert evaluate_trust(trust, alice, "sts:AssumeRole", {}, role).allowed is without
