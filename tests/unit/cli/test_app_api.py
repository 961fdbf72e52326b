"""`generate` and `diff` on documents: nothing is imported, and what is wrong is said with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.conftest import Command

from gatepass.advice.findings import findings_about
from gatepass.advice.found import policies_in
from gatepass.advice.learned import Asked, Learned

SIGNED = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}
PREFIX = "arn:aws:execute-api:us-east-1:123456789012:a1b2/prod"


def openapi(*routes: str, **more: Any) -> str:
    paths: dict[str, Any] = {}
    for route in routes:
        verb, path = route.split(" ")
        paths.setdefault(path, {})[verb.lower()] = {}
    scheme = {"securitySchemes": {"iam": SIGNED}}
    return json.dumps({"openapi": "3.0.1", "components": scheme, "security": [{"iam": []}], "paths": paths, **more})


TEMPLATE = """Resources:
  Pets:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: Api, Properties: {Path: "/pets/{id}", Method: get, Auth: {Authorizer: AWS_IAM}}}
        Http: {Type: HttpApi, Properties: {Path: /http, Method: get, Auth: {Authorizer: AWS_IAM}}}
"""


def resources(text: str) -> list[str]:
    found: list[str] = json.loads(text)["Statement"][0]["Resource"]
    return found


def test_an_openapi_document_is_enough(command: Command) -> None:
    Path("api.json").write_text(openapi("GET /pets/{id}", "GET /pets", "DELETE /pets/{id}/toys", "GET /pets/{id}/toys"))
    done = command("policy", "generate", "api.json", "--api", "a1b2/prod")
    assert (done.status, done.err) == (0, "")
    assert resources(done.out) == [f"{PREFIX}/DELETE/pets/*/toys", f"{PREFIX}/GET/pets", f"{PREFIX}/GET/pets/*"]


def test_one_of_several_apis_is_named(command: Command) -> None:
    """And its own stage is taken; which API it is on AWS, the file does not say."""
    Path("template.yaml").write_text(TEMPLATE)
    done = command("policy", "generate", "template.yaml")
    assert done.status == 1
    assert "`template.yaml`: it describes several APIs: `ServerlessHttpApi`, `ServerlessRestApi`" in done.err
    done = command("policy", "generate", "template.yaml#ServerlessRestApi")
    assert resources(done.out)[0].endswith("/Prod/GET/pets/*")
    assert "name the one on AWS with --api" in done.err
    done = command("policy", "generate", "template.yaml#ServerlessHttpApi", "--api", "a1b2/$default")
    assert resources(done.out)[0].endswith(":a1b2/$default/GET/http")
    done = command("policy", "generate", "template.yaml#Other")
    assert "it describes no API `Other`, but `ServerlessHttpApi`, `ServerlessRestApi`" in done.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: 3.0.1\npaths:\n  /x{y: {get: {}}\n", "`api.yaml`: line 3: `/x{y`: `x{y` is neither a name nor"),
        ("openapi: [", "`api.yaml`: it is neither JSON nor YAML"),
        ("Resources: {}", "`api.yaml`: it describes no API"),
        ("openapi: 3.0.1\npaths: {/x: {get: {}}}", "the app has no IAM routes"),
        (None, "`api.yaml` cannot be read: No such file or directory"),
    ],
)
def test_what_is_wrong_with_a_document_is_told(command: Command, text: str | None, message: str) -> None:
    if text is not None:
        Path("api.yaml").write_text(text)
    done = command("policy", "generate", "api.yaml")
    assert (done.status, done.out) == (1, "")
    assert message in done.err


def test_an_app_that_is_not_there_may_have_been_a_document(command: Command) -> None:
    Path("empty").mkdir()
    for name in ("nothing", "empty"):
        done = command("policy", "generate", name)
        assert (done.status, done.out) == (1, "")
        assert done.err.endswith("an ASGI app as `module:attribute`, a template or an OpenAPI document\n")


@pytest.mark.parametrize(("form", "policies"), [("json", 3), ("cloudformation", 4), ("terraform", 3)])
def test_a_long_policy_is_several(command: Command, form: str, policies: int) -> None:
    """Together they name every route once. A stack's partition and region may be long: room is left for them."""
    routes = [f"GET /{'r' * 20}{number}" for number in range(200)]
    Path("api.json").write_text(openapi(*routes))
    done = command("policy", "generate", "api.json", "--format", form, "--api", "a1b2/prod")
    found = policies_in(done.out)
    assert len(found) == policies
    assert f"at most 6,144 characters: these are {policies}, and a role needs all" in done.err
    assert [finding for each in found for finding in findings_about(each)] == []
    named = [arn for each in found for arn in each.document["Statement"][0]["Resource"]]
    assert len(set(named)) == len(named) == 200


@pytest.fixture
def record() -> Path:
    """Guests got one pet, and were denied another verb; the root was there, too."""
    api = {"api_id": "a1b2", "name": "pets", "stage": "prod", "region": "us-east-1", "account_id": "123456789012"}
    learned = Learned(api, ("ANY /pets/{id}", "GET /pets/{id}/toys", "GET /pets"))
    for asked, allowed in (
        (Asked("role-session", "guests", "GET", "/pets/{id}"), True),
        (Asked("role-session", "guests", "PUT", "/pets/{id}"), False),
        (Asked("root", "", "GET", "/pets"), True),
    ):
        learned.add(asked, allowed=allowed)
    path = Path("learned.json")
    path.write_text(json.dumps(learned.to_json()))
    return path


