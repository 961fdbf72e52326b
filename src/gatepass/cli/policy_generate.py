"""`gatepass policy generate`: the least policy for an app's IAM routes."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from gatepass.cli.policy_files import as_json
from gatepass.cli.pool_plan import Api as ApiStage
from gatepass.errors import ConfigurationError

if TYPE_CHECKING:
    from gatepass.gateway.snapshot import Api


@click.command(epilog="Example: gatepass policy generate examples/hello-world --api a1b2c3d4e5/api")
@click.argument("app", required=False)
@click.option("--api", metavar="API_ID/STAGE", help="The API on AWS. Default: as `gatepass serve` has it.")
@click.option("--region", help="Where the API is. Default: us-east-1.")
@click.option("--account", "account_id", metavar="ID", help="Whose the API is. Default: 123456789012.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "cloudformation", "terraform"]),
    default="json",
    show_default=True,
    help="A policy, a resource of a template, or Terraform in JSON.",
)
def generate(app: str | None, api: str | None, region: str | None, account_id: str | None, form: str) -> None:
    """Print the policy that allows the IAM routes of APP and nothing else.

    APP is a Chalice project's folder or an ASGI app as `module:attribute`; without it, the project of this folder. The
    app is imported to read its routes. In a template the API is the parameter `ApiId`, unless --api names it.
    """
    from gatepass.server.default_pool import iam_routes_policy

    stage = None if api is None else ApiStage.parse(api)
    loaded = api_of_app(app, stage, region=region, account=account_id)
    text = iam_routes_policy(loaded)
    if text is None:
        raise ConfigurationError("the app has no IAM routes", hint="in Chalice: authorizer=IAMAuthorizer()")
    document = json.loads(text)
    click.echo(as_json(_FORMS[form](loaded, document, stage is not None)))


def api_of_app(app: str | None, stage: ApiStage | None, *, region: str | None, account: str | None) -> Api:
    """The app's API, read as `gatepass serve` reads it. Raises: ConfigurationError."""
    from gatepass.gateway.ids import api_id
    from gatepass.gateway.integrations.threads import HandlerThreads
    from gatepass.gateway.routes import RouteTable
    from gatepass.gateway.snapshot import Api
    from gatepass.operation import Deployment
    from gatepass.server import hosting
    from gatepass.server.settings import Settings

    settings = Settings(app=app, stage=None if stage is None else stage.stage)
    settings = replace(settings, region=region or settings.region, account=account or settings.account)
    project = hosting.find(settings)
    if project is None:
        raise ConfigurationError("no app was named, and there is none here", hint="name a Chalice project's folder")
    deployment = Deployment(account=settings.account, region=settings.region)
    id_ = stage.api_id if stage else api_id(deployment.account, deployment.region, project.name)
    hosting.set_environment(deployment, project, endpoint="", url="", pool_id="", administrator=None)
    arn = f"arn:aws:lambda:{deployment.region}:{deployment.account}:function:{project.name}"
    with contextlib.redirect_stdout(sys.stderr):
        hosted = hosting.load(project, settings, arn, HandlerThreads())
    return Api(id_, project.name, project.stage, RouteTable(hosted.routes), deployment)


def _json(_api: Api, document: dict[str, Any], _named: bool) -> dict[str, Any]:
    return document


def _cloudformation(api: Api, document: dict[str, Any], named: bool) -> dict[str, Any]:
    """A managed policy; partition, region and account are those of the stack."""
    prefix = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
    resources = [{"Fn::Sub": text} for text in _resources(api, document, prefix, None if named else "${ApiId}")]
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": _with(document, resources)}}
    parameters = {} if named else {"Parameters": {"ApiId": {"Type": "String"}}}
    return {"AWSTemplateFormatVersion": "2010-09-09", **parameters, "Resources": {"InvokeIamRoutes": policy}}


def _terraform(api: Api, document: dict[str, Any], named: bool) -> dict[str, Any]:
    prefix = ":".join(api.arn_prefix.split(":", 5)[:5]) + ":"
    resources = _resources(api, document, prefix, None if named else "${var.api_id}")
    policy = {"name": "invoke-iam-routes", "policy": json.dumps(_with(document, resources))}
    variables = {} if named else {"variable": {"api_id": {"type": "string"}}}
    return {**variables, "resource": {"aws_iam_policy": {"invoke_iam_routes": policy}}}


def _resources(api: Api, document: dict[str, Any], prefix: str, api_id: str | None) -> list[str]:
    """The document's ARNs with another prefix and API id."""
    rests = (resource.split(":", 5)[5] for resource in document["Statement"][0]["Resource"])
    return [f"{prefix}{api_id or api.api_id}/{rest.partition('/')[2]}" for rest in rests]


def _with(document: dict[str, Any], resources: list[Any]) -> dict[str, Any]:
    (statement,) = document["Statement"]
    return {**document, "Statement": [{**statement, "Resource": resources}]}


_FORMS: dict[str, Callable[[Api, dict[str, Any], bool], dict[str, Any]]] = {
    "json": _json,
    "cloudformation": _cloudformation,
    "terraform": _terraform,
}
