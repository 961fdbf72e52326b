"""A text is refused before anything is built from it, if two readers could read it differently or it is too much."""

import json

import pytest

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import load
from gatepass.policy.reader import MAX_DEPTH, MAX_DOCUMENT_CHARACTERS, depth, read

ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get","Resource":"*"}}'


@pytest.mark.parametrize(
    "text",
    [
        '{"Statement":[],"Statement":[]}',
        ALLOW.replace('"Effect":"Allow"', '"Effect":"Deny","Effect":"Allow"'),
        '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":"true","a":"false"}}}}',
    ],
)
def test_a_member_name_twice_is_refused_to_save_and_to_evaluate(text: str) -> None:
    with pytest.raises(MalformedPolicyDocument, match=r"Syntax errors in policy\."):
        load(text)


@pytest.mark.parametrize("text", ["", "null", "[]", '"x"', "{", ALLOW + "x", '{"Statement":NaN}', '{"a":Infinity}'])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(MalformedPolicyDocument) as refusal:
        read(text)
    assert refusal.value.message == "Syntax errors in policy."
    assert refusal.value.detail


@pytest.mark.parametrize("escaped", [r"\ud800", r"\udfff", r"\udc00\ud800"])
def test_half_a_character_is_refused(escaped: str) -> None:
    with pytest.raises(MalformedPolicyDocument):
        load(ALLOW.replace("s3:Get", escaped))


def test_a_character_in_two_halves_is_one() -> None:
    assert load(ALLOW.replace("s3:Get", r"\ud83d\ude00")).statements[0].actions == ("😀",)


def test_the_size_is_bounded_before_parsing() -> None:
    padding = " " * (MAX_DOCUMENT_CHARACTERS - len(ALLOW))
    assert read(padding + ALLOW)
    with pytest.raises(MalformedPolicyDocument) as refusal:
        read(padding + " " + ALLOW)
    assert "characters" in refusal.value.detail


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_the_depth_is_bounded_before_parsing(opening: str) -> None:
    with pytest.raises(MalformedPolicyDocument) as refusal:
        read(opening * 20_000)
    assert "nested" in refusal.value.detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("{}", 1),
        ('{"a":[[]]}', 3),
        ('{"a":"[[[["}', 1),
        (r'{"a":"\"[[[","b":[]}', 2),
        (r'{"a":"\\","b":[[]]}', 3),
        (r'{"a":"\\\"[[","b":[]}', 2),
        (json.dumps({"a": '"\\"' * 5, "b": [1]}), 2),
    ],
)
def test_depth_counts_brackets_outside_strings(text: str, expected: int) -> None:
    assert depth(text) == expected


def test_the_deepest_document_a_policy_can_be_is_far_from_the_limit() -> None:
    deepest = {"Statement": [{"Condition": {"StringEquals": {"a": ["b"]}}}]}
    assert depth(json.dumps(deepest)) < MAX_DEPTH
