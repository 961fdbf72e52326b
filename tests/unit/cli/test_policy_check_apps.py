"""`gatepass policy check` against the app's routes, findings that are meant, and findings for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.conftest import Command

from gatepass.advice.findings import RULES

API = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/api"
ARTICLE = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["execute-api:Invoke"],"Resource":["*"]}]}'
EXAMPLE = Path(__file__).parents[3] / "examples" / "hello-world"
IAM = {"x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "responses": {}}


def openapi(**paths: dict[str, Any]) -> None:
    described = {f"/{path.replace('_', '/')}": methods for path, methods in paths.items()}
    Path("api.json").write_text(
        json.dumps({"openapi": "3.0.1", "info": {"title": "pets", "version": "1"}, "paths": described})
    )


def policy(*resources: str) -> None:
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": list(resources)}
    Path("p.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1))


def check(command: Command, *options: str) -> list[tuple[str, int, str]]:
    done = command("policy", "check", "p.json", "--format", "json", *options)
    return [(each["rule"], each["line"], each["message"]) for each in json.loads(done.out)]


def test_arns_are_held_against_the_routes_of_the_app(command: Command) -> None:
    openapi(pets={"get": IAM, "post": {"responses": {}}}, **{"pets_{id}": {"get": IAM}})
    policy(f"{API}/GET/pets*", f"{API}/POST/pets", f"{API}/PUT/pets/?", f"{API}/GET/pet/*")
    assert check(command, "--app", "api.json") == [
        ("no-such-route", 9, f"`{API}/POST/pets`: the route `POST /pets` is open, and asks no policy"),
        ("no-such-route", 10, f"`{API}/PUT/pets/?`: the app has this path with GET only"),
        (
            "no-such-route",
            11,
            f"`{API}/GET/pet/*`: no IAM route of the app meets it; did you mean `/pets`?",
        ),
    ]


def test_where_the_app_is_deployed_counts_if_it_was_said(command: Command) -> None:
    openapi(pets={"get": IAM})
    policy(f"{API}/GET/pets*")
    assert check(command, "--app", "api.json") == []
    assert check(command, "--app", "api.json", "--api", "a1b2c3/api") == []
    assert check(command, "--app", "api.json", "--api", "a1b2c3/prod") == [
        ("no-such-route", 8, f"`{API}/GET/pets*`: the app is `a1b2c3/prod`")
    ]


def test_routes_that_guests_cannot_call_are_told(command: Command) -> None:
    openapi(pets={"get": IAM, "put": IAM})
    policy(f"{API}/GET/pets*")
    (found,) = check(command, "--app", "api.json", "--guests")
    assert found == ("route-not-allowed", 1, "the route `PUT /pets` cannot be called: no statement allows it")
    assert check(command, "--app", "api.json") == []


def test_a_template_is_held_against_its_own_api(command: Command) -> None:
    """ARNs with another id are of another API."""
    Path("p.json").write_text(
        """
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Pets: {Type: Api, Properties: {Path: /pets, Method: get, Auth: {Authorizer: AWS_IAM}}}
  Allow:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement:
        - Effect: Allow
          Action: execute-api:Invoke
          Resource:
          - !Sub 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${ServerlessRestApi}/*/GET/pets*'
          - !Sub 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${ServerlessRestApi}/*/GET/cats/*'
          - arn:aws:execute-api:us-east-1:123456789012:other/api/GET/dogs/*
"""
    )
    (found,) = check(command)
    assert found[:2] == ("no-such-route", 18)
    assert "${ServerlessRestApi}/*/GET/cats/*`" in found[2]


@pytest.mark.parametrize("options", [(), ("--app", str(EXAMPLE)), ("--app", str(EXAMPLE), "--guests")])
def test_what_is_wrong_with_the_articles_policy(options: tuple[str, ...]) -> None:
    """In a process of its own: the app is imported."""
    Path("p.json").write_text(ARTICLE)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    asked = [sys.executable, "-m", "gatepass", "policy", "check", "p.json", *options]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, env=environment, check=False)
    assert done.returncode == 1
    assert 'every API of the account: Resource is "*" [every-resource]' in done.stdout
    assert ("API_ID/STAGE/GET/\n" in done.stdout) is bool(options)


def test_what_is_meant_can_be_left_out(command: Command) -> None:
    Path("p.json").write_text(ARTICLE.replace('"2012-10-17"', '"2008-10-17"'))
    assert [rule for rule, _, _ in check(command)] == ["every-resource", "old-version"]
    assert [rule for rule, _, _ in check(command, "--ignore", "every-resource")] == ["old-version"]
    done = command("policy", "check", "p.json", "--ignore", "every-resource", "--ignore", "old-version")
    assert (done.status, done.out) == (0, "0 errors, 0 warnings\n")
    wrong = command("policy", "check", "p.json", "--ignore", "every-resourse")
    assert wrong.status == 2
    assert "did you mean `every-resource`?" in wrong.err


def test_sarif_has_what_readers_of_it_need(command: Command) -> None:
    """The members that SARIF 2.1.0 requires, and those that code hosts place findings by."""
    Path("a folder").mkdir()
    Path("a folder/p.json").write_text(ARTICLE)
    log = json.loads(command("policy", "check", "a folder/p.json", "--format", "sarif").out)
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "gatepass"
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    (result,) = run["results"]
    assert set(result) == {"ruleId", "ruleIndex", "level", "message", "locations"}
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "every-resource"
    assert result["level"] == "warning"
    assert "fix: name the routes" in result["message"]["text"]
    (location,) = result["locations"]
    assert location == {
        "physicalLocation": {"artifactLocation": {"uri": "a%20folder/p.json"}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": "statement 1"}],
    }
