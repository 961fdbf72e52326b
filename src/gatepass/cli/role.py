"""`gatepass role`: what roles trust and allow, on a gate or on AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gatepass.cli import pool_making
from gatepass.cli.asking import data_option
from gatepass.cli.aws import Account, account
from gatepass.cli.groups import Group
from gatepass.cli.pool import api_option, json_option, which_api
from gatepass.cli.pool_plan import POLICY, Route, invoke_policy
from gatepass.cli.saying import say, tell
from gatepass.errors import ConfigurationError


@click.group(cls=Group, epilog="Example: gatepass role allow visitors-guests 'GET /'")
def role() -> None:
    """List and show roles, and say what they may call.

    These are ordinary calls of IAM, made with boto3: with AWS_ENDPOINT_URL, as `gatepass env` prints it, of a gate;
    without it of AWS.
    """


@role.command("list", epilog="Example: gatepass role list")
@json_option
def list_roles(as_json: bool) -> None:
    """List the roles: name and ARN."""
    with account() as on:
        pages = on.iam.get_paginator("list_roles").paginate()
        found = [(str(each["RoleName"]), str(each["Arn"])) for page in pages for each in page["Roles"]]
    if as_json:
        click.echo(json.dumps([{"name": name, "arn": arn} for name, arn in found], indent=2))
        return
    for name, arn in found:
        say(f"{name}  {arn}")


@role.command(epilog="Example: gatepass role show visitors-guests")
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show the role NAME: whom it trusts, and what its policies say."""
    with account() as on:
        described = _described(on, name)
    if as_json:
        click.echo(json.dumps(described, indent=2))
        return
    say(f"role: {described['arn']}")
    say("trust policy:")
    click.echo(json.dumps(described["trust_policy"], indent=2))
    for policy, document in described["inline_policies"].items():
        say(f"policy {policy}:")
        click.echo(json.dumps(document, indent=2))
    for arn in described["attached_policies"]:
        say(f"attached policy: {arn}")


@role.command(epilog="Example: gatepass role allow visitors-guests 'GET /' 'GET /pets/{id}'")
@click.argument("name")
@click.argument("routes", nargs=-1, required=True, metavar="'VERB /path'...")
@api_option
@data_option
def allow(name: str, routes: tuple[str, ...], api: str | None, data: Path | None) -> None:
    """Let the role NAME call these routes, and no others that this command or `pool create` let it call before."""
    parsed = [Route.parse(text) for text in routes]
    chosen = which_api(api, data)
    with account() as on:
        document = invoke_policy(on.region, on.id, chosen, parsed)
        _existing(on, name)
        on.iam.put_role_policy(RoleName=name, PolicyName=POLICY, PolicyDocument=document)
    tell(f"role {name} may call {', '.join(f'{route.verb} {route.path}' for route in parsed)}")


@role.command(epilog="Example: gatepass role delete visitors-guests")
@click.argument("name")
def delete(name: str) -> None:
    """Delete the role NAME with its inline policies; sessions that it gave are void at once."""
    with account() as on:
        _existing(on, name)
        pool_making.delete_role(on, name)
    tell(f"deleted role {name}")


def _existing(on: Account, name: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = on.iam.get_role(RoleName=name)["Role"]
    except on.iam.exceptions.NoSuchEntityException:
        raise ConfigurationError(f"there is no role `{name}`", hint="see `gatepass role list`") from None
    return found


def _described(on: Account, name: str) -> dict[str, Any]:
    found = _existing(on, name)
    inline = {
        policy: on.iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for page in on.iam.get_paginator("list_role_policies").paginate(RoleName=name)
        for policy in page["PolicyNames"]
    }
    attached = [
        each["PolicyArn"]
        for page in on.iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
        for each in page["AttachedPolicies"]
    ]
    return {
        "name": found["RoleName"],
        "arn": found["Arn"],
        "trust_policy": found["AssumeRolePolicyDocument"],
        "inline_policies": inline,
        "attached_policies": attached,
    }
