"""The compiled engine, the engine bound to a credential, the explanation and the plain evaluator always agree."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import plain_policy, policy_cases
from tests.oracles.policy_laws import disagreement

SEED, RUNS, BATCHES = 20261123, 6_000, 12


@pytest.mark.parametrize("batch", range(BATCHES))
def test_all_four_readings_agree(batch: int) -> None:
    for number in range(batch, RUNS, BATCHES):
        case = policy_cases.case(Random(SEED + number))
        assert disagreement(case) is None, f"seed {SEED + number}\n{case.show()}"


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=0))
def test_they_agree_on_seeds_nobody_chose(seed: int) -> None:
    assert disagreement(policy_cases.case(Random(seed))) is None


def test_the_cases_are_not_one_sided() -> None:
    """Fewer than one in twenty of an outcome would say little about it."""
    outcomes = [plain_policy.outcome(case.documents, case.asked) for case in map(policy_cases.numbered, range(600))]
    for outcome in ("allowed", "implicitDeny", "explicitDeny"):
        assert outcomes.count(outcome) > 30
