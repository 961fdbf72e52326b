"""`gatepass policy test`: every case is judged, and one that cannot be has failed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.unit.cli.conftest import Command

ROOT = Path(__file__).parents[3]
ARN = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/prod/GET/pets"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": ARN}]}


def case(**changes: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "principal": "arn:aws:sts::111122223333:assumed-role/R/s",
        "action": "execute-api:Invoke",
    }
    request |= {"resource": ARN, "resourceAccount": "111122223333"}
    request["context"] = {}
    found: dict[str, Any] = {"policies": {"identity": ALLOW}, "request": request, "expected": "allowed"}
    found["request"] |= changes.pop("request", {})
    return found | changes


def write(*cases: Any, name: str = "cases.json") -> str:
    Path(name).write_text(json.dumps(list(cases)))
    return name


def test_every_documented_case_holds(command: Command) -> None:
    done = command("policy", "test", str(ROOT / "tests/data/iam_doc_cases.json"))
    assert (done.status, done.out, done.err) == (0, "176 passed, 0 failed\n", "")


@pytest.mark.parametrize(
    "given",
    [
        case(),
        case(policies={"identity": [ALLOW]}, note="ignored", tags=["x"]),
        case(policies={"identity": [], "session": []}, expected="implicitDeny"),
        case(policies={"identity": [ALLOW], "scp": [[ALLOW], []]}, expected="implicitDeny"),
        case(policies={"identity": [ALLOW], "scp": [ALLOW, [ALLOW]], "rcp": []}),
        case(policies={"identity": [ALLOW], "boundary": {"Statement": []}}, expected="implicitDeny"),
        case(request={"resourceAccount": None}),
        case(request={"context": {"aws:SecureTransport": True, "k": [1, 2]}}),
        case(policies={"identity": json.dumps(ALLOW)}),
    ],
)
def test_it_holds(command: Command, given: dict[str, Any]) -> None:
    assert command("policy", "test", write(given)).out == "1 passed, 0 failed\n"


@pytest.mark.parametrize(
    ("address", "path", "expected"),
    [
        ("10.1.2.3", "GET/pets", "allowed"),
        ("10.1.2.3", "GET/x", "implicitDeny"),
        ("192.0.2.1", "GET/x", "explicitDeny"),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_short_resources_are_those_of_the_api_that_is_asked_for(
    command: Command, address: str, path: str, expected: str, as_text: bool
) -> None:
    """As API Gateway saves them: a Deny of `execute-api:/*` must not be lost."""
    outside = {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    everyone = {"Principal": "*", "Action": "execute-api:Invoke"}
    document = {
        "Statement": [
            {**everyone, "Effect": "Allow", "Resource": ["execute-api:/prod/GET/pets"]},
            {**everyone, "Effect": "Deny", "Resource": "execute-api:/*", "Condition": outside},
        ]
    }
    given = case(
        policies={"identity": [], "resource": json.dumps(document) if as_text else document},
        request={"resource": ARN.replace("GET/pets", path), "context": {"aws:SourceIp": address}},
        expected=expected,
    )
    assert command("policy", "test", write(given)).out == "1 passed, 0 failed\n"


@pytest.mark.parametrize(("trusted", "expected"), [("alice", "allowed"), ("bob", "implicitDeny")])
@pytest.mark.parametrize("kind", ["trust", None])
def test_a_roles_resource_policy_is_its_trust_policy(
    command: Command, trusted: str, expected: str, kind: str | None
) -> None:
    """Whether the case says so or not: the identity policy alone does not take a role."""
    role = "arn:aws:iam::111122223333:role/R"
    take = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}]}
    principal = {"AWS": f"arn:aws:iam::111122223333:user/{trusted}"}
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]}
    given = case(
        policies={"identity": take, "resource": trust},
        request={"principal": "arn:aws:iam::111122223333:user/alice", "action": "sts:AssumeRole", "resource": role},
        expected=expected,
        kind=kind,
    )
    assert command("policy", "test", write(given)).out == "1 passed, 0 failed\n"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("text", "not an object"),
        (case(expected="maybe"), "`expected` is not one of"),
        (case(kind="dance"), "is no kind of case"),
        (case(policies=None), "no `policies`"),
        (case(request={"principal": None}), "no `principal`"),
        (case(request={"action": ""}), "no `action`"),
        (case(request={"context": []}), "`context` is not an object"),
        (case(request={"context": {"k": {}}}), "neither text"),
        (case(request={"multivalued": "k"}), "`multivalued` is not a list"),
        (case(policies={"identity": {"Statement": [{"Effect": "Perhaps"}]}}), "Effect is neither Allow nor Deny"),
        (case(policies={"identity": 7}), "Syntax errors"),
        (case(policies={"identity": "missing.json"}), "`missing.json` cannot be read"),
    ],
)
def test_a_case_that_cannot_be_judged_has_failed(command: Command, given: Any, why: str) -> None:
    done = command("policy", "test", write(case(), given))
    assert done.status == 1
    assert "cannot be judged" in done.out
    assert why in done.out
    assert done.out.endswith("1 passed, 1 failed\n")


def test_a_document_with_a_member_twice_is_not_guessed_at(command: Command) -> None:
    twice = json.dumps([case()]).replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"')
    Path("cases.json").write_text(twice)
    done = command("policy", "test", "cases.json")
    assert "stands twice" in done.out
    assert done.status == 1


def test_a_failure_is_explained(command: Command) -> None:
    done = command("policy", "test", write(case(name="pets of others", request={"resource": ARN + "/x"})))
    assert done.status == 1
    assert "FAILED cases.json: pets of others\n  expected allowed, got implicitDeny" in done.out
    assert "does not apply: it is about other resources" in done.out
    assert "what would allow it:" in done.out


def test_policies_stand_in_files_beside_the_cases(command: Command) -> None:
    Path("folder").mkdir()
    Path("folder/allow.yaml").write_text(
        f"Version: 2012-10-17\nStatement:\n  Effect: Allow\n  Action: execute-api:Invoke\n  Resource: {ARN}\n"
    )
    named = case(policies={"identity": ["allow.yaml", {"file": "allow.yaml"}]})
    assert command("policy", "test", write(named, name="folder/cases.json")).out == "1 passed, 0 failed\n"


def test_yaml_cases_of_trust(command: Command) -> None:
    Path("cases.yaml").write_text(
        """
