"""What findings say of a policy holds when the engine is asked."""

from __future__ import annotations

import json
import random
from itertools import product
from typing import Any

import pytest

from gatepass.advice.findings import Finding, findings_in
from gatepass.advice.found import stack_in
from gatepass.advice.reading import read
from gatepass.policy import Caller, ContextValue, Policies, PolicyType, Query, Source, compile_policy, evaluate, load

ACCOUNT = "123456789012"
PREFIX = f"arn:aws:execute-api:r:{ACCOUNT}:"
CALLER = Caller.from_arn(f"arn:aws:iam::{ACCOUNT}:user/u")
PATTERNS = ["*", f"{PREFIX}*", *(f"{PREFIX}{end}" for end in ("a/b/GET/x", "a/b/GET/*", "a/*/x", "a/b/?ET/?", "*x"))]
PATTERNS += ["arn:aws:execute-api:*:*:a/b/GET/x", "arn:aws:execute-api:*:a/b/GET/x", f"{PREFIX}a/b/GET/${{aws:userid}}"]
ACTIONS = ["execute-api:Invoke", "execute-api:*", "*", "s3:GetObject"]
CONDITIONS: list[Any] = [{}, {}, {"StringEquals": {"aws:userid": "x"}}, {"StringNotEquals": {"aws:userid": ["x", "y"]}}]
RESOURCES = [PREFIX + end for end in ("a/b/GET/x", "a/b/GET/y", "a/b/PUT/x", "c/b/GET/x", "a/b/GET/x:a/b/GET/x")]
RESOURCES.append(f"arn:aws:execute-api:r:{ACCOUNT}:x:a/b/GET/x")


def findings(document: Any) -> list[Finding]:
    return findings_in(stack_in(read(json.dumps(document))))


def verdicts(document: Any) -> list[str]:
    policy = compile_policy(load(json.dumps(document)), Source(PolicyType.IDENTITY, "p"))
    return [
        evaluate(Policies(identity=(policy,)), Query(action, resource, CALLER, "", {"aws:userid": user})).outcome
        for action, resource, user in product(("execute-api:Invoke", "s3:GetObject"), RESOURCES, (None, "x", "z"))
    ]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_not_needed_can_be_taken_out(seed: int) -> None:
    """Without the statements, or the entries, that change nothing, every verdict is the same."""
    chance = random.Random(seed)

    def statement() -> dict[str, Any]:
        some = chance.choice(("Resource", "Resource", "Resource", "NotResource"))
        return {
            "Effect": chance.choice(("Allow", "Allow", "Deny")),
            "Action": chance.sample(ACTIONS, chance.randint(1, 2)),
            some: chance.sample(PATTERNS, chance.randint(1, 3)),
            "Condition": chance.choice(CONDITIONS),
        }

    found = 0
    for _ in range(25):
        document = {"Version": "2012-10-17", "Statement": [statement() for _ in range(3)]}
        before = verdicts(document)
        for each in findings(document):
            kept: list[dict[str, Any]] = json.loads(json.dumps(document["Statement"]))
            if each.rule in ("never-needed", "never-takes-effect") and each.statement is not None:
                kept.pop(each.statement)
            elif each.rule == "redundant-value" and each.statement is not None:
                text = each.message.split("`")[1]
                for name in ("Action", "Resource", "NotResource"):
                    listed = kept[each.statement].get(name, [])
                    kept[each.statement] |= {name: [one for one in listed if one != text]} if text in listed else {}
            else:
                continue
            found += 1
            assert verdicts({"Version": "2012-10-17", "Statement": kept}) == before, (each, document)
    assert found


STRINGS = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIfExists",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringEquals",
]
NUMBERS = [
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "NumericGreaterThanIfExists",
]
TEXTS: list[ContextValue | None] = [None, "a", "b", "c", ("a",), ("b",), ("a", "b"), ("a", "c"), ("a", "b", "c")]
COUNTS: list[ContextValue | None] = [None, "0", "1", "1.5", "2", "2.5", "3", "4"]


@pytest.mark.parametrize(
    ("operators", "values", "context"),
    [(STRINGS, [["a"], ["b"], ["a", "b"]], TEXTS), (NUMBERS, [["1"], ["2"], ["1", "3"]], COUNTS)],
)
def test_conditions_that_never_hold_hold_for_no_value(
    operators: list[str], values: list[list[str]], context: list[ContextValue | None]
) -> None:
    """And the others hold for some."""
    for one, other in product(product([*operators, "Null"], values), repeat=2):
        if one[0] >= other[0]:
            continue
        condition = {name: {"x:y": ["true"] if name == "Null" else given} for name, given in (one, other)}
        statement = {"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": condition}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        never = "never-applies" in [finding.rule for finding in findings(document)]
        policy = compile_policy(load(json.dumps(document)), Source(PolicyType.IDENTITY, "p"))
        held = [
            value
            for value in context
            if evaluate(Policies(identity=(policy,)), Query("a:b", "*", CALLER, "", {"x:y": value})).allowed
        ]
        assert never is not bool(held), condition
