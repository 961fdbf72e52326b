"""Laws of evaluation: a Deny only ever takes away, a session policy never gives, a proposed change helps."""

import json
from contextlib import suppress
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import plain_policy, policy_cases, policy_laws

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import (
    Document,
    Kind,
    Policies,
    PolicyType,
    Source,
    compile_stored,
    evaluate,
    explain,
    load,
    parse,
)
from gatepass.policy.change import literal_resource
from gatepass.policy.globs import compiled, glob
from gatepass.policy.query import Context
from gatepass.policy.variables import resolve, template

RESOURCES = (PolicyType.RESOURCE, PolicyType.TRUST)
KINDS: tuple[Kind, ...] = ("identity", "managed", "trust", "resource", "session")
SEEDS = st.integers(min_value=0, max_value=2**48)
NAMES = st.sampled_from(
    [
        "Version",
        "Id",
        "Statement",
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "AWS",
        "StringEquals",
        "ForAllValues:Null",
        "DateLessThan",
        "aws:username",
        "x",
    ]
)
TEXT = st.sampled_from(
    ("2012-10-17", "Allow", "Deny", "*", "", "s3:Get*", "arn:aws:s3:::b", "${x", "\ud800", "é")
) | st.text(max_size=8)
JSON = st.recursive(
    TEXT | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
STATEMENT = st.fixed_dictionaries(
    {"Effect": st.sampled_from(("Allow", "Deny"))},
    optional=dict.fromkeys(("Action", "Resource", "Condition", "Principal", "NotAction", "Sid"), JSON),
)
PATTERNS = st.text(alphabet="*?ab", max_size=12)
TEXTS = st.text(alphabet="ab?*", max_size=14)


@settings(max_examples=800, deadline=None)
@given(SEEDS)
def test_one_more_deny_never_allows(seed: int) -> None:
    assert policy_laws.denying(policy_cases.numbered(seed), Random(seed)) is None


@settings(max_examples=800, deadline=None)
@given(SEEDS)
def test_a_session_policy_never_widens_what_its_role_may(seed: int) -> None:
    assert policy_laws.widening(policy_cases.numbered(seed), Random(seed)) is None


@settings(max_examples=800, deadline=None)
@given(SEEDS)
def test_the_changes_an_explanation_proposes_allow_the_request(seed: int) -> None:
    assert policy_laws.unhelpful(policy_cases.numbered(seed)) is None


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_a_document_written_out_reads_the_same(seed: int) -> None:
    written = json.dumps(policy_cases.document(Random(seed), named=seed % 2 == 0))
    document = load(written)
    assert isinstance(document, Document)
    assert load(document.format()) == document


@settings(max_examples=2000, deadline=None)
@given(PATTERNS, TEXTS)
def test_globs_match_what_the_pattern_stands_for(pattern: str, text: str) -> None:
    assert compiled(pattern).matches(text) == plain_policy.matches(pattern, text)


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="*?${}ab:/", max_size=12), st.text(alphabet="*?${}ab:/", max_size=12))
def test_a_literal_resource_matches_itself_and_nothing_else(text: str, other: str) -> None:
    tokens = resolve(template(literal_resource(text), wildcards=True), Context())
    assert tokens is not None
    pattern = glob(tokens)
    assert pattern.matches(text)
    assert pattern.matches(other) == (text == other)


@settings(max_examples=1500, deadline=None)
@given(st.one_of(JSON, st.fixed_dictionaries({"Statement": STATEMENT | st.lists(STATEMENT, max_size=2)})), st.data())
def test_no_document_breaks_anything(members: object, data: st.DataObject) -> None:
    """It is read or refused, and what is read is decided and explained."""
    text = json.dumps(members, ensure_ascii=data.draw(st.booleans()))
    kind = data.draw(st.sampled_from(KINDS))
    with suppress(MalformedPolicyDocument):
        parse(text, kind)
    types = (PolicyType.IDENTITY, PolicyType.SESSION, PolicyType.BOUNDARY, data.draw(st.sampled_from(RESOURCES)))
    identity, session, boundary, resource = (compile_stored(text, Source(each, "any")) for each in types)
    policies = Policies([identity], [session], data.draw(st.sampled_from((None, [boundary]))), [resource])
    case = policy_cases.numbered(data.draw(st.integers(0, 50)))
    assert explain(policies, case.query).verdict == evaluate(policies, case.query)
    assert evaluate(policies.bind(case.constants), case.query) == evaluate(policies, case.query)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet='{}[]":,\\u0', max_size=40))
def test_no_text_breaks_reading(text: str) -> None:
    with suppress(MalformedPolicyDocument):
        assert isinstance(load(text), Document)
