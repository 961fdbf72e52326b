"""Lines for people to read: what others chose is in them, and stays one line that moves nothing on the screen.

A pool's name may hold a line end, a path whatever bytes a caller sent, and a terminal obeys control characters. What
cannot be seen is printed as its escape. `--json` is for programs, and escapes it as JSON does.
"""

from __future__ import annotations

import json

import click


def say(line: str, *, err: bool = False) -> None:
    """Print one line."""
    click.echo(visible(line), err=err)


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tell(text: str) -> None:
    """Progress and notes, for a person: stdout is for the result."""
    say(f"gatepass: {text}", err=True)


def visible(text: str) -> str:
    """The text with what cannot be seen (control characters, line ends, marks of direction) as `\\x1b`, `\\u202e`."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def visible_json(text: str) -> str:
    """The same of JSON, in whose own escapes it stays JSON; its line ends are the indentation's."""
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)
