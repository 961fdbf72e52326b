"""Every rule of evaluation by itself: engine, explanation and plain evaluator agree with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.oracles import plain_policy, policy_case_files
from tests.oracles.policy_rules import RULES

from gatepass.policy import evaluate, explain


def by_name(case: dict[str, Any]) -> str:
    return f"{case['id']}: {case['name']}"


@pytest.mark.parametrize("case", RULES, ids=by_name)
def test_a_rule_holds(case: dict[str, Any]) -> None:
    policies, query = policy_case_files.policies(case), policy_case_files.query(case)
    verdict = evaluate(policies, query)
    assert verdict.outcome == case["expected"]
    explanation = explain(policies, query)
    assert explanation.verdict == verdict
    json.dumps(explanation.to_json())
    plain = plain_policy.outcome(policy_case_files.documents(case), policy_case_files.asked(case))
    assert plain == case["expected"]


def test_rules_are_told_once() -> None:
    names = [case["name"] for case in RULES]
    assert len(names) == len(set(names))
