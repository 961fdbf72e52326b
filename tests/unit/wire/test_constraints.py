"""Input that breaks a constraint is refused with AWS's words, all failures in one message; the rest becomes a value."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.errors import ValidationFailure
from gatepass.wire.constraints import (
    Enum,
    Length,
    Pattern,
    Range,
    Sensitive,
    build,
    java_text,
    length,
    shape_of,
)

PoolId = Annotated[str, Length(1, 55), Pattern(r"[\w-]+:[0-9a-f-]+")]
Token = Annotated[str, Length(1, 20), Sensitive()]


class Rule(msgspec.Struct, rename="pascal", kw_only=True):
    claim: Annotated[str, Length(1, 4)]
    match_type: Annotated[str, Enum(("Equals", "Contains"))]


class Example(msgspec.Struct, rename="pascal", kw_only=True):
    pool_id: PoolId
    allow: bool
    most: Annotated[int, Range(1, 60)] | None = None
    providers: Annotated[
        dict[Annotated[str, Length(1, 8)], Annotated[str, Length(1, 5), Pattern("[a-z]+")]], Length(0, 2)
    ] = {}
    logins: Annotated[dict[Annotated[str, Length(1, 8)], Token], Length(0, 2)] = {}
    arns: tuple[Annotated[str, Length(2, 6)], ...] = ()
    rules: Annotated[tuple[Rule, ...], Length(1, 2)] | None = None
    by_name: dict[str, Rule] = {}
    secret: Token | None = None
    status: Annotated[str, Enum(("Active",), listed=False)] | None = None


GOOD = {"PoolId": "us-east-1:0f", "Allow": True}


def message(**values: object) -> str:
    with pytest.raises(ValidationFailure) as caught:
        build(Example, {**GOOD, **values})
    return caught.value.message


def test_what_is_right_becomes_the_input() -> None:
    made = build(
        Example,
        {**GOOD, "Most": 60, "Providers": {"a": "b"}, "Arns": ["ab"], "Rules": [{"Claim": "c", "MatchType": "Equals"}]},
    )
    assert made == Example(
        pool_id="us-east-1:0f",
        allow=True,
        most=60,
        providers={"a": "b"},
        arns=("ab",),
        rules=(Rule(claim="c", match_type="Equals"),),
    )


def test_null_and_absent_are_one_and_unknown_members_are_ignored() -> None:
    assert build(Example, {**GOOD, "Most": None, "Other": {"deep": []}}) == build(Example, GOOD)


ONE = "1 validation error detected: "


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"PoolId": None}, "Value null at 'poolId' failed to satisfy constraint: Member must not be null"),
        (
            {"PoolId": "us-east-1_x"},
            (
                "Value 'us-east-1_x' at 'poolId' failed to satisfy constraint:"
                r" Member must satisfy regular expression pattern: [\w-]+:[0-9a-f-]+"
            ),
        ),
        (
            {"PoolId": "é:0f"},
            (
                "Value 'é:0f' at 'poolId' failed to satisfy constraint:"
                r" Member must satisfy regular expression pattern: [\w-]+:[0-9a-f-]+"
            ),
        ),
        (
            {"PoolId": "a:0\n"},
            (
                "Value 'a:0\n' at 'poolId' failed to satisfy constraint:"
                r" Member must satisfy regular expression pattern: [\w-]+:[0-9a-f-]+"
            ),
        ),
        (
            {"PoolId": "a:" + "0" * 54},
            "Value 'a:" + "0" * 54 + "' at 'poolId' failed to satisfy constraint:"
            " Member must have length less than or equal to 55",
        ),
        (
            {"Most": 61},
            "Value '61' at 'most' failed to satisfy constraint: Member must have value less than or equal to 60",
        ),
        (
            {"Most": 0},
            "Value '0' at 'most' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            {"Providers": {"a": "b", "g": "x "}},
            (
                "Value '{a=b, g=x }' at 'providers' failed to satisfy constraint: Map value must satisfy constraint:"
                " [Member must have length less than or equal to 5, Member must have length greater than or equal to 1,"
                " Member must satisfy regular expression pattern: [a-z]+]"
            ),
        ),
        (
            {"Providers": {"": "b"}},
            (
                "Value '{=b}' at 'providers' failed to satisfy constraint: Map keys must satisfy constraint:"
                " [Member must have length less than or equal to 8, Member must have length greater than or equal to 1]"
            ),
        ),
        (
            {"Providers": {"a": None}},
            (
                "Value '{a=null}' at 'providers' failed to satisfy constraint: Map value must satisfy constraint:"
                " [Member must have length less than or equal to 5, Member must have length greater than or equal to 1,"
                " Member must satisfy regular expression pattern: [a-z]+]"
            ),
        ),
        (
            {"Providers": {"a": "b", "c": "d", "e": "f"}},
            (
                "Value '{a=b, c=d, e=f}' at 'providers' failed to satisfy constraint:"
                " Member must have length less than or equal to 2"
            ),
        ),
        (
            {"Arns": ["ab", "c"]},
            (
                "Value '[ab, c]' at 'arns' failed to satisfy constraint: Member must satisfy constraint:"
                " [Member must have length less than or equal to 6, Member must have length greater than or equal to 2]"
            ),
        ),
        (
            {"Rules": []},
            "Value '[]' at 'rules' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            {"Rules": [{"Claim": "c", "MatchType": "Equals"}, {"Claim": "c", "MatchType": "equals"}]},
            (
                "Value 'equals' at 'rules.2.member.matchType' failed to satisfy constraint:"
                " Member must satisfy enum value set: [Equals, Contains]"
            ),
        ),
        (
            {"Rules": [None]},
            "Value null at 'rules.1.member' failed to satisfy constraint: Member must not be null",
        ),
        (
            {"ByName": {"x": {"Claim": "c"}}},
            "Value null at 'byName.x.member.matchType' failed to satisfy constraint: Member must not be null",
        ),
        (
            {"Status": "active"},
            "Value 'active' at 'status' failed to satisfy constraint: Member must satisfy enum value set",
        ),
    ],
)
def test_each_constraint_in_awss_words(values: dict[str, object], expected: str) -> None:
    assert message(**values) == ONE + expected


def test_failures_are_joined_in_the_order_of_the_members_and_patterns_come_before_lengths() -> None:
    assert message(PoolId="", Allow=None) == (
        "3 validation errors detected: "
        "Value '' at 'poolId' failed to satisfy constraint:"
        r" Member must satisfy regular expression pattern: [\w-]+:[0-9a-f-]+; "
        "Value '' at 'poolId' failed to satisfy constraint: Member must have length greater than or equal to 1; "
        "Value null at 'allow' failed to satisfy constraint: Member must not be null"
    )


def test_the_value_can_be_left_out_as_iam_does() -> None:
    with pytest.raises(ValidationFailure) as caught:
        build(Example, {**GOOD, "Status": "x"}, show_values=False)
    assert caught.value.message == (
        ONE + "Value at 'status' failed to satisfy constraint: Member must satisfy enum value set"
    )


@pytest.mark.parametrize(
    "values", [{"Secret": "s3cr3t" * 9}, {"Logins": {"a": "s3cr3t" * 9}}, {"Logins": dict.fromkeys("abc", "s3cr3t")}]
)
def test_a_secret_is_not_repeated(values: dict[str, object]) -> None:
    assert "s3cr3t" not in message(**values)


def test_an_empty_secret_is_shown_empty_as_aws_does() -> None:
    assert message(Logins={"a": ""}).startswith(
        ONE + "Value '{a=}' at 'logins' failed to satisfy constraint: Map value"
    )


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"Rules": [{"Claim": "a\0", "MatchType": "Equals"}]}, "'rules.1.member.claim'"),
        ({"Logins": {"\0": "a"}}, "'logins'"),
        ({"Arns": ["ab", "a\0"]}, "'arns'"),
        ({"ByName": {"a\0": {"Claim": "c", "MatchType": "Equals"}}}, "'byName'"),
    ],
)
def test_no_text_holds_a_nul(values: dict[str, object], where: str) -> None:
    """Where the model has no pattern, one says so; a list's or map's sentence names it only then."""
    said = message(**values)
    assert "Member must satisfy regular expression pattern: [^\\u0000]*" in said
    assert said.startswith("1 validation error detected")
    assert where in said
    assert "u0000" not in message(Arns=["a"], Logins={"a": ""})


def test_a_secret_is_a_token_and_says_by_itself_what_is_wrong_with_it() -> None:
    made = build(Example, {**GOOD, "Secret": "a\0", "Logins": {"a": "\0"}})
    assert (made.secret, made.logins) == ("a\0", {"a": "\0"})


def test_a_pattern_of_the_model_stands_alone() -> None:
    assert message(PoolId="us-east-1:0\0").endswith(
        r"Member must satisfy regular expression pattern: [\w-]+:[0-9a-f-]+"
    )


def test_a_message_stays_small_whatever_was_sent() -> None:
    assert len(message(PoolId="x" * 1_000_000)) < 10_000
    assert len(message(Rules=[{}] * 100_000)) < 20_000


@pytest.mark.parametrize(("value", "units"), [("", 0), ("abc", 3), ("é", 1), ("😀", 2), ([1, 2], 2), ({"a": 1}, 1)])
def test_length_counts_utf_16_units_or_elements(value: object, units: int) -> None:
    assert length(value) == units


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        ("a", "a"),
        (["a", None], "[a, null]"),
        ({"a": [1]}, "{a=[1]}"),
    ],
)
def test_values_are_printed_as_java_does(value: object, text: str) -> None:
    assert java_text(value) == text


def test_a_shape_is_described_once() -> None:
    assert shape_of(Example) is shape_of(Example)
    assert [member.path for member in shape_of(Example).members][:3] == ["poolId", "allow", "most"]


@given(st.dictionaries(st.sampled_from(["PoolId", "Secret", "Status"]), st.text() | st.none()))
def test_any_text_is_either_taken_or_refused_with_a_message(values: dict[str, str | None]) -> None:
    try:
        build(Example, {"Allow": False, **values})
    except ValidationFailure as failure:
        refused = failure.message
        assert " validation error" in refused


def test_of_a_map_that_is_far_too_long_nothing_more_is_said() -> None:
    """Its members are not looked at: a megabyte of them took a quarter of a second, and no signature."""
    few = message(Logins={f"too long {number}": "" for number in range(3)})
    many = message(Logins={f"too long {number}": "" for number in range(1_001)})
    assert "Map keys must satisfy constraint" in few
    assert "length less than or equal to 2" in few
    assert "length less than or equal to 2" in many
    assert "1 validation error detected" in many
