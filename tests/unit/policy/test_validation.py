"""Each kind of policy is refused with AWS's message; managed policies' messages are in tests/conformance."""

import json
from typing import Any

import pytest

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import SIZE_LIMITS, Kind, load, parse, size
from gatepass.policy.legacy import is_date

COGNITO = "cognito-identity.amazonaws.com"
NO_CONDITION = "A condition block must be present for the Cognito provider"
TRUST_ACTIONS = (
    "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,"
    "  and sts:AssumeRoleWithWebIdentity"
)
ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
TRUST: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Federated": COGNITO},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringEquals": {f"{COGNITO}:aud": "us-east-1:pool"}},
}
RESOURCE: dict[str, Any] = {**ALLOW, "Principal": "*"}


def without(statement: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name not in names}


def document(*statements: dict[str, Any], version: str | None = "2012-10-17") -> str:
    return json.dumps({**({"Version": version} if version else {}), "Statement": list(statements)})


def refusal(text: str, kind: Kind) -> str:
    with pytest.raises(MalformedPolicyDocument) as refused:
        parse(text, kind)
    return refused.value.message


KINDS: tuple[tuple[Kind, dict[str, Any]], ...] = (
    ("identity", ALLOW),
    ("managed", ALLOW),
    ("session", ALLOW),
    ("resource", RESOURCE),
    ("trust", TRUST),
)


@pytest.mark.parametrize(("kind", "statement"), KINDS)
def test_a_good_document_of_each_kind_is_what_load_gives(kind: Kind, statement: dict[str, Any]) -> None:
    text = document(statement)
    assert parse(text, kind) == load(text)


@pytest.mark.parametrize(("kind", "statement"), KINDS)
@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_only_managed_policies_must_be_of_the_newer_version(
    kind: Kind, statement: dict[str, Any], version: str | None
) -> None:
    text = document(statement, version=version)
    if kind == "managed":
        assert refusal(text, kind) == "Policy document must be version 2012-10-17 or greater."
    else:
        assert parse(text, kind)


@pytest.mark.parametrize("kind", ["identity", "managed", "session"])
def test_a_principal_belongs_to_resources_and_roles_only(kind: Kind) -> None:
    assert refusal(document(RESOURCE), kind) == "Policy document should not specify a principal."


def test_text_that_is_no_json_has_its_own_message_for_trust_policies() -> None:
    assert refusal("{", "trust") == "This policy contains invalid Json"
    assert refusal("{", "identity") == "Syntax errors in policy."


@pytest.mark.parametrize("character", ["\x00", "\x1f", "\u0100", "\u2028", "😀"])
def test_characters_beyond_latin_1_are_refused(character: str) -> None:
    assert refusal(document(ALLOW).replace("Invoke", f"Inv{character}oke"), "identity") == "Syntax errors in policy."


@pytest.mark.parametrize(
    ("condition", "trusted"),
    [
        ({"StringEquals": {f"{COGNITO}:aud": "us-east-1:pool"}}, True),
        ({"StringLike": {f"{COGNITO}:AUD": ["us-east-1:*", "us-east-1:pool"]}}, True),
        ({"ForAnyValue:StringEquals": {f"{COGNITO}:aud": "us-east-1:pool"}}, True),
        ({}, False),
        ({"StringEquals": {f"{COGNITO}:sub": "us-east-1:1"}}, False),
        ({"ForAnyValue:StringLike": {f"{COGNITO}:amr": "unauthenticated"}}, False),
        ({"StringNotEquals": {f"{COGNITO}:aud": "us-east-1:pool"}}, False),
        ({"Null": {f"{COGNITO}:aud": "false"}}, False),
        ({"StringLike": {f"{COGNITO}:aud": "*"}}, False),
        ({"StringLike": {f"{COGNITO}:aud": ["us-east-1:pool", "?*"]}}, False),
        ({"StringEquals": {f"{COGNITO}:aud": []}}, False),
    ],
)
def test_a_role_that_trusts_cognito_must_say_which_pool(condition: dict[str, Any], trusted: bool) -> None:
    text = document({**TRUST, "Condition": condition})
    if trusted:
        assert parse(text, "trust")
    else:
        assert refusal(text, "trust") == NO_CONDITION


def test_each_statement_must_say_which_pool() -> None:
    assert refusal(document(TRUST, without(TRUST, "Condition")), "trust") == NO_CONDITION


