"""The cases are sharp: each verifier that was broken on purpose stumbles over one of them."""

import pytest
from tests.unit.sigv4 import refusals_claims, refusals_headers, refusals_reading, refusals_signature
from tests.unit.sigv4.mutants import MUTANTS, Mutant, load
from tests.unit.sigv4.world import CASES, Case, Gate, expected, outcome

from gatepass.errors import ServiceError

assert all((refusals_claims, refusals_headers, refusals_reading, refusals_signature))  # each registers its cases


@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.name) for mutant in MUTANTS])
def test_a_broken_verifier_is_caught(mutant: Mutant) -> None:
    package = load(mutant)
    assert any(stumbles(Gate(known, package), one) for one in CASES for known in (True, False))


def test_an_unbroken_copy_is_not_caught() -> None:
    package = load(Mutant("as it is", ()))
    assert not [one.name for one in CASES for known in (True, False) if stumbles(Gate(known, package), one)]


def stumbles(gate: Gate, one: Case) -> bool:
    """It gives another answer than it should, or none: an error that no one expects is caught as well."""
    try:
        return outcome(gate, one) != expected(one)
    except ServiceError:
        return True  # it refused the valid request that it was shown
    except Exception:  # noqa: BLE001 (a broken verifier may break in any way)
        return True
