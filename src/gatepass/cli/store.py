"""`gatepass store`: what has to be done to a store beside using it."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.cli.groups import Group
from gatepass.cli.running import data_folder
from gatepass.errors import ConfigurationError

STORE = "GATEPASS_STORE"
store_option = click.option(
    "--store",
    envvar=STORE,
    metavar="URL",
    help="postgresql://HOST/DATABASE, for many gates on one store. Default: GATEPASS_STORE, else SQLite in the folder.",
)


@click.group(cls=Group, epilog="Example: gatepass store upgrade --store postgresql://db.example.com/gatepass")
def store() -> None:
    """Upgrade a store; let it forget a secret that was lost."""


@store.command(epilog="Example: gatepass store upgrade --store postgresql://db.example.com/gatepass")
@store_option
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data folder of a store on SQLite; no gate may run on it. Default: GATEPASS_DATA, else ./.gatepass.",
)
def upgrade(store: str | None, data: Path | None) -> None:
    """Bring a store to the schema of this program: one on PostgreSQL needs that before its first gate starts, too.

    All of it is done or nothing. Gates of the version before may go on running meanwhile, and beside gates of this
    version afterwards. Done again, or by several at once, it changes nothing more. A store on SQLite is upgraded by
    `gatepass serve` itself.
    """
    from gatepass.store.maintaining import upgrade as run

    if store is not None and data is not None:
        raise click.UsageError("--store and --data name two stores")
    done = run(data_folder(data), store)
    if done.before == done.after:
        click.echo(f"{done.store}: schema {done.after}, nothing to do")
    else:
        click.echo(
            f"{done.store}: upgraded from {f'schema {done.before}' if done.before else 'nothing'} to {done.after}"
        )


@store.command(epilog="Example: gatepass store forget administrator --store postgresql://db.example.com/gatepass")
@click.argument("what", type=click.Choice(["keys", "administrator"]), metavar="keys|administrator")
@store_option
def forget(what: str, store: str | None) -> None:
    """Let the next gate that starts bring its own `keys.json` or `administrator.json`, and all others copy that one.

    All gates on a store have the same files, and one with others is refused. Where they are lost, or got into wrong
    hands, remove them everywhere, run this, and start a gate, which makes new ones. Without the old `keys.json` all
    sessions end, and users' access keys have to be made anew.
    """
    from gatepass.store.maintaining import forget as run

    if store is None:
        raise ConfigurationError(
            "no store was named", hint=f"give --store or {STORE}; a store on SQLite goes by the files in its folder"
        )
    click.echo(f"{what}: forgotten" if run(store, what) else f"{what}: nothing to forget")
