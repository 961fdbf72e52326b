"""What others chose is printed as one line of characters that can be seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from gatepass.advice.learned import KIND, VERSION
from gatepass.cli.main import complain
from gatepass.cli.saying import visible, visible_json
from gatepass.cli.serve import announce
from gatepass.operation import Deployment
from gatepass.server.serving import Ready
from gatepass.store import AccessKey

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Command

EVIL = "a\n  identity pool b\x1b[31m\u202e"
SEEN = "a\\n  identity pool b\\x1b[31m\\u202e"


@given(st.text())
def test_any_text_is_one_line_that_can_be_seen(text: str) -> None:
    assert visible(text).isprintable()


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S"))))
def test_what_can_be_seen_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@given(st.dictionaries(st.text(), st.text()))
def test_json_stays_json(value: dict[str, str]) -> None:
    text = visible_json(json.dumps(value, indent=2, ensure_ascii=False))
    assert json.loads(text) == value
    assert text.replace("\n", "").isprintable()


def test_the_banner(capsys: pytest.CaptureFixture[str]) -> None:
    """A pool's name may hold a line end."""
    pool = {"identity_pool_id": "us-east-1:0", "name": EVIL, "allow_unauthenticated": True}
    ready = Ready("http://x", Deployment("1", "r"), AccessKey("AKIA", "secret"), (), (pool,), Path("data"))
    announce(ready, None)
    assert f"  identity pool {SEEN}  us-east-1:0  (guests welcome)\n" in capsys.readouterr().out


def test_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    complain(f"there is no identity pool `{EVIL}`", EVIL)
    said = capsys.readouterr().err
    assert said == f"gatepass: error: there is no identity pool `{SEEN}`\ngatepass: hint: {SEEN}\n"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def test_pools(aws: None, command: Command) -> None:
    with mock_aws():
        made = boto3.client("cognito-identity").create_identity_pool(
            IdentityPoolName="a\n b", AllowUnauthenticatedIdentities=True
        )["IdentityPoolId"]
        assert command("pool", "list").out == f"{made}  a\\n b\n"


def test_what_a_policy_was_made_from(command: Command) -> None:
    """A record of requests may come from elsewhere."""
    api = dict.fromkeys(("api_id", "name", "stage", "region", "account_id"), "x")
    asked = {"principal": "role-session", "role": EVIL, "method": "GET", "route": f"/{EVIL}", "allowed": 0, "denied": 1}
    record = {"kind": KIND, "version": VERSION, "api": api, "iam_routes": [f"GET /{EVIL}"], "requests": [asked]}
    Path("record.json").write_text(json.dumps(record))
    done = command("policy", "generate", "--from", "record.json")
    assert f"gatepass: made from 1 request of `{SEEN}`\n" in done.err
    assert f"gatepass: denied so far, and now allowed: GET /{SEEN}\n" in done.err
