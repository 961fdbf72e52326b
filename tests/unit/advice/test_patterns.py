"""One pattern contains another if, and only if, it matches every text that the other matches."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.advice.languages import contains
from gatepass.policy.globs import glob, tokens

# `z` stands in no pattern. Texts longer than both patterns together tell nothing new.
TEXTS = ["".join(text) for length in range(8) for text in product("abz", repeat=length)]
PATTERNS = st.text("ab*?", max_size=4)


@given(wider=PATTERNS, narrower=PATTERNS)
def test_it_contains_what_it_matches_all_of(wider: str, narrower: str) -> None:
    """Compared with every short text over a small alphabet."""
    first, second = glob(tokens(wider)), glob(tokens(narrower))
    assert contains(wider, narrower) is all(first.matches(text) for text in TEXTS if second.matches(text))


@given(st.text("ab/*?", max_size=12), st.text("ab/*?", max_size=12), st.text("ab/*?", max_size=12))
def test_it_is_an_order(first: str, second: str, third: str) -> None:
    assert contains(first, first)
    if contains(first, second) and contains(second, third):
        assert contains(first, third)


@pytest.mark.parametrize(
    ("wider", "narrower", "does"),
    [
        ("*", "", True),
        ("", "*", False),
        ("**", "*", True),
        ("?*", "*?", True),
        ("?*", "*", False),
        ("*a*", "*aa*", True),
        ("*aa*", "*a*a*", False),
        ("GET/pets/*", "GET/pets/*/toys", True),
        ("GET/pets/?*", "GET/pets/*", False),
        ("GET/pets/*/toys", "GET/pets/*", False),
        ("*/GET/*", "api/GET/", True),
    ],
)
def test_by_hand(wider: str, narrower: str, does: bool) -> None:
    assert contains(wider, narrower) is does


def test_long_patterns_of_question_marks_are_answered() -> None:
    """Every set of places that a star leads to is looked at once."""
    assert not contains("*a" + "?" * 500, "*b*" + "?" * 500)
    assert contains("*" + "?" * 300, "*?" * 300)
