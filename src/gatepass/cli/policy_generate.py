"""`gatepass policy generate`: the least policy for an app's IAM routes, or for what was called in a test run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gatepass.advice.app_routes import AppRoute
from gatepass.advice.learned import Learned, bare, learned_in, routes_of, selected, with_merged_verbs
from gatepass.advice.least import (
    MANAGED_POLICY,
    MOST_ATTACHED,
    documents,
    least,
    pattern_of,
)
from gatepass.advice.reading import plain
from gatepass.advice.witnesses import also_allowed
from gatepass.cli.app_api import AppApi, account_option, api_of_app, region_option
from gatepass.cli.policy_files import about_file, as_json, text_of
from gatepass.cli.pool_plan import Api as ApiStage
from gatepass.cli.saying import counted, tell
from gatepass.errors import ConfigurationError

# The longest that stacks put for their pseudo parameters.
_LONGEST_PREFIX = "arn:aws-us-gov:execute-api:ap-southeast-1:123456789012:"


@click.command(epilog="Example: gatepass policy generate examples/hello-world --api a1b2c3d4e5/api")
@click.argument("app", required=False)
@click.option(
    "--from",
    "record",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What `gatepass serve --learn FILE` recorded.",
)
@click.option(
    "--role", metavar="NAME", help="With --from: of this role's requests. Default: everybody's but the root's."
)
@click.option("--allowed-only", is_flag=True, help="With --from: leave out requests that were denied.")
@click.option("--api", metavar="API_ID/STAGE", help="The API on AWS. Default: as `gatepass serve` has it.")
@region_option
@account_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "cloudformation", "terraform"]),
    default="json",
    show_default=True,
    help="A policy, a resource of a template, or Terraform in JSON.",
)
def generate(
    app: str | None,
    record: Path | None,
    role: str | None,
    allowed_only: bool,
    api: str | None,
    region: str | None,
    account_id: str | None,
    form: str,
) -> None:
    """Print the policy that allows the IAM routes of APP and nothing else; with --from, those that were called.

    APP is a Chalice project's folder, an ASGI app as `module:attribute`, a CloudFormation or SAM template, what
    `chalice package` writes, an OpenAPI document, or Terraform in JSON; FILE#NAME is one of several APIs in a file.
    Without APP, the project of this folder. An app is imported to read its routes; of a file nothing is imported. In a
    template the API is the parameter `ApiId`, unless --api names it.

    With --from, what is allowed is what was asked for with a valid signature, denied or not: the routes that policies
    denied are named on stderr, and so are routes that a `*` lets in though nobody called them. API, region and account
    are those of the record.

    A parameter of a route becomes `*`. More than fits into one managed policy is printed as several.
    """
    stage = None if api is None else ApiStage.parse(api)
    if record is None:
        if role is not None or allowed_only:
            raise click.UsageError("--role and --allowed-only are for requests that were recorded: give --from FILE")
        loaded = api_of_app(app, stage, region=region, account=account_id)
        patterns = least(pattern_of(route.method, route.path) for route in loaded.iam_routes)
        if not patterns:
            raise ConfigurationError("the app has no IAM routes", hint="in Chalice: authorizer=IAMAuthorizer()")
    else:
        if app is not None:
            raise click.UsageError("a policy is made for an app or --from a record, not for both")
        text = text_of(record)
        with about_file(record):
            learned = learned_in(plain(text))
            patterns = _learned(learned, role and role.rpartition("/")[2], allowed_only)
        loaded = _api_of(learned, stage, region, account_id)
    click.echo(as_json(_FORMS[form](loaded, patterns, stage is not None)))


def _learned(learned: Learned, role: str | None, allowed_only: bool) -> list[str]:
    """The patterns of what was recorded. What they are for, and what else they allow, is said on stderr."""
    taken = selected(learned, role, allowed_only=allowed_only)
    patterns = least(pattern_of(*route) for route in with_merged_verbs(taken.routes))
    tell(f"made from {counted(taken.requests, 'request')} of {', '.join(f'`{each}`' for each in taken.whose)}")
    if taken.left_out:
        tell("the root's requests are left out: policies do not apply to it")
    for method, path in taken.denied:
        tell(f"denied so far, and now allowed: {method} {path}")
    listed = {(method, bare(path)) for method, path in taken.routes}
    others = [AppRoute(*route, True, 0) for route in routes_of(learned) if route not in listed]
    for route, pattern in also_allowed(patterns, others):
        tell(f"`{pattern}` allows some requests to a route that nobody called, too: {route.method} {route.path}")
    return patterns


def _api_of(learned: Learned, stage: ApiStage | None, region: str | None, account: str | None) -> AppApi:
    api = learned.api
    return AppApi(
        api["name"],
        stage.api_id if stage is not None else api["api_id"],
        stage.stage if stage is not None else api["stage"],
        region or api["region"],
        account or api["account_id"],
        (),
    )


def _json(api: AppApi, patterns: list[str], _named: bool) -> Any:
    """A document, or a list of them."""
    if api.is_guess:
        tell(f"the API is taken to be `{api.api_id}`, stage `{api.stage}`: name the one on AWS with --api")
    found = _split([f"{api.arn_prefix}{pattern}" for pattern in patterns])
    return found[0] if len(found) == 1 else found


def _cloudformation(api: AppApi, patterns: list[str], named: bool) -> Any:
    """Managed policies; partition, region and account are those of the stack."""
    rests = [f"{api.api_id}/{api.stage}/{pattern}" for pattern in patterns]
    prefix = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
    policies = {}
    for number, document in enumerate(_split([f"{_LONGEST_PREFIX}{rest}" for rest in rests]), 1):
        (statement,) = document["Statement"]
        ends = (arn.removeprefix(_LONGEST_PREFIX).partition("/")[2] for arn in statement["Resource"])
        statement["Resource"] = [{"Fn::Sub": f"{prefix}{api.api_id if named else '${ApiId}'}/{end}"} for end in ends]
        policies[_numbered("InvokeIamRoutes", number)] = {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": document},
        }
    parameters = {} if named else {"Parameters": {"ApiId": {"Type": "String"}}}
    return {"AWSTemplateFormatVersion": "2010-09-09", **parameters, "Resources": policies}


def _terraform(api: AppApi, patterns: list[str], named: bool) -> Any:
    policies = {}
    for number, document in enumerate(_split([f"{api.arn_prefix}{pattern}" for pattern in patterns]), 1):
        (statement,) = document["Statement"]
        if not named:
            statement["Resource"] = [
                arn.replace(f":{api.api_id}/", ":${var.api_id}/", 1) for arn in statement["Resource"]
            ]
        policies[_numbered("invoke_iam_routes", number, "_")] = {
            "name": _numbered("invoke-iam-routes", number, "-"),
            "policy": json.dumps(document),
        }
    variables = {} if named else {"variable": {"api_id": {"type": "string"}}}
    return {**variables, "resource": {"aws_iam_policy": policies}}


def _split(arns: list[str]) -> list[dict[str, Any]]:
    """As many managed policies as are needed."""
    found = documents(arns)
    if len(found) > 1:
        tell(
            f"a managed policy has at most {MANAGED_POLICY:,} characters: these are {len(found)}, and a role needs all"
        )
    if len(found) > MOST_ATTACHED:
        tell(f"a role may have {MOST_ATTACHED} managed policies, unless AWS raises that limit for the account")
    return found


def _numbered(name: str, number: int, separator: str = "") -> str:
    return name if number == 1 else f"{name}{separator}{number}"


_FORMS: dict[str, Callable[[AppApi, list[str], bool], Any]] = {
    "json": _json,
    "cloudformation": _cloudformation,
    "terraform": _terraform,
}
