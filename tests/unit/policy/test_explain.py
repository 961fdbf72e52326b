"""An explanation says of every statement what held, what failed first and why, and what would help."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gatepass.policy import (
    REASONS,
    Caller,
    Context,
    Policies,
    PolicyType,
    Query,
    evaluate,
    explain,
)
from gatepass.policy.document import Condition
from gatepass.policy.judge import judge

if TYPE_CHECKING:
    from tests.unit.policy.conftest import Make

METHOD = "arn:aws:execute-api:us-east-1:111122223333:api1/prod/GET/pets"
ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": METHOD}


def ask(caller: Caller, **context: Any) -> Query:
    given = {f"test:{name}": value for name, value in context.items()}
    return Query("execute-api:Invoke", METHOD, caller, "111122223333", given)


def test_each_element_of_each_statement_is_told(make: Make, caller: Caller) -> None:
    policy = make(
        {**ALLOW, "Action": "s3:*"},
        {**ALLOW, "Resource": "arn:aws:s3:::b", "Sid": "Elsewhere"},
        {**ALLOW, "Condition": {"StringEquals": {"test:k": "a"}, "Null": {"test:k": "true"}}},
    )
    explanation = explain(Policies([policy]), ask(caller, k="b"))
    (result,) = explanation.policies
    assert result.source == policy.source
    assert result.says == "is silent"
    first, second, third = result.statements
    assert (first.action, first.resource, first.principal) == (False, True, None)
    assert (second.action, second.resource, second.sid, second.position) == (True, False, "Elsewhere", 1)
    assert [each.matched for each in third.conditions] == [False, False]
    assert third.failed_condition is third.conditions[0]
    assert [each.why_not for each in result.statements] == [
        "it is about other actions",
        "it is about other resources",
        "`StringEquals` on `test:k`: the request's value compares with none of the policy's",
    ]


def test_the_nearest_allow_is_the_one_that_failed_last(make: Make, caller: Caller) -> None:
    far = make({**ALLOW, "Action": "s3:*"}, {**ALLOW, "Resource": "arn:aws:s3:::b"}, name="far")
    near = make({**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, name="near")
    explanation = explain(Policies([far, near]), ask(caller))
    assert explanation.limited_by is PolicyType.IDENTITY
    assert explanation.nearest is not None
    source, statement = explanation.nearest
    assert (source.name, statement.position) == ("near", 0)
    assert statement.why_not == "`Bool` on `aws:SecureTransport`: the request has no such key"


def test_nothing_is_near_where_there_is_no_allow(caller: Caller) -> None:
    assert explain(Policies(), ask(caller)).nearest is None


def test_the_limiting_type_is_named_and_the_message_is_awss(make: Make, caller: Caller) -> None:
    session = make({**ALLOW, "Action": "s3:*"}, type=PolicyType.SESSION)
    policies, query = Policies([make(ALLOW)], session=[session]), ask(caller)
    explanation = explain(policies, query)
    assert explanation.limited_by is PolicyType.SESSION
    assert explanation.message.endswith("because no session policy allows the execute-api:Invoke action")
    assert [result.says for result in explanation.policies] == ["allows", "is silent"]


def test_what_is_allowed_needs_no_change(make: Make, caller: Caller) -> None:
    explanation = explain(Policies([make(ALLOW)]), ask(caller))
    assert explanation.verdict.allowed
    assert (explanation.limited_by, explanation.message, explanation.changes) == (None, "", ())
    assert explanation.nearest is None


def test_principals_are_told_of_types_that_name_them(make: Make, caller: Caller) -> None:
    others = make({**ALLOW, "Principal": {"AWS": "999988887777"}}, type=PolicyType.RESOURCE)
    (result,) = explain(Policies(resource=[others]), ask(caller)).policies
    assert result.statements[0].principal is False
    assert result.statements[0].why_not == "it names other principals"


def test_bound_policies_are_explained_with_every_statement(make: Make, caller: Caller) -> None:
    policy = make(
        {**ALLOW, "Condition": {"StringEquals": {"test:me": "alice"}}},
        {**ALLOW, "Condition": {"StringEquals": {"test:me": "bob"}}},
    )
    from gatepass.policy import Constants

    policies = Policies([policy]).bind(Constants({"test:me": "bob"}))
    query = ask(caller, me="bob")
    explanation = explain(policies, query)
    assert explanation.verdict == evaluate(policies, query)
    assert [each.applies for each in explanation.policies[0].statements] == [False, True]


def test_an_explanation_is_json(make: Make, caller: Caller) -> None:
    guarded = {**ALLOW, "Condition": {"ForAnyValue:StringEquals": {"test:set": "${test:v}"}}}
    explanation = explain(Policies([make(guarded)]), ask(caller, set=("a", "b"), v="c"))
    read = json.loads(json.dumps(explanation.to_json()))
    assert read["outcome"] == "implicitDeny"
    assert read["policy_type"] == "identity"
    assert read["caller"] == caller.arn
    assert (read["action"], read["resource"]) == ("execute-api:Invoke", METHOD)
    assert read["nearest"]["statement"] == 0
    statement = read["policies"][0]["statements"][0]
    assert statement["failed_condition"] == {
        "operator": "ForAnyValue:StringEquals",
        "key": "test:set",
        "matched": False,
        "request": ["a", "b"],
        "policy": ["c"],
        "reason": "differs",
    }
    assert read["changes"] == [
        {
            "change": "add",
            "policy_type": "identity",
            "policy": "the identity policy",
            "index": None,
            "statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": METHOD},
        }
    ]


@pytest.mark.parametrize(
    ("operator", "values", "context", "deny", "matched", "reason"),
    [
        ("StringEquals", ("a",), {"test:k": "a"}, False, True, "compares"),
        ("StringEquals", ("a",), {"test:k": "b"}, False, False, "differs"),
        ("StringNotEquals", ("a",), {"test:k": "a"}, False, False, "listed"),
        ("StringNotEquals", ("a",), {"test:k": "b"}, False, True, "not-listed"),
        ("StringEquals", ("a",), {}, False, False, "missing"),
        ("StringNotEquals", ("a",), {}, False, True, "negated-missing"),
        ("StringEqualsIfExists", ("a",), {}, False, True, "if-exists"),
        ("ForAllValues:StringEquals", ("a",), {}, False, True, "all-of-none"),
        ("ForAnyValue:StringNotEquals", ("a",), {}, True, False, "missing"),
        ("StringEquals", ("a",), {"test:k": ("a",)}, False, False, "needs-set-operator"),
        ("StringEquals", ("${aws:nope}",), {"test:k": "a"}, False, False, "no-value-variable"),
        ("StringNotEquals", ("${aws:nope}",), {"test:k": "a"}, False, True, "no-value-variable"),
        ("NumericEquals", ("1",), {"test:k": "x"}, False, False, "unparsable"),
        ("NumericEquals", ("x",), {"test:k": "1"}, True, True, "unparsable"),
        ("StringEquals", ("${bad",), {"test:k": "a"}, False, False, "unparsable"),
        ("StringEquals", (), {"test:k": "a"}, False, False, "no-policy-values"),
        ("Nonsense", ("a",), {"test:k": "a"}, True, True, "unknown-operator"),
        ("Null", ("true",), {"test:k": "a"}, False, False, "present"),
        ("Null", ("true",), {}, False, True, "absent"),
        ("Null", ("maybe",), {}, True, True, "unparsable"),
        ("ForAllValues:Null", ("true",), {"test:k": "a"}, False, True, "null-in-set"),
        ("ForAllValues:StringEquals", ("a",), {"test:k": ("a", "b")}, False, False, "differs"),
        ("ForAnyValue:StringEquals", ("a",), {"test:k": ("b", "a")}, False, True, "compares"),
    ],
)
def test_why_a_condition_holds_or_not(
    operator: str, values: tuple[str, ...], context: dict[str, Any], deny: bool, matched: bool, reason: str
) -> None:
    condition = Condition(operator, "test:k", values)
    result = judge(condition, Context.of(context), deny=deny, has_variables=True)
    assert (result.matched, result.reason) == (matched, reason)
    assert reason in REASONS
    assert result.request == context.get("test:k")


def test_policy_values_are_shown_after_variables() -> None:
    condition = Condition("StringLike", "test:k", ("a/${test:v}/*", "${aws:nope}", "${*}?"))
    result = judge(condition, Context.of({"test:v": "x", "test:k": "b"}), deny=False, has_variables=True)
    assert result.policy == ("a/x/*", "*?")


def test_every_reason_is_in_words() -> None:
    assert all(words and not words.endswith(".") for words in REASONS.values())
