"""Variables are replaced by literal text, once, and only where they are written well."""

import pytest

from gatepass.policy import Context
from gatepass.policy.globs import STAR
from gatepass.policy.variables import MalformedVariable, Variable, keys, resolve, template, text_of

CONTEXT = Context.of({"aws:username": "alice", "aws:PrincipalTag/t": "*", "test:set": ("a", "b"), "test:empty": ""})


def value(text: str) -> str | None:
    resolved = resolve(template(text, wildcards=False), CONTEXT)
    return None if resolved is None else text_of(resolved)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${aws:username}", "alice"),
        ("a/${AWS:UserName}/b", "a/alice/b"),
        ("${aws:username}${aws:username}", "alicealice"),
        ("${aws:nope}", None),
        ("${aws:nope, 'default text'}", "default text"),
        ("${aws:nope, ''}", ""),
        ("${aws:username, 'default'}", "alice"),
        ("${test:set}", None),
        ("${test:set, 'd'}", "d"),
        ("${test:empty}", None),
        ("${test:empty, 'd'}", "d"),
        ("${*}${?}${$}", "*?$"),
        ("a$b", "a$b"),
        ("${$}{aws:username}", "${aws:username}"),
    ],
)
def test_variables_are_replaced(text: str, expected: str | None) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    ["${", "${aws:username", "${}", "${a b}", "${a${b}}", "${a,'d'}", "${a, d}", "${a, 'd}", "${a, 'it's'}", "${'d'}"],
)
def test_badly_written_variables_are_told_apart_from_missing_ones(text: str) -> None:
    with pytest.raises(MalformedVariable):
        template(text, wildcards=True)


def test_a_wildcard_in_a_value_stays_a_character() -> None:
    resolved = resolve(template("a*${aws:PrincipalTag/t}", wildcards=True), CONTEXT)
    assert resolved == ("a", STAR, "*")


def test_wildcards_are_plain_text_where_the_operator_has_none() -> None:
    assert template("a*b?", wildcards=False) == ("a*b?",)
    assert template("${aws:username}*", wildcards=False) == (Variable("aws:username", None), "*")


def test_keys_are_in_lower_case() -> None:
    assert list(keys(template("${AWS:UserName}/${test:Set, 'x'}/${*}", wildcards=True))) == ["aws:username", "test:set"]
