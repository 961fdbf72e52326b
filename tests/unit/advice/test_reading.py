"""Files are read as policies are meant, and every part knows its line."""

import json
from itertools import pairwise

import pytest

from gatepass.advice.reading import plain, read
from gatepass.errors import ConfigurationError


def test_json_parts_know_their_lines() -> None:
    reading = read('{\n "Statement": [\n\t{"Effect": "Allow",\n  "Action": ["a:b",\n   "c:d"]}\n ]\n}')
    assert reading.value == {"Statement": [{"Effect": "Allow", "Action": ["a:b", "c:d"]}]}
    assert reading.line(("Statement",)) == 2
    assert reading.line(("Statement", 0)) == 3
    assert reading.line(("Statement", 0, "Action", 1)) == 5
    assert reading.line(("Statement", 0, "Resource")) == 3


def test_members_that_stand_twice_are_told() -> None:
    assert read('{"a": 1,\n"a": 2}').doubled == (("a",),)
    assert read("a: 1\na: 2\n").doubled == (("a",),)


def test_yaml_dates_and_numbers_keep_their_text() -> None:
    reading = read("Version: 2012-10-17\nAccount: 012345678901\nSecure: true\nNone:\nOn: 'true'\n")
    assert reading.value == {
        "Version": "2012-10-17",
        "Account": "012345678901",
        "Secure": True,
        "None": None,
        "On": "true",
    }
    assert reading.line(("Secure",)) == 3


def test_short_forms_of_cloudformation_become_long_ones() -> None:
    value = plain("a: !Sub 'x${Y}'\nb: !Ref Y\nc: !GetAtt Role.Arn\nd: !Join ['', [a, !Ref Y]]\n")
    assert value == {
        "a": {"Fn::Sub": "x${Y}"},
        "b": {"Ref": "Y"},
        "c": {"Fn::GetAtt": ["Role", "Arn"]},
        "d": {"Fn::Join": ["", ["a", {"Ref": "Y"}]]},
    }


@pytest.mark.parametrize("text", ["[1, 2.5, -3e4, true, false, null]", '{"a": "\\u00e9\\n", "b": {}}', "[]", '"x"'])
def test_json_reads_as_json_does(text: str) -> None:
    assert read(text).value == plain(text) == json.loads(text)


@pytest.mark.parametrize("text", ["[1 2", "a: [", "{" * 5000, "[" * 100_000, '{"a": 1} x', "a: !!python/x y: z"])
def test_what_cannot_be_read_is_said(text: str) -> None:
    for reader in (plain, read):
        with pytest.raises(ConfigurationError, match=r"neither JSON|not JSON|too deep"):
            reader(text)


def test_both_readers_say_the_line() -> None:
    """In one line, without the parser's own words for its source."""
    for reader in (plain, read):
        with pytest.raises(ConfigurationError, match=r"^it is not JSON: [^\n]* at line 2$"):
            reader('{"Version": "2012-10-17",\n "Statement": [')
        with pytest.raises(ConfigurationError, match=r"^it is neither JSON nor YAML: [^\n\"]* at line 3$"):
            reader("a: 1\nb: 2\n c: [")


def test_a_bomb_of_aliases_is_refused() -> None:
    names = "abcdefghij"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]" for before, name in pairwise(names)]
    with pytest.raises(ConfigurationError, match="too deep"):
        plain("\n".join(lines))
