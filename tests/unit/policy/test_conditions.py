"""Every operator, with every prefix and suffix, on present, missing, several and unreadable values."""

from typing import Any

import pytest

from gatepass.policy import Constants, Context, ContextValue
from gatepass.policy.conditions import Check
from gatepass.policy.document import Condition
from gatepass.policy.judge import judge

Given = dict[str, ContextValue]


def holds(operator: str, values: Any, context: Given, *, deny: bool = False, variables: bool = True) -> bool:
    """What the compiled test says; the explanation's reading must say the same."""
    condition = Condition(operator, "test:k", tuple(values) if isinstance(values, list) else (values,))
    lowered = Context.of(context)
    answer = Check(condition, doubt=deny, has_variables=variables).test(lowered)
    assert judge(condition, lowered, deny=deny, has_variables=variables).matched is answer
    return answer


@pytest.mark.parametrize(
    ("operator", "policy", "matching", "others"),
    [
        ("StringEquals", "a*", ["a*"], ["a", "A*", "ab"]),
        ("StringEqualsIgnoreCase", "aB", ["AB", "ab"], ["a"]),
        ("StringLike", "a*?", ["ab", "abc", "a*?"], ["a", "A1"]),
        ("NumericEquals", "10", ["10", "10.0", "+10"], ["11"]),
        ("NumericLessThan", "10", ["9.9", "-11"], ["10", "11"]),
        ("NumericLessThanEquals", "10", ["10.0", "9"], ["10.01"]),
        ("NumericGreaterThan", "10", ["10.01"], ["10", "9"]),
        ("NumericGreaterThanEquals", "10", ["10", "11"], ["9.99"]),
        ("DateEquals", "2026-01-01", ["2026-01-01T00:00:00Z", "1767225600"], ["1767225601"]),
        ("DateLessThan", "2026-01-01T00:00:00Z", ["1767225599"], ["2026"]),
        ("DateLessThanEquals", "1767225600", ["2026", "2025-12-31"], ["2026-01-02"]),
        ("DateGreaterThan", "2026", ["2026-01-01T00:00:00.1Z"], ["2026"]),
        ("DateGreaterThanEquals", "2026", ["2026", "1767225601"], ["1767225599"]),
        ("Bool", "true", ["true", "TRUE"], ["false", "1"]),
        ("BinaryEquals", "QUI=", ["QUI=", "QUJ="], ["QQ=="]),
        ("IpAddress", "10.0.0.0/8", ["10.1.2.3"], ["11.0.0.1", "::1"]),
        (
            "ArnEquals",
            "arn:aws:sns:*:1:t?pic",
            ["arn:aws:sns:us-east-1:1:topic"],
            ["arn:aws:sns:a:b:1:topic", "arn:aws:SNS:us-east-1:1:topic", "arn:aws:sns:us-east-1:1:Topic"],
        ),
        ("ArnLike", "arn:aws:s3:::b*", ["arn:aws:s3:::b/x:y"], ["arn:aws:s3::1:b", "arn:aws:s3"]),
        ("ArnLike", "arn:*:*:*:*:*", ["arn:aws:sns:us-east-1:1:topic"], ["arn:aws:sns", "arn:aws:sns:us-east-1:1"]),
    ],
)
def test_operators_compare(operator: str, policy: str, matching: list[str], others: list[str]) -> None:
    assert [value for value in matching if not holds(operator, policy, {"test:k": value})] == []
    assert [value for value in others if holds(operator, policy, {"test:k": value})] == []


NEGATED = (
    ("StringEquals", "StringNotEquals", "a", "b"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "A", "b"),
    ("StringLike", "StringNotLike", "a*", "b"),
    ("NumericEquals", "NumericNotEquals", "1", "2"),
    ("DateEquals", "DateNotEquals", "2026", "2027"),
    ("IpAddress", "NotIpAddress", "10.0.0.0/8", "192.0.2.1"),
    ("ArnEquals", "ArnNotEquals", "arn:aws:s3:::a", "arn:aws:s3:::b"),
    ("ArnLike", "ArnNotLike", "arn:aws:s3:::a*", "arn:aws:s3:::b"),
)


