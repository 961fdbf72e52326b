"""`gatepass policy simulate`: what policies say about requests, before anything is deployed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import click

from gatepass.advice.cases import Named, account_in, policy_of
from gatepass.advice.deployed import Deployed, Place, deployed
from gatepass.advice.known import key_of
from gatepass.advice.reading import read
from gatepass.arn import assumed_role_arn, method_arn
from gatepass.cli import policy_tables
from gatepass.cli.asking import data_option
from gatepass.cli.aws import account
from gatepass.cli.policy_explained import lines
from gatepass.cli.policy_files import Roles, about_file, as_json, in_file, text_of
from gatepass.cli.pool import which_api
from gatepass.cli.pool_plan import Api, Route
from gatepass.cli.running import find_gate
from gatepass.cli.saying import say, tell
from gatepass.errors import ConfigurationError
from gatepass.policy import Caller, ContextValue, Explanation, Policies, PolicyType, Query, explain

_ACCOUNT = "123456789012"
_REGION = "us-east-1"
_SERVICE = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")

api_option = click.option(
    "--api", metavar="API_ID/STAGE", help="The API that 'VERB /path' is of. Default: the template's, or the gate's."
)
_FILE = click.Path(path_type=Path)
_FORMS = ("tree", "table", "json")


class _Given(NamedTuple):
    """Whose policies take part, and where what is asked for is.

    Attributes:
        template: the role of --template, deployed.
        region, owner: of `VERB /path`; None where nobody said.
    """

    role: str | None
    template: Deployed | None
    region: str | None
    owner: str | None


@click.command(
    epilog="Example: gatepass policy simulate --template template.yaml --role GuestRole --resource 'GET /pets/1'"
)
@click.option("--identity", metavar="FILE", multiple=True, type=_FILE, help="A policy of the caller. Repeatable.")
@click.option("--session", metavar="FILE", multiple=True, type=_FILE, help="A session policy. Repeatable.")
@click.option("--boundary", metavar="FILE", multiple=True, type=_FILE, help="A permissions boundary. Repeatable.")
@click.option("--resource-policy", metavar="FILE", multiple=True, type=_FILE, help="A policy of the API. Repeatable.")
@click.option(
    "--role", metavar="NAME", help="A role whose policies and boundary take part: of the template, else of IAM."
)
@click.option("--template", metavar="FILE", type=_FILE, help="CloudFormation, SAM or Terraform JSON with the role.")
@click.option("--parameter", metavar="NAME=VALUE", multiple=True, help="A parameter of the template. Repeatable.")
@click.option(
    "--region",
    metavar="REGION",
    help="Where the template is deployed. Default: AWS_REGION, else AWS_DEFAULT_REGION, else us-east-1.",
)
@click.option(
    "--account-id", "--account", "account_id", metavar="ID", help="Whose the template is. Default: 123456789012."
)
@click.option(
    "--action",
    metavar="SERVICE:NAME",
    default="execute-api:Invoke",
    show_default=True,
    help="What is to be done.",
)
@click.option(
    "--resource", "targets", required=True, multiple=True, metavar="ARN|'VERB /path'", help="On what. Repeatable."
)
@click.option("--principal", metavar="ARN", help="The caller. Default: a session of --role, in the resource's account.")
@click.option("--context", multiple=True, metavar="KEY=VALUE", help="A condition key; again for a set. Repeatable.")
@click.option("--resource-account", metavar="ID", help="Who owns the resource. Default: the account in its ARN.")
@click.option(
    "--format", "form", type=click.Choice(_FORMS), help="Default: a tree for one request, a table for several."
)
@click.option("--json", "json_wanted", is_flag=True, help="As --format json: an explanation, or a list of them.")
@api_option
@data_option
def simulate(
    *,
    role: str | None,
    template: Path | None,
    parameter: tuple[str, ...],
    region: str | None,
    account_id: str | None,
    action: str,
    targets: tuple[str, ...],
    principal: str | None,
    context: tuple[str, ...],
    resource_account: str | None,
    form: str | None,
    json_wanted: bool,
    api: str | None,
    data: Path | None,
    **files: tuple[Path, ...],
) -> int:
    """Say whether policies allow requests, and why.

    Nothing is called. The policies are those in files and those of --role together. Of a template take part the
    role's policies, its boundary and the API's own policy. Exit status: 0 if every request is allowed, 1 otherwise.
    """
    if not any(files.values()) and role is None and template is None:
        raise click.UsageError("there is no policy: give --identity FILE, --role NAME or --template FILE")
    if not _SERVICE.fullmatch(action):
        raise click.UsageError(f"`{action}` is no action: write SERVICE:Name")
    values = _context(context)
    given = _Given(role, None, region, account_id)
    if template is not None:
        given = _deployed(given, template, _members(parameter), None if api is None else Api.parse(api))
        if given.template and given.template.lost_boundary and not files["boundary"]:
            boundary = given.template.lost_boundary
            raise ConfigurationError(
                f"the boundary `{boundary}` is not in the template", hint="give it with --boundary FILE"
            )
    elif parameter:
        raise click.UsageError("--parameter is of a template: give --template FILE")
    resources = [_resource(target, given, api, data) for target in targets]
    named = _named(given, files)
    explanations = []
    for resource in resources:
        caller = Caller.from_arn(principal or _caller(given, resource))
        query = Query(action, resource, caller, resource_account or account_in(resource), values)
        explanations.append(explain(_policies(named, resource), query))
    if json_wanted or form == "json":
        told = [each.to_json() for each in explanations]
        click.echo(as_json(told if len(told) > 1 else told[0]))
    else:
        for line in _told(explanations, form):
            say(line)
    return 0 if all(each.verdict.allowed for each in explanations) else 1


def _told(explanations: Sequence[Explanation], form: str | None) -> Iterable[str]:
    """Lines for a person."""
    if form == "table" or (form is None and len(explanations) > 1):
        several = len(explanations) > 1
        return policy_tables.verdicts(explanations) if several else policy_tables.statements(explanations[0])
    first, *others = explanations
    return chain(lines(first), *(("", *lines(each)) for each in others))


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _REGION


def _deployed(given: _Given, template: Path, parameters: dict[str, str], api: Api | None) -> _Given:
    """With the role of the template, as it would be in that account and region."""
    region, owner = given.region or _region(), given.owner or _ACCOUNT
    place = Place(owner, region, parameters)
    if api is not None:
        place = place._replace(api_id=api.api_id, stage=api.stage)
    text = text_of(template)
    with about_file(template):
        found = deployed(read(text), given.role, place)
    for reference in found.missing:
        tell(f"the policy `{reference}` of the role is not in the template: give it with --identity FILE")
    return _Given(found.role, found, region, owner)


def _members(given: Sequence[str]) -> dict[str, str]:
    members = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise click.UsageError(f"`{text}` is no parameter with a value: write NAME=VALUE")
        members[name] = value
    return members


def _resource(target: str, given: _Given, api: str | None, data: Path | None) -> str:
    """An ARN as it is; of `VERB /path` the ARN of that method of the API. Raises: ConfigurationError."""
    found = given.template
    if found is None or api is not None or _is_arn(target):
        return resource_of(target, api, data, region=given.region, owner=given.owner)
    if len(found.apis) != 1:
        raise ConfigurationError("the template has several APIs", hint="name one with --api API_ID/STAGE")
    if found.stage is None:
        raise ConfigurationError("the template does not name its stage", hint="name it with --api API_ID/STAGE")
    return _method(target, Api(found.apis[0], found.stage), given.region or _region(), given.owner or _ACCOUNT)


def _is_arn(target: str) -> bool:
    return target == "*" or target.startswith("arn:")


def resource_of(
    target: str, api: str | None, data: Path | None, *, region: str | None = None, owner: str | None = None
) -> str:
    """An ARN as it is; of `VERB /path` the ARN of that method of the API. Raises: ConfigurationError."""
    if _is_arn(target):
        return target
    _check_route(target)
    chosen, gate = which_api(api, data), find_gate(data)
    if gate is not None:
        region, owner = region or gate.region, owner or gate.account_id
    return _method(target, chosen, region or _region(), owner or _ACCOUNT)


def _check_route(target: str) -> None:
    verb, _, path = target.strip().partition(" ")
    hint = "a verb and a real path: 'GET /pets/1'"
    try:
        Route.parse(target)
    except ConfigurationError as error:  # whose hint would be refused below
        raise ConfigurationError(str(error), hint=f"an ARN, or {hint}") from None
    if verb == "*" or "{" in path:
        raise ConfigurationError(f"`{target}` is not one request", hint=hint)


def _method(target: str, api: Api, region: str, owner: str) -> str:
    _check_route(target)
    verb, _, path = target.strip().partition(" ")
    return method_arn(region, owner, api.api_id, api.stage, verb.upper(), path.strip()[1:])


def _caller(given: _Given, resource: str) -> str:
    if given.template is not None and given.owner is not None:
        return assumed_role_arn(given.owner, given.template.role, "simulated")
    return default_principal(given.role, resource)


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


def _named(given: _Given, files: dict[str, tuple[Path, ...]]) -> dict[PolicyType, list[Named]]:
    """Read and asked for once, however many requests there are."""
    roles, found = Roles(), given.template

    def of(type_: PolicyType, option: str, of_template: Sequence[Named]) -> list[Named]:
        named = [each for path in files.get(option, ()) for each in in_file(path)]
        if found is not None:
            named += of_template
        elif given.role is not None and type_ in (PolicyType.IDENTITY, PolicyType.BOUNDARY):
            named += roles(type_, given.role)
        return named

    return {
        PolicyType.IDENTITY: of(PolicyType.IDENTITY, "identity", found.identity if found else ()),
        PolicyType.SESSION: of(PolicyType.SESSION, "session", ()),
        PolicyType.BOUNDARY: of(PolicyType.BOUNDARY, "boundary", (found.boundary or ()) if found else ()),
        PolicyType.RESOURCE: of(PolicyType.RESOURCE, "resource_policy", found.resource if found else ()),
    }


def _policies(named: dict[PolicyType, list[Named]], resource: str) -> Policies:
    compiled = {type_: [policy_of(type_, each, resource) for each in given] for type_, given in named.items()}
    return Policies(
        identity=compiled[PolicyType.IDENTITY],
        session=compiled[PolicyType.SESSION] or None,
        boundary=compiled[PolicyType.BOUNDARY] or None,
        resource=compiled[PolicyType.RESOURCE],
    )


def _context(given: Sequence[str]) -> dict[str, ContextValue | None]:
    """One value is a text, several are a set."""
    values: dict[str, tuple[str, ...]] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise click.UsageError(f"`{text}` is no condition key with a value: write KEY=VALUE")
        values[key.lower()] = (*values.get(key.lower(), ()), value)
    return {key: each if len(each) > 1 or _is_set(key) else each[0] for key, each in values.items()}


def _is_set(key: str) -> bool:
    known = key_of(key)
    return known is not None and known.several