def test_what_was_learned_becomes_a_policy(command: Command, record: Path) -> None:
    """What is more than was asked for is said, and so is what was denied."""
    done = command("policy", "generate", "--from", str(record))
    assert resources(done.out) == [f"{PREFIX}/GET/pets/*", f"{PREFIX}/PUT/pets/*"]
    assert done.err.splitlines() == [
        "gatepass: made from 2 requests of `guests`",
        "gatepass: the root's requests are left out: policies do not apply to it",
        "gatepass: denied so far, and now allowed: PUT /pets/{id}",
        "gatepass: `GET/pets/*` allows some requests to a route that nobody called, too: GET /pets/{id}/toys",
        "gatepass: `GET/pets/*` allows some requests to a route that nobody called, too: GET /pets",
    ]


def test_options_of_a_record(command: Command, record: Path) -> None:
    done = command("policy", "generate", "--from", str(record), "--allowed-only", "--role", "guests", "--api", "c3/dev")
    assert resources(done.out) == ["arn:aws:execute-api:us-east-1:123456789012:c3/dev/GET/pets/*"]
    done = command("policy", "generate", "--from", str(record), "--role", "staff")
    assert "`learned.json`: it holds no requests of role `staff` that could be taken, but of `guests`" in done.err
    assert command("policy", "generate", ".", "--from", str(record)).status == 2
    assert command("policy", "generate", ".", "--role", "guests").status == 2
    Path("other.json").write_text("{}")
    assert "`other.json`: it is not a record of requests" in command("policy", "generate", "--from", "other.json").err


def test_policies_are_compared_over_a_document(command: Command) -> None:
    """Of a template the one role's policies count, with this API where it leaves open which one is meant."""
    Path("api.json").write_text(openapi("GET /pets/{id}", "GET /"))
    command("policy", "generate", "api.json")
    template = command("policy", "generate", "api.json", "--format", "cloudformation", "--region", "eu-west-1").out
    Path("template.json").write_text(template)
    Path("role.json").write_text(
        json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    )
    options = ("--app", "api.json", "--region", "eu-west-1")
    assert command("policy", "diff", "template.json", "role.json", *options).out == ""
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{PREFIX}/GET/pets/1"}
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    other = {**statement, "Resource": f"{PREFIX}/GET/", "Condition": condition}
    Path("one.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement, other]}))
    done = command("policy", "diff", "role.json", "one.json", "--app", "api.json", "--api", "a1b2/prod")
    assert done.status == 1
    assert done.out.splitlines() == [
        "newly denied: GET /",
        "newly denied: GET /pets/{id}, partly: GET /pets/f",
        "conditions or variables decide: GET /",
    ]
    done = command("policy", "diff", "one.json", "role.json", "--app", "api.json", "--api", "a1b2/prod", "--json")
    assert json.loads(done.out) == {
        "newly_allowed": ["GET /", "GET /pets/{id}"],
        "newly_denied": [],
        "partly": [{"route": "GET /pets/{id}", "change": "newly_allowed", "example": "GET /pets/f"}],
        "conditional": ["GET /"],
    }


def test_a_file_without_one_role_s_policies_is_refused(command: Command) -> None:
    Path("api.json").write_text(openapi("GET /"))
    Path("a.json").write_text('{"Version": "2012-10-17", "Statement": []}')
    role = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": []}}}
    Path("two.json").write_text(json.dumps({"Resources": {"A": role, "B": role}}))
    trust = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    Path("trust.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    for name, message in (
        ("two.json", "`two.json`: it holds policies of `A`, `B`"),
        ("trust.json", "`trust.json`: it holds no policy of a caller"),
        ("api.json", "`api.json`: it holds no policy"),
        ("missing.json", "`missing.json` cannot be read"),
    ):
        done = command("policy", "diff", "a.json", name, "--app", "api.json")
        assert (done.status, done.out) == (1, "")
        assert message in done.err


def test_one_of_several_roles_is_named_with_the_file(command: Command) -> None:
    """And what changes nothing says for which API that is."""
    Path("api.json").write_text(openapi("GET /pets/{id}", "GET /"))

    def role(path: str) -> dict[str, object]:
        arn = f"arn:aws:execute-api:*:*:*/*/GET/{path}"
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}
        policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
        trust: dict[str, object] = {"Version": "2012-10-17", "Statement": []}
        return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "Policies": [policy]}}

    Path("roles.json").write_text(json.dumps({"Resources": {"Guests": role(""), "Users": role("*")}}))
    done = command("policy", "diff", "roles.json#Guests", "roles.json#Users", "--app", "api.json")
    assert (done.status, done.out) == (1, "newly allowed: GET /pets/{id}\n")
    done = command("policy", "diff", "roles.json#Guests", "roles.json#Guests", "--app", "api.json", "--api", "c3/dev")
    assert done == (0, "", "gatepass: nothing changes for 2 IAM routes of API c3/dev\n")
    for name in ("roles.json", "roles.json#Nobody"):
        done = command("policy", "diff", name, "roles.json#Users", "--app", "api.json")
        assert done.err.splitlines() == [
            "gatepass: error: `roles.json`: it holds policies of `Guests`, `Users`",
            "gatepass: hint: name one as FILE#Guests",
        ]


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
@pytest.mark.parametrize("option", ["--account", "--account-id"])
def test_the_api_is_where_serve_would_have_it(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, option: str
) -> None:
    Path("api.json").write_text(openapi("GET /"))
    monkeypatch.setenv(name, "eu-west-1")
    done = command("policy", "generate", "api.json", "--api", "c3/dev", option, "210987654321")
    assert resources(done.out) == ["arn:aws:execute-api:eu-west-1:210987654321:c3/dev/GET/"]
