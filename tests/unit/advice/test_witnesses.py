"""One request of each kind: whatever patterns requests to a route can meet together, some witness meets just those."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from gatepass.advice.languages import Patterns
from gatepass.advice.patterns import Step, of_route, of_tokens
from gatepass.advice.witnesses import meeting, witnesses
from gatepass.policy.globs import glob, tokens

PATTERNS = st.lists(st.text("ab/*?", max_size=5), min_size=1, max_size=3)
PATHS = st.lists(st.sampled_from(["a", "ab", "{x}", "{y}"]), min_size=1, max_size=2).map(
    lambda each: "/" + "/".join(each)
)


def requests_to(path: str) -> list[str]:
    """Every short request to a route, over a small alphabet; `z` stands in no pattern."""
    values = ["".join(text) for length in (1, 2, 3) for text in product("abz", repeat=length)]
    segments = [values if each.startswith("{") else [each] for each in path.split("/")[1:]]
    return ["/".join(each) for each in product(*segments)]


@given(patterns=PATTERNS, path=PATHS)
def test_every_kind_of_request_has_a_witness(patterns: list[str], path: str) -> None:
    """Compared with all short requests; and no witness is of another route."""
    globs = [glob(tokens(each)) for each in patterns]
    found, complete = witnesses(of_route(path)[1:], Patterns([of_tokens(tokens(each)) for each in patterns]))
    assert complete
    kinds = {tuple(each.matches(text) for each in globs) for text in found.values()}
    assert {tuple(each.matches(text) for each in globs) for text in requests_to(path)} <= kinds
    for text in found.values():
        segments = text.split("/")
        assert len(segments) == path.count("/")
        assert all(
            each and (name.startswith("{") or each == name)
            for each, name in zip(segments, path.split("/")[1:], strict=True)
        )


def test_what_stands_before_is_followed() -> None:
    found, _ = witnesses(of_route("/a")[1:], Patterns([of_tokens(tokens("GET/*"))]), "GET/")
    assert list(found.values()) == ["a"]
    assert list(found) != [0]


def test_too_many_kinds_are_said_to_be() -> None:
    """The work ends, whatever the patterns are."""
    patterns = [f"*{letter}{'?' * 12}*{letter}" for letter in "abcdefgh"]
    _, complete = witnesses(of_route("/{x}")[1:], Patterns([of_tokens(tokens(each)) for each in patterns]))
    assert not complete
    assert meeting(patterns, "GET", "/{x}/{y}") == patterns, "which needs no kinds"


@given(pattern=st.text("ab/*?", max_size=6), path=PATHS)
def test_a_route_meets_what_a_request_to_it_meets(pattern: str, path: str) -> None:
    """As witnesses tell it, with and without a slash at the end."""
    given = Patterns([of_tokens(tokens(pattern))])
    found = [
        ends
        for form in (of_route(path)[1:], (*of_route(path)[1:], Step("/")))
        for ends in witnesses(form, given, "a/").by_ends
    ]
    assert (meeting([pattern], "a", path) == [pattern]) is any(found)


def test_a_greedy_parameter_holds_slashes() -> None:
    assert meeting(["GET/files/*/b"], "GET", "/files/{proxy+}") == ["GET/files/*/b"]
    assert meeting(["GET/files/*/b"], "GET", "/files/{name}") == []


def test_a_slash_at_the_end_meets_too() -> None:
    """API Gateway serves `/pets/` as `/pets`: who allows `GET/pets/*` allows that."""
    assert meeting(["GET/pets/*"], "GET", "/pets") == ["GET/pets/*"]
    assert meeting(["GET/pets/?*"], "GET", "/pets") == []
    assert meeting(["PUT/*"], "ANY", "/") == ["PUT/*"]
