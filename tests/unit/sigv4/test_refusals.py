"""Every refusal: the right cause, in AWS's words, whether the signer was seen before or not."""

import pytest
from tests.unit.sigv4 import refusals_claims, refusals_headers, refusals_reading, refusals_signature
from tests.unit.sigv4.world import CASES, Case, Gate, expected, outcome

assert all((refusals_claims, refusals_headers, refusals_reading, refusals_signature))  # each registers its cases


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in CASES])
def test_is_refused(one: Case, known: bool) -> None:
    assert outcome(Gate(known), one) == expected(one)


def test_cases_have_names_of_their_own() -> None:
    names = [one.name for one in CASES]
    assert len(names) == len(set(names))
