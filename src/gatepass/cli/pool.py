"""`gatepass pool`: identity pools, on a gate or on AWS."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from gatepass.cli import pool_making, pool_pruning
from gatepass.cli.asking import data_option
from gatepass.cli.aws import Account, account
from gatepass.cli.groups import Group
from gatepass.cli.pool_plan import Api, Login, Route, check_name
from gatepass.cli.running import find_gate
from gatepass.cli.saying import say, tell
from gatepass.errors import ConfigurationError, CredentialsError

api_option = click.option(
    "--api",
    metavar="API_ID/STAGE",
    help="The API of the routes. Default: the running gate's.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(cls=Group, epilog="Example: gatepass pool create visitors --guests --allow 'GET /'")
def pool() -> None:
    """Make, list, show, prune and delete identity pools.

    These are ordinary calls of the AWS APIs, made with boto3: with AWS_ENDPOINT_URL, as `gatepass env` prints it, of a
    gate; without it of AWS.
    """


@pool.command(epilog="Example: gatepass pool create visitors --guests --allow 'GET /' --allow 'GET /pets/{id}'")
@click.argument("name")
@click.option("--guests", is_flag=True, help="Let in people who have not logged in.")
@click.option(
    "--allow", "routes", multiple=True, metavar="'VERB /path'", help="A route the roles may call. Repeatable."
)
@click.option(
    "--login",
    "logins",
    multiple=True,
    metavar="ISSUER=CLIENT_ID",
    help="Let in who logged in there: a user pool, a public provider or any OpenID Connect issuer. Repeatable.",
)
@api_option
@data_option
def create(
    name: str, guests: bool, routes: tuple[str, ...], logins: tuple[str, ...], api: str | None, data: Path | None
) -> None:
    """Make the identity pool NAME with a role for each kind of people it lets in, and print its id.

    The roles trust this pool only and may call the --allow routes only. A pool that is there already is brought to what
    is asked for, so the same command can run again; without --guests or --login those people get no role any more. When
    a step fails, what was made is taken back.
    """
    if not guests and not logins:
        raise click.UsageError("nobody could use this pool: give --guests, --login, or both")
    plan = pool_making.Plan(
        name=check_name(name),
        guests=guests,
        logins=[Login.parse(text) for text in logins],
        routes=[Route.parse(text) for text in routes],
        api=which_api(api, data) if routes else None,
    )
    with account() as on:
        click.echo(pool_making.create(on, plan, tell))


@pool.command("list", epilog="Example: gatepass pool list")
@json_option
def list_pools(as_json: bool) -> None:
    """List the identity pools: id and name."""
    with account() as on:
        found = sorted(pool_making.pools(on), key=lambda pair: (pair[1], pair[0]))
    if as_json:
        click.echo(json.dumps([{"identity_pool_id": pool_id, "name": name} for pool_id, name in found], indent=2))
        return
    for pool_id, name in found:
        say(f"{pool_id}  {name}")


@pool.command(epilog="Example: gatepass pool show visitors")
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show the identity pool NAME (or id): whom it lets in, and which roles they get."""
    with account() as on:
        described = _described(on, name)
    if as_json:
        click.echo(json.dumps(described, indent=2))
        return
    for label, value in _told(described):
        say(f"{label}: {value}")


@pool.command(epilog="Example: gatepass pool delete visitors")
@click.argument("name")
def delete(name: str) -> None:
    """Delete the identity pool NAME (or id), its identities, and the roles that `create` made for it."""
    with account() as on:
        pool_making.delete(on, _id_of(on, name), tell)


@pool.command(epilog="Example: gatepass pool prune visitors --unused-for 90 --dry-run")
@click.argument("name")
@click.option(
    "--unused-for",
    "days",
    type=click.IntRange(min=1, max=36_500),
    required=True,
    metavar="DAYS",
    help="Delete those whose LastModifiedDate is longer ago.",
)
@click.option("--dry-run", is_flag=True, help="Delete nothing; say how many there are.")
@json_option
def prune(name: str, days: int, dry_run: bool, as_json: bool) -> None:
    """Delete guests of the identity pool NAME (or id): its identities without a login.

    LastModifiedDate is what the API tells of an identity: when it was made, or its logins last changed. Getting
    credentials does not move it, so DAYS counts from when a guest was made, not from when they last came. A guest
    who comes back to an identity that is gone is refused, and has to ask for a new one. A gate knows who came back, and
    spares them: `gatepass serve --guests-ttl DAYS`.
    """
    before = datetime.now(UTC) - timedelta(days=days)
    on_terminal = sys.stderr.isatty() and not as_json

    def progress(so_far: pool_pruning.Pruned) -> None:
        if on_terminal:
            click.echo(f"\rlooked at {so_far.looked_at:,}, found {so_far.due:,}", nl=False, err=True)

    with account() as on:
        pool_id = _id_of(on, name)
        done = pool_pruning.prune(on, pool_id, before, really=not dry_run, tell=progress)
    if on_terminal:
        click.echo(err=True)
    if as_json:
        click.echo(json.dumps({"identity_pool_id": pool_id, "dry_run": dry_run, **asdict(done)}, indent=2))
    elif dry_run:
        say(f"{done.due} of {done.looked_at} identities would be deleted")
    else:
        say(f"{done.deleted} of {done.looked_at} identities deleted")
    if done.failed:
        why = ", ".join(sorted(set(done.failed.values())))
        raise CredentialsError(f"{len(done.failed)} of them could not be deleted: {why}")


def which_api(given: str | None, data: Path | None) -> Api:
    """The API that was named, else the running gate's.

    Raises: ConfigurationError, if there is none, or more than one.
    """
    if given is not None:
        return Api.parse(given)
    gate = find_gate(data)
    apis = [] if gate is None else [Api(str(api["api_id"]), str(api["stage"])) for api in gate.apis]
    if len(apis) != 1:
        raise ConfigurationError("which API is meant is not known", hint="name it with --api API_ID/STAGE")
    return apis[0]


def _id_of(on: Account, name: str) -> str:
    pool_id = pool_making.find(on, name)
    if pool_id is None:
        raise ConfigurationError(f"there is no identity pool `{name}`", hint="see `gatepass pool list`")
    return pool_id


def _described(on: Account, name: str) -> dict[str, Any]:
    pool_id = _id_of(on, name)
    described: dict[str, Any] = on.cognito.describe_identity_pool(IdentityPoolId=pool_id)
    roles = on.cognito.get_identity_pool_roles(IdentityPoolId=pool_id)
    described |= {key: roles[key] for key in ("Roles", "RoleMappings") if key in roles}
    described.pop("ResponseMetadata")
    return described


def _told(described: dict[str, Any]) -> list[tuple[str, str]]:
    told = [
        ("identity pool", f"{described['IdentityPoolId']} ({described['IdentityPoolName']})"),
        ("guests", "let in" if described["AllowUnauthenticatedIdentities"] else "not let in"),
        ("basic (classic) flow", "on" if described.get("AllowClassicFlow") else "off"),
    ]
    told += [
        ("login", f"{issuer} for {client}") for issuer, client in described.get("SupportedLoginProviders", {}).items()
    ]
    told += [
        ("login", f"{provider['ProviderName']} for {provider['ClientId']}")
        for provider in described.get("CognitoIdentityProviders", ())
    ]
    told += [("login", arn) for arn in described.get("OpenIdConnectProviderARNs", ())]
    told += [(f"{kind} role", arn) for kind, arn in sorted(described.get("Roles", {}).items())]
    return told
