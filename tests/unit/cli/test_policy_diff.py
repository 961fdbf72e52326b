"""`gatepass policy diff`: the app's requests that another policy decides otherwise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

APP = """
from chalice import Chalice, IAMAuthorizer
app = Chalice(app_name="pets")

@app.route("/pets/{id}", methods=["GET", "PUT"], authorizer=IAMAuthorizer())
def pet(id): return {}

@app.route("/", authorizer=IAMAuthorizer())
def index(): return {}

@app.route("/open")
def open_(): return {}
"""


def diff(before: str, after: str, *options: str) -> tuple[int, str]:
    """In a process of its own: the app is imported."""
    Path("app.py").write_text(APP)
    for name, resource in (("a.json", before), ("b.json", after)):
        arn = f"arn:aws:execute-api:us-east-1:123456789012:a1b2/prod/{resource}"
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}
        Path(name).write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    command = [sys.executable, "-m", "gatepass", "policy", "diff", "a.json", "b.json", "--api", "a1b2/prod", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
    return done.returncode, done.stdout


def test_what_changes_is_told() -> None:
    status, out = diff("GET/*", "*/pets/*")
    assert (status, out) == (1, "newly allowed: PUT /pets/{id}\nnewly denied: GET /\n")


def test_nothing_changes() -> None:
    assert diff("GET/*", "GET*", "--json") == (0, '{\n  "newly_allowed": [],\n  "newly_denied": []\n}\n')
