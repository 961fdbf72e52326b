"""A document becomes one form, whichever of the grammar's forms it was written in."""

from typing import Any

import pytest

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import load
from gatepass.policy.document import Condition, document_of

ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "s3:Get", "Resource": "*"}


def statement(**elements: Any) -> dict[str, Any]:
    return {"Statement": [{**ALLOW, **elements}]}


def test_a_bare_statement_and_bare_texts_are_lists_of_one() -> None:
    short = document_of({"Statement": ALLOW}).statements
    long = document_of({"Statement": [{"Effect": "Allow", "Action": ["s3:Get"], "Resource": ["*"]}]}).statements
    assert [(each.actions, each.resources, each.effect) for each in short] == [(("s3:Get",), ("*",), "Allow")]
    assert short[0].actions == long[0].actions
    assert short[0].resources == long[0].resources


def test_negated_elements_are_told_from_plain_ones() -> None:
    made = document_of({"Statement": {"Effect": "Deny", "NotAction": "a:b", "NotResource": "*", "NotPrincipal": "*"}})
    (only,) = made.statements
    assert (only.not_action, only.not_resource, only.not_principal) == (True, True, True)
    assert (only.actions, only.resources, only.principals) == (("a:b",), ("*",), {"*": ("*",)})


def test_principals_are_lists_by_type() -> None:
    made = document_of(statement(Principal={"AWS": "123456789012", "Service": ["a.amazonaws.com", "b.amazonaws.com"]}))
    assert made.statements[0].principals == {
        "AWS": ("123456789012",),
        "Service": ("a.amazonaws.com", "b.amazonaws.com"),
    }


def test_condition_values_become_text() -> None:
    made = document_of(statement(Condition={"Bool": {"a": True}, "NumericEquals": {"b": [1, 2.5, "3"]}}))
    assert made.statements[0].conditions == (
        Condition("Bool", "a", ("true",)),
        Condition("NumericEquals", "b", ("1", "2.5", "3")),
    )


def test_a_null_among_resources_is_passed_over() -> None:
    assert document_of(statement(Resource=["*", None])).statements[0].resources == ("*",)


@pytest.mark.parametrize(("version", "expected"), [("2012-10-17", True), ("2008-10-17", False), (None, False)])
def test_only_the_newer_version_has_variables(version: str | None, expected: bool) -> None:
    made = document_of({"Version": version, **statement()} if version else statement())
    assert made.has_variables is expected


@pytest.mark.parametrize(
    "broken",
    [
        {"Statement": "x"},
        {"Statement": ["x"]},
        {"Statement": ALLOW, "Extra": 1},
        {"Version": "2013-01-01", "Statement": ALLOW},
        {"Id": 1, "Statement": ALLOW},
        statement(Conditions={}),
        statement(Effect="allow"),
        statement(Effect=None),
        statement(Sid=1),
        statement(Action={"a": "b"}),
        statement(Action=["a:b", 1]),
        statement(NotAction="a:b"),
        statement(NotResource="*"),
        statement(Principal="*", NotPrincipal="*"),
        statement(Principal="arn:aws:iam::123456789012:root"),
        statement(Principal={"AWS": 1}),
        statement(Condition=[]),
        statement(Condition={"Bool": "x"}),
        statement(Condition={"Bool": {"a": None}}),
        statement(Condition={"Bool": {"a": {}}}),
    ],
)
def test_what_cannot_be_read_as_a_policy_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(MalformedPolicyDocument) as refusal:
        document_of(broken)
    assert refusal.value.message == "Syntax errors in policy."
    assert refusal.value.detail


@pytest.mark.parametrize(
    "odd",
    [
        {"Statement": []},
        {"Statement": {"Effect": "Allow", "Action": "s3:Get"}},
        {"Statement": {"Effect": "Deny", "Resource": "*"}},
        statement(Action="no vendor at all"),
        statement(Resource="arn:aws"),
        statement(Condition={"Nonsense": {"a": "b"}, "DateEquals": {"c": "no date"}}),
        statement(Sid="same"),
    ],
)
def test_loading_takes_more_than_saving(odd: dict[str, Any]) -> None:
    assert document_of(odd)


def test_a_document_written_out_reads_the_same() -> None:
    document = load(
        '{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Allow","Action":"*","Resource":"\\u00e9"}}'
    )
    assert (
        document.format()
        == '{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Allow","Action":"*","Resource":"é"}}'
    )
    assert load(document.format()) == document
