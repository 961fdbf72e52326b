"""The least policy: nothing twice, nothing too long, and what a `*` lets in is known."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.advice.app_routes import AppRoute
from gatepass.advice.learned import with_merged_verbs
from gatepass.advice.least import MANAGED_POLICY, documents, least, pattern_of
from gatepass.advice.witnesses import also_allowed
from gatepass.arn import METHODS
from gatepass.policy.globs import glob, tokens


@pytest.mark.parametrize(
    ("method", "path", "pattern"),
    [
        ("GET", "/", "GET/"),
        ("GET", "/pets/{id}/toys", "GET/pets/*/toys"),
        ("ANY", "/{proxy+}", "*/*"),
        ("GET", "/pets/", "GET/pets/"),
    ],
)
def test_a_route_is_its_template_with_stars(method: str, path: str, pattern: str) -> None:
    assert pattern_of(method, path) == pattern


@given(st.lists(st.text("ab/*", max_size=6), max_size=6), st.text("abz/", max_size=8))
def test_what_is_left_out_changes_nothing(patterns: list[str], text: str) -> None:
    """Every text is matched as before, and no pattern that is left is contained in another one."""
    kept = least(patterns)
    assert any(glob(tokens(each)).matches(text) for each in kept) is any(
        glob(tokens(each)).matches(text) for each in patterns
    )
    assert least(reversed(kept)) == kept


def test_patterns_that_say_the_same_leave_one() -> None:
    assert least(["a**", "a*", "b"]) == ["a*", "b"]


def test_all_verbs_of_a_path_are_one_star() -> None:
    """Seven verbs, and no fewer."""
    every = [(method, "/x") for method in METHODS]
    assert with_merged_verbs(every) == [("ANY", "/x")]
    assert len(with_merged_verbs(every[1:])) == 6
    assert with_merged_verbs([("ANY", "/x"), ("GET", "/x")]) == [("ANY", "/x")]


def test_what_a_star_lets_in_is_told() -> None:
    """Only routes that ask for a signature: the others anybody may call."""
    routes = [
        AppRoute("GET", "/pets/{id}/toys", True, 0),
        AppRoute("GET", "/pets", True, 0),
        AppRoute("PUT", "/pets/{id}/toys", True, 0),
        AppRoute("GET", "/pets/open", False, 0),
    ]
    assert [route.path for route, _ in also_allowed(["GET/pets/*"], routes)] == ["/pets/{id}/toys", "/pets"]


def test_no_policy_is_longer_than_aws_takes() -> None:
    """Everything is in one of them, in order, and all but the last are full."""
    arns = [
        f"arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/route-{number:04}" for number in range(300)
    ]
    found = documents(arns)
    assert [arn for each in found for arn in each["Statement"][0]["Resource"]] == arns
    sizes = [len(json.dumps(each, separators=(",", ":"))) for each in found]
    assert max(sizes) <= MANAGED_POLICY
    assert min(sizes[:-1]) > MANAGED_POLICY - len(arns[0]) - 3
    assert documents(arns) == found
    assert len(documents(arns[:2])) == 1
