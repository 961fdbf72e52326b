"""The reference is what the code says of itself: current, and complete by a count of our own."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.oracles.cognito_calls import ANSWERED, PROVOKED

from gatepass import errors
from gatepass.cli.main import COMMANDS, gatepass
from gatepass.cognito.operations import OPERATIONS as COGNITO
from gatepass.iam.operations import OPERATIONS as IAM
from gatepass.operation import Operation
from gatepass.sts.operations import OPERATIONS as STS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(gatepass, info_name="gatepass")
    for name in COMMANDS:
        command = gatepass.get_command(context, name)
        assert command is not None
        yield name, command


def error_classes(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for child in root.__subclasses__():
        yield from error_classes(child)


def test_the_pages_are_current() -> None:
    """`make docs` would change nothing."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "docs.py"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_and_option_is_documented() -> None:
    """By its name, and with a help text."""
    page = (REFERENCE / "commands.md").read_text()
    for name, command in commands():
        assert f"## {name}\n" in page
        section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert parameter.help, f"{name} {parameter.opts[0]} has no help"
                assert all(option in section for option in parameter.opts), f"{name} {parameter.opts[0]}"


def test_every_command_shows_an_example() -> None:
    """Its help has one that can be typed."""
    for name, command in commands():
        text = f"{command.help}{command.epilog}"
        assert f"gatepass {name}" in text, f"`gatepass {name} --help` shows no example"


@pytest.mark.parametrize("operation", [*COGNITO, *STS, *IAM], ids=lambda operation: str(operation.name))
def test_every_operation_is_documented(operation: Operation) -> None:
    """With the errors it may answer."""
    page = (REFERENCE / "operations.md").read_text()
    assert f"### {operation.name}\n" in page
    section = page.partition(f"### {operation.name}\n")[2].partition("\n### ")[0]
    for error in operation.fails:
        assert error.__name__ in section


def test_every_test_of_an_operation_is_listed() -> None:
    """Those over HTTP, and none that is not there."""
    page = (REFERENCE / "tested-operations.md").read_text()
    tests = [f"test_an_operation_answers[{name}]" for name in ANSWERED]
    tests += [f"test_a_declared_error_is_answered[{name}-{failure.__name__}]" for name, failure in PROVOKED]
    assert sorted(re.findall(r"`(test_\w+\[.*?\])`", page)) == sorted(tests)


def test_every_environment_variable_is_documented() -> None:
    """Each name that stands in the code as a string or as a keyword."""
    page = (REFERENCE / "settings.md").read_text()
    ours = re.compile(r"(AWS_[A-Z0-9_]+|GATEPASS_[A-Z_]+|NO_COLOR|IDENTITY_POOL_ID|API_URL)")
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.value if isinstance(node, ast.Constant) else getattr(node, "arg", None)
            if isinstance(name, str) and ours.fullmatch(name):
                found.add(name)
    assert len(found) > 10
    assert sorted(name for name in found - {"AWS_IAM"} if f"`{name}`" not in page) == []


def test_every_file_of_the_data_folder_is_documented(tmp_path: Path) -> None:
    """A gate is started, and what it made is in the table."""
    page = (REFERENCE / "settings.md").read_text()
    command = [sys.executable, "-m", "gatepass", "serve", "--port", "0", "--data", str(tmp_path / "data"), "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("{")
        made = [path.name for path in (tmp_path / "data").iterdir()]
        process.terminate()
    assert {"keys.json", "administrator.json", "serve.json"} <= set(made)
    assert [name for name in made if f"`{re.sub('-(wal|shm)$', '', name)}`" not in page] == []


def test_every_error_is_documented() -> None:
    """Also those that are only ever caught."""
    page = (REFERENCE / "errors.md").read_text()
    ours = [each for each in error_classes(errors.GatepassError) if each.__module__ == "gatepass.errors"]
    assert [each.__name__ for each in ours if f"### {each.__name__}\n" not in page] == []


def test_every_decision_record_has_the_four_parts() -> None:
    """Context, decision, alternatives, consequences; one page; and a number of its own."""
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert len({path.name[:4] for path in records}) == len(records)
    for path in records:
        text = path.read_text()
        assert text.startswith(f"# {path.name[:4]}: "), path.name
        for part in ("Context", "Decision", "Alternatives", "Consequences"):
            assert f"\n## {part}\n" in text, f"{path.name} has no {part}"
        assert len(text.splitlines()) <= 80, path.name


def test_every_change_is_a_sentence_for_users() -> None:
    """Named `NUMBER.topic.kind.md`."""
    kinds = {"added", "changed", "deprecated", "removed", "fixed", "security"}
    for path in (ROOT / "changes").glob("*.md"):
        if path.name == "README.md":
            continue
        number, _topic, kind, _ = path.name.split(".")
        assert number.isdecimal(), path.name
        assert kind in kinds, path.name
        assert path.read_text().rstrip().endswith("."), path.name
