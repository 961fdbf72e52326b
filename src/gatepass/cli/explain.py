"""`gatepass explain`: what the running gate decided about a request, and why."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from gatepass.cli.asking import data_option
from gatepass.cli.decision import told
from gatepass.cli.running import RunningGate, answering, data_folder, running_gate
from gatepass.cli.saying import say, visible
from gatepass.credentials.transport import send
from gatepass.errors import ConfigurationError
from gatepass.http import Request
from gatepass.signing import Scope, sign_request
from gatepass.sigv4 import EMPTY_PAYLOAD_HASH, Keys

_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_TIMEOUT = 30.0

Json = Mapping[str, Any]


@click.command(epilog="Example: gatepass explain --last")
@click.argument("request_id", required=False, metavar="[REQUEST_ID]")
@click.option("--last", is_flag=True, help="The latest decision; so does leaving REQUEST_ID out.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as one JSON object.")
@data_option
def explain(request_id: str | None, last: bool, as_json: bool, data: Path | None) -> None:
    """Show what the running gate decided about a request: how far it came, who sent it, and what decided.

    REQUEST_ID is what the answer carries as x-amzn-RequestId. The gate remembers its latest decisions, and tells them
    to its administrator only, whose keys are in the data folder.
    """
    if last and request_id is not None:
        raise click.UsageError("REQUEST_ID and --last exclude each other")
    if request_id is not None and not _REQUEST_ID.fullmatch(request_id):
        raise click.UsageError(f"`{request_id}` is no request id")
    decision = ask(running_gate(data_folder(data)), request_id or "last")
    if as_json:
        click.echo(json.dumps(decision, indent=2))
    elif sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb":
        draw(decision)
    else:
        for depth, name, value in told(decision):
            say("  " * depth + (f"{name}: {value}" if name and value else name or value))


def ask(gate: RunningGate, request_id: str) -> Json:
    """The decision, from the gate's own path, signed by its administrator.

    Raises: ConfigurationError, if the gate does not know it or does not let us ask.
    """
    path = f"/_gatepass/decisions/{request_id}".encode()
    host = (b"host", urlsplit(gate.endpoint).netloc.encode())
    scope = Scope(gate.region, "execute-api")
    keys = Keys(*gate.administrator())
    signed = sign_request("GET", path, b"", [host], EMPTY_PAYLOAD_HASH, keys=keys, scope=scope, now=time.time())
    with answering(gate):
        answer = send(gate.endpoint, Request("GET", path, headers=[host, *signed.headers]), timeout=_TIMEOUT)
    if answer.status == 404:
        if request_id == "last":
            raise ConfigurationError("the gate has decided nothing yet", hint="call it, for example `gatepass call /`")
        raise ConfigurationError(
            f"the gate does not remember a request `{request_id}`",
            hint="it keeps the latest ones, since it started; the id is the x-amzn-RequestId of an answer",
        )
    if answer.status != 200:
        raise ConfigurationError(
            f"the gate at {gate.endpoint} refused to tell: {answer.body[:300].decode('utf-8', 'replace')}",
            hint=f"its keys must be those in `{gate.folder}`",
        )
    decision = json.loads(answer.body)
    if not isinstance(decision, dict):
        raise ConfigurationError(f"the gate at {gate.endpoint} did not answer with a decision")
    return decision


def draw(decision: Json) -> None:
    """The same lines as a tree, in colour."""
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    colour = {"allowed": "green", "refused": "red", "failed": "yellow"}.get(str(decision.get("outcome")), "default")
    lines = [(depth, visible(name), visible(value)) for depth, name, value in told(decision)]
    trees: list[Tree] = []
    for depth, name, value in lines:
        if depth == 0:
            trees = [Tree(Text(value, style=f"bold {colour}"))]
        else:
            label = Text.assemble((name, "bold"), "  " if name and value else "", value)
            trees = [*trees[:depth], trees[depth - 1].add(label)]
    # As wide as the longest line: a tree is cut off at the edge, and an ARN should be whole when it is copied.
    width = max(4 * depth + len(name) + len(value) + 8 for depth, name, value in lines)
    Console(width=width).print(trees[0])
