"""A file's policies are told whose they are, by reference, and every part keeps its line."""

from __future__ import annotations

import contextlib
import json
import random
from typing import Any

import pytest

from gatepass.advice.findings import Finding, findings_in
from gatepass.advice.found import stack_in
from gatepass.advice.reading import read
from gatepass.advice.settled import reference, settled
from gatepass.advice.stack import Stack
from gatepass.errors import ConfigurationError

ROLE = """
  Guests:
    Type: AWS::IAM::Role
    Properties:
      RoleName: the-guests
      AssumeRolePolicyDocument: !Sub |
        {"Version": "2012-10-17",
         "Statement": [
          {"Effect": "Allow",
           "Principal": {"Federated": "cognito-identity.amazonaws.com"},
           "Action": "sts:AssumeRoleWithWebIdentity",
           "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "${Pool}"}}}]}
"""
ATTACHMENT = """
  Attachment:
    Type: AWS::Cognito::IdentityPoolRoleAttachment
    Properties:
      IdentityPoolId: !Ref Pool
      Roles:
        unauthenticated: !GetAtt Guests.Arn
"""


def stack(text: str) -> Stack:
    return stack_in(read(text))


def template(*resources: str) -> Stack:
    return stack("Resources:" + "".join(resources))


def line(words: str, *resources: str) -> int:
    """Where the words stand in that template."""
    return ("Resources:" + "".join(resources)).partition(words)[0].count("\n") + 1


def rules(given: Stack) -> list[tuple[str, str, int]]:
    return [(each.rule, each.policy, each.line) for each in findings_in(given)]


def test_json_in_a_text_keeps_its_lines() -> None:
    wrong = ROLE.replace('"Condition"', '"Nothing"')
    for form in ("!Sub |", "|", "\n       Fn::Sub: |"):
        given = wrong.replace("!Sub |", form)
        assert rules(template(given)) == [("syntax", "Guests", line('{"Effect"', given))]


def test_a_policy_is_of_the_roles_that_it_names() -> None:
    """And so, if guests get one of them, it is for guests."""
    policy = """
  Allow:
    Type: {}
    Properties:
      {}
      PolicyDocument:
        Version: 2012-10-17
        Statement:
        - Effect: Allow
          Action: s3:GetObject
          Resource: arn:aws:s3:::x
"""
    open_ = ROLE.replace("guests", "x")
    for type_, roles in (
        ("AWS::IAM::Policy", "Roles: [!Ref Guests]"),
        ("AWS::IAM::ManagedPolicy", "Roles: [the-guests]"),
        ("AWS::IAM::RolePolicy", "RoleName: !Ref Guests"),
    ):
        parts = (ROLE, ATTACHMENT, policy.format(type_, roles))
        given = template(*parts)
        assert ("guests-beyond-the-api", "Allow", line("Action: s3", *parts)) in rules(given)
        assert [each.roles for each in given.found if each.name == "Allow"] == [{"Guests"}]
    other = template(open_, policy.format("AWS::IAM::Policy", "Roles: [!Ref Others]"))
    assert "guests-beyond-the-api" not in [rule for rule, _, _ in rules(other)]


@pytest.mark.parametrize(
    "unauthenticated", ["!GetAtt Guests.Arn", "!Sub '${Guests.Arn}'", "arn:aws:iam::1:role/the-guests"]
)
def test_guests_are_who_the_pool_gives_the_role_to(unauthenticated: str) -> None:
    """Though the trust policy does not say so."""
    users = ROLE.replace('"aud": "${Pool}"}', '"aud": "${Pool}"}, "ForAnyValue:StringLike": {"x:amr": "authenticated"}')
    parts = (users, ATTACHMENT.replace("!GetAtt Guests.Arn", unauthenticated))
    given = template(*parts)
    (trust,) = given.found
    assert trust.kind == "trust"
    assert given.role("the-guests") is given.role("Guests") is not None
    assert given.attachments[0].roles["unauthenticated"].line == line("unauthenticated", *parts)


