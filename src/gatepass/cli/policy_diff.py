"""`gatepass policy diff`: which of an app's requests one policy allows and another does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatepass.advice.cases import policy_of
from gatepass.arn import assumed_role_arn
from gatepass.cli.policy_files import as_json, in_file
from gatepass.cli.policy_generate import api_of_app
from gatepass.cli.pool_plan import Api as ApiStage
from gatepass.policy import Caller, Policies, PolicyType, Query, evaluate

if TYPE_CHECKING:
    from gatepass.gateway.snapshot import Api

_PARAMETER = re.compile(r"\{[^}]*\}")
_FILE = click.Path(path_type=Path)


@click.command(epilog="Example: gatepass policy diff before.json after.json --app . --api a1b2c3d4e5/api")
@click.argument("before", type=_FILE, metavar="A")
@click.argument("after", type=_FILE, metavar="B")
@click.option("--app", help="A Chalice project's folder or `module:attribute`. Default: the project of this folder.")
@click.option("--api", metavar="API_ID/STAGE", help="The API on AWS. Default: as `gatepass serve` has it.")
@click.option("--region", help="Where the API is. Default: us-east-1.")
@click.option("--account", "account_id", metavar="ID", help="Whose the API is. Default: 123456789012.")
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON.")
def diff(
    before: Path,
    after: Path,
    app: str | None,
    api: str | None,
    region: str | None,
    account_id: str | None,
    json_wanted: bool,
) -> int:
    """Say which requests to the IAM routes of an app are newly allowed or newly denied when policy B replaces A.

    A parameter of a route stands as a value that no policy is likely to name; conditions are judged without a request
    context. Exit status: 0 if nothing changes, 1 otherwise.
    """
    old, new = _identity(before), _identity(after)
    loaded = api_of_app(app, None if api is None else ApiStage.parse(api), region=region, account=account_id)
    caller = Caller.from_arn(assumed_role_arn(loaded.deployment.account, "any-role", "simulated"))
    allowed: list[str] = []
    denied: list[str] = []
    for verb, resource in _requests(loaded):
        path = _PARAMETER.sub("any-value", resource)[1:]
        query = Query("execute-api:Invoke", loaded.method_arn(verb, path), caller)
        was, now = evaluate(old, query).allowed, evaluate(new, query).allowed
        if was is not now:
            (allowed if now else denied).append(f"{verb} {resource}")
    if json_wanted:
        click.echo(as_json({"newly_allowed": allowed, "newly_denied": denied}))
    else:
        for name, routes in (("newly allowed", allowed), ("newly denied", denied)):
            for route in routes:
                click.echo(f"{name}: {route}")
    return 1 if allowed or denied else 0


def _identity(path: Path) -> Policies:
    return Policies(identity=[policy_of(PolicyType.IDENTITY, each) for each in in_file(path)])


def _requests(api: Api) -> list[tuple[str, str]]:
    """Verb and template of the IAM routes; ANY is each of the verbs."""
    from gatepass.gateway.routes import ANY, METHODS, Protection

    return sorted(
        (verb, route.resource)
        for route in api.routes
        if route.protection is Protection.IAM
        for verb in (METHODS if route.method == ANY else (route.method,))
    )
