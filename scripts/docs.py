"""Writes docs/reference and the index of decisions from the code. Run by `make docs`; `--check` only compares.

The pages are what the code says of itself: click's commands, the tables of operations, `errors.py`, the first line of
each decision record.
"""

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Iterator
from inspect import cleandoc
from pathlib import Path

import click
from msgspec.structs import fields

from gatepass import errors
from gatepass.advice.findings import RULES
from gatepass.cli.main import COMMANDS, gatepass
from gatepass.cognito.operations import OPERATIONS as COGNITO
from gatepass.iam.operations import OPERATIONS as IAM
from gatepass.operation import Operation
from gatepass.sts.operations import OPERATIONS as STS
from gatepass.wire.constraints import Enum, Kind, Length, ListOf, MapOf, Member, Pattern, Range, Scalar, shape_of

DOCS = Path(__file__).resolve().parents[1] / "docs"
NOTE = "<!-- Written by `make docs` from the code; a test compares. Change the code, not this page. -->"


def table(*rows: tuple[str, ...]) -> str:
    """A Markdown table; the first row is its head."""
    head, *body = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


# --- commands


def commands() -> str:
    root = click.Context(gatepass, info_name="gatepass")
    parts = ["# Commands", NOTE, cleandoc(gatepass.help or "")]
    parts.append(table(("command", "does"), *((f"[`{name}`](#{name})", COMMANDS[name].summary) for name in COMMANDS)))
    parts.append("Every command and `gatepass` itself has `--help`. The result goes to stdout, all else to stderr.")
    parts.append("Exit status: 0, 1 for a failure, 2 for wrong usage, 130 when interrupted.")
    for name in COMMANDS:
        found = gatepass.get_command(root, name)
        if found is not None:
            parts.extend(command(found, click.Context(found, info_name=name, parent=root)))
    return "\n\n".join(parts)


def command(found: click.Command, context: click.Context, heading: str = "##") -> Iterator[str]:
    """A command, and those below it if it is a group."""
    yield f"{heading} {context.command_path.removeprefix('gatepass ')}"
    pieces = " ".join([context.command_path, *found.collect_usage_pieces(context)])
    yield f"```text\n{pieces}\n```"
    for paragraph in re.split(r"\n\n+", cleandoc(found.help or "")):
        yield f"```text\n{paragraph.removeprefix(chr(8)).strip(chr(10))}\n```" if "\b" in paragraph else paragraph
    rows = [row for row in map(option(context), found.get_params(context)) if row]
    if rows:
        yield table(("option", "is"), *rows)
    if found.epilog:
        yield cleandoc(found.epilog).replace("\b\n", "")
    if isinstance(found, click.Group):
        for name in found.list_commands(context):
            below = found.get_command(context, name)
            if below is not None:
                yield from command(below, click.Context(below, info_name=name, parent=context), heading + "#")


def option(context: click.Context) -> Callable[[click.Parameter], tuple[str, str] | None]:
    def row(parameter: click.Parameter) -> tuple[str, str] | None:
        record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
        if record is None or "--help" in parameter.opts:
            return None
        return f"`{record[0]}`", record[1].replace("  [", " [")

    return row


# --- operations

OPERATIONS_INTRODUCTION = """\
The AWS operations that are served, wire-compatible: boto3, the aws command and every other SDK reach them with
`AWS_ENDPOINT_URL`. An operation that is not here answers AWS's unknown-operation error.

*Signed* operations need a signature, and the IAM permission named; the others need none, as on AWS. A member with `?`
may be left out. Every operation may also answer the errors of authentication and validation."""

SERVICES = (
    ("Cognito Identity", "AWS JSON 1.1: `POST /` with `X-Amz-Target: AWSCognitoIdentityService.OPERATION`", COGNITO),
    ("STS", "AWS query: `POST /` with the form members `Action` and `Version=2011-06-15`", STS),
    ("IAM", "AWS query: `POST /` with the form members `Action` and `Version=2010-05-08`", IAM),
)


def operations() -> str:
    parts = [
        "# Operations",
        NOTE,
        OPERATIONS_INTRODUCTION,
    ]
    for title, how, rows in SERVICES:
        parts += [f"## {title}", f"{how}."]
        for operation in rows:
            parts.extend(described(operation))
    return "\n\n".join(parts)


def described(operation: Operation) -> Iterator[str]:
    yield f"### {operation.name}"
    is_asked = operation.needs_permission or operation.asks_itself
    permission = f", `{operation.service}:{operation.name}`" if is_asked else ", no permission needed"
    lines = [f"- {'signed' + permission if operation.signed else 'unsigned'}"]
    fails = ", ".join(f"[{error.__name__}](errors.md#{error.__name__.lower()})" for error in operation.fails)
    lines.append(f"- fails: {fails or 'only as every operation may'}")
    yield "\n".join(lines)
    members = shape_of(operation.takes).members
    if members:
        rows = [(f"`{member.name}`{'' if member.required else '?'}", *kind_of(member)) for member in members]
        yield table(("takes", "type", "constraints"), *rows)
    given = ", ".join(f"`{each.encode_name}`" for each in fields(operation.gives)) if operation.gives else ""
    yield f"Gives: {given or 'nothing'}."


def kind_of(member: Member) -> tuple[str, str]:
    kind = member.kind
    return type_name(kind), "; ".join(filter(None, (constraint_text(each) for each in kind.constraints)))


def type_name(kind: Kind) -> str:
    if isinstance(kind, Scalar):
        return {"String": "string", "Integer": "whole number", "Boolean": "boolean"}.get(kind.type, kind.type)
    if isinstance(kind, ListOf):
        return f"list of {type_name(kind.element)}"
    if isinstance(kind, MapOf):
        return f"map of {type_name(kind.key)} to {type_name(kind.value)}"
    return "structure (" + ", ".join(f"`{each.name}`{'' if each.required else '?'}" for each in kind.members) + ")"