cases:
- name: guests of the pool
  kind: trust
  policies:
    resource:
      Version: 2012-10-17
      Statement:
      - Effect: Allow
        Principal: {Federated: cognito-identity.amazonaws.com}
        Action: sts:AssumeRoleWithWebIdentity
        Condition:
          ForAnyValue:StringLike: {"cognito-identity.amazonaws.com:amr": unauthenticated}
  request:
    principal: cognito-identity.amazonaws.com
    action: sts:AssumeRoleWithWebIdentity
    context: {"cognito-identity.amazonaws.com:amr": [unauthenticated]}
    multivalued: ["cognito-identity.amazonaws.com:amr"]
  expected: implicitDeny
"""
    )
    # A Cognito trust policy that names no pool lets nobody in.
    assert command("policy", "test", "cases.yaml").out == "1 passed, 0 failed\n"


@pytest.mark.parametrize("text", ["{", '{"no": "cases"}', "7", ""])
def test_a_file_without_cases_has_failed_and_the_others_are_judged(command: Command, text: str) -> None:
    Path("bad.json").write_text(text)
    done = command("policy", "test", "bad.json", write(case()))
    assert done.status == 1
    assert done.out.endswith("1 passed, 1 failed\n")


def test_results_as_json_and_junit(command: Command) -> None:
    file = write(case(name="a\u0001b"), case(name="c", expected="explicitDeny"), case(kind="x"))
    done = command("policy", "test", file, "--json", "--junit", "out.xml")
    told = json.loads(done.out)
    assert (told["passed"], told["failed"], done.status) == (1, 2, 1)
    assert told["cases"][1]["explanation"]["outcome"] == "allowed"
    suite = ElementTree.parse("out.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert [child.tag for each in suite for child in each] == ["failure", "error"]


def test_a_case_cannot_name_what_never_ends(command: Command) -> None:
    """A device, itself or behind a link that a repository may hold."""
    Path("endless.json").symlink_to("/dev/zero")
    for name in ("/dev/zero", "endless.json"):
        done = command("policy", "test", write(case(policies={"identity": name})))
        assert done.status == 1
        assert "16,777,216 bytes" in done.out
