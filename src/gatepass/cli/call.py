"""`gatepass call`: an HTTP call, signed with credentials from an identity pool. Flags of curl's mean the same."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from gatepass import __version__
from gatepass.cli.asking import data_option, endpoint_option, identity_pool, pool_option
from gatepass.cli.caller import Caller, Exchanged, Wanted
from gatepass.cli.main import advise
from gatepass.cli.running import RunningGate, answering, find_gate
from gatepass.cli.transcript import explain_mismatch, head_lines, show_exchange
from gatepass.credentials import Provider, from_environment
from gatepass.errors import ConfigurationError, CredentialsError, SigningError
from gatepass.signing import Origin, Scope, signing_scope

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


Headers = list[tuple[bytes, bytes]]


def read_header(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> Headers:
    """`Name: value` of each -H."""
    headers = []
    for text in given:
        name, colon, value = text.partition(":")
        if not colon or not _TOKEN.fullmatch(name) or "\n" in value or "\r" in value or "\0" in value:
            raise click.BadParameter(f"`{text}` is not of the form `Name: value`", context, parameter)
        headers.append((name.lower().encode(), value.strip().encode("utf-8")))
    return headers


def read_data(context: click.Context, parameter: click.Parameter, given: str | None) -> bytes | None:
    """The body: the text itself, or what a file or stdin holds."""
    if given is None or not given.startswith("@"):
        return None if given is None else given.encode("utf-8", "surrogateescape")
    if given == "@-":
        return sys.stdin.buffer.read()
    try:
        return Path(given[1:]).read_bytes()
    except OSError as error:
        raise click.BadParameter(f"cannot read `{given[1:]}`: {error.strerror}", context, parameter) from None


@click.command(epilog='Example: gatepass call -i -d \'{"name": "milk"}\' /api/items')
@click.argument("url")
@click.option("-X", "--request", "method", metavar="METHOD", help="Default: GET, or POST where there is a body.")
@click.option(
    "-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", callback=read_header, help="Repeatable."
)
@click.option(
    "-d",
    "--body",
    "body",
    metavar="TEXT|@FILE",
    callback=read_data,
    help="Body: text, the bytes of a file, or @- for stdin. A JSON object or list is sent as application/json.",
)
@click.option("-i", "--include", is_flag=True, help="Print the status line and the headers of the answer, too.")
@click.option("-L", "--location", "follow", is_flag=True, help="Follow redirects; signed within the origin only.")
@click.option("-v", "--verbose", is_flag=True, help="Show on stderr what is sent, signed and received.")
@pool_option
@click.option("--env", "environment", is_flag=True, help="Sign with the keys in AWS_ACCESS_KEY_ID and so on.")
@click.option("--region", metavar="REGION", help="Default: the host name's, else the gate's, else AWS_REGION.")
@click.option("--service", metavar="SERVICE", help="Default: the host name's, else execute-api.")
@endpoint_option
@data_option
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0.001),
    default=60.0,
    show_default=True,
    help="To connect, and for each piece of the answer.",
)
def call(
    url: str,
    method: str | None,
    headers: Headers,
    body: bytes | None,
    include: bool,
    follow: bool,
    verbose: bool,
    pool: str | None,
    environment: bool,
    region: str | None,
    service: str | None,
    endpoint: str | None,
    data: Path | None,
    timeout: float,
) -> int:
    """Call URL, signed with short-lived credentials, and print the body of the answer.

    URL is http://… or https://…, or a path such as /api/ on the running gate. Calls to the running gate are signed as a
    guest of its identity pool; others with the keys in the environment, or with --pool. The exit status is 0 for an
    answer of 200 to 299.
    """
    if pool is not None and environment:
        raise click.UsageError("--pool and --env exclude each other")
    if method is not None and not _TOKEN.fullmatch(method):
        raise click.UsageError(f"`{method}` is no HTTP method")
    gate = find_gate(data)
    address = absolute(url, gate)
    ours = gate if gate is not None and is_at(gate, address) else None
    provider = signing_with(pool, environment=environment, endpoint=endpoint, gate=gate, ours=ours)
    default_region = ours.region if ours is not None else default_region_of(provider)

    def scope(host: str) -> Scope:
        return signing_scope(host, region=region, service=service, default_region=default_region)

    wanted = Wanted((method or ("GET" if body is None else "POST")).upper(), address, sent(headers, body), body or b"")
    caller = Caller(provider, scope, timeout, watch=show_exchange if verbose else lambda done: None)
    with answering(ours):
        done = caller.call(wanted, follow=follow)
    return answered(done, include=include, ours=ours)


def absolute(url: str, gate: RunningGate | None) -> str:
    """The URL; a path is on the running gate."""
    if url.startswith("/"):
        if gate is None:
            raise ConfigurationError(
                f"`{url}` is a path, and no gate is running here",
                hint="start one with `gatepass serve`, name its data folder with --data, or give the whole URL",
            )
        return gate.endpoint + url
    try:
        Origin.of(urlsplit(url))
    except (SigningError, ValueError) as error:
        raise click.UsageError(f"`{url}` cannot be called: {error}") from None
    return url


def is_at(gate: RunningGate, url: str) -> bool:
    """Whether the URL is one of this gate's; this machine has several names."""
    theirs, own = Origin.of(urlsplit(url)), Origin.of(urlsplit(gate.endpoint))
    same_host = theirs.host == own.host or (_is_here(theirs.host) and _is_here(own.host))
    return same_host and theirs.port == own.port and theirs.scheme == own.scheme


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1", "0.0.0.0", "::") or host.startswith("127.") or host.endswith(".localhost")  # noqa: S104