def test_a_deny_and_other_providers_need_no_pool() -> None:
    deny = {**without(TRUST, "Condition"), "Effect": "Deny"}
    google = {**without(TRUST, "Condition"), "Principal": {"Federated": "accounts.google.com"}}
    assert parse(document(deny, google), "trust")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({**TRUST, "Resource": "*"}, "Has prohibited field Resource."),
        ({**TRUST, "NotResource": "*"}, "Has prohibited field Resource."),
        (without(TRUST, "Principal"), "Missing required field Principal"),
        ({**TRUST, "Principal": {}}, "Missing required field Principal"),
        (
            {**without(TRUST, "Principal"), "NotPrincipal": "*"},
            "AssumeRole policy must not contain NotPrincipal field.",
        ),
        (without(TRUST, "Action"), "Missing required field Action"),
        ({**TRUST, "Action": "s3:GetObject"}, TRUST_ACTIONS),
        ({**TRUST, "Action": ["sts:AssumeRole", "sts:GetCallerIdentity"]}, TRUST_ACTIONS),
        ({**TRUST, "Action": "sts:*"}, TRUST_ACTIONS),
        ({**without(TRUST, "Action"), "NotAction": "sts:AssumeRole"}, TRUST_ACTIONS),
        ({**TRUST, "Principal": {"AWS": "nobody"}}, 'Invalid principal in policy: "AWS":"nobody"'),
        ({**TRUST, "Principal": {"Service": "lambda"}}, 'Invalid principal in policy: "SERVICE":"lambda"'),
        (
            {**TRUST, "Principal": {"AWS": "arn:aws:iam::123456789012:user/*"}},
            'Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:user/*"',
        ),
        ({**TRUST, "Principal": {"AWS": []}}, "Syntax errors in policy."),
        ({**TRUST, "Principal": {"Aws": "*"}}, "Syntax errors in policy."),
    ],
)
def test_trust_policies_are_refused_with_aws_messages(statement: dict[str, Any], message: str) -> None:
    assert refusal(document(statement), "trust") == message


@pytest.mark.parametrize(
    "action", ["sts:AssumeRole", "STS:assumerole", "sts:TagSession", "sts:SetSourceIdentity", "sts:AssumeRoleWithSAML"]
)
@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": "123456789012"},
        {"AWS": ["arn:aws:iam::123456789012:role/p/r", "arn:aws:sts::123456789012:assumed-role/r/s"]},
        {"AWS": "AROAABCDEFGHIJKLMNOPQ"},
        {"Service": "lambda.amazonaws.com"},
        {"Federated": "arn:aws:iam::123456789012:oidc-provider/example.com"},
    ],
)
def test_trust_policies_take_every_documented_principal_and_action(action: str, principal: Any) -> None:
    assert parse(document({"Effect": "Allow", "Principal": principal, "Action": action}), "trust")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (ALLOW, "Missing required field Principal"),
        (without(RESOURCE, "Action"), "Policy statement must contain actions."),
        (without(RESOURCE, "Resource"), "Policy statement must contain resources."),
        (
            {**RESOURCE, "Resource": "execute-api:prod"},
            'Partition "prod" is not valid for resource "arn:prod:*:*:*:*".',
        ),
    ],
)
def test_resource_policies_are_refused_with_aws_messages(statement: dict[str, Any], message: str) -> None:
    assert refusal(document(statement), "resource") == message


def test_only_resource_policies_have_the_short_resources_of_an_api() -> None:
    short = {**RESOURCE, "Resource": ["execute-api:/prod/GET/pets", "execute-api:/*"]}
    assert parse(document(short), "resource")
    assert refusal(document(without(short, "Principal")), "identity").startswith('Partition "/prod/GET/pets"')


@pytest.mark.parametrize(
    "condition",
    [
        {"NumericEquals": {"a": "ten"}},
        {"NumericLessThan": {"a": ["1", "1e3"]}},
        {"IpAddress": {"a": "10.0.0.0/33"}},
        {"NotIpAddress": {"a": "ten"}},
        {"BinaryEquals": {"a": "="}},
        {"Null": {"a": "maybe"}},
        {"ForAllValues:DateEqualsIfExists": {"a": "soon"}},
        {"NumericEquals": {"a": "${aws:username}"}},
    ],
)
def test_values_their_operator_cannot_read_are_refused(condition: dict[str, Any]) -> None:
    assert refusal(document({**ALLOW, "Condition": condition}), "identity") == "The policy failed legacy parsing"


