"""Laws of evaluation: a Deny only ever takes away, a session policy never gives, a proposed change helps."""

import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import plain_policy, policy_cases, policy_laws

from gatepass.policy import Document, load
from gatepass.policy.change import literal_resource
from gatepass.policy.globs import compiled, glob
from gatepass.policy.query import Context
from gatepass.policy.variables import resolve, template

SEEDS = st.integers(min_value=0, max_value=2**48)
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
