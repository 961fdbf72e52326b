"""`gatepass policy diff`: which of an app's requests one policy allows and another does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gatepass.advice.cases import Named
from gatepass.advice.differences import Differ, Difference, Side
from gatepass.advice.found import policies_in
from gatepass.advice.settled import opened, settled
from gatepass.advice.stack import Found, listed, statements
from gatepass.arn import assumed_role_arn
from gatepass.cli.app_api import AppApi, account_option, api_of_app, region_option
from gatepass.cli.policy_files import Roles, about_file, as_json, names_file, parted, text_of
from gatepass.cli.pool_plan import Api as ApiStage
from gatepass.cli.saying import counted, say, tell
from gatepass.errors import ConfigurationError
from gatepass.policy import Caller, PolicyType

# What stands for a stack's region and account.
_OPEN = f":{settled({'Ref': 'AWS::Region'})}:{settled({'Ref': 'AWS::AccountId'})}:"
_RESOURCES = ("Resource", "NotResource")
_OF_CALLERS = ("identity", "managed")


@click.command(epilog="Example: gatepass policy diff before.json after.json --app . --api a1b2c3d4e5/api")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--app",
    metavar="APP",
    help="A Chalice project's folder, `module:attribute`, a template or an OpenAPI document. Default: the project of "
    "this folder.",
)
@click.option("--api", metavar="API_ID/STAGE", help="The API on AWS. Default: as `gatepass serve` has it.")
@region_option
@account_option
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON.")
def diff(
    before: str,
    after: str,
    app: str | None,
    api: str | None,
    region: str | None,
    account_id: str | None,
    json_wanted: bool,
) -> int:
    """Say which requests to the IAM routes of an app are newly allowed or newly denied when policy B replaces A.

    A and B are files (a document, a list of them, a template or Terraform with the policies of one role; FILE#ROLE for
    one of several) or names of roles, whose policies and boundary are asked for by boto3. Where only some of a route's
    requests change, one of them is shown. Conditions and variables are judged without a request context; routes for
    which that may matter are told. Exit status: 0 if nothing changes, 1 otherwise.
    """
    loaded = api_of_app(app, None if api is None else ApiStage.parse(api), region=region, account=account_id)
    roles = Roles()
    old, new = _side(before, roles, loaded), _side(after, roles, loaded)
    caller = Caller.from_arn(assumed_role_arn(loaded.account, "any-role", "simulated"))
    found = list(Differ(old, new, loaded.arn_prefix, caller).differences(loaded.routes))
    if json_wanted:
        click.echo(as_json(_values(found)))
    else:
        for line in _lines(found):
            say(line)
        if not found:
            _nothing(loaded, named=api is not None)
    return 1 if found else 0


def _nothing(api: AppApi, *, named: bool) -> None:
    """Policies about another API change nothing of this one: say which it is."""
    tell(f"nothing changes for {counted(len(api.iam_routes), 'IAM route')} of API {api.api_id}/{api.stage}")
    if not named:
        tell("if the policies are about the API on AWS, name it with --api API_ID/STAGE")


def _side(name: str, roles: Roles, api: AppApi) -> Side:
    name, wanted = parted(name)
    path = Path(name)
    if not names_file(path):
        return Side(roles(PolicyType.IDENTITY, name), roles(PolicyType.BOUNDARY, name) or None)
    text = text_of(path)
    with about_file(path):
        found = [each for each in policies_in(text) if each.kind in _OF_CALLERS]
        if not found:
            raise ConfigurationError("it holds no policy of a caller", hint="a document, or a template with a role's")
        owners = sorted({owner for each in found for owner in _owners(each)})
        if wanted not in owners if wanted else len(owners) > 1:
            names = ", ".join(f"`{owner}`" for owner in owners)
            held = f"policies of {names}" if names else "policies that are of no role"
            hint = f"name one as FILE#{owners[0]}" if owners else "name the file only"
            raise ConfigurationError(f"it holds {held}", hint=hint)
        found = [each for each in found if not wanted or wanted in _owners(each)]
    return Side([Named(f"`{path}` line {each.line()}", _for_api(each, api)) for each in found])


def _owners(found: Found) -> frozenset[str]:
    """The roles that a template gives the policy to; the policy itself, if there is none."""
    return (found.roles or frozenset({found.name})) if found.in_template else frozenset()


def _for_api(found: Found, api: AppApi) -> dict[str, Any]:
    """The document; one of a template with this API where it leaves open which API is meant."""
    if not found.in_template:
        return found.document
    here = f":{api.region}:{api.account}:"

    def put(value: Any) -> Any:
        return opened(value.replace(_OPEN, here)) if isinstance(value, str) else value

    def changed(statement: dict[str, Any]) -> dict[str, Any]:
        resources = {name: [put(each) for each in listed(statement[name])] for name in _RESOURCES if name in statement}
        return {**statement, **resources}

    return {**found.document, "Statement": [changed(each) for each in statements(found.document)]}


def _values(found: list[Difference]) -> dict[str, object]:
    values: dict[str, object] = {
        change: [each.route for each in found if each.change == change] for change in ("newly_allowed", "newly_denied")
    }
    partly = [{"route": each.route, "change": each.change, "example": each.example} for each in found if each.example]
    more = {
        "partly": partly,
        "conditional": list(dict.fromkeys(each.route for each in found if each.conditional)),
        "incomplete": list(dict.fromkeys(each.route for each in found if not each.complete)),
    }
    return {**values, **{name: listed for name, listed in more.items() if listed}}


def _lines(found: list[Difference]) -> list[str]:
    lines = []
    for change in ("newly_allowed", "newly_denied"):
        for each in found:
            if each.change == change:
                partly = f", partly: {each.example}" if each.example else ""
                lines.append(f"{change.replace('_', ' ')}: {each.route}{partly}")
    for what, routes in (
        ("conditions or variables decide", [each.route for each in found if each.conditional]),
        ("not every kind of request was looked at", [each.route for each in found if not each.complete]),
    ):
        lines += [f"{what}: {route}" for route in dict.fromkeys(routes)]
    return lines
