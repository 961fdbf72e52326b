"""Patterns are compared exactly: what is said of two patterns is what their texts say."""

from __future__ import annotations

from itertools import product

import pytest

from gatepass.advice.languages import contain, meet
from gatepass.advice.patterns import literal, of_glob, of_path, of_resource
from gatepass.gateway.authorizer import Decision
from gatepass.gateway.exchange import Exchange
from gatepass.gateway.routes import Protection, Route, RouteTable
from gatepass.policy.globs import compiled

# `b` is a character that no pattern below writes.
TEXTS = ["".join(text) for length in range(6) for text in product("ab/", repeat=length)]
PATTERNS = ["".join(text) for length in range(4) for text in product("a*?", repeat=length)]
MATCHES = {pattern: frozenset(text for text in TEXTS if compiled(pattern).matches(text)) for pattern in PATTERNS}


@pytest.mark.parametrize("one", PATTERNS)
def test_two_patterns_against_all_their_texts(one: str) -> None:
    for other in PATTERNS:
        assert contain([of_glob(other)], of_glob(one)) is (MATCHES[one] <= MATCHES[other])
        assert meet(of_glob(one), of_glob(other)) is bool(MATCHES[one] & MATCHES[other])


@pytest.mark.parametrize("narrow", PATTERNS)
def test_patterns_together_contain_what_none_of_them_does(narrow: str) -> None:
    for pair in (("a*", "?*"), ("", "?*"), ("a", "?a*"), ("*a", "a?*"), ("?", "??*")):
        together = frozenset[str]().union(*(MATCHES[pattern] for pattern in pair))
        assert contain([of_glob(pattern) for pattern in pair], of_glob(narrow)) is (MATCHES[narrow] <= together)


def test_a_variable_is_itself_only_and_is_taken_by_a_star() -> None:
    own, other = of_glob("x/${aws:userid}", variables=True), of_glob("x/${aws:username}", variables=True)
    assert contain([own], of_glob("x/${AWS:UserId}", variables=True))
    assert contain([of_glob("x/*")], own)
    assert not contain([of_glob("x/?")], own)
    assert not contain([other], own)
    assert not contain([own], of_glob("x/*"))
    assert meet(own, other)
    assert of_glob("${*}", variables=True) == literal("*")


def test_a_star_of_an_arns_head_stops_at_colons() -> None:
    wide = of_resource("arn:aws:execute-api:*:1:a/b")
    assert contain([wide], of_resource("arn:aws:execute-api:eu:1:a/b"))
    assert not meet(wide, literal("arn:aws:execute-api:eu:2:x:1:a/b"))
    assert contain([of_resource("*")], wide)


async def nothing(decision: Decision, exchange: Exchange) -> None:
    """Never asked."""


@pytest.mark.parametrize("template", ["/", "/a", "/a/{b}", "/{a}", "/{a}/b", "/a/{proxy+}", "/{proxy+}", "/a/b"])
def test_a_routes_path_is_what_the_gate_routes_to_it(template: str) -> None:
    table = RouteTable([Route("GET", template, Protection.IAM, nothing)])
    for text in TEXTS:
        path = f"/{text}"
        if "//" not in path:
            assert meet(literal(path), of_path(template)) is (table.match("GET", path.encode()) is not None), path


def test_patterns_written_to_take_long_do_not() -> None:
    """The answer comes, or is given up, after a bounded number of steps."""
    wide, narrow = of_glob("*a" + "?" * 40 + "b*"), of_glob("*a*b*" * 20)
    assert contain([wide], narrow) in (True, False)
    assert meet(wide, narrow)