def signing_with(
    pool: str | None, *, environment: bool, endpoint: str | None, gate: RunningGate | None, ours: RunningGate | None
) -> Provider:
    """Whose keys sign: the pool that was named, else the gate's for its own address, else the environment's."""
    if environment or (pool is None and ours is None):
        try:
            return from_environment()
        except CredentialsError as error:
            error.hint = "name a pool with --pool, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            raise
    return identity_pool(pool, endpoint=endpoint, gate=gate if pool is not None else ours)


def default_region_of(provider: Provider) -> str | None:
    found = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return found or getattr(provider, "region", None)


def sent(headers: Headers, body: bytes | None) -> Headers:
    """The headers that were typed, and those nobody types."""
    names = {name for name, _ in headers}
    added = [(b"user-agent", f"gatepass/{__version__}".encode()), (b"accept", b"*/*")]
    if body is not None:
        added.append((b"content-type", content_type(body)))
    return [*headers, *(header for header in added if header[0] not in names)]


def content_type(body: bytes) -> bytes:
    """What the body looks like; curl would call everything a form, which APIs that take JSON refuse."""
    if body.lstrip()[:1] in (b"{", b"["):
        try:
            json.loads(body)
        except ValueError:
            return b"application/x-www-form-urlencoded"
        return b"application/json"
    return b"application/x-www-form-urlencoded"


def answered(done: Exchanged, *, include: bool, ours: RunningGate | None) -> int:
    """Print the answer; gives the exit status."""
    received = done.received
    out = sys.stdout.buffer
    if include:
        out.write("".join(f"{line}\n" for line in [*head_lines(received), ""]).encode("latin-1"))
    out.write(received.body)
    missing_end = bool(received.body) and not received.body.endswith(b"\n")
    if missing_end and sys.stdout.isatty():
        out.write(b"\n")
        missing_end = False
    out.flush()
    if 200 <= received.status < 300:
        return 0
    # Both streams may end in one: what follows must not begin at the end of the body.
    if explain_mismatch(done, before="\n" if missing_end else ""):
        return 1
    request_id = next((value for name, value in received.headers if name.lower() == "x-amzn-requestid"), None)
    if ours is not None and request_id is not None and sys.stderr.isatty():
        advise(f"`gatepass explain {request_id}` says why")
    return 1
