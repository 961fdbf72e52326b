"""Cases out of public test suites, read in place where they are: decisions of the core scope, and AWS's messages.

A case that decides otherwise than we do stands in `OTHERWISE` with the reason.
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

EVERYONE = (
    "a resource policy's Allow for `*`: AWS does not say whether boundary and session policies limit it, so they do"
)
OTHERWISE = {
    "sim-0028": "NotPrincipal lists the role but not its account: AWS asks for session, role and account",
    "sim-0192": "a Deny without Principal in a resource policy, which AWS refuses to save: a Deny then counts",
    "sim-0224": EVERYONE,
    "sim-0226": EVERYONE,
    "sim-0227": EVERYONE,
    "sim-0635": "ForAnyValue:Null never holds, by Access Analyzer; the suite ignores the prefix",
}


def by_id(case: dict[str, Any]) -> str:
    return str(case["id"])


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_the_engine_decides_as_the_public_suites_do(case: dict[str, Any]) -> None:
    verdict = evaluate(policy_case_files.policies(case), policy_case_files.query(case))
    if case["id"] in OTHERWISE:
        assert verdict.outcome != case["expected"], "no longer an exception: take it off the list"
    else:
        assert verdict.outcome == case["expected"], case["name"]


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
