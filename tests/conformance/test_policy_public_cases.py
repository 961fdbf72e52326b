"""Cases out of public test suites, read in place where they are: decisions of the core scope, and AWS's messages.

A case that decides otherwise than we do stands in decision record 0161, with the reason.
"""

from typing import Any

import pytest
from tests.oracles import plain_policy, policy_case_files

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import evaluate, load, parse

THERE = policy_case_files.PUBLIC_CASES.exists()
if not THERE:
    pytest.skip("../shared/data/iam_public_cases.json is not there", allow_module_level=True)

CASES = [case for case in policy_case_files.read(policy_case_files.PUBLIC_CASES) if case["scope"] == "core"]
DOCUMENTS = policy_case_files.read(policy_case_files.PUBLIC_CASES, "validation")

RECORD = policy_case_files.ROOT / "docs" / "decisions" / "0161-public-cases-decided-otherwise.md"
ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]] for line in RECORD.read_text().splitlines() if "| sim-" in line
]
#: What the suite says and what we decide, by the case's id.
OTHERWISE = {case: (says, decided) for case, says, decided, _ in ROWS}


def by_id(case: dict[str, Any]) -> str:
    return str(case["id"])


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_the_engine_decides_as_the_public_suites_do(case: dict[str, Any]) -> None:
    verdict = evaluate(policy_case_files.policies(case), policy_case_files.query(case))
    if case["id"] in OTHERWISE:
        assert (case["expected"], verdict.outcome) == OTHERWISE[case["id"]], "take it off the record's table"
    else:
        assert verdict.outcome == case["expected"], case["name"]


def test_every_exception_is_one_of_the_cases_and_has_a_reason() -> None:
    assert len(CASES) == 774
    assert set(OTHERWISE) <= {case["id"] for case in CASES}
    assert all(reason for *_, reason in ROWS)


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_the_plain_evaluator_agrees(case: dict[str, Any]) -> None:
    verdict = evaluate(policy_case_files.policies(case), policy_case_files.query(case))
    outcome = plain_policy.outcome(policy_case_files.documents(case), policy_case_files.asked(case))
    assert outcome == verdict.outcome


@pytest.mark.parametrize("case", DOCUMENTS, ids=by_id)
def test_documents_are_refused_with_aws_messages(case: dict[str, Any]) -> None:
    if case["valid"]:
        assert parse(case["text"], "managed") == load(case["text"])
        return
    with pytest.raises(MalformedPolicyDocument) as refusal:
        parse(case["text"], "managed")
    assert refusal.value.message == case["message"]
