"""`gatepass explain`: what the running gate decided about a request, and why."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from gatepass.cli.asking import data_option
from gatepass.cli.running import RunningGate, data_folder, running_gate
from gatepass.credentials.transport import send
from gatepass.errors import ConfigurationError, Unreachable
from gatepass.http import Request
from gatepass.signing import Scope, sign_request
from gatepass.sigv4 import EMPTY_PAYLOAD_HASH, Keys

_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_STAGES = ("route", "authenticate", "authorize", "integrate", "respond")
_TIMEOUT = 30.0

Json = Mapping[str, Any]
Lines = Iterator[tuple[int, str, str]]


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
            click.echo("  " * depth + (f"{name}: {value}" if name and value else name or value))


def ask(gate: RunningGate, request_id: str) -> Json:
    """The decision, from the gate's own path, signed by its administrator.

    Raises: ConfigurationError, if the gate does not know it or does not let us ask.
    """
    path = f"/_gatepass/decisions/{request_id}".encode()
    host = (b"host", urlsplit(gate.endpoint).netloc.encode())
    scope = Scope(gate.region, "execute-api")
    keys = Keys(*gate.administrator())
    signed = sign_request("GET", path, b"", [host], EMPTY_PAYLOAD_HASH, keys=keys, scope=scope, now=time.time())
    try:
        answer = send(gate.endpoint, Request("GET", path, headers=[host, *signed.headers]), timeout=_TIMEOUT)
    except Unreachable as error:
        if not error.sent:
            error.hint = f"`{gate.folder}` says that a gate runs there as process {gate.process_id}; start it again"
        raise
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


def told(decision: Json) -> Lines:
    """The decision as lines: (depth, name, text)."""
    rest = dict(decision)
    outcome, stage = rest.pop("outcome", "?"), rest.pop("stage", "?")
    asked = f"{rest.pop('method', '?')} {rest.pop('path', '?')}"
    yield 0, "", f"{outcome}: {asked} → {rest.pop('status', '?')}"
    yield 1, "request", str(rest.pop("request_id", "?"))
    yield 1, "time", _iso(rest.pop("time", None))
    yield 1, "from", str(rest.pop("source_ip", None) or "an unknown address")
    rest.pop("entrance", None)
    yield 1, "stage", " → ".join(_reached(str(stage)))
    yield from _principal(rest.pop("principal", None))
    for name in ("action", "resource"):
        if value := rest.pop(name, None):
            yield 1, name, str(value)
    yield from _verdict(rest.pop("verdict", None))
    yield from _error(rest.pop("error", None))
    yield from _texts("why", rest.pop("detail", None))
    canonical, to_sign = rest.pop("canonical_request", None), rest.pop("string_to_sign", None)
    hint = rest.pop("hint", None)
    for name, value in rest.items():
        yield from _whatever(1, name.replace("_", " "), value)
    for name, text in (("canonical request", canonical), ("string to sign", to_sign)):
        if text:
            yield 1, f"{name}, as computed here", ""
            yield from ((2, "", line or "(empty line)") for line in str(text).split("\n"))
    if hint:
        yield 1, "hint", str(hint)


def _reached(stage: str) -> list[str]:
    """The stages up to the last one reached."""
    return list(_STAGES[: _STAGES.index(stage) + 1]) if stage in _STAGES else [stage]


def _principal(principal: Json | None) -> Lines:
    if not principal:
        yield 1, "principal", "nobody: no signature has proven one"
        return
    yield 1, "principal", str(principal.get("arn"))
    for name, value in principal.items():
        if name != "arn":
            yield from _whatever(2, name.replace("_", " "), value)


def _verdict(verdict: Json | None) -> Lines:
    """Which policy decided; an implicit deny is that none allows."""
    if not verdict:
        return
    outcome = {"allowed": "allowed", "explicitDeny": "explicit deny", "implicitDeny": "implicit deny"}.get(
        str(verdict.get("outcome")), str(verdict.get("outcome"))
    )
    kind = str(verdict.get("policy_type") or "")
    if not verdict.get("policy"):
        yield 1, "verdict", f"{outcome}: no {kind} policy allows it" if kind else outcome
        return
    yield 1, "verdict", outcome
    yield 2, f"{kind} policy".strip(), str(verdict["policy"])
    yield from _whatever(2, "arn", verdict.get("policy_arn"))
    if verdict.get("statement") is not None:
        sid = f" (Sid `{verdict['sid']}`)" if verdict.get("sid") else ""
        yield 2, "statement", f"number {int(verdict['statement']) + 1}{sid}"


def _error(error: Json | None) -> Lines:
    """What the caller was told; of a mismatch the first sentence, the rest follows below."""
    if error:
        yield 1, "answered", f"{error.get('code')}: {str(error.get('message')).partition(chr(10))[0]}"


def _texts(name: str, text: Any) -> Lines:
    if text:
        first, *others = str(text).split("; ")
        yield 1, name, first
        yield from ((2, "", other) for other in others)


def _whatever(depth: int, name: str, value: Any) -> Lines:
    """Anything a later gate may tell beside."""
    if value is None or value == [] or value == {}:
        return
    if isinstance(value, dict):
        yield depth, name, ""
        for inner, part in value.items():
            yield from _whatever(depth + 1, str(inner).replace("_", " "), part)
    elif isinstance(value, list):
        if all(isinstance(part, str) for part in value):
            yield depth, name, ", ".join(value)
            return
        yield depth, name, ""
        for number, part in enumerate(value, 1):
            yield from _whatever(depth + 1, str(number), part)
    else:
        yield depth, name, str(value)


def _iso(seconds: Any) -> str:
    if not isinstance(seconds, int | float):
        return "?"
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def draw(decision: Json) -> None:
    """The same lines as a tree, in colour."""
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    colour = {"allowed": "green", "refused": "red", "failed": "yellow"}.get(str(decision.get("outcome")), "default")
    lines = list(told(decision))
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
