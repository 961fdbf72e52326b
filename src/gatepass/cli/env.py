"""`gatepass env`: the export lines that let AWS's SDKs and tools talk to the running gate."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from gatepass.cli.asking import data_option
from gatepass.cli.running import data_folder, running_gate


@click.command(epilog='Example: eval "$(gatepass env)"')
@data_option
def env(data: Path | None) -> None:
    """Print export lines for a shell: the gate's endpoint, the administrator's keys, the region and the data folder.

    The administrator is the account's root: what these lines are given to can do everything on this gate.
    """
    gate = running_gate(data_folder(data))
    access_key_id, secret_access_key = gate.administrator()
    values = {
        "AWS_ENDPOINT_URL": gate.endpoint,
        "AWS_ACCESS_KEY_ID": access_key_id,
        "AWS_SECRET_ACCESS_KEY": secret_access_key,
        "AWS_REGION": gate.region,
        "AWS_DEFAULT_REGION": gate.region,
        "GATEPASS_DATA": str(gate.folder.resolve()),
    }
    for name, value in values.items():
        click.echo(f"export {name}={shlex.quote(value)}")
