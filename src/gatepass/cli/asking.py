"""Which pool a command asks, and where: what was typed, else what the running gate says, else AWS."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.cli.identity_file import IdentityIdFile
from gatepass.cli.running import RunningGate
from gatepass.credentials import IdentityPool
from gatepass.errors import ConfigurationError

pool_option = click.option(
    "--pool",
    metavar="ID",
    help="Identity pool, REGION:UUID. Default: the running gate's pool for guests.",
)
endpoint_option = click.option(
    "--endpoint",
    metavar="URL",
    help="Where cognito-identity answers. Default: the running gate, else AWS_ENDPOINT_URL, else AWS.",
)
data_option = click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Data folder of the running gate. Default: GATEPASS_DATA, else ./.gatepass.",
)


def identity_pool(pool: str | None, *, endpoint: str | None, gate: RunningGate | None) -> IdentityPool:
    """The pool with this id, else the gate's for guests; the guest is the same one from command to command.

    Raises: ConfigurationError, if no pool was named and there is no gate to ask for one.
    """
    if pool is None:
        if gate is None:
            raise ConfigurationError(
                "no identity pool was named, and no gate is running here",
                hint="name a pool with --pool, start a gate with `gatepass serve`, or name its data folder with --data",
            )
        pool = gate.guest_pool()
    if endpoint is None and gate is not None:
        endpoint = gate.endpoint
    # Asked first without a cache: it resolves the endpoint, by which the cache is kept apart.
    address = IdentityPool(pool, endpoint=endpoint).endpoint
    return IdentityPool(pool, endpoint=address, cache=IdentityIdFile(pool, address))