def test_awss_own_policies_are_judged_where_the_role_takes_them() -> None:
    role = ROLE + "      ManagedPolicyArns:\n      - arn:aws:iam::aws:policy/AdministratorAccess\n      - !Ref Mine\n"
    mine = """
  Mine:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::x'}}
"""
    found = [each for each in rules(template(role, mine, ATTACHMENT)) if each[0] != "trust-without-kind"]
    taken = line("AdministratorAccess", role, mine)
    assert found == [
        ("every-resource", "Guests, AdministratorAccess", taken),
        ("guests-beyond-the-api", "Guests, AdministratorAccess", taken),
        ("guests-beyond-the-api", "Mine", line("PolicyDocument: {", role, mine)),
    ]


TERRAFORM: dict[str, Any] = {
    "data": {
        "aws_iam_policy_document": {
            "trust": {
                "statement": {
                    "actions": ["sts:AssumeRoleWithWebIdentity"],
                    "principals": {"type": "Federated", "identifiers": ["cognito-identity.amazonaws.com"]},
                    "condition": [
                        {
                            "test": "StringEquals",
                            "variable": "cognito-identity.amazonaws.com:aud",
                            "values": ["${aws_cognito_identity_pool.main.id}"],
                        },
                        {
                            "test": "ForAnyValue:StringLike",
                            "variable": "cognito-identity.amazonaws.com:amr",
                            "values": ["unauthenticated"],
                        },
                    ],
                }
            },
            "allow": {
                "statement": [
                    {
                        "actions": ["execute-api:Invoke"],
                        "resources": ["arn:aws:execute-api:*:*:x/api/ANY/&{aws:userid}"],
                    }
                ]
            },
        }
    },
    "resource": {
        "aws_iam_role": {"guest": {"assume_role_policy": "${data.aws_iam_policy_document.trust.json}"}},
        "aws_iam_role_policy": {
            "guest": {"role": "${aws_iam_role.guest.id}", "policy": "${data.aws_iam_policy_document.allow.json}"}
        },
        "aws_iam_role_policy_attachment": {
            "admin": {"role": "${aws_iam_role.guest.name}", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
        },
        "aws_cognito_identity_pool_roles_attachment": {
            "main": {
                "identity_pool_id": "${aws_cognito_identity_pool.other.id}",
                "roles": {"authenticated": "${aws_iam_role.guest.arn}", "unauthenticated": "${aws_iam_role.guest.arn}"},
            }
        },
    },
}


def test_terraforms_own_documents_and_references() -> None:
    text = json.dumps(TERRAFORM, indent=1)
    lines = text.splitlines()
    found = {(finding.rule, finding.policy): finding for finding in findings_in(stack(text))}
    assert set(found) == {
        ("verb-any", "aws_iam_role_policy.guest"),
        ("every-resource", "aws_iam_role.guest, AdministratorAccess"),
        ("guests-beyond-the-api", "aws_iam_role.guest, AdministratorAccess"),
        ("one-role-for-both", "aws_cognito_identity_pool_roles_attachment.main"),
        ("trust-of-another-pool", "aws_cognito_identity_pool_roles_attachment.main"),
        ("trust-of-another-kind", "aws_cognito_identity_pool_roles_attachment.main"),
    }
    assert "/ANY/" in lines[found["verb-any", "aws_iam_role_policy.guest"].line - 1]
    policy = found["every-resource", "aws_iam_role.guest, AdministratorAccess"]
    assert "AdministratorAccess" in lines[policy.line - 1]


def test_a_terraform_document_that_nothing_uses_is_read_too() -> None:
    given = stack(json.dumps({"data": TERRAFORM["data"]}))
    assert [(each.name.rpartition(".")[2], each.kind) for each in given.found] == [
        ("trust", "trust"),
        ("allow", "identity"),
    ]


def test_a_described_pool_and_a_described_role() -> None:
    pool = {
        "IdentityPoolId": "us-east-1:x",
        "IdentityPoolName": "pets",
        "Roles": dict.fromkeys(("authenticated", "unauthenticated"), "arn:aws:iam::1:role/r"),
    }
    (finding,) = findings_in(stack(json.dumps(pool, indent=1)))
    assert finding == Finding(
        "one-role-for-both",
        "warning",
        6,
        "pets",
        None,
        "guests and users who logged in get the same role, `r`",
        "give the pool two roles, and allow guests only what anybody may do",
    )
    role: dict[str, Any] = {
        "name": "r",
        "trust_policy": None,
        "inline_policies": {},
        "attached_policies": ["arn:aws:iam::aws:policy/AdministratorAccess"],
    }
    assert rules(stack(json.dumps(role))) == [("every-resource", "r, AdministratorAccess", 1)]


def test_a_resource_policy_of_another_service_is_no_identity_policy() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}
    bucket = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": statement}},
    }
    assert rules(stack(json.dumps({"Resources": {"B": bucket}}))) == []