@pytest.mark.parametrize(("positive", "negated", "policy", "other"), NEGATED)
def test_a_negated_operator_is_nor_over_values(positive: str, negated: str, policy: str, other: str) -> None:
    context: Given = {"test:k": other}
    assert not holds(positive, policy, context)
    assert holds(negated, policy, context)
    assert not holds(negated, [policy, other], context)
    assert holds(positive, [policy, other], context)


@pytest.mark.parametrize(("policy", "other"), [("10.0.0.0/8", "2001:db8::1"), ("::/0", "10.1.2.3"), ("::1", "0.0.0.1")])
@pytest.mark.parametrize("deny", [False, True])
def test_an_address_of_the_other_family_is_in_no_network(policy: str, other: str, deny: bool) -> None:
    assert not holds("IpAddress", policy, {"test:k": other}, deny=deny)
    assert holds("NotIpAddress", policy, {"test:k": other}, deny=deny)


@pytest.mark.parametrize(("positive", "negated", "policy", "other"), NEGATED)
@pytest.mark.parametrize("deny", [False, True])
def test_missing_keys(positive: str, negated: str, policy: str, other: str, deny: bool) -> None:
    assert not holds(positive, policy, {}, deny=deny)
    assert holds(negated, policy, {}, deny=deny)
    for operator in (positive, negated):
        assert holds(f"{operator}IfExists", policy, {}, deny=deny)
        assert holds(f"ForAllValues:{operator}", policy, {}, deny=deny)
        assert holds(f"ForAllValues:{operator}", policy, {"test:k": ()}, deny=deny)
        assert not holds(f"ForAnyValue:{operator}", policy, {}, deny=deny)
        assert not holds(f"ForAnyValue:{operator}IfExists", policy, {}, deny=deny)


def test_key_names_ignore_case() -> None:
    condition = Condition("StringEquals", "AWS:principalACCOUNT", ("1",))
    check = Check(condition, doubt=False, has_variables=True)
    assert check.test(Context.of({"aws:PrincipalAccount": "1"}))


@pytest.mark.parametrize(
    ("operator", "request_values", "expected"),
    [
        ("ForAllValues:StringEquals", ("a",), True),
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "c"), False),
        ("ForAnyValue:StringEquals", ("c", "a"), True),
        ("ForAnyValue:StringEquals", ("c", "d"), False),
        ("ForAllValues:StringNotEquals", ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ("a", "c"), False),
        ("ForAnyValue:StringNotEquals", ("a", "c"), True),
        ("ForAnyValue:StringNotEquals", ("a", "b"), False),
        ("ForAllValues:StringLike", "a", True),
        ("ForAnyValue:StringLike", "c", False),
    ],
)
def test_negation_is_inside_the_set_prefix(operator: str, request_values: ContextValue, expected: bool) -> None:
    assert holds(operator, ["a", "b"], {"test:k": request_values}) is expected


@pytest.mark.parametrize(
    "operator", ["StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringNotEqualsIfExists"]
)
@pytest.mark.parametrize("several", [("a",), ("a", "b"), ("c", "d")])
@pytest.mark.parametrize("deny", [False, True])
def test_a_set_of_values_needs_a_set_prefix(operator: str, several: tuple[str, ...], deny: bool) -> None:
    assert not holds(operator, "a", {"test:k": several}, deny=deny)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("NumericEquals", "x"),
        ("NumericNotEquals", "x"),
        ("NumericLessThan", "x"),
        ("DateGreaterThan", "x"),
        ("DateNotEquals", "x"),
        ("IpAddress", "x"),
        ("NotIpAddress", "x"),
        ("BinaryEquals", "="),
        ("ArnNotLike", "x"),
        ("ArnNotEquals", "arn:aws:s3"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "ForAllValues:", "ForAnyValue:"])
