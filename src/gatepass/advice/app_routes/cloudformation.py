"""The routes of the APIs that a CloudFormation template makes: REST APIs and HTTP APIs."""

from __future__ import annotations

from collections.abc import Iterator

from gatepass.advice.app_routes.openapi import of_openapi
from gatepass.advice.app_routes.route import IAM, AppRoute, of_route_key, path_of, route, wrong
from gatepass.advice.app_routes.template import Resource, Template, can_be
from gatepass.advice.settled import target

APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_RESOURCE, _METHOD = "AWS::ApiGateway::Resource", "AWS::ApiGateway::Method"
_ROUTE = "AWS::ApiGatewayV2::Route"
KINDS = frozenset({*APIS, _METHOD, _ROUTE})
_STAGES = {"AWS::ApiGateway::Stage": "RestApiId", "AWS::ApiGatewayV2::Stage": "ApiId"}
_DEPLOYMENT = "AWS::ApiGateway::Deployment"
# What only a WebSocket API has.
_OF_WEBSOCKETS = ("$connect", "$disconnect")


def of_cloudformation(template: Template) -> Iterator[AppRoute]:
    """Raises: ConfigurationError."""
    for api in template.of(*APIS):
        if not _is_websocket(template, api.name):
            yield from _of_api(template, api)
    yield from _of_methods(template)
    for each in template.of(_ROUTE):
        yield from _of_route(template, each)


def stages(template: Template) -> Iterator[tuple[str, str | None]]:
    """The API and the name of each stage; None for a name that cannot be known.

    A deployment's own stage counts only where there is no other: what SAM makes of a template has one called `Stage`.
    """
    found = [*template.of(*_STAGES)] or [each for each in template.of(_DEPLOYMENT) if "StageName" in each.properties]
    for each in found:
        api = each.properties.get(_STAGES.get(each.type, "RestApiId"))
        yield target(api)[0], template.text(each.properties.get("StageName"))


def _of_api(template: Template, api: Resource) -> Iterator[AppRoute]:
    """What an API's own properties say: a document, or the one route of a quickly made HTTP API."""
    properties, reading = api.properties, template.reading
    if "BodyS3Location" in properties:
        at = (*api.at, "BodyS3Location")
        raise wrong(reading, at, f"the OpenAPI document of `{api.name}` is in another file", "name that file itself")
    if "Body" in properties:
        yield from of_openapi(reading, (*api.at, "Body"), properties["Body"], api=api.name)
    if api.type == "AWS::ApiGatewayV2::Api" and "Target" in properties:
        key = properties.get("RouteKey", "$default")
        yield from of_route_key(reading, (*api.at, "Target"), str(key), False, api.name)


def _of_methods(template: Template) -> Iterator[AppRoute]:
    nodes: dict[str, tuple[str, str]] = {}
    for each in template.of(_RESOURCE):
        part, parent = template.text(each.properties.get("PathPart")), _node(each.properties.get("ParentId"))
        if part is None:
            raise wrong(template.reading, each.at, f"`{each.name}` has no PathPart that can be known from the template")
        if parent is not None:
            nodes[each.name] = (parent, part)
    for method in template.of(_METHOD):
        properties = method.properties
        node = _node(properties.get("ResourceId"))
        path = None if node is None else path_of(node, nodes)
        if path is None:
            raise wrong(
                template.reading,
                (*method.at, "ResourceId"),
                f"the path of `{method.name}` cannot be known: its resource, or a parent of it, is not in the template",
                "name the template that makes the API, or an OpenAPI document of it",
            )
        verb, iam = template.text(properties.get("HttpMethod")), can_be(properties.get("AuthorizationType"), IAM)
        api = target(properties.get("RestApiId"))[0]
        yield route(template.reading, method.at, verb, path, iam, api)


def _node(reference: object) -> str | None:
    """The resource that is referred to: empty for the API's root, None if it is none."""
    name, attribute = target(reference)
    if attribute == "RootResourceId":
        return ""
    return name if name and attribute in ("", "ResourceId") else None


def _of_route(template: Template, each: Resource) -> Iterator[AppRoute]:
    api = target(each.properties.get("ApiId"))[0]
    key, at = template.text(each.properties.get("RouteKey")), (*each.at, "RouteKey")
    if _is_websocket(template, api) or key in _OF_WEBSOCKETS:
        return
    if key is None:
        raise wrong(template.reading, at, f"`{each.name}` has no RouteKey that can be known from the template")
    iam = can_be(each.properties.get("AuthorizationType"), IAM)
    yield from of_route_key(template.reading, at, key, iam, api)


def _is_websocket(template: Template, name: str) -> bool:
    api = template.resources.get(name)
    return api is not None and api.properties.get("ProtocolType") == "WEBSOCKET"