def test_the_statements_of_a_sam_api() -> None:
    text = """Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      Auth:
        ResourcePolicy:
          CustomStatements:
          - Effect: Allow
            Principal: '*'
            Action: execute-api:Invoke
            Resource:
            - execute-api:/api/GET/pets
            - arn:aws:execute-api:us-east-1:123456789012:x/api/ANY/
"""
    assert [each for each in rules(stack(text)) if each[0] == "verb-any"] == [("verb-any", "Api", 13)]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({"Ref": "Pool"}, "Pool"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, "Role"),
        ({"Fn::GetAtt": "Role.Arn"}, "Role"),
        ({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Role}"}, "Role"),
        ({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":x/", {"Ref": "Role"}]]}, "Role"),
        ("${aws_iam_role.guest.arn}", "aws_iam_role.guest"),
        ("arn:aws:iam::1:role/path/guests", "guests"),
        ("arn:aws:iam::aws:policy/X", "arn:aws:iam::aws:policy/X"),
        ("us-east-1:x", "us-east-1:x"),
        (None, ""),
    ],
)
def test_references_name_what_they_are_of(value: Any, named: str) -> None:
    assert reference(value) == named


def test_functions_give_what_is_known() -> None:
    known = {"Stage": "prod", "Api": "x"}
    assert (
        settled({"Fn::Sub": ["${Api}/${Own}/${!aws:userid}", {"Own": {"Ref": "Stage"}}]}, known)
        == "x/prod/${aws:userid}"
    )
    assert settled({"Fn::If": ["A", "b", "c"]}) != settled({"Fn::If": ["A", "b", "d"]})
    assert settled("$${aws:userid} ${var.x} ${aws:userid}") == "${aws:userid} Unknown~var.x~ ${aws:userid}"


@pytest.mark.parametrize(
    "text", ['{"Resources": {"A": 1, "B": {"Properties": []}}}', '{"resource": {"aws_iam_role": [1]}}']
)
def test_what_is_no_template_is_a_file_without_policies(text: str) -> None:
    with pytest.raises(ConfigurationError):
        stack(text)


def test_what_stands_for_a_whole_arn_is_one() -> None:
    """Nothing is said about the form of what nobody knows yet."""
    tables = [{"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::GetAtt": ["Other", "Arn"]}, {"Fn::Sub": "${Table.Arn}/index/*"}]
    statement: dict[str, Any] = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": tables}
    document = {"Version": "2012-10-17", "Statement": statement}
    trust = {"Effect": "Allow", "Principal": {"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}, "Action": "sts:AssumeRole"}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": trust},
        "Policies": [{"PolicyDocument": document}],
    }
    assert rules(stack(json.dumps({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}))) == []
    execution = "${aws_api_gateway_rest_api.x.execution_arn}/api/ANY/"
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": execution}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    found = rules(stack(json.dumps({"resource": {"aws_iam_policy": {"p": [{"policy": policy}]}}})))
    assert [rule for rule, _, _ in found] == ["verb-any"]


ODD: list[Any] = [
    None,
    [],
    {},
    "",
    1,
    True,
    "${",
    "*",
    {"Ref": []},
    {"Fn::Sub": None},
    {"Fn::GetAtt": []},
    {"Fn::Join": ["", [1]]},
]


@pytest.mark.parametrize("seed", range(20))
def test_no_file_is_too_odd_to_be_read(seed: int) -> None:
    """Whatever stands where something else is meant, findings come out, or a reason why there are none."""
    chance = random.Random(seed)

    def mangled(value: Any) -> Any:
        if chance.random() < 0.05:
            return chance.choice(ODD)
        if isinstance(value, dict):
            return {name: mangled(each) for name, each in value.items()}
        return [mangled(each) for each in value] if isinstance(value, list) else value

    whole = read("Resources:" + ROLE + ATTACHMENT).value
    for _ in range(30):
        for value in (mangled(whole), mangled(TERRAFORM)):
            with contextlib.suppress(ConfigurationError):
                assert all(finding.line >= 1 for finding in findings_in(stack(json.dumps(value))))
