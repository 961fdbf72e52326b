"""The routes of the APIs that a Terraform configuration in JSON makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatepass.advice.app_routes.openapi import of_openapi
from gatepass.advice.app_routes.route import IAM, AppRoute, members, of_route_key, path_of, route, wrong
from gatepass.advice.reading import Path, Reading, plain
from gatepass.advice.settled import terraform_target

_RESOURCE, _METHOD, _ROUTE = "aws_api_gateway_resource", "aws_api_gateway_method", "aws_apigatewayv2_route"
_APIS = ("aws_api_gateway_rest_api", "aws_apigatewayv2_api")
_STAGES = {
    "aws_api_gateway_stage": ("rest_api_id", "stage_name"),
    "aws_api_gateway_deployment": ("rest_api_id", "stage_name"),
    "aws_apigatewayv2_stage": ("api_id", "name"),
}
KINDS = frozenset({*_APIS, _METHOD, _ROUTE})

Named = tuple[str, Path, dict[str, Any]]


def has_api(reading: Reading) -> bool:
    return not KINDS.isdisjoint(reading.value["resource"])


def of_terraform(reading: Reading) -> Iterator[AppRoute]:
    """Raises: ConfigurationError."""
    websockets = set()
    for type_ in _APIS:
        for name, at, body in _of(reading, type_):
            if body.get("protocol_type") == "WEBSOCKET":
                websockets.add(name)
            elif isinstance(body.get("body"), str):
                yield from _of_body(reading, (*at, "body"), name, body["body"])
    nodes = {}
    for name, _at, body in _of(reading, _RESOURCE):
        parent = _node(body.get("parent_id"))
        if parent is not None:
            nodes[name] = (parent, str(body.get("path_part")))
    for name, at, body in _of(reading, _METHOD):
        node = _node(body.get("resource_id"))
        path = None if node is None else path_of(node, nodes)
        if path is None:
            raise wrong(reading, at, f"the path of `{name}` cannot be known: its resource is not in the file")
        api = _target(body.get("rest_api_id"))[1]
        yield route(reading, at, body.get("http_method"), path, body.get("authorization") == IAM, api)
    for _name, at, body in _of(reading, _ROUTE):
        api = _target(body.get("api_id"))[1]
        if api not in websockets:
            yield from of_route_key(reading, at, str(body.get("route_key")), body.get("authorization_type") == IAM, api)


def stages(reading: Reading) -> Iterator[tuple[str, str | None]]:
    """As of CloudFormation."""
    for type_, (api, member) in _STAGES.items():
        for _name, _at, body in _of(reading, type_):
            given = body.get(member)
            if type_ != "aws_api_gateway_deployment" or given is not None:
                yield _target(body.get(api))[1], given if isinstance(given, str) and "${" not in given else None


def _of(reading: Reading, type_: str) -> Iterator[Named]:
    """The resources of a type; a body may stand in a list of one."""
    at: Path = ("resource", type_)
    for name, given in members(reading, at, reading.value["resource"].get(type_), f"`{type_}`").items():
        body = given[0] if isinstance(given, list) and len(given) == 1 else given
        yield name, (*at, name), members(reading, (*at, name), body, f"`{type_}.{name}`")


def _of_body(reading: Reading, at: Path, name: str, text: str) -> list[AppRoute]:
    """An OpenAPI document as JSON text, all of which stands on one line."""
    if not text.lstrip().startswith("{"):
        raise wrong(reading, at, f"the OpenAPI document of `{name}` is not here", "name its file itself")
    document = Reading(plain(text), {(): reading.line(at)})
    return of_openapi(document, (), document.value, api=name)


def _target(value: Any) -> tuple[str, str, str]:
    """Type, name and attribute of what is referred to."""
    id_, attribute = terraform_target(value)
    type_, _, name = id_.partition(".")
    return (type_, name, attribute) if type_.startswith("aws_") else ("", "", "")


def _node(reference: Any) -> str | None:
    """As of CloudFormation."""
    type_, name, attribute = _target(reference)
    if attribute == "root_resource_id":
        return ""
    return name if type_ == _RESOURCE and attribute == "id" else None
