"""`gatepass policy simulate`: the verdict of policies in files about one request, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.conftest import Command

API = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/api"


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")


def policy(name: str, resource: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource, **more}
    Path(name).write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return name


def simulate(command: Command, *arguments: str) -> tuple[int, str, str]:
    return command("policy", "simulate", *arguments)


def test_a_route_is_allowed_or_not(command: Command) -> None:
    file = policy("allow.json", f"{API}/GET/pets/*")
    allowed = simulate(command, "--identity", file, "--resource", "get /pets/1", "--api", "a1b2c3/api")
    assert allowed[0] == 0
    assert f"execute-api:Invoke on {API}/GET/pets/1" in allowed[1]
    assert "verdict: allowed by statement number 1 of `allow.json`" in allowed[1]
    denied = simulate(command, "--identity", file, "--resource", f"{API}/POST/pets/1")
    assert denied[0] == 1
    assert "verdict: implicit deny" in denied[1]
    assert "what would allow it:" in denied[1]


def test_every_type_takes_part(command: Command) -> None:
    all_, some = policy("all.json", "*"), policy("some.json", f"{API}/GET/")
    other = f"{API}/GET/other"
    for option, kind in (("--boundary", "boundary"), ("--session", "session")):
        status, out, _ = simulate(command, "--identity", all_, option, some, "--resource", other)
        assert status == 1
        assert f"no {kind} policy allows it" in out
    named = policy("api.json", f"{API}/GET/", Principal={"AWS": "arn:aws:iam::123456789012:user/alice"})
    asked = ("--resource-policy", named, "--resource", f"{API}/GET/", "--principal")
    assert simulate(command, *asked, "arn:aws:iam::123456789012:user/alice")[0] == 0
    assert simulate(command, *asked, "arn:aws:iam::123456789012:user/bob")[0] == 1


def test_conditions_are_asked_with_the_context(command: Command) -> None:
    amr = {"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}}
    file = policy("guests.json", "*", Condition=amr | {"Bool": {"aws:SecureTransport": "true"}})
    asked = ("--identity", file, "--resource", f"{API}/GET/", "--json")
    context = ("--context", "cognito-identity.amazonaws.com:amr=authenticated", "--context", "aws:securetransport=true")
    assert json.loads(simulate(command, *asked, *context)[1])["outcome"] == "allowed"
    status, out, _ = simulate(command, *asked)
    assert (status, json.loads(out)["outcome"]) == (1, "implicitDeny")


def test_several_requests_are_told_together(command: Command) -> None:
    """One that is denied decides the exit status."""
    file = policy("allow.json", f"{API}/GET/pets/*")
    asked = ("--identity", file, "--resource", f"{API}/GET/pets/1", "--resource", f"{API}/GET/cats")
    status, out, _ = simulate(command, *asked)
    rows = [line.split()[0] for line in out.splitlines()]
    assert (status, rows) == (1, ["VERDICT", "allowed", "implicitDeny"])
    assert [each["outcome"] for each in json.loads(simulate(command, *asked, "--json")[1])] == [
        "allowed",
        "implicitDeny",
    ]
    assert simulate(command, *asked, "--format", "tree")[1].count("verdict: ") == 2


def test_one_request_as_a_table_of_statements(command: Command) -> None:
    file = policy("allow.json", f"{API}/GET/pets/*", Sid="Pets", Condition={"Null": {"aws:username": "false"}})
    out = simulate(command, "--identity", file, "--resource", f"{API}/GET/pets/1", "--format", "table")[1]
    head, row = out.splitlines()[-2:]
    assert row[head.index("SID") :].split()[:7] == ["Pets", "Allow", "yes", "yes", "-", "0/1", "no"]
    assert row[head.index("WHY") :] == "`Null` on `aws:username`: the key is not in the request"


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        (("--resource", "*"), 2, "there is no policy"),
        (("--identity", "x.json", "--resource", "*"), 1, "`x.json` cannot be read"),
        (("--identity", "x.json", "--resource", "*", "--context", "k"), 2, "no condition key with a value"),
        (("--identity", "x.json", "--resource", "*", "--action", "Invoke"), 2, "is no action"),
        (("--identity", "x.json", "--resource", "GET /{id}", "--api", "a/b"), 1, "not one request"),
        (("--identity", "x.json", "--resource", "FETCH /"), 1, "no route"),
        (("--identity", "x.json", "--resource", "/"), 1, "an ARN, or a verb and a real path: 'GET /pets/1'"),
        (("--identity", "x.json", "--resource", "GET /"), 1, "which API is meant is not known"),
    ],
)
def test_what_cannot_be_simulated_is_said(command: Command, arguments: tuple[str, ...], status: int, why: str) -> None:
    done = command("policy", "simulate", *arguments)
    assert (done.status, done.out) == (status, "")
    assert why in done.err
