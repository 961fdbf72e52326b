"""The `gatepass` command: finds the command that was typed, and says what went wrong.

The result of a command goes to stdout; everything else goes to stderr as `gatepass: error: …` and `gatepass: hint: …`.
Exit status: 0, 1 for a failure, 2 for wrong usage, 130 when interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import NamedTuple

import click

from gatepass import __version__
from gatepass.cli.groups import Group, UnknownCommand
from gatepass.cli.saying import say
from gatepass.errors import GatepassError


class Place(NamedTuple):
    """Where a command is, and its first line of help: `gatepass --help` imports none of them."""

    module: str
    attribute: str
    summary: str


COMMANDS = {
    "serve": Place("gatepass.cli.serve", "serve", "Run the gate and the broker in front of an app."),
    "store": Place("gatepass.cli.store", "store", "Upgrade a store on PostgreSQL; forget a secret that was lost."),
    "env": Place("gatepass.cli.env", "env", "Print the export lines that point AWS tools at the running gate."),
    "call": Place("gatepass.cli.call", "call", "Call an IAM-protected URL with credentials from an identity pool."),
    "credentials": Place("gatepass.cli.credentials", "credentials", "Print credentials from an identity pool."),
    "token": Place("gatepass.cli.token", "token", "Print a login token, to try out what users who log in can do."),
    "pool": Place("gatepass.cli.pool", "pool", "Make, list, show, prune and delete identity pools, here or on AWS."),
    "role": Place("gatepass.cli.role", "role", "List and show roles, and say what they may call."),
    "policy": Place("gatepass.cli.policy", "policy", "Try, check, write, test and compare IAM policies."),
    "explain": Place("gatepass.cli.explain", "explain", "Show why the running gate allowed or refused a request."),
}

# What `gatepass[server]` adds to `gatepass[cli]`, by the name it is imported under.
SERVER_PACKAGES = frozenset(
    (
        *("alembic", "cryptography", "httptools", "httpx", "jwt", "msgspec"),
        *("prometheus_client", "sqlalchemy", "uvloop", "yaml"),
    )
)


class Commands(Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command = getattr(import_module(place.module), place.attribute)
        assert isinstance(command, click.Command)  # noqa: S101  (our own table is wrong otherwise)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: gatepass serve examples/hello-world",
    no_args_is_help=False,
)
@click.version_option(__version__, "--version", prog_name="gatepass", message="%(prog)s %(version)s")
def gatepass() -> None:
    """Call, run, test, explain and lock down IAM-protected APIs with short-lived credentials."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line; what it gives is the exit status."""
    try:
        status = gatepass.main(args=list(arguments), prog_name="gatepass", standalone_mode=False)
    except click.UsageError as error:
        complain(_usage_message(error), _usage_hint(error))
        return 2
    except click.ClickException as error:
        complain(_sentence(error.format_message()))
        return 1
    except GatepassError as error:
        complain(str(error), error.hint)
        return 1
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in SERVER_PACKAGES:
            raise
        complain(f"this command needs `{package}`", "pip install 'gatepass[server]'")
        return 1
    except (click.Abort, KeyboardInterrupt):
        return 130
    return status if isinstance(status, int) else 0


def complain(message: str, hint: str = "") -> None:
    """Say on stderr what went wrong and what to try next."""
    say(f"gatepass: error: {message}", err=True)
    if hint:
        advise(hint)


def advise(hint: str) -> None:
    """Say on stderr what to try next."""
    say(f"gatepass: hint: {hint}", err=True)


def _usage_message(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"there is no option `{error.option_name}`"
    if isinstance(error, click.MissingParameter) and isinstance(error.param, click.Argument):
        name = error.param.human_readable_name.replace("'", "")
        return f"missing argument `{name}`"
    return _sentence(error.format_message())


def _usage_hint(error: click.UsageError) -> str:
    """Did you mean …, else where the help is."""
    meant: Sequence[str] = ()
    if isinstance(error, UnknownCommand):
        meant = error.meant
    elif isinstance(error, click.NoSuchOption) and error.ctx is not None:
        known = [name for option in error.ctx.command.get_params(error.ctx) for name in option.opts]
        meant = get_close_matches(error.option_name, [name for name in known if name.startswith("-")])
    if meant:
        return "did you mean " + " or ".join(f"`{name}`" for name in meant) + "?"
    path = error.ctx.command_path if error.ctx is not None else "gatepass"
    return f"see `{path} --help`"


def _sentence(text: str) -> str:
    """Click's sentence as ours: lower case, without a final period."""
    text = " ".join(text.split()).removesuffix(".").replace("'", "`").replace("integer range", "integer")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