def constraint_text(constraint: object) -> str:
    if isinstance(constraint, Length | Range):
        what = "length " if isinstance(constraint, Length) else ""
        low = "" if constraint.minimum is None else str(constraint.minimum)
        high = "" if constraint.maximum is None else str(constraint.maximum)
        return f"{what}{low}…{high}"
    if isinstance(constraint, Pattern):
        return f"`{constraint.text}`"
    if isinstance(constraint, Enum):
        return " or ".join(f"`{value}`" for value in constraint.values)
    return ""


# --- how Cognito Identity's operations are tested

TESTED_INTRODUCTION = """\
What each operation of Cognito Identity answers, every error it declares, and the tests that get each of them from a
gate, over HTTP with boto3. Every operation may also answer `InternalErrorException`, which nothing is known to provoke,
and the errors of authentication and validation.

The tests are in `tests/e2e/test_cognito_operations.py`, one a call: `pytest -k 'GetId-NotAuthorized'` runs the one that
gets `NotAuthorizedException` from `GetId`. One of them compares their calls with the operations, so that none is
missing."""


def tested() -> str:
    rows = []
    for operation in COGNITO:
        given = ", ".join(f"`{each.encode_name}`" for each in fields(operation.gives)) if operation.gives else "nothing"
        names = [error.__name__ for error in operation.fails]
        failures = ", ".join(
            f"[{error.code}Exception](errors.md#{error.__name__.lower()})" for error in operation.fails
        )
        ids = [f"test_an_operation_answers[{operation.name}]"]
        ids += [f"test_a_declared_error_is_answered[{operation.name}-{name}]" for name in names]
        tests = "<br>".join(f"`{each}`" for each in ids)
        rows.append(
            (f"[{operation.name}](operations.md#{operation.name.lower()})", given, failures or "none of its own", tests)
        )
    head = ("operation", "answers", "errors", "tests")
    calls = sum(1 + len(operation.fails) for operation in COGNITO)
    total = f"{len(COGNITO)} operations, {calls} tests."
    return "\n\n".join(["# Operations and their tests", NOTE, TESTED_INTRODUCTION, table(head, *rows), total])


# --- errors

ERRORS_INTRODUCTION = """\
One class a cause. The code here is ours; each protocol has its own for it: the same cause is
`InvalidSignatureException` from the gate and `SignatureDoesNotMatch` from STS."""


def error_classes(root: type[errors.GatepassError]) -> Iterator[type[errors.GatepassError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == "gatepass.errors":
            yield from error_classes(child)


def error_page() -> str:
    tree = cleandoc(errors.__doc__ or "").partition("\n\n")[2]
    parts = [
        "# Errors",
        NOTE,
        ERRORS_INTRODUCTION,
        f"```text\n{tree}\n```",
    ]
    for each in error_classes(errors.GatepassError):
        if not each.__name__.startswith("_"):
            parts.extend(described_error(each))
    return "\n\n".join(parts)


def described_error(each: type[errors.GatepassError]) -> Iterator[str]:
    yield f"### {each.__name__}"
    what = (each.__dict__.get("__doc__") or "").strip().partition("\n")[0]
    if what:
        yield what
    code, status = getattr(each, "code", None), getattr(each, "status", None)
    lines = [f"- code `{code}`, status {status}"] if code else []
    if each.hint:
        lines.append(f"- next step: {each.hint}")
    if lines:
        yield "\n".join(lines)


# --- findings

FINDINGS_INTRODUCTION = """\
What `gatepass policy check` finds in policies, by rule. An *error* does not do what it says, or lets in whom nobody
meant; a *warning* is probably not meant; a *note* changes nothing. A finding about guests may be graver than its rule.
`--ignore RULE` leaves out a rule whose findings are meant."""


def findings() -> str:
    rows = [(f'<a id="{name}"></a>`{name}`', rule.level, rule.what, markup(rule.fix)) for name, rule in RULES.items()]
    return "\n\n".join(
        ["# Findings", NOTE, FINDINGS_INTRODUCTION, table(("rule", "level", "what is wrong", "fix"), *rows)]
    )


def markup(text: str) -> str:
    """Stars and angle brackets as they are."""
    return text.replace("*", "\\*").replace("<", "&lt;")


# --- decisions

DECISIONS_INTRODUCTION = """\
One page a decision: context, decision, alternatives, consequences. A record is never edited, only superseded by a
later one."""


def decisions() -> str:
    rows = []
    for path in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        number, _, title = path.read_text().partition("\n")[0].removeprefix("# ").partition(": ")
        rows.append((f"[{number}]({path.name})", title))
    return "\n\n".join(
        [
            "# Decision records",
            NOTE,
            DECISIONS_INTRODUCTION,
            table(("record", "decision"), *rows),
        ]
    )


PAGES: dict[str, Callable[[], str]] = {
    "reference/commands.md": commands,
    "reference/operations.md": operations,
    "reference/tested-operations.md": tested,
    "reference/errors.md": error_page,
    "reference/findings.md": findings,
    "decisions/README.md": decisions,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with what is there; exit 1 if it differs")
    check = parser.parse_args().check
    stale = False
    for name, page in PAGES.items():
        path, text = DOCS / name, page().rstrip() + "\n"
        before = path.read_text() if path.exists() else ""
        if check and before != text:
            stale = True
            sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True), name, "now"))
        elif before != text:
            path.write_text(text)
    if stale:
        print("docs are stale: run `make docs`", file=sys.stderr)
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
