"""`gatepass policy generate`: the policy allows the app's IAM routes and no other, in each form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gatepass.advice.findings import findings_about
from gatepass.advice.found import policies_in
from gatepass.policy import parse

APP = """
from chalice import Chalice, IAMAuthorizer
app = Chalice(app_name="pets")
print("imported")

@app.route("/pets/{id}", methods=["GET", "PUT"], authorizer=IAMAuthorizer())
def pet(id): return {}

@app.route("/", authorizer=IAMAuthorizer())
def index(): return {}

@app.route("/open")
def open_(): return {}
"""
PREFIX = "arn:aws:execute-api:us-east-1:123456789012:a1b2/prod"


def generate(*arguments: str, app: str = APP) -> subprocess.CompletedProcess[str]:
    """In a process of its own: the app is imported, and the environment set for it."""
    Path("app.py").write_text(app)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    command = [sys.executable, "-m", "gatepass", "policy", "generate", ".", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)


def test_the_policy_names_the_iam_routes_only() -> None:
    done = generate("--api", "a1b2/prod")
    assert (done.returncode, done.stderr) == (0, "imported\n")
    document = parse(done.stdout, "managed")
    (statement,) = document.statements
    assert statement.actions == ("execute-api:Invoke",)
    assert statement.resources == (f"{PREFIX}/GET/", f"{PREFIX}/GET/pets/*", f"{PREFIX}/PUT/pets/*")


@pytest.mark.parametrize("form", ["json", "cloudformation", "terraform"])
@pytest.mark.parametrize("options", [(), ("--api", "a1b2/prod")])
def test_each_form_passes_the_check(form: str, options: tuple[str, ...]) -> None:
    done = generate("--format", form, *options)
    found = policies_in(done.stdout)
    assert len(found) == 1
    assert findings_about(found[0]) == []


def test_a_template_leaves_open_what_the_stack_knows() -> None:
    written: dict[str, Any] = json.loads(generate("--format", "cloudformation").stdout)
    assert written["Parameters"] == {"ApiId": {"Type": "String"}}
    statement = written["Resources"]["InvokeIamRoutes"]["Properties"]["PolicyDocument"]["Statement"][0]
    prefix = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ApiId}/api"
    assert statement["Resource"][0] == {"Fn::Sub": f"{prefix}/GET/"}


def test_an_app_without_iam_routes_has_no_policy() -> None:
    done = generate(app='from chalice import Chalice\napp = Chalice(app_name="x")\n')
    assert (done.returncode, done.stdout) == (1, "")
    assert "no IAM routes" in done.stderr
