"""What another policy decides otherwise: exactly, route by route, and with what conditions would change."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.advice.app_routes import AppRoute
from gatepass.advice.cases import Named
from gatepass.advice.differences import Differ, Difference, Side
from gatepass.policy import Caller, Query, evaluate

PREFIX = "arn:aws:execute-api:us-east-1:123456789012:a1b2/prod/"
CALLER = Caller.from_arn("arn:aws:sts::123456789012:assumed-role/any-role/simulated")
SECURE = {"Bool": {"aws:SecureTransport": "true"}}


def statement(*resources: str, effect: str = "Allow", element: str = "Resource", **more: Any) -> dict[str, Any]:
    texts = [each if each == "*" or each.startswith("arn:") else f"{PREFIX}{each}" for each in resources]
    return {"Effect": effect, "Action": "execute-api:Invoke", element: texts, **more}


def side(*statements: dict[str, Any], boundary: list[dict[str, Any]] | None = None) -> Side:
    def document(given: Any) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": list(given)}

    limits = None if boundary is None else [Named("boundary", document(boundary))]
    return Side([Named("policy", document(statements))], limits)


def differences(before: Side, after: Side, *routes: str) -> list[Difference]:
    described = [AppRoute(each.split(" ")[0], each.split(" ")[1], True, 0) for each in routes]
    return list(Differ(before, after, PREFIX, CALLER).differences(described))


def told(before: Side, after: Side, *routes: str) -> list[str]:
    """`+` newly allowed, `-` newly denied, `?` conditional; an example in brackets."""
    signs = {"newly_allowed": "+", "newly_denied": "-", None: ""}
    found = []
    for each in differences(before, after, *routes):
        example = f" ({each.example})" if each.example else ""
        found.append(f"{signs[each.change]}{'?' if each.conditional else ''}{each.route}{example}")
    return found


NONE = side()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (NONE, side(statement("GET/pets/*")), ["+GET /pets/{id}"]),
        (NONE, side(statement("GET/pets/1")), ["+GET /pets/{id} (GET /pets/1)"]),
        (side(statement("GET/pets/1")), side(statement("GET/*/1")), []),
        (side(statement("GET/pets/1*")), side(statement("GET/pets/1")), ["-GET /pets/{id} (GET /pets/1f)"]),
        (
            side(statement("GET/pets/1")),
            side(statement("GET/pets/2")),
            ["+GET /pets/{id} (GET /pets/2)", "-GET /pets/{id} (GET /pets/1)"],
        ),
        (NONE, side(statement("GET/pets/*/")), ["+GET /pets/{id}/"]),
        (NONE, side(statement("GET/pets/*/toys")), []),
        (NONE, side(statement("*"), statement("GET/pets/9", effect="Deny")), ["+GET /pets/{id} (GET /pets/f)"]),
        (NONE, side(statement("GET/pets/1", element="NotResource")), ["+GET /pets/{id} (GET /pets/f)"]),
        (NONE, side(statement("arn:aws:execute-api:*:*:*/prod/GET/pets/7")), ["+GET /pets/{id} (GET /pets/7)"]),
        (NONE, side(statement("arn:aws:execute-api:*")), ["+GET /pets/{id}"]),
        (NONE, side(statement("*"), boundary=[statement("GET/pets/3")]), ["+GET /pets/{id} (GET /pets/3)"]),
        (NONE, side(statement("GET/pets/${*}")), ["+GET /pets/{id} (GET /pets/*)"]),
    ],
)
def test_a_policy_that_names_some_requests_shows(before: Side, after: Side, expected: list[str]) -> None:
    """A route may be allowed for some values of its parameter only; `f` stands in no pattern."""
    assert told(before, after, "GET /pets/{id}") == expected


def test_only_a_slash_at_the_end_is_told_as_such() -> None:
    assert told(side(statement("GET/x")), side(statement("GET/x*")), "GET /x") == ["+GET /x/"]


def test_any_is_each_verb() -> None:
    assert told(NONE, side(statement("P*/x")), "ANY /x") == ["+PATCH /x", "+POST /x", "+PUT /x"]


def test_open_routes_are_nobodys_concern() -> None:
    route = AppRoute("GET", "/x", False, 0)
    assert list(Differ(NONE, side(statement("*")), PREFIX, CALLER).differences([route])) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (NONE, side(statement("GET/x", Condition=SECURE)), ["?GET /x"]),
        (side(statement("GET/x")), side(statement("GET/x", Condition=SECURE)), ["-?GET /x"]),
        (side(statement("GET/x", Condition=SECURE)), side(statement("GET/x", Sid="S", Condition=SECURE)), []),
        (NONE, side(statement("GET/y", Condition=SECURE)), []),
        (NONE, side(statement("GET/${aws:username}")), ["?GET /x"]),
        (
            side(statement("*"), statement("GET/x", effect="Deny", Condition={"Null": {"aws:username": "true"}})),
            side(statement("*")),
            ["+?GET /x"],
        ),
    ],
)
def test_what_a_condition_may_change_is_told(before: Side, after: Side, expected: list[str]) -> None:
    """Conditions that are written alike hold alike."""
    assert told(before, after, "GET /x") == expected


def test_many_conditions_are_tried_one_by_one() -> None:
    each = [statement("GET/x", Condition={"StringEquals": {"aws:username": str(number)}}) for number in range(30)]
    assert told(NONE, side(*each), "GET /x") == ["?GET /x"]
    assert told(side(*each), side(*each[1:]), "GET /x") == ["?GET /x"]


PATTERNS = st.text("ab/*?", max_size=4).map(lambda each: f"GET/{each}")
STATEMENTS = st.builds(
    lambda resources, effect, element: statement(*resources, effect=effect, element=element),
    st.lists(PATTERNS, min_size=1, max_size=2),
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(["Resource", "Resource", "NotResource"]),
)
SIDES = st.lists(STATEMENTS, max_size=2).map(lambda each: side(*each))


@given(before=SIDES, after=SIDES, path=st.sampled_from(["/a", "/{x}", "/a/{x}"]))
def test_no_request_is_decided_otherwise_unnoticed(before: Side, after: Side, path: str) -> None:
    """Compared with every short request; an example is decided as it is told."""
    values = ["".join(text) for length in range(1, 6) for text in product("abz", repeat=length)]
    texts = [f"GET{path.replace('{x}', value)}" for value in (values if "{" in path else [""])]
    found = {each.change: each for each in differences(before, after, f"GET {path}") if not each.route.endswith("/")}
    old, new = before.policies(), after.policies()
    changes: set[str | None] = set()
    for text in texts:
        query = Query("execute-api:Invoke", f"{PREFIX}{text}", CALLER)
        was, now = evaluate(old, query).allowed, evaluate(new, query).allowed
        changes.add(None if was is now else "newly_allowed" if now else "newly_denied")
    assert changes - {None} == found.keys() - {None}
    assert all((each.example == "") is (changes == {change}) for change, each in found.items())