@pytest.mark.parametrize(
    "condition",
    [
        {"NullIfExists": {"a": "true"}},
        {"stringequals": {"a": "b"}},
        {"ForSomeValues:StringEquals": {"a": "b"}},
        {"Nonsense": {"a": []}},
        {"StringEquals": {"aws:username": "a", "AWS:UserName": "b"}},
    ],
)
def test_operators_aws_has_not_and_keys_written_twice_are_refused(condition: dict[str, Any]) -> None:
    assert refusal(document({**ALLOW, "Condition": condition}), "identity") == "Syntax errors in policy."


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("arn:aws:execute-api:*:*:*/*/GET/*", None),
        ("arn:aws:dynamodb:*:table/prod-*", None),
        ("arn:aws:execute-api:us-east-1", None),
        ("arn:aws:iam::*:*", None),
        ("arn:*:s3:::bucket", None),
        ("arn:aws:s*:::bucket", "Resource vendor must be fully qualified and cannot contain regexes."),
        ("arn:aws:::", "The policy failed legacy parsing"),
        ("arn:mars:s3:::b", 'Partition "mars" is not valid for resource "arn:mars:s3:::b".'),
    ],
)
def test_resources_are_arns(resource: str, message: str | None) -> None:
    text = document({**ALLOW, "Resource": resource})
    if message is None:
        assert parse(text, "identity")
    else:
        assert refusal(text, "identity") == message


SID, DATE = "Statement IDs (SID) in a single policy must be unique.", {"DateLessThan": {"aws:CurrentTime": "soon"}}


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        ([{**ALLOW, "Effect": "allow"}], "The policy failed legacy parsing"),
        ([{**ALLOW, "Effect": "permit"}], "Syntax errors in policy."),
        ([{**ALLOW, "Condition": DATE}], "The policy failed legacy parsing"),
        ([{**ALLOW, "Sid": "A"}, {**ALLOW, "Sid": "A"}], SID),
        ([{**ALLOW, "Sid": ""}, {**ALLOW, "Sid": ""}, {**ALLOW, "Sid": "A"}], None),
        ([{**ALLOW, "Action": "s3:Get:Object"}], "Actions/Condition can contain only one colon."),
        ([{**ALLOW, "Action": "Get"}], "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        ([{**ALLOW, "Resource": "bucket"}], 'Resource bucket must be in ARN format or "*".'),
        ([{**ALLOW, "Action": []}], "Policy statement must contain actions."),
        ([{**ALLOW, "Resource": []}], "Policy statement must contain resources."),
        ([{**ALLOW, "Condition": {"Nonsense": {}}}], None),
        # The order of checks.
        ([{**ALLOW, "Effect": "allow", "Sid": "A"}, {**ALLOW, "Sid": "A"}], "The policy failed legacy parsing"),
        ([{**ALLOW, "Sid": "A", "Action": []}, {**ALLOW, "Sid": "A"}], SID),
        ([{**ALLOW, "Action": [], "Resource": "bucket"}], "Policy statement must contain actions."),
        ([{**ALLOW, "Action": "Get", "Resource": "bucket"}], 'Resource bucket must be in ARN format or "*".'),
        (
            [{**without(ALLOW, "Resource"), "Action": "Get"}],
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["identity", "managed", "session"])
def test_documents_are_refused_with_aws_messages_in_its_order(
    statements: list[dict[str, Any]], message: str | None, kind: Kind
) -> None:
    if message is None:
        assert parse(document(*statements), kind)
    else:
        assert refusal(document(*statements), kind) == message


@pytest.mark.parametrize("vendor", ["s*", "", "é", "a_b"])
def test_a_vendor_is_letters_digits_dots_and_hyphens(vendor: str) -> None:
    assert refusal(document({**ALLOW, "Action": f"{vendor}:Get"}), "identity") == f"Vendor {vendor} is not valid"


def test_the_whole_wildcard_is_a_vendor_of_its_own() -> None:
    assert parse(document({**ALLOW, "Action": ["*:*", "*"]}), "identity")


def test_sizes_do_not_count_white_space() -> None:
    assert size(' { "a" :\n\t"b c" }\r\n') == len('{"a":"bc"}')
    assert SIZE_LIMITS["managed"] == 6_144
    assert SIZE_LIMITS["trust"] == 2_048
    assert set(SIZE_LIMITS) == {"identity", "managed", "trust", "resource", "session"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T00:00:00Z", True),
        ("2026", True),
        ("01T", True),
        ("9223372036854775807", True),
        ("9223372036854775808", False),
        ("-9223372036854775808", True),
        ("2026-11-23T24:00:00+1", False),
        ("2026-00", False),
        ("T10:00", False),
        ("", False),
        ("٢٠٢٦", False),
    ],
)
def test_dates_are_checked_as_freely_as_aws_does(text: str, expected: bool) -> None:
    assert is_date(text) is expected
