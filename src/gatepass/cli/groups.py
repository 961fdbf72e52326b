"""Commands that have commands: a mistyped one is told what may have been meant."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import click


class UnknownCommand(click.UsageError):
    """Nothing of this name; knows what may have been meant."""

    def __init__(self, name: str, meant: Sequence[str], context: click.Context) -> None:
        super().__init__(f"there is no command `{name}`", context)
        self.meant = meant


class Group(click.Group):
    """A group that says of an unknown command what may have been meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            raise UnknownCommand(name, get_close_matches(name, known), ctx)
        return super().resolve_command(ctx, args)
