"""Mutated requests: none is accepted that does not mean what was signed, and nothing but a refusal comes out.

`make fuzz N=…` judges as many as you like; this is the smaller run of every `make test`.
"""

import pytest
from scripts.fuzz_sigv4 import run


@pytest.mark.parametrize("seed", ["1", "2", "3", "4"])
def test_mutated_requests_are_judged_right(seed: str) -> None:
    report = run(5000, seed)
    assert report.wrongly_accepted == []
    assert report.wrongly_refused == []
    assert report.escaped == []
    assert report.judged == 5000
    # The run is worth something only if it comes to every kind of verdict.
    assert len(report.refusals) >= 13
    assert report.null > 100
