"""A template as it would be deployed: what its references come to, and which policies a role then has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gatepass.advice.app_routes import stage_in
from gatepass.advice.cases import Named
from gatepass.advice.found import stack_in
from gatepass.advice.known import nearest
from gatepass.advice.reading import Reading
from gatepass.advice.resources import Resource, resources_in
from gatepass.advice.settled import KNOWN, is_open, settled
from gatepass.advice.stack import Found, Role, Stack, objects
from gatepass.arn import role_arn
from gatepass.errors import ConfigurationError
from gatepass.policy import MANAGED_POLICIES
from gatepass.policy.shorthand import expanded

_NAMES = ("RoleName", "UserName", "GroupName", "ManagedPolicyName", "StageName", "BucketName", "TableName", "name")
_APIS = (
    "AWS::ApiGateway::RestApi",
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "AWS::ApiGatewayV2::Api",
    "aws_api_gateway_rest_api",
)
_API_POLICY = "aws_api_gateway_rest_api_policy"
_IMPLICIT_API = "ServerlessRestApi"


class Place(NamedTuple):
    """Where a template is deployed.

    Attributes:
        parameters: values of its parameters or variables, by name.
        api_id, stage: of its API; None: as the template calls them.
    """

    account: str
    region: str
    parameters: Mapping[str, str]
    api_id: str | None = None
    stage: str | None = None


class Deployed(NamedTuple):
    """A role of a template, deployed.

    Attributes:
        missing: references to its policies that are not in the template.
        boundary: None if it has none.
        lost_boundary: a reference to its boundary, if that is not in the template.
        apis: what the template's APIs are called then.
        stage: of them; None if the template does not say.
    """

    role: str
    identity: tuple[Named, ...]
    boundary: tuple[Named, ...] | None
    resource: tuple[Named, ...]
    missing: tuple[str, ...]
    lost_boundary: str
    apis: tuple[str, ...]
    stage: str | None


def deployed(reading: Reading, role: str | None, place: Place) -> Deployed:
    """The role of this name or logical id; without one, the only role. Raises: ConfigurationError."""
    _check_parameters(reading, place.parameters)
    resources = list(resources_in(reading))
    known = _known(reading, resources, place)
    stack = stack_in(reading, known)
    chosen = _role(stack, role)
    boundary = stack.boundary_of(chosen)
    names = {each.name for each in stack.found} | set(stack.names.values()) | set(MANAGED_POLICIES)
    api_ids = _api_ids(resources, known)
    return Deployed(
        chosen.name,
        tuple(map(_named, stack.policies_of(chosen))),
        None if boundary is None else (_named(boundary),),
        tuple(
            _of_api(each, api_ids[each.name], place)
            for each in stack.found
            if each.kind == "resource" and each.name in api_ids
        ),
        tuple(each.reference for each in chosen.managed if each.reference not in names),
        chosen.boundary if boundary is None else "",
        _called(resources, place),
        place.stage or stage_in(reading),
    )


def _check_parameters(reading: Reading, given: Mapping[str, str]) -> None:
    """A template has no other parameters than its own; Terraform's variables may be declared in another file."""
    value = reading.value if isinstance(reading.value, dict) else {}
    if "Resources" not in value:
        return
    names = [name for name, _ in objects(value.get("Parameters"))]
    for name in given:
        if name not in names:
            near = nearest(name, names)
            listed = ", ".join(f"`{each}`" for each in names)
            hint = f"did you mean `{near}`?" if near else f"it has {listed}" if names else "leave --parameter out"
            raise ConfigurationError(f"it has no parameter `{name}`", hint=hint)


def _role(stack: Stack, name: str | None) -> Role:
    if name is None and len(stack.roles) == 1:
        return stack.roles[0]
    found = stack.role(name) if name is not None else None
    if found is not None:
        return found
    names = [role.id for role in stack.roles]
    if not names:
        raise ConfigurationError("it has no role", hint="give the policies of the caller with --identity")
    listed = ", ".join(f"`{each}`" for each in names)
    near = nearest(name, names) if name is not None else None
    said = f"it has no role `{name}`" if name is not None else "it has several roles"
    raise ConfigurationError(said, hint=f"did you mean `{near}`?" if near else f"name one with --role: {listed}")


def _named(found: Found) -> Named:
    return Named(f"`{found.name}` line {found.line()}", found.document)


def _known(reading: Reading, resources: Sequence[Resource], place: Place) -> dict[str, str]:
    """What references come to."""
    known = {**KNOWN, "AWS::AccountId": place.account, "AWS::Region": place.region, "AWS::StackName": "stack"}
    value = reading.value if isinstance(reading.value, dict) else {}
    for section, default, prefix in (("Parameters", "Default", ""), ("variable", "default", "var.")):
        for name, parameter in objects(value.get(section)):
            if isinstance(parameter.get(default), str | int):
                known[f"{prefix}{name}"] = str(parameter[default])
    for name, text in place.parameters.items():
        known[name] = known[f"var.{name}"] = text
    for resource in resources:
        known |= _name_and_arn(resource, place, known)
    if place.api_id is not None:
        known[_IMPLICIT_API] = place.api_id
    return known


def _name_and_arn(resource: Resource, place: Place, known: Mapping[str, str]) -> dict[str, str]:
    id_, type_, own, properties, _ = resource
    given = (settled(properties[name], known) for name in _NAMES if name in properties)
    name = next((each for each in given if isinstance(each, str)), own)
    if type_ in _APIS:
        name = place.api_id or own
        return {id_: name, f"{id_}.execution_arn": _api_arn(place, name)}
    if type_.endswith("Stage") and place.stage is not None:
        name = place.stage
    found = {id_: name}
    if type_ in ("AWS::IAM::Role", "aws_iam_role"):
        found |= {f"{id_}.{each}": role_arn(place.account, "/", name) for each in ("Arn", "arn")}
    return found


def _called(resources: Sequence[Resource], place: Place) -> tuple[str, ...]:
    """What its APIs are called; one API without a resource of its own, if it has none."""
    if place.api_id is not None:
        return (place.api_id,)
    return tuple(dict.fromkeys(each.name for each in resources if each.type in _APIS)) or (_IMPLICIT_API,)


def _api_ids(resources: Sequence[Resource], known: Mapping[str, str]) -> dict[str, str]:
    """The id of each API, and of the API that a resource is the policy of, by the resource's id."""
    ids = {each.id: known[each.id] for each in resources if each.type in _APIS}
    policies = (each for each in resources if each.type == _API_POLICY)
    return ids | {each.id: str(settled(each.properties.get("rest_api_id", ""), known)) for each in policies}


def _of_api(found: Found, api_id: str, place: Place) -> Named:
    """An API's own policy, with full ARNs, as it is stored; as it stands, if nobody knows which API that is."""
    if not api_id or is_open(api_id):
        return _named(found)
    return _named(found)._replace(document=expanded(found.document, _api_arn(place, api_id)))


def _api_arn(place: Place, api_id: str) -> str:
    return f"arn:aws:execute-api:{place.region}:{place.account}:{api_id}"
