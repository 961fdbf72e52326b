"""`gatepass policy check`: each mistake is found in its line, with a fix, and a good policy has no findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.conftest import Command

API = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/api"
COGNITO = "cognito-identity.amazonaws.com"
TRUST: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Federated": COGNITO},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
        "StringEquals": {f"{COGNITO}:aud": "us-east-1:11111111-2222-3333-4444-555555555555"},
        "ForAnyValue:StringLike": {f"{COGNITO}:amr": "unauthenticated"},
    },
}


def allow(resource: Any, action: Any = "execute-api:Invoke") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def found(command: Command, *statements: Any, options: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    Path("policy.json").write_text(json.dumps(document, indent=1))
    done = command("policy", "check", "policy.json", "--format", "json", *options)
    assert done.status == (1 if json.loads(done.out) else 0)
    return [(each["rule"], each["level"]) for each in json.loads(done.out)]


@pytest.mark.parametrize(
    "statement",
    [
        *(allow(f"{API}/{rest}") for rest in ("GET/", "GET/pets/*", "*", "*/pets", "GET/${aws:username}/x")),
        TRUST,
        allow("*", "s3:GetObject"),
        allow("arn:aws:execute-api:*:*:*"),
        allow("arn:aws:execute-api:*:*:*/*/GET/*"),
    ],
)
def test_what_is_right_is_left_alone(command: Command, statement: Any) -> None:
    assert found(command, statement) == []


@pytest.mark.parametrize(
    ("statement", "rule", "level"),
    [
        (allow(["*"]), "every-resource", "warning"),
        (allow(f"{API}/GET/pets/{{id}}"), "template-path", "error"),
        (allow(f"{API}/ANY/pets"), "verb-any", "error"),
        (allow(f"{API}/GET//pets"), "slash-before-path", "error"),
        (allow(f"{API}/GET"), "root-without-slash", "error"),
        (allow(API), "stage-without-verb", "error"),
        (allow("pets"), "syntax", "error"),
        ({"Effect": "Allow"}, "syntax", "error"),
        ({**TRUST, "Condition": {"StringEquals": TRUST["Condition"]["StringEquals"]}}, "trust-without-kind", "warning"),
        ({key: TRUST[key] for key in TRUST if key != "Condition"}, "trust-without-pool", "error"),
    ],
)
def test_what_is_wrong_is_found(command: Command, statement: Any, rule: str, level: str) -> None:
    assert found(command, statement) == [(rule, level)]


def test_guests_may_call_the_api_only(command: Command) -> None:
    beyond = [("guests-beyond-the-api", "error")]
    assert found(command, allow(f"{API}/GET/", ["execute-api:Invoke", "s3:*"]), options=("--guests",)) == beyond
    assert found(command, allow("*"), options=("--guests",)) == [("every-resource", "error")]
    assert found(command, allow(f"{API}/GET/"), options=("--guests",)) == []


def test_a_statement_that_stands_twice_is_not_needed(command: Command) -> None:
    one, two = allow(f"{API}/GET/"), {**allow([f"{API}/GET/"], ["execute-api:Invoke"]), "Sid": "x"}
    assert found(command, one, two) == [("never-needed", "warning")]


def test_a_text_names_file_line_statement_and_fix(command: Command) -> None:
    Path("p.json").write_text(
        '{"Version": "2012-10-17",\n "Statement": [\n  {"Effect": "Allow", "Action": "execute-api:Invoke",\n'
        f'   "Resource": [\n    "{API}/GET/",\n    "{API}/ANY/"]}}]}}'
    )
    done = command("policy", "check", "p.json")
    assert done.out.splitlines() == [
        f"p.json:6: error: statement 1: `{API}/ANY/`: no request has the verb ANY [verb-any]",
        "  fix: write * for the verb",
        "1 error, 0 warnings",
    ]


def test_a_template_is_read_with_its_lines(command: Command) -> None:
    Path("template.yaml").write_text(
        f"""Resources:
  Guests:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})}
      Policies:
      - PolicyName: allow
        PolicyDocument:
          Version: 2012-10-17
          Statement:
          - Effect: Allow
            Action: execute-api:Invoke
            Resource:
            - !Sub 'arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/api/GET/'
            - '*'
"""
    )
    done = command("policy", "check", "template.yaml", "--format", "sarif")
    (result,) = json.loads(done.out)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("every-resource", "error")
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 13


def test_terraform_in_json_is_read(command: Command) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow(f"{API}/ANY/")]})
    Path("main.tf.json").write_text(json.dumps({"resource": {"aws_iam_policy": {"x": {"policy": document}}}}))
    done = command("policy", "check", "main.tf.json")
    assert "`aws_iam_policy.x`, statement 1" in done.out
    assert done.status == 1


@pytest.mark.parametrize("text", ["{}", "[", '{"Resources": {}}', "7"])
def test_a_file_without_policies_is_an_error(command: Command, text: str) -> None:
    Path("p.json").write_text(text)
    done = command("policy", "check", "p.json")
    assert (done.status, done.out) == (1, "")
    assert "gatepass: error: `p.json`" in done.err


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("StringMatches", "StringEquals"),
        ("StringNotMatches", "StringNotEquals"),
        ("stringEqual", "StringEquals"),
        ("IpAdress", "IpAddress"),
        ("ForAnyValues:StringLikes", "ForAnyValue:StringLike"),
    ],
)
def test_an_operator_is_never_taken_for_its_opposite(command: Command, written: str, meant: str) -> None:
    statement = {**allow(f"{API}/GET/"), "Condition": {written: {"aws:SourceIp": "10.0.0.0/8"}}}
    Path("p.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    done = command("policy", "check", "p.json", "--json")
    assert done == command("policy", "check", "p.json", "--format", "json")
    assert f"write `{meant}`" in {each["fix"] for each in json.loads(done.out)}


def test_a_folder_is_no_file(command: Command) -> None:
    Path("policies").mkdir()
    done = command("policy", "check", "policies")
    assert done == (1, "", "gatepass: error: `policies` is a folder\ngatepass: hint: name a file in it\n")
