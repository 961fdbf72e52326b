"""Where statements stand: as AWS's documentation and recordings of its simulator count."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.iam import positions

DATE = "2018-08-16T12:00:00Z"
FROM_THE_CLI_REFERENCE = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":'
    '{"DateGreaterThan":{"aws:CurrentTime":"' + DATE + '"}}}}'
)
STATEMENT = {"Effect": "Allow", "Action": "*", "Resource": "*"}
PRETTY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]}, indent=4)
TIGHT = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]}, separators=(",", ":"))


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (FROM_THE_CLI_REFERENCE, [((1, 38), (1, 167))]),
        (PRETTY, [((3, 19), (8, 10))]),
        (PRETTY.replace("    ", "  "), [((3, 17), (8, 6))]),
        (TIGHT, [((1, 38), (1, 84))]),
        (json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]}), [((1, 41), (1, 92))]),
        ('{"Statement":[{},{} , {}\n]}', [((1, 15), (1, 17)), ((1, 17), (1, 20)), ((1, 20), (1, 25))]),
        ('{"Statement":[\n{},\n{}]}', [((1, 15), (2, 3)), ((2, 3), (3, 3))]),
        (' { "Id" : "Statement" , "Statement" : { } , "Version" : "x" } ', [((1, 40), (1, 42))]),
        ('{"Statement":[]}', []),
        ('{"Id":"a\\"}{[\\\\","Statement":[{"Sid":"}]"}]}', [((1, 31), (1, 43))]),
    ],
)
def test_positions(text: str, spans: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    assert list(positions.statements(text)) == spans


VALUES = st.recursive(
    st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), max_size=5),
    st.sampled_from([None, 0, 1, 4]),
    st.sampled_from([None, (",", ":"), (" ,\n ", " :\t")]),
)
def test_every_span_holds_its_statement(
    statements: list[dict[str, object]], indent: int | None, separators: tuple[str, str] | None
) -> None:
    """What stands between its ends, but for what separates it from the one before, is the statement."""
    text = json.dumps({"Version": "x", "Statement": statements, "Id": "y"}, indent=indent, separators=separators)
    begins = [0]
    for row in text.split("\n"):
        begins.append(begins[-1] + len(row) + 1)
    found = []
    for start, end in positions.statements(text):
        between = text[begins[start.line - 1] + start.column - 1 : begins[end.line - 1] + end.column - 1]
        found.append(json.loads(between.lstrip(" \t\n,")))
    assert found == statements
