"""A file of a stranger, as a pull request brings it, takes neither for ever nor all the memory.

Each of these took minutes, or gigabytes, before it was bounded: without its bound a test here does not end.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from gatepass.advice.app_routes import AppRoute
from gatepass.advice.cases import Named
from gatepass.advice.differences import Differ, Side
from gatepass.advice.effort import Effort
from gatepass.advice.findings import findings_in
from gatepass.advice.found import stack_in
from gatepass.advice.known import nearest
from gatepass.advice.languages import contain, contains, meet
from gatepass.advice.least import least
from gatepass.advice.patterns import of_glob
from gatepass.advice.reading import read
from gatepass.advice.settled import settled
from gatepass.arn import METHODS
from gatepass.errors import ConfigurationError
from gatepass.policy import Caller

ARN = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/api/GET/"


def policy(**more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{ARN}x", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def template(document: Any) -> str:
    properties = {"PolicyName": "p", "Roles": ["r"], "PolicyDocument": document}
    return json.dumps({"Resources": {"P": {"Type": "AWS::IAM::Policy", "Properties": properties}}})


def rules(text: str) -> set[str]:
    return {finding.rule for finding in findings_in(stack_in(read(text)))}


@pytest.mark.parametrize(
    "document",
    [
        policy(Resource={"Fn::Sub": "${" * 300_000}),
        {"Fn::Sub": json.dumps(policy()) + "${" * 300_000},
        policy(Resource="arn:aws:s3:::" + "${" * 50_000),
        policy(Resource=ARN + "{" * 100_000),
        policy(Resource="${a.b[" * 20_000),
    ],
)
def test_braces_that_never_close(document: Any) -> None:
    with contextlib.suppress(ConfigurationError):
        rules(template(document))


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Join": ["x" * 1_000, ["y"] * 1_000]},
        {"Fn::Join": ["", [{"Ref": "Long"}] * 1_000]},
        {"Fn::Sub": ["${A}" * 1_000, {"A": "x" * 1_000}]},
        {"Fn::Sub": "${Long}" * 1_000},
        [{"Fn::Sub": "${Long}"}] * 1_000,
        ["${var.long}"] * 1_000,
    ],
)
def test_functions_that_repeat_a_text(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="32,768 characters"):
        settled(value, {"Long": "x" * 1_000, "var.long": "x" * 1_000})


def test_functions_of_a_real_size() -> None:
    assert settled({"Fn::Join": ["/", ["x" * 1_000] * 30]}, {}) == "/".join(["x" * 1_000] * 30)


def test_aliases_that_repeat_a_text() -> None:
    text = f"x: &a '{'y' * 100_000}'\nStatement: [{', '.join(['*a'] * 1_000)}]\n"
    with pytest.raises(ConfigurationError, match="repeats too much"):
        read(text)
    assert read("x: &a yes\nStatement: [*a, *a]\n").value == {"x": "yes", "Statement": ["yes", "yes"]}


@pytest.mark.parametrize(
    "more",
    [
        {"Resource": [f"{ARN}*{number}*" for number in range(1_800)]},
        {"Action": [f"s3:*{number}*" for number in range(8_000)]},
        {"NotAction": [f"s3:*{number}*" for number in range(8_000)], "Effect": "Deny"},
        {"Condition": {"StringEquals": {f"aws:SourceIpp{number}": "x" for number in range(5_000)}}},
    ],
)
def test_more_than_can_be_compared(more: dict[str, Any]) -> None:
    """It is said, and what needs no comparing is found all the same."""
    document = policy(**more)
    if "NotAction" in more:
        del document["Statement"][0]["Action"]
    found = rules(json.dumps([document] * 5))
    assert {"too-long", "not-compared"} <= found


def test_what_ends_early_says_what_nothing_is_found_of() -> None:
    one, other = of_glob("*a*b*c"), of_glob("*c*b*d")
    assert not meet(one, other)
    assert meet(one, other, Effort(3))
    assert contain([of_glob("*")], of_glob("a*b"))
    assert not contain([of_glob("*")], of_glob("a*b"), Effort(3))


def test_statements_of_terraform_are_many() -> None:
    statements = [{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b"]}] * 2
    data = {f"d{number}": {"statement": statements} for number in range(3_000)}
    reading = read(json.dumps({"data": {"aws_iam_policy_document": data}}, indent=1))
    found = stack_in(reading).found
    assert len(found) == 3_000
    last = found[-1]
    assert reading.value["data"]["aws_iam_policy_document"]
    assert last.line("Statement", 1, "Resource", 0) > last.line("Statement", 1, "Action", 0) > found[0].line() > 1


def test_a_long_name_is_like_no_other() -> None:
    assert nearest("Invoka", ["Invoke"]) == "Invoke"
    assert nearest("ab" * 50_000, ["ba" * 50_000]) is None


def test_many_routes_have_a_least_policy() -> None:
    """Exactly what comparing each with each gives."""
    few = ["GET/*", "GET/a", "GET/*/b", "*/a", "GET/a*", "GET/?", "GET/a?b", "GET/a*b", "*"]
    every = sorted(set(few))
    expected = [each for each in every if not any(contains(other, each) for other in every if other != each)]
    assert least(few) == expected == ["*"]
    assert least(few[:-1]) == ["*/a", "GET/*"]
    many = [f"GET/pets/{number}/*" for number in range(10_000)]
    assert least([*many, "GET/pets/7/toys"]) == sorted(many)


def test_a_comparison_of_many_routes_and_patterns_says_where_it_ended() -> None:
    """None of the routes is told to be the same, or left out."""
    prefix = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/api/"
    before, after = (
        Side([Named("p", policy(Resource=[f"{prefix}GET/*{number}*{end}" for number in range(1_500)]))])
        for end in ("", "x")
    )
    routes = [AppRoute("ANY", f"/a{number}/{{x}}/{{y}}", True, 0) for number in range(300)]
    found = list(Differ(before, after, prefix, Caller("role-session", "", "123456789012")).differences(routes))
    same = {f"DELETE {each.path}" for each in routes}  # looked at first, and of no pattern
    told = {each.route.rstrip("/") for each in found}
    assert told == {f"{verb} {each.path}" for verb in METHODS for each in routes} - same
    assert not any(each.complete for each in found[-100:])


def test_more_conditions_than_can_be_supposed() -> None:
    """Each of them may decide about any route."""
    prefix = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/api/"

    def side(first: int) -> Side:
        conditions = ({"StringEquals": {"aws:x": str(number)}} for number in range(first, first + 300))
        statements = [policy(Resource=f"{prefix}GET/b", Condition=each)["Statement"][0] for each in conditions]
        return Side([Named("p", {"Version": "2012-10-17", "Statement": statements})])

    caller = Caller("role-session", "", "123456789012")
    (found,) = Differ(side(0), side(1), prefix, caller).differences([AppRoute("GET", "/a", True, 0)])
    assert found.conditional
