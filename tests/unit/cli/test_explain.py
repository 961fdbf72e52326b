"""`gatepass explain`: the decision as a tree a person reads, or as JSON; colour only on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gatepass import errors
from gatepass.cli.decision import told
from gatepass.policy import Caller, Policies, PolicyType, Query, Source, compile_policy, explain, load

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Command, Gate

REQUEST_ID = "0b5f2a04-6f0e-4f43-9a0e-0d3c5a1f7e21"

TREE = """\
refused: GET /api/notes/tuesday → 403
  request: 0b5f2a04-6f0e-4f43-9a0e-0d3c5a1f7e21
  time: 2026-01-01T00:00:00.250Z
  from: 127.0.0.1
  stage: route → authenticate → authorize
  principal: arn:aws:sts::123456789012:assumed-role/guests/CognitoIdentityCredentials
    kind: role-session
    account: 123456789012
    access key id: ASIAGUEST
    role: guests
    identity pool id: eu-central-1:11111111-2222-3333-4444-555555555555
    amr: unauthenticated
  action: execute-api:Invoke
  resource: arn:aws:execute-api:eu-central-1:123456789012:abc/api/GET/notes/tuesday
  verdict: explicit deny
    identity-based policy: inline policy `allow` of role `guests`
    statement: number 2 (Sid `NotTuesdays`)
  answered: AccessDeniedException: User: … is not authorized
  why: one thing
    and another
