"""`gatepass policy simulate`: what policies say about one request, before anything is deployed."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import click

from gatepass.advice.cases import account_in, policy_of
from gatepass.arn import assumed_role_arn, method_arn
from gatepass.cli.asking import data_option
from gatepass.cli.aws import account
from gatepass.cli.policy_explained import lines
from gatepass.cli.policy_files import Roles, as_json, in_file
from gatepass.cli.pool import which_api
from gatepass.cli.pool_plan import Route
from gatepass.cli.running import find_gate
from gatepass.cli.saying import say
from gatepass.errors import ConfigurationError
from gatepass.policy import Caller, ContextValue, Policies, Policy, PolicyType, Query, explain

_ACCOUNT = "123456789012"
_REGION = "us-east-1"
_SERVICE = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")

api_option = click.option(
    "--api", metavar="API_ID/STAGE", help="The API that 'VERB /path' is of. Default: the running gate's."
)
_FILE = click.Path(path_type=Path)


@click.command(
    epilog="Example: gatepass policy simulate --identity allow.json --resource 'GET /pets/1' --api a1b2c3d4e5/api"
)
@click.option("--identity", metavar="FILE", multiple=True, type=_FILE, help="A policy of the caller. Repeatable.")
@click.option("--session", metavar="FILE", multiple=True, type=_FILE, help="A session policy. Repeatable.")
@click.option("--boundary", metavar="FILE", multiple=True, type=_FILE, help="A permissions boundary. Repeatable.")
@click.option("--resource-policy", metavar="FILE", multiple=True, type=_FILE, help="A policy of the API. Repeatable.")
@click.option("--role", metavar="NAME", help="A role whose policies and boundary take part, from IAM by boto3.")
@click.option("--action", default="execute-api:Invoke", show_default=True, help="What is to be done.")
@click.option("--resource", "target", required=True, metavar="ARN|'VERB /path'", help="What it is to be done to.")
@click.option("--principal", metavar="ARN", help="The caller. Default: a session of --role, in the resource's account.")
@click.option("--context", multiple=True, metavar="KEY=VALUE", help="A condition key; again for a set. Repeatable.")
@click.option("--resource-account", metavar="ID", help="Who owns the resource. Default: the account in its ARN.")
@click.option("--json", "json_wanted", is_flag=True, help="Print the explanation as one JSON object.")
@api_option
@data_option
def simulate(
    *,
    role: str | None,
    action: str,
    target: str,
    principal: str | None,
    context: tuple[str, ...],
    resource_account: str | None,
    json_wanted: bool,
    api: str | None,
    data: Path | None,
    **files: tuple[Path, ...],
) -> int:
    """Say whether policies allow a request, and why.

    Nothing is called. The policies are those in files and those of --role together. Exit status: 0 if the request is
    allowed, 1 if it is denied.
    """
    if not any(files.values()) and role is None:
        raise click.UsageError("there is no policy: give --identity FILE or --role NAME")
    if not _SERVICE.fullmatch(action):
        raise click.UsageError(f"`{action}` is no action: write SERVICE:Name")
    values = _context(context)
    resource = resource_of(target, api, data)
    caller = Caller.from_arn(principal or default_principal(role, resource))
    query = Query(action, resource, caller, resource_account or account_in(resource), values)
    explanation = explain(_policies(role, files), query)
    if json_wanted:
        click.echo(as_json(explanation.to_json()))
    else:
        for line in lines(explanation):
            say(line)
    return 0 if explanation.verdict.allowed else 1


def resource_of(target: str, api: str | None, data: Path | None) -> str:
    """An ARN as it is; of `VERB /path` the ARN of that method of the API. Raises: ConfigurationError."""
    if target == "*" or target.startswith("arn:"):
        return target
    verb, _, path = target.strip().partition(" ")
    Route.parse(target)
    if verb == "*" or "{" in path:
        raise ConfigurationError(
            f"`{target}` is not one request", hint="a request has a verb and a real path: 'GET /pets/1'"
        )
    chosen, gate = which_api(api, data), find_gate(data)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _REGION
    region, owner = (region, _ACCOUNT) if gate is None else (gate.region, gate.account_id)
    return method_arn(region, owner, chosen.api_id, chosen.stage, verb.upper(), path.strip()[1:])


def default_principal(role: str | None, resource: str) -> str:
    """A session of the role, or of one of no particular name."""
    name = (role or "any-role").rpartition("/")[2]
    if role is not None and role.startswith("arn:"):
        return assumed_role_arn(role.split(":")[4], name, "simulated")
    owner = account_in(resource)
    if not owner and role is not None:
        with account() as on:
            owner = on.id
    return assumed_role_arn(owner or _ACCOUNT, name, "simulated")


def _policies(role: str | None, files: dict[str, tuple[Path, ...]]) -> Policies:
    roles = Roles()

    def of(type_: PolicyType, option: str) -> list[Policy]:
        found = [named for path in files.get(option, ()) for named in in_file(path)]
        if role is not None and type_ in (PolicyType.IDENTITY, PolicyType.BOUNDARY):
            found += roles(type_, role)
        return [policy_of(type_, named) for named in found]

    return Policies(
        identity=of(PolicyType.IDENTITY, "identity"),
        session=of(PolicyType.SESSION, "session") or None,
        boundary=of(PolicyType.BOUNDARY, "boundary") or None,
        resource=of(PolicyType.RESOURCE, "resource_policy"),
    )


def _context(given: Sequence[str]) -> dict[str, ContextValue | None]:
    """One value is a text, several are a set."""
    values: dict[str, tuple[str, ...]] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise click.UsageError(f"`{text}` is no condition key with a value: write KEY=VALUE")
        values[key.lower()] = (*values.get(key.lower(), ()), value)
    sets = ("cognito-identity.amazonaws.com:amr",)
    return {key: each[0] if len(each) == 1 and key not in sets else each for key, each in values.items()}