@pytest.mark.parametrize("suffix", ["", "IfExists"])
def test_a_value_that_cannot_be_read_counts_for_a_deny_only(
    operator: str, value: str, prefix: str, suffix: str
) -> None:
    good = {"Num": "1", "Dat": "2026", "Bin": "QQ==", "Arn": "arn:aws:s3:::b"}.get(operator[:3], "10.0.0.1")
    name = prefix + operator + suffix
    assert not holds(name, good, {"test:k": value})
    assert holds(name, good, {"test:k": value}, deny=True)
    assert not holds(name, value, {"test:k": good}), "the same where the policy's value cannot be read"
    assert holds(name, value, {"test:k": good}, deny=True)


@pytest.mark.parametrize(("operator", "value"), [("Bool", "maybe"), ("ArnLike", "x"), ("ArnEquals", "arn:aws:s3")])
@pytest.mark.parametrize("deny", [False, True])
def test_what_is_no_boolean_or_arn_compares_with_nothing(operator: str, value: str, deny: bool) -> None:
    good = "true" if operator == "Bool" else "arn:aws:s3:::b"
    assert not holds(operator, good, {"test:k": value}, deny=deny)
    assert not holds(operator, value, {"test:k": good}, deny=deny)


def test_a_value_that_compares_outweighs_one_that_cannot_be_read() -> None:
    assert holds("NumericEquals", ["x", "1"], {"test:k": "1"})
    assert not holds("NumericNotEquals", ["x", "1"], {"test:k": "1"}, deny=True)


@pytest.mark.parametrize("deny", [False, True])
@pytest.mark.parametrize("operator", ["Nonsense", "NullIfExists", "ForSome:StringEquals", "stringequals"])
@pytest.mark.parametrize("value", ["a", "true", "false"])
def test_an_operator_nobody_has_counts_for_a_deny_only(operator: str, deny: bool, value: str) -> None:
    assert holds(operator, value, {"test:k": value}, deny=deny) is deny
    assert holds(operator, value, {}, deny=deny) is deny


@pytest.mark.parametrize(
    ("values", "missing", "present"),
    [("true", True, False), ("false", False, True), (["true", "false"], True, True), ([], False, False)],
)
def test_null_asks_whether_the_key_is_absent(values: Any, missing: bool, present: bool) -> None:
    assert holds("Null", values, {}) is missing
    assert holds("Null", values, {"test:k": ()}) is missing
    assert holds("Null", values, {"test:k": ""}) is present
    assert holds("Null", values, {"test:k": ("a",)}) is present


@pytest.mark.parametrize("context", [{}, {"test:k": "a"}, {"test:k": ("a", "b")}])
def test_null_under_a_set_prefix_does_not_depend_on_the_request(context: Given) -> None:
    assert holds("ForAllValues:Null", "true", context)
    assert holds("ForAllValues:Null", "false", context)
    assert not holds("ForAnyValue:Null", "true", context)
    assert not holds("ForAnyValue:Null", "false", context)


def test_null_with_neither_true_nor_false_counts_for_a_deny_only() -> None:
    assert not holds("Null", "maybe", {})
    assert holds("Null", "maybe", {}, deny=True)


@pytest.mark.parametrize(
    ("operator", "missing", "present", "present_deny"),
    [
        ("StringEquals", False, False, False),
        ("StringNotEquals", True, False, True),
        ("StringEqualsIfExists", True, False, False),
        ("StringNotEqualsIfExists", True, False, False),
        ("ForAllValues:StringEquals", True, False, False),
        ("ForAllValues:StringNotEquals", True, False, False),
        ("ForAnyValue:StringEquals", False, False, False),
        ("ForAnyValue:StringNotEquals", False, False, False),
    ],
)
def test_no_value_in_the_policy(operator: str, missing: bool, present: bool, present_deny: bool) -> None:
    assert holds(operator, [], {}) is missing
    assert holds(operator, [], {"test:k": "a"}) is present
    assert holds(operator, [], {"test:k": "a"}, deny=True) is present_deny


