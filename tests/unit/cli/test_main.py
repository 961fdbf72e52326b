"""The command group: where errors go, what a mistyped word meant, and help that is complete."""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from gatepass import __version__
from gatepass.cli.main import COMMANDS, gatepass

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Command


def loaded(name: str) -> click.Command:
    found = gatepass.get_command(click.Context(gatepass), name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        ((), "missing command", "see `gatepass --help`"),
        (("cal",), "there is no command `cal`", "did you mean `call`?"),
        (("credential",), "there is no command `credential`", "did you mean `credentials`?"),
        (("nothing-like-it",), "there is no command `nothing-like-it`", "see `gatepass --help`"),
        (("--verison",), "there is no option `--verison`", "did you mean `--version`?"),
        (("call", "--pol", "x", "/"), "there is no option `--pol`", "did you mean `--pool`?"),
        (("call", "--zzz", "/"), "there is no option `--zzz`", "see `gatepass call --help`"),
        (("pool", "lst"), "there is no command `lst`", "did you mean `list`?"),
        (("policy", "nothing-like-it"), "there is no command `nothing-like-it`", "see `gatepass policy --help`"),
        (("role", "allow", "x"), "missing argument `VERB /path...`", "see `gatepass role allow --help`"),
        (("store", "forget"), "missing argument `keys|administrator`", "see `gatepass store forget --help`"),
        (
            ("serve", "--guests-ttl", "x"),
            "invalid value for `--guests-ttl`: `x` is not a valid integer",
            "see `gatepass serve --help`",
        ),
        (("call",), "missing argument `URL`", "see `gatepass call --help`"),
        (("call", "a", "b"), "got unexpected extra argument (b)", "see `gatepass call --help`"),
    ],
)
def test_wrong_usage(command: Command, arguments: tuple[str, ...], error: str, hint: str) -> None:
    """Status 2, and nothing on stdout."""
    assert command(*arguments) == (2, "", f"gatepass: error: {error}\ngatepass: hint: {hint}\n")


def test_version_and_help_go_to_stdout(command: Command) -> None:
    assert command("--version") == (0, f"gatepass {__version__}\n", "")
    done = command("--help")
    assert (done.status, done.err) == (0, "")
    assert all(name in done.out for name in COMMANDS)


def test_the_help_of_the_group_imports_no_command() -> None:
    """Nor what a server needs."""
    code = (
        "import sys; from gatepass.cli.main import run; run(['--help'])\n"
        "heavy = {'sqlalchemy', 'msgspec', 'rich', 'cryptography', 'gatepass.cli.call', 'gatepass.cli.serve'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_is_complete(name: str) -> None:
    """A sentence, what every option is, and one example that parses."""
    found = loaded(name)
    context = click.Context(found, info_name=name)
    assert found.help
    for parameter in found.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
    example = next(line for line in (found.epilog or "").splitlines() if "Example:" in line)
    words = shlex.split(example.partition("Example:")[2])
    if words[0] == "eval":
        words = shlex.split(words[1].removeprefix("$(").removesuffix(")"))
    assert words[:2] == ["gatepass", name]
    found.make_parser(context).parse_args(words[2:])


@pytest.mark.parametrize("package", ["httptools", "msgspec", "cryptography"])
def test_a_missing_server_package_is_named(package: str) -> None:
    """`pip install 'gatepass[cli]'` brings `serve` along, which needs more."""
    code = f"import sys; sys.modules[{package!r}] = None; from gatepass.cli.main import run; sys.exit(run(['serve']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"gatepass: error: this command needs `{package}`\ngatepass: hint: pip install 'gatepass[server]'\n"
    )


@pytest.mark.parametrize("name", ["call", "credentials", "explain", "env"])
def test_the_client_s_commands_need_click_only(name: str) -> None:
    """`pip install 'gatepass[cli]'` is enough; rich is imported for a terminal."""
    code = (
        "import sys; from gatepass.cli.main import run; run([sys.argv[1], '--help'])\n"
        "ours = {'gatepass', 'click', '__main__', '__mp_main__', 'sitecustomize'} | set(sys.stdlib_module_names)\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} - ours), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, timeout=60, check=True)
    assert [word for word in ast.literal_eval(done.stderr) if not word.startswith("_")] == []


def test_the_script_and_the_module_are_the_same() -> None:
    """`python -m gatepass`."""
    done = subprocess.run(
        [sys.executable, "-m", "gatepass", "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == f"gatepass {__version__}\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    """`gatepass … | head` ends quietly."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "gatepass", "--help"], stdout=out, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert "Traceback" not in done.stderr
