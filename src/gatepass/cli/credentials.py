"""`gatepass credentials`: credentials from an identity pool, for a shell, a program or an AWS SDK."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from pathlib import Path

import click

from gatepass.cli.asking import data_option, endpoint_option, identity_pool, pool_option
from gatepass.cli.running import answering, find_gate
from gatepass.credentials import Credentials


@click.command(epilog='Example: eval "$(gatepass credentials --format env)"')
@pool_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["env", "json", "process"]),
    default="env",
    show_default=True,
    help="env: export lines for a shell; json: one object; process: what credential_process of an AWS profile gives.",
)
@endpoint_option
@data_option
def credentials(pool: str | None, form: str, endpoint: str | None, data: Path | None) -> None:
    """Print short-lived credentials from an identity pool, as the guest that this user was before.

    A profile in ~/.aws/config gives any AWS SDK the pool's credentials, and fresh ones when they expire:

    \b
        [profile guest]
        region = us-east-1
        credential_process = gatepass credentials --pool us-east-1:0f1e… --format process
    """
    gate = find_gate(data)
    asked = identity_pool(pool, endpoint=endpoint, gate=gate)
    with answering(gate if endpoint is None else None):
        found = asked.credentials()
    if form == "process":
        click.echo(json.dumps(as_process(found)))
    elif form == "json":
        click.echo(json.dumps(as_json(found, asked.identity_id), indent=2))
    else:
        for name, value in as_environment(found).items():
            click.echo(f"export {name}={shlex.quote(value)}")


def as_process(found: Credentials) -> dict[str, object]:
    """Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html"""
    return {
        "Version": 1,
        "AccessKeyId": found.access_key_id,
        "SecretAccessKey": found.secret_access_key,
        "SessionToken": found.session_token,
        "Expiration": _iso(found),
    }


def as_json(found: Credentials, identity_id: str | None) -> dict[str, object]:
    return {
        "identity_id": identity_id,
        "access_key_id": found.access_key_id,
        "secret_access_key": found.secret_access_key,
        "session_token": found.session_token,
        "expiration": _iso(found),
    }


def as_environment(found: Credentials) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": found.access_key_id,
        "AWS_SECRET_ACCESS_KEY": found.secret_access_key,
        "AWS_SESSION_TOKEN": found.session_token or "",
        "AWS_CREDENTIAL_EXPIRATION": _iso(found) or "",
    }


def _iso(found: Credentials) -> str | None:
    if found.expiration is None:
        return None
    return datetime.fromtimestamp(found.expiration, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