@pytest.mark.parametrize("deny", [False, True])
def test_a_variable_without_value_matches_nothing_and_negated_everything(deny: bool) -> None:
    for positive, negated in (("StringEquals", "StringNotEquals"), ("StringLike", "StringNotLike")):
        assert not holds(positive, "${aws:nope}", {"test:k": "a"}, deny=deny)
        assert holds(negated, "${aws:nope}", {"test:k": "a"}, deny=deny)
    assert holds("StringEquals", ["${aws:nope}", "a"], {"test:k": "a"}, deny=deny)
    assert not holds("StringNotEquals", ["${aws:nope}", "a"], {"test:k": "a"}, deny=deny)


def test_variables_are_for_strings_arns_and_booleans() -> None:
    given: Given = {"test:v": "10", "test:t": "true", "test:b": "b"}
    assert holds("StringEquals", "${test:v}", {**given, "test:k": "10"})
    assert holds("ArnLike", "arn:aws:s3:::${test:b}*", {**given, "test:k": "arn:aws:s3:::bucket"})
    assert holds("Bool", "${test:t}", {**given, "test:k": "true"})
    assert not holds("NumericEquals", "${test:v}", {**given, "test:k": "10"})
    assert holds("NumericEquals", "${test:v}", {**given, "test:k": "11"}, deny=True)


def test_two_tags_of_one_name_are_two_keys() -> None:
    """STS once answered with the request's tag where a policy asked for the role's, and every tag was right."""
    given: Given = {"aws:RequestTag/t": "a", "aws:PrincipalTag/t": "b"}
    for asked, value, answer in (
        ("aws:RequestTag", "a", True),
        ("aws:RequestTag", "b", False),
        ("aws:PrincipalTag", "b", True),
        ("aws:PrincipalTag", "a", False),
        ("aws:ResourceTag", "a", False),
    ):
        assert holds("StringEquals", f"${{{asked}/t}}", {**given, "test:k": value}) is answer
        condition = Condition("StringEquals", f"{asked}/t", (value,))
        assert Check(condition, doubt=False, has_variables=True).test(Context.of(given)) is answer


def test_a_star_in_a_variables_value_is_no_wildcard() -> None:
    assert not holds("StringLike", "${test:v}", {"test:v": "*", "test:k": "a"})
    assert holds("StringLike", "${test:v}", {"test:v": "*", "test:k": "*"})
    assert not holds("ArnLike", "arn:aws:s3:::${test:v}", {"test:v": "*", "test:k": "arn:aws:s3:::a"})


def test_variables_are_plain_text_in_older_policies() -> None:
    assert holds("StringEquals", "${test:v}", {"test:v": "a", "test:k": "${test:v}"}, variables=False)
    assert not holds("StringEquals", "${test:v}", {"test:v": "a", "test:k": "a"}, variables=False)


def test_a_badly_written_variable_counts_for_a_deny_only() -> None:
    assert not holds("StringEquals", "${test:v", {"test:k": "a"})
    assert holds("StringEquals", "${test:v", {"test:k": "a"}, deny=True)
    assert holds("StringEquals", ["${test:v", "a"], {"test:k": "a"})


def test_binding_decides_what_the_credential_decides() -> None:
    constants = Constants({"test:v": "a"}, prefixes=("test:c",))
    known = frozenset(("test:v", "test:c"))
    whole = Check(Condition("StringEquals", "test:v", ("a",)), doubt=False, has_variables=True)
    assert whole.bind(constants, known) is True
    absent = Check(Condition("StringEquals", "test:c", ("a",)), doubt=False, has_variables=True)
    assert absent.bind(constants, known) is False
    part = Check(Condition("StringEquals", "test:k", ("${test:v}", "b")), doubt=False, has_variables=True)
    bound = part.bind(constants, known)
    assert isinstance(bound, Check)
    assert bound.keys == {"test:k"}
    assert bound.test(Context.of({"test:k": "a"}))
    assert not bound.test(Context.of({"test:k": "c"}))
    other = Check(Condition("StringEquals", "test:k", ("${test:w}",)), doubt=False, has_variables=True)
    assert other.bind(constants, known) is other