"""


@pytest.mark.parametrize("arguments", [(), ("--last",), (REQUEST_ID,)])
def test_the_tree(gate: Gate, command: Command, arguments: tuple[str, ...]) -> None:
    assert command("explain", *arguments) == (0, TREE, "")


def test_json_is_what_the_gate_said(gate: Gate, command: Command) -> None:
    done = command("explain", "--json", REQUEST_ID)
    assert json.loads(done.out) == gate.decisions["last"]


def lines(**decision: Any) -> list[str]:
    return [f"{name}: {value}" if name and value else name or value for _, name, value in told(decision)]


def test_nobody_was_proven() -> None:
    assert "principal: nobody: no signature has proven one" in lines(stage="route")


def test_an_implicit_deny_names_the_kind_of_policy_that_does_not_allow() -> None:
    verdict = {"outcome": "implicitDeny", "policy_type": "session", "policy": None}
    assert "verdict: implicit deny: no session policy allows it" in lines(verdict=verdict)


def test_the_policies_that_were_asked_and_what_would_allow_it() -> None:
    """What `gatepass.policy.explain` gives, as it gives it."""
    statement = {"Sid": "Other", "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:x"}
    document = load(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    caller = Caller.from_arn("arn:aws:iam::123456789012:user/u")
    asked = Query("execute-api:Invoke", "arn:aws:execute-api:r:123456789012:a/api/GET/", caller)
    policies = Policies(identity=(compile_policy(document, Source(PolicyType.IDENTITY, "inline policy `allow`")),))
    shown = lines(explanation=explain(policies, asked).to_json())
    start = shown.index("policies")
    assert shown[start : start + 3] == [
        "policies",
        f"inline policy `allow` ({PolicyType.IDENTITY.value}) is silent",
        "Allow, number 1 (Sid `Other`): does not apply: it is about other resources",
    ]
    assert shown[start + 3] == "what would allow it"
    assert "arn:aws:execute-api:r:123456789012:a/api/GET/" in shown[start + 4]


def test_a_hint_that_leads_here_is_not_shown() -> None:
    assert "hint: sign again" in lines(hint="sign again")
    assert not any("hint" in line for line in lines(hint="see `gatepass explain`"))
    two = "the role must trust this pool; `gatepass explain` names what failed"
    assert lines(hint=two)[-1] == "hint: the role must trust this pool"


def test_explain_does_not_send_to_explain(gate: Gate, command: Command) -> None:
    """Of any error of ours that does elsewhere."""
    found = [error.hint for error in vars(errors).values() if isinstance(error, type) and hasattr(error, "hint")]
    leading = [hint for hint in found if "`gatepass explain`" in hint]
    assert len(leading) >= 3
    for hint in leading:
        gate.decisions["last"] = {**gate.decisions["last"], "hint": hint}
        done = command("explain")
        assert done.status == 0
        assert "gatepass explain" not in done.out


def test_what_a_caller_chose_moves_nothing_on_the_screen(gate: Gate, command: Command) -> None:
    """Each line is one line, whatever path, principal or detail holds."""
    evil = "\x1b[2J\r\nallowed: GET /\u202e\x9b"
    gate.decisions["last"] = {**gate.decisions["last"], "path": f"/{evil}", "detail": evil, "mine": {evil: [evil]}}
    done = command("explain")
    assert all(character.isprintable() or character == "\n" for character in done.out)
    assert "\\x1b[2J\\r\\nallowed: GET /\\u202e\\x9b" in done.out
    assert "\nallowed" not in done.out


def test_a_mismatch_shows_the_canonical_request() -> None:
    shown = lines(canonical_request="GET\n/api/\n\nhost:x", string_to_sign="AWS4-HMAC-SHA256\nabc")
    assert shown[-8:] == [
        "canonical request, as computed here",
        "GET",
        "/api/",
        "(empty line)",
        "host:x",
        "string to sign, as computed here",
        "AWS4-HMAC-SHA256",
        "abc",
    ]


def test_what_a_later_gate_tells_beside_is_shown_too() -> None:
    shown = lines(considered=[{"policy": "p", "statements": [{"sid": "S", "why": "another resource"}]}], empty=None)
    assert shown[-7:] == ["considered", "1", "policy: p", "statements", "1", "sid: S", "why: another resource"]
    assert not any("empty" in line for line in shown)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("unknown",), 1, "does not remember a request `unknown`"),
        (("../../etc",), 2, "is no request id"),
        ((REQUEST_ID, "--last"), 2, "exclude each other"),
    ],
)
def test_what_is_wrong(gate: Gate, command: Command, arguments: tuple[str, ...], status: int, message: str) -> None:
    done = command("explain", *arguments)
    assert (done.status, done.out) == (status, "")
    assert message in done.err
    assert "gatepass: hint: " in done.err


def test_nothing_decided_yet(gate: Gate, command: Command) -> None:
    gate.decisions.clear()
    assert "has decided nothing yet" in command("explain").err


def test_no_gate(gate: Gate, command: Command) -> None:
    gate.describe(endpoint="http://127.0.0.1:9", pid=4711)
    done = command("explain")
    assert done.status == 1
    assert "as process 4711; start it again" in done.err
    (gate.folder / "serve.json").unlink()
    assert "no gate is running on `.gatepass`" in command("explain").err


def test_keys_that_are_not_the_gates(gate: Gate, command: Command) -> None:
    gate.write("administrator.json", {"access_key_id": "AKIDPEER", "secret_access_key": "wrong"})
    done = command("explain")
    assert done.status == 1
    assert "refused to tell" in done.err


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_on_a_terminal(gate: Gate, variables: dict[str, str], coloured: bool) -> None:
    """A tree in colour, unless the terminal or its user does not want any."""
    reading, writing = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment = {**inherited, "TERM": "xterm-256color", "COLUMNS": "60", **variables}
    subprocess.run(
        [sys.executable, "-m", "gatepass", "explain"], stdout=writing, env=environment, check=True, timeout=60
    )
    os.close(writing)
    shown = b""
    try:
        while block := os.read(reading, 65536):
            shown += block
    except OSError:  # the terminal's way of saying that nobody writes any more
        os.close(reading)
    text = shown.decode()
    assert ("\x1b[" in text) is coloured
    assert "NotTuesdays" in text
    assert "arn:aws:execute-api:eu-central-1:123456789012:abc/api/GET/notes/tuesday" in text
