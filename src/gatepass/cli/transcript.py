"""What went over the wire, for a person to read on stderr; session tokens are cut short."""

from __future__ import annotations

import re

import click

from gatepass.cli.caller import Exchanged
from gatepass.cli.main import advise, complain
from gatepass.cli.saying import visible
from gatepass.credentials.transport import Received
from gatepass.signing import differences, parse_mismatch

_TOKEN = re.compile(r"(?im)^((?:> |  )x-amz-security-token: ?)(\S{16})(\S+)")


def head_lines(received: Received) -> list[str]:
    """Status line and headers of an answer."""
    status = f"HTTP/1.1 {received.status} {received.reason}".rstrip()
    return [status, *(f"{name}: {value}" for name, value in received.headers)]


def show_exchange(done: Exchanged) -> None:
    """Request, what of it was signed, and the head of the answer."""
    request = done.request
    target = (request.path + (b"?" + request.query if request.query else b"")).decode("latin-1")
    lines = [f"{request.method} {target} HTTP/1.1"]
    lines += [f"{name.decode('latin-1')}: {value.decode('latin-1')}" for name, value in request.headers]
    _show("".join(f"> {line}\n" for line in lines))
    if request.body:
        _show(f"> ({len(request.body)} bytes of body)\n")
    if done.signed is None:
        _show("(not signed: another origin)\n")
    else:
        _show("\nThe canonical request:\n\n" + _indented(done.signed.canonical_request))
        _show("\nThe string to sign:\n\n" + _indented(done.signed.string_to_sign) + "\n")
    _show("".join(f"< {line}\n" for line in head_lines(done.received)))


def explain_mismatch(done: Exchanged, *, before: str = "") -> bool:
    """Where the server says what it signed, show what it sees otherwise than we do; false if it does not say."""
    if done.received.status != 403 or done.signed is None:
        return False
    computed = parse_mismatch(done.received.body)
    if computed is None:
        return False
    click.echo(before, nl=False, err=True)
    found = differences(done.signed.canonical_request, computed.canonical_request)
    if not found:
        complain("the server signed the same request and got another signature")
        advise("the secret access key is not the one that belongs to this access key id")
        return True
    complain("the server signed another request than the one that was sent")
    for difference in found:
        _show(f"  {difference.part}\n")
        secret = difference.part == "header x-amz-security-token"
        for side, value in (("signed", difference.signed), ("computed", difference.computed)):
            _show(f"    {side:<8}  {'(absent)' if value is None else _part(value, secret=secret)}\n")
    advise("something between here and there changed the request")
    return True


def _part(value: str, *, secret: bool) -> str:
    return f"{value[:16]}… ({len(value)} characters)" if secret else value or "(empty)"


def _indented(signed: bytes) -> str:
    return "".join(f"  {line}\n" for line in signed.decode("utf-8", "backslashreplace").split("\n"))


def _show(text: str) -> None:
    click.echo("\n".join(map(visible, without_token(text).split("\n"))), nl=False, err=True)


def without_token(text: str) -> str:
    """The text with session tokens cut short: what is shown on a screen is copied into bug reports."""
    return _TOKEN.sub(lambda match: f"{match[1]}{match[2]}… ({len(match[2] + match[3])} characters)", text)
