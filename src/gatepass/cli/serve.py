"""`gatepass serve`: the gate and the broker in front of an app, in this process, until it is told to stop."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepass.cli.saying import say
from gatepass.cli.store import STORE, store_option

if TYPE_CHECKING:
    from gatepass.server.hosting import Hosted
    from gatepass.server.serving import Ready


@click.command(epilog="Example: gatepass serve examples/hello-world")
@click.argument("app", required=False, metavar="[APP]")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    metavar="N",
    help="Port to listen on; 0 for any that is free.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Data folder. Default: APP/.gatepass for a project's folder, else ./.gatepass.",
)
@store_option
@click.option(
    "--max-stale",
    type=click.IntRange(min=5),
    default=900,
    show_default=True,
    metavar="SECONDS",
    help="For how long requests are decided by what was known last, while the store is away.",
)
@click.option("--region", metavar="REGION", help="Default: AWS_REGION, else AWS_DEFAULT_REGION, else us-east-1.")
@click.option("--account-id", default="123456789012", show_default=True, metavar="ID", help="12 digits.")
@click.option("--stage", metavar="NAME", help="API Gateway's stage. Default: the app's configuration, else `api`.")
@click.option(
    "--open",
    "opened",
    multiple=True,
    metavar="'VERB /path'",
    help="A route of an ASGI app that anyone may call; all others are behind IAM. Repeatable.",
)
@click.option(
    "--login-keys",
    multiple=True,
    metavar="ISSUER=URL|FILE",
    help="Where the keys of an issuer's login tokens are, if not where it says: a JSON Web Key Set. Repeatable.",
)
@click.option(
    "--getid-rate",
    type=float,
    default=25.0,
    show_default=True,
    metavar="N",
    help="How many identities a second one address may ask for, and may be asked for of one pool.",
)
@click.option("--getid-burst", type=int, default=1000, show_default=True, metavar="N", help="How many of them at once.")
@click.option(
    "--learn",
    type=click.Path(path_type=Path, dir_okay=False, resolve_path=True),
    metavar="FILE",
    help="Record the signed requests to IAM routes, for `gatepass policy generate --from FILE`. Allows nothing more.",
)
@click.option(
    "--guests-limit",
    type=click.IntRange(min=0),
    default=5_000_000,
    show_default=True,
    metavar="N",
    help="How many identities without a login one pool may have; 0 for any number.",
)
@click.option(
    "--guests-ttl",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="DAYS",
    help="Delete identities without a login that nobody used for so many days; 0 keeps them for ever, as AWS does.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line, keys included, when the port answers.")
@click.option("--debug", is_flag=True, help="Log requests that were allowed, too.")
def serve(
    app: str | None,
    host: str,
    port: int,
    data: Path | None,
    store: str | None,
    max_stale: int,
    region: str | None,
    account_id: str,
    stage: str | None,
    opened: tuple[str, ...],
    login_keys: tuple[str, ...],
    getid_rate: float,
    getid_burst: int,
    learn: Path | None,
    guests_limit: int,
    guests_ttl: int,
    as_json: bool,
    debug: bool,
) -> None:
    """Run the gate and the broker in front of APP until a signal stops it.

    APP is a Chalice project's folder (its `app.py` defines `app`), or an ASGI app as `module:attribute`, all of it
    behind IAM. Without APP, the Chalice project of this folder; where there is none, the broker alone.
    """
    import logging

    from gatepass.issuers import parse_login_keys
    from gatepass.server import logs, serving
    from gatepass.server.settings import Settings, open_route, region_of

    settings = Settings(
        app=app,
        host=host,
        port=port,
        data=data,
        store=store,
        max_stale=max_stale,
        region=region_of(region, os.environ),
        account=account_id,
        stage=stage,
        open_routes=tuple(open_route(text) for text in opened),
        login_keys=parse_login_keys(login_keys),
        getid_rate=getid_rate,
        getid_burst=getid_burst,
        learn=learn,
        guests_limit=guests_limit,
        guests_ttl=guests_ttl,
    )
    os.environ.pop(STORE, None)  # the app has no use for a password to the store
    logs.configure(logging.DEBUG if debug else logging.INFO)
    serving.serve(settings, announce_json if as_json else announce)


def announce_json(ready: Ready, hosted: Hosted | None) -> None:
    """The ready line: for programs, with the administrator's keys."""
    sys.stdout.write(json.dumps(ready.to_json()) + "\n")
    sys.stdout.flush()


def announce(ready: Ready, hosted: Hosted | None) -> None:
    """What is served where, and what to do next; no secrets."""
    lines = [f"gatepass is ready at {ready.endpoint}  (account {ready.deployment.account}, {ready.deployment.region})"]
    for api in ready.apis:
        lines += ["", f"  {api['name']}  {api['url']}"]
    for route in hosted.routes if hosted is not None else ():
        lines.append(f"    {route.protection.value:<8} {route.method:<7} {route.resource}")
    for pool in ready.identity_pools:
        guests = "guests welcome" if pool["allow_unauthenticated"] else "no guests"
        lines += ["", f"  identity pool {pool['name']}  {pool['identity_pool_id']}  ({guests})"]
    data = "" if ready.folder == Path.cwd() / ".gatepass" else f" --data {ready.folder}"
    lines += ["", "next:"]
    if ready.apis:
        lines.append(f"  gatepass call{data} {ready.apis[0]['url']}")
    lines += [f'  eval "$(gatepass env{data})"', "  Ctrl-C stops it", ""]
    for line in lines:
        say(line)
