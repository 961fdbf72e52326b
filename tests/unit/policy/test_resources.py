"""Which resources a pattern is about, read strictly where it grants and generously where it denies."""

import pytest

from gatepass.policy import Constants, Context
from gatepass.policy.resources import Resources

API = "arn:aws:execute-api:us-east-1:111122223333:api1"
CONTEXT = Context.of({"aws:username": "alice", "test:star": "*", "test:set": ("alice",)})


def meets(
    pattern: str | list[str],
    resource: str,
    *,
    deny: bool = False,
    negated: bool = False,
    fills: bool = True,
    variables: bool = True,
) -> bool:
    """Whether the element holds; bound to the credential it must hold alike."""
    patterns = [pattern] if isinstance(pattern, str) else pattern
    made = Resources.of(patterns, negated=negated, deny=deny, fills=fills, has_variables=variables)
    answer = made.met_by(resource, CONTEXT)
    bound = made.bind(Constants(CONTEXT), frozenset(("aws:username", "aws:nope", "test:star", "test:set")))
    assert bound.met_by(resource, CONTEXT) is answer
    assert not bound.keys
    return answer


@pytest.mark.parametrize("deny", [False, True])
@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("*", "anything", True),
        ("*", "*", True),
        (f"{API}/prod/GET/pets", f"{API}/prod/GET/pets", True),
        (f"{API}/prod/GET/pets", f"{API}/prod/GET/pets/", False),
        (f"{API}/prod/GET/pets", f"{API}/PROD/GET/pets", False),
        (f"{API}/*/GET/pets", f"{API}/a/b/GET/pets", True),
        (f"{API}/prod/*", f"{API}/prod/GET/a:b/c", True),
        (f"{API}/prod/GET/*/c", f"{API}/prod/GET/a:b/c", True),
        (f"{API}/prod/GET/?", f"{API}/prod/GET/a", True),
        (f"{API}/prod/GET/?", f"{API}/prod/GET/", False),
        ("arn:aws:execute-api:*:*:*", f"{API}/prod/GET/", True),
        ("arn:aws:execute-api:us-*:*:api1/*", f"{API}/prod/GET/", True),
        ("arn:aws:execute-api:*:*:*/*/GET/*", f"{API}/prod/GET/", True),
        ("arn:aws:execute-api:us-west-2:*:*", f"{API}/prod/GET/", False),
        ("arn:aws:execute-api:us-?ast-1:*:api1/*", f"{API}/x", True),
        ("arn:aws:dynamodb:*:table/prod-*", "arn:aws:dynamodb:us-east-1:1:table/prod-x", True),
        ("arn:aws:execute-api:*:api1/*", f"{API}/x:y", True),
        ("arn:*:*:*:api1/x", f"{API}/x", True),
        ("arn:aws:lambda:*:*:function:f*", "arn:aws:lambda:us-east-1:1:function:f:live", True),
        ("arn:aws:s3*", "arn:aws:s3:::b", True),
        ("*:b", "arn:aws:s3:::b", True),
        ("foo", "foo", True),
        ("fo*", "foo", True),
        ("arn:aws:s3:::b", "*", False),
    ],
)
def test_patterns(pattern: str, resource: str, expected: bool, deny: bool) -> None:
    assert meets(pattern, resource, deny=deny) is expected
    assert meets(pattern, resource, deny=deny, negated=True) is not expected


@pytest.mark.parametrize(
    ("pattern", "resource"),
    [
        (
            "arn:aws:execute-api:*:*:api1/prod/GET/x",
            "arn:aws:execute-api:us-east-1:1:api2/prod/GET/evil:api1/prod/GET/x",
        ),
        ("arn:aws:execute-api:us-*-1:1:api1/*", "arn:aws:execute-api:us-east-2:9:api2/GET/z-1:1:api1/x"),
        ("arn:*:*:*:api1/x", "arn:aws:execute-api:us-east-1:1:api2/GET/evil:api1/x"),
        ("arn:aws:execute-api:*:api1/x", "arn:aws:execute-api:us-east-1:1:api2/GET/evil:api1/x"),
        ("arn:aws:lambda:*:function:f", "arn:aws:lambda:us-east-1:1:function:f"),
        ("arn:aws:lambda:*:f", "arn:aws:lambda:us-east-1:1:function:f"),
    ],
)
def test_what_a_caller_writes_into_a_path_grants_nothing_but_may_deny(pattern: str, resource: str) -> None:
    assert not meets(pattern, resource)
    assert meets(pattern, resource, deny=True)
    assert meets(pattern, resource, deny=True, negated=True), "a Deny on all but the pattern does not spare it"
    assert not meets(pattern, resource, negated=True), "an Allow of all but the pattern leaves it out"


