"""Every decision case written by hand from the documentation: engine, explanation and plain evaluator agree with it."""

import json
from typing import Any

import pytest
from tests.oracles import plain_policy, policy_case_files

from gatepass.policy import COGNITO, PolicyType, Source, compile_policy, evaluate, evaluate_trust, explain, load

CASES = policy_case_files.read(policy_case_files.DOC_CASES)
TRUST_CASES = [case for case in CASES if case.get("kind") == "trust"]


def by_id(case: dict[str, Any]) -> str:
    return str(case["id"])


def test_the_cases_are_all_there() -> None:
    assert len(CASES) == 176
    assert len(TRUST_CASES) == 10


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_the_engine_decides_as_documented(case: dict[str, Any]) -> None:
    verdict = evaluate(policy_case_files.policies(case), policy_case_files.query(case))
    assert verdict.outcome == case["expected"], case["name"]


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_the_explanation_gives_the_same_verdict(case: dict[str, Any]) -> None:
    policies, query = policy_case_files.policies(case), policy_case_files.query(case)
    explanation = explain(policies, query)
    assert explanation.verdict == evaluate(policies, query)
    json.dumps(explanation.to_json())


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_the_plain_evaluator_decides_as_documented(case: dict[str, Any]) -> None:
    outcome = plain_policy.outcome(policy_case_files.documents(case), policy_case_files.asked(case))
    assert outcome == case["expected"], case["name"]


@pytest.mark.parametrize("case", TRUST_CASES, ids=by_id)
def test_trust_policies_decide_by_themselves(case: dict[str, Any]) -> None:
    text = json.dumps(case["policies"]["resource"])
    policy = compile_policy(load(text), Source(PolicyType.TRUST, "trust policy"))
    query = policy_case_files.query(case)
    assert query.caller == COGNITO
    verdict = evaluate_trust(policy, query.caller, query.action, query.context, query.resource)
    assert verdict.outcome == case["expected"], case["name"]
    assert verdict.policy_type is PolicyType.TRUST
