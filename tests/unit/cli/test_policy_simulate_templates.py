"""`gatepass policy simulate --template`: the verdict about a role before it is deployed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.conftest import Command

TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Policy:
        Version: 2012-10-17
        Statement:
        - {Effect: Deny, Principal: '*', Action: execute-api:Invoke, Resource: 'execute-api:/*/GET/secret*'}
  Deployed:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, StageName: !Ref Stage}
  Guests:
    Type: AWS::IAM::Role
    Properties:
      RoleName: the-guests
      PermissionsBoundary: !Ref Boundary
      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: []}
      ManagedPolicyArns: [!Ref Own, 'arn:aws:iam::123456789012:policy/elsewhere']
      Policies:
      - PolicyDocument:
          Version: 2012-10-17
          Statement:
          - Effect: Allow
            Action: execute-api:Invoke
            Resource: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/${Stage}/GET/*'
  Own:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          {Effect: Allow, Action: execute-api:Invoke, Resource: !Sub 'arn:aws:execute-api:*:*:${Api}/*/POST/pets'}
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          {Effect: Allow, Action: execute-api:Invoke, Resource: !Sub 'arn:aws:execute-api:*:*:${Api}/*/*/pets*'}
"""


@pytest.fixture(autouse=True)
def _template(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    Path("template.yaml").write_text(TEMPLATE)


def simulate(command: Command, *arguments: str) -> tuple[int, str, str]:
    return command("policy", "simulate", "--template", "template.yaml", *arguments)


def test_a_role_has_its_own_and_its_managed_policies_within_its_boundary(command: Command) -> None:
    allowed = simulate(command, "--role", "Guests", "--resource", "GET /pets/1", "--resource", "POST /pets")
    assert allowed[0] == 0
    lines = allowed[1].splitlines()
    assert lines[0].split() == ["VERDICT", "ACTION", "RESOURCE", "DECIDED", "BY"]
    assert lines[1].split()[:3] == [
        "allowed",
        "execute-api:Invoke",
        "arn:aws:execute-api:eu-west-1:123456789012:Api/dev/GET/pets/1",
    ]
    assert "statement number 1 of `Own` line" in lines[2]
    assert "the policy `elsewhere` of the role is not in the template" in allowed[2]
    status, out, _ = simulate(command, "--resource", "GET /cats")
    assert status == 1
    assert "by arn:aws:sts::123456789012:assumed-role/the-guests/simulated" in out
    assert "no boundary policy allows it" in out


def test_the_apis_own_policy_takes_part(command: Command) -> None:
    wide = TEMPLATE.replace("PermissionsBoundary: !Ref Boundary", "Path: /")
    Path("template.yaml").write_text(wide)
    assert simulate(command, "--resource", "GET /cats")[0] == 0
    status, out, _ = simulate(command, "--resource", "GET /secret", "--json")
    assert (status, json.loads(out)["outcome"], json.loads(out)["policy_type"]) == (1, "explicitDeny", "resource")


def test_where_it_is_deployed_can_be_said(command: Command) -> None:
    asked = ("--region", "us-west-2", "--account", "111122223333", "--parameter", "Stage=prod", "--resource")
    resource = "arn:aws:execute-api:us-west-2:111122223333:Api/prod/GET/pets"
    assert simulate(command, *asked, resource)[0] == 0
    assert simulate(command, *asked, resource.replace("prod", "dev"))[0] == 1
    status, out, _ = simulate(command, "--api", "a1b2c3/test", "--resource", "POST /pets", "--format", "table")
    assert status == 0
    assert "execute-api:Invoke on arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/test/POST/pets" in out
    rows = [line.split() for line in out.splitlines()[3:]]
    assert rows[0][:3] == ["POLICY", "TYPE", "STATEMENT"]
    assert [row[0] for row in rows[1:] if row[-1] == "yes"] == ["`Own`", "`Boundary`"]


def test_terraform_is_deployed_too(command: Command) -> None:
    statement = {
        "actions": ["execute-api:Invoke"],
        "resources": ["${aws_api_gateway_rest_api.pets.execution_arn}/${var.stage}/GET/*"],
    }
    plan: dict[str, Any] = {
        "variable": {"stage": {"default": "dev"}},
        "data": {"aws_iam_policy_document": {"allow": {"statement": statement}}},
        "resource": {
            "aws_api_gateway_rest_api": {"pets": {"name": "pets"}},
            "aws_api_gateway_stage": {
                "dev": {"stage_name": "dev", "rest_api_id": "${aws_api_gateway_rest_api.pets.id}"}
            },
            "aws_iam_role": {"guests": {"name": "g"}},
            "aws_iam_role_policy": {
                "allow": {"role": "${aws_iam_role.guests.id}", "policy": "${data.aws_iam_policy_document.allow.json}"}
            },
        },
    }
    Path("template.yaml").write_text(json.dumps(plan))
    assert simulate(command, "--role", "g", "--resource", "GET /x")[0] == 0
    assert simulate(command, "--parameter", "stage=prod", "--resource", "GET /x")[0] == 1


@pytest.mark.parametrize("api", ["${aws_api_gateway_rest_api.pets.id}", "${var.api}"])
@pytest.mark.parametrize("arguments", [(), ("--api", "a1b2c3/test")])
def test_an_apis_policy_in_terraform_may_be_a_resource_of_another_name(
    command: Command, api: str, arguments: tuple[str, ...]
) -> None:
    """It is of the API that it names; of the one that is asked for, where nobody knows which that is."""
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    refuse = {**allow, "Effect": "Deny", "Principal": "*", "Resource": "execute-api:/*"}
    allowing, refusing = (json.dumps({"Version": "2012-10-17", "Statement": [each]}) for each in (allow, refuse))
    plan: dict[str, Any] = {
        "aws_api_gateway_rest_api": {"pets": {"name": "shop"}},
        "aws_api_gateway_stage": {"dev": {"stage_name": "dev", "rest_api_id": "${aws_api_gateway_rest_api.pets.id}"}},
        "aws_iam_role": {"guests": {"name": "g"}},
        "aws_iam_role_policy": {"own": {"role": "${aws_iam_role.guests.id}", "policy": allowing}},
    }
    asked = ("--role", "g", "--resource", "GET /x", *arguments)
    Path("template.yaml").write_text(json.dumps({"resource": plan}))
    assert simulate(command, *asked)[0] == 0
    plan["aws_api_gateway_rest_api_policy"] = {"closed": {"rest_api_id": api, "policy": refusing}}
    Path("template.yaml").write_text(json.dumps({"resource": plan}))
    status, out, _ = simulate(command, *asked)
    assert (status, "explicit deny by statement number 1 of `aws_api_gateway_rest_api_policy.closed`" in out) == (
        1,
        True,
    )


@pytest.mark.parametrize(
    ("arguments", "change", "status", "why"),
    [
        (("--role", "Guest"), ("", ""), 1, "did you mean `Guests`?"),
        ((), ("!Ref Boundary", "arn:aws:iam::1:policy/b"), 1, "the boundary `b` is not in the template"),
        ((), ("  Guests:\n    Type: AWS::IAM::Role", "  Guests:\n    Type: X"), 1, "it has no role"),
        ((), ("AWS::ApiGateway::Stage", "X"), 1, "does not name its stage"),
        (("--parameter", "x"), ("", ""), 2, "no parameter with a value"),
    ],
)
def test_what_is_not_in_the_template_is_said(
    command: Command, arguments: tuple[str, ...], change: tuple[str, str], status: int, why: str
) -> None:
    Path("template.yaml").write_text(TEMPLATE.replace(*change) if change[0] else TEMPLATE)
    done = simulate(command, *arguments, "--resource", "GET /pets")
    assert done[:2] == (status, "")
    assert why in done[2]


@pytest.mark.parametrize(("parameter", "hint"), [("Stge=prod", "did you mean `Stage`?"), ("Other=1", "it has `Stage`")])
def test_a_parameter_that_the_template_does_not_have_is_refused(command: Command, parameter: str, hint: str) -> None:
    """A slip of the pen does not leave the default in place."""
    options = ("--role", "Guests", "--resource", "GET /pets", "--parameter", parameter)
    done = command("policy", "simulate", "--template", "template.yaml", *options)
    assert (done.status, done.out) == (1, "")
    name = parameter.partition("=")[0]
    assert done.err.splitlines() == [
        f"gatepass: error: `template.yaml`: it has no parameter `{name}`",
        f"gatepass: hint: {hint}",
    ]
