"""Policies of roles, by name: inline, managed, the boundary and the trust policy take part. Moto answers as IAM."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from tests.unit.cli.conftest import Command

API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2/api"


def policy(resource: str) -> str:
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(autouse=True)
def _role(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    values = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-west-1"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        iam: Any = boto3.client("iam")
        boundary = iam.create_policy(PolicyName="limit", PolicyDocument=policy(f"{API}/GET/*"))["Policy"]["Arn"]
        managed = iam.create_policy(PolicyName="more", PolicyDocument=policy(f"{API}/*/more"))["Policy"]["Arn"]
        principal = {"Service": "lambda.amazonaws.com"}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        iam.create_role(
            RoleName="guests",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            PermissionsBoundary=boundary,
        )
        iam.put_role_policy(RoleName="guests", PolicyName="allow", PolicyDocument=policy(f"{API}/GET/"))
        iam.attach_role_policy(RoleName="guests", PolicyArn=managed)
        yield


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ("GET/", "verdict: allowed by statement number 1 of inline policy `allow` of role `guests`"),
        ("GET/more", "verdict: allowed by statement number 1 of managed policy `more`"),
        ("POST/more", "verdict: implicit deny: no boundary policy allows it"),
    ],
)
def test_a_role_is_simulated_with_all_its_policies(command: Command, route: str, said: str) -> None:
    done = command("policy", "simulate", "--role", "guests", "--resource", f"{API}/{route}")
    assert said in done.out
    assert done.status == (0 if "allowed by" in said else 1)


def test_a_role_that_is_not_there_is_said(command: Command) -> None:
    done = command("policy", "simulate", "--role", "nobody", "--resource", f"{API}/GET/")
    assert (done.status, done.out) == (1, "")
    assert "no role and no file `nobody`" in done.err


def test_cases_name_roles(command: Command) -> None:
    principal = "arn:aws:sts::123456789012:assumed-role/guests/s"
    request = {"principal": principal, "action": "execute-api:Invoke", "resource": f"{API}/POST/more"}
    limited = {"policies": {"identity": "guests", "boundary": {"role": "guests"}}, "expected": "implicitDeny"}
    unlimited = {"policies": {"identity": ["guests"]}, "expected": "allowed"}
    trust: dict[str, Any] = {"kind": "trust", "policies": {"resource": "guests"}, "expected": "allowed"}
    trust["request"] = {"principal": "lambda.amazonaws.com", "action": "sts:AssumeRole"}
    cases = [{**limited, "request": request}, {**unlimited, "request": request}, trust]
    Path("cases.json").write_text(json.dumps(cases))
    assert command("policy", "test", "cases.json").out == "3 passed, 0 failed\n"


def test_a_role_is_compared_with_a_file(command: Command) -> None:
    """Its boundary limits what its policies allow; `/more/` is another ARN than `/more`, and served all the same."""
    Path("api.yaml").write_text(
        "openapi: 3.0.1\nsecurity: [{iam: []}]\n"
        "components: {securitySchemes: {iam: {x-amazon-apigateway-authtype: awsSigv4}}}\n"
        "paths: {/: {get: {}, post: {}}, /more: {get: {}, post: {}}}\n"
    )
    Path("new.json").write_text(policy(f"{API}/*"))
    options = ("--app", "api.yaml", "--api", "a1b2/api", "--region", "eu-west-1")
    done = command("policy", "diff", "guests", "new.json", *options)
    assert (done.status, done.out) == (
        1,
        "newly allowed: GET /more/\nnewly allowed: POST /\nnewly allowed: POST /more\n",
    )
    assert command("policy", "diff", "guests", "guests", *options).status == 0
    assert "there is no role and no file `nobody`" in command("policy", "diff", "guests", "nobody", *options).err