def test_only_a_star_that_ends_its_segment_reaches_past_the_colon() -> None:
    table = "arn:aws:dynamodb:us-east-1:111111111111:table/x"
    assert meets("arn:aws:dynamodb:us-*:table/x", table)
    assert not meets("arn:aws:dynamodb:us-*1:table/x", table)


@pytest.mark.parametrize(
    ("pattern", "fills", "expected"),
    [
        ("arn:aws:execute-api:us-east-1", True, True),
        ("arn:aws:execute-api", True, True),
        ("arn:aws:execute-api:us-west-1", True, False),
        ("arn:aws:execute-api:us-east-1", False, False),
        ("arn:aws:execute-api:us-east-*", False, True),
        ("arn:aws:execute-api:*:111122223333", False, True),
        ("arn:aws:execute-api:us-east-1:111122223333:", True, False),
    ],
)
def test_a_short_arn_stands_for_all_beneath_it(pattern: str, fills: bool, expected: bool) -> None:
    assert meets(pattern, f"{API}/prod/GET/x", fills=fills) is expected


def test_a_short_arn_denies_whatever_the_policy_type() -> None:
    assert meets("arn:aws:execute-api:us-east-1", f"{API}/x", deny=True, fills=False)


@pytest.mark.parametrize("deny", [False, True])
@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/alice/f", True),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/bob/f", False),
        ("arn:aws:s3:::b/${test:star}/f", "arn:aws:s3:::b/x/f", False),
        ("arn:aws:s3:::b/${test:star}/f", "arn:aws:s3:::b/*/f", True),
        ("arn:aws:s3:::b/${aws:nope}", "arn:aws:s3:::b/", False),
        ("arn:aws:s3:::b/${test:set}", "arn:aws:s3:::b/alice", False),
        ("arn:aws:s3:::b/${aws:nope, 'd'}", "arn:aws:s3:::b/d", True),
        ("arn:aws:s3:::a${*}b", "arn:aws:s3:::a*b", True),
        ("arn:aws:s3:::a${*}b", "arn:aws:s3:::axb", False),
    ],
)
def test_variables_in_the_resource_part(pattern: str, resource: str, expected: bool, deny: bool) -> None:
    assert meets(pattern, resource, deny=deny) is expected


def test_variables_are_plain_text_in_older_policies() -> None:
    assert not meets("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/alice", variables=False)
    assert meets("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/${aws:username}", variables=False)


@pytest.mark.parametrize(
    "pattern",
    ["arn:aws:execute-api:${aws:RequestedRegion}:*:api1/*", f"{API}/${{bad", f"{API}/${{a b}}", "${aws:username}"],
)
def test_a_variable_where_there_can_be_none_counts_where_it_limits(pattern: str) -> None:
    assert not meets(pattern, f"{API}/prod/GET/x")
    assert meets(pattern, f"{API}/prod/GET/x", deny=True)
    assert not meets(pattern, f"{API}/prod/GET/x", negated=True)
    assert meets(pattern, f"{API}/prod/GET/x", deny=True, negated=True)


def test_not_resource_with_a_variable_without_value_grants_nothing_and_denies() -> None:
    listed = ["arn:aws:s3:::b/${aws:nope}", "arn:aws:s3:::spared"]
    assert not meets(listed, "arn:aws:s3:::other", negated=True)
    assert meets(listed, "arn:aws:s3:::other", deny=True, negated=True)
    assert not meets(listed, "arn:aws:s3:::spared", deny=True, negated=True)


def test_several_patterns_are_alternatives() -> None:
    several = [f"{API}/a", f"{API}/b*", f"{API}/*c", "arn:aws:s3:::${aws:username}"]
    for resource, expected in ((f"{API}/a", True), (f"{API}/bx", True), (f"{API}/xc", True), (f"{API}/x", False)):
        assert meets(several, resource) is expected
        assert meets(several, resource, negated=True) is not expected
    assert meets(several, "arn:aws:s3:::alice")


def test_no_prefix_rules_out_what_a_pattern_meets() -> None:
    made = Resources.of([f"{API}/a*", "*z"], negated=False, deny=False, fills=True, has_variables=True)
    assert made.prefixes == ("",)
    assert made.met_by("z", CONTEXT)


def test_values_seen_before_are_not_mixed_up() -> None:
    made = Resources.of(["arn:aws:s3:::${test:v}"], negated=False, deny=False, fills=True, has_variables=True)
    for turn in range(300):
        mine = Context.of({"test:v": f"v{turn % 150}"})
        assert made.met_by(f"arn:aws:s3:::v{turn % 150}", mine)
        assert not made.met_by(f"arn:aws:s3:::v{(turn + 1) % 150}", mine)
