"""The routes of a SAM template: of its APIs, and of the events of its functions.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatepass.advice.app_routes.openapi import of_openapi
from gatepass.advice.app_routes.route import DEFAULT, IAM, AppRoute, members, of_route_key, route, wrong
from gatepass.advice.app_routes.template import Resource, Template, can_be
from gatepass.advice.reading import Path
from gatepass.advice.settled import target

REST, HTTP = "AWS::Serverless::Api", "AWS::Serverless::HttpApi"
APIS = (REST, HTTP)
# Where events stand: the type of resource, and what the API is called that they belong to by default.
_WITH_EVENTS = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
_IMPLICIT = {"Api": "ServerlessRestApi", "HttpApi": "ServerlessHttpApi"}
_STAGE_OF = {"ServerlessRestApi": "Prod", "ServerlessHttpApi": DEFAULT}
_GLOBALS = {REST: "Api", HTTP: "HttpApi"}


def of_serverless(template: Template) -> Iterator[AppRoute]:
    """Raises: ConfigurationError."""
    for api in template.of(*APIS):
        yield from _of_api(template, api)
    for function, at, event in events(template):
        yield from _of_event(template, function, at, event)


def stages(template: Template) -> Iterator[tuple[str, str | None]]:
    """As of CloudFormation."""
    for api in template.of(*APIS):
        given = api.properties.get("StageName", DEFAULT if api.type == HTTP else None)
        yield api.name, template.text(given)
    for name in {_api_of(event) for _, _, event in events(template)} & _STAGE_OF.keys():
        yield name, _STAGE_OF[name]


def events(template: Template) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Function, place and description of the events that are requests to an API."""
    for resource in template.of(*_WITH_EVENTS):
        at = (*resource.at, "Events")
        given = members(template.reading, at, resource.properties.get("Events"), f"`Events` of `{resource.name}`")
        for name, event in given.items():
            if isinstance(event, dict) and str(event.get("Type")) in _IMPLICIT:
                yield resource.name, (*at, name), event


def _of_api(template: Template, api: Resource) -> Iterator[AppRoute]:
    if "DefinitionUri" in api.properties:
        uri = api.properties["DefinitionUri"]
        where = f"in `{uri}`" if isinstance(uri, str) else "in another file"
        at = (*api.at, "DefinitionUri")
        message = f"the OpenAPI document of `{api.name}` is {where}"
        raise wrong(template.reading, at, message, "name that file itself")
    if "DefinitionBody" in api.properties:
        at, body = (*api.at, "DefinitionBody"), api.properties["DefinitionBody"]
        yield from of_openapi(
            template.reading, at, body, default=_default_of(template, api.name, api.type), api=api.name
        )


def _of_event(template: Template, function: str, at: Path, event: dict[str, Any]) -> Iterator[AppRoute]:
    reading, here = template.reading, (*at, "Properties")
    properties = members(reading, here, event.get("Properties"), f"`Properties` of an event of `{function}`")
    auth = members(reading, (*here, "Auth"), properties.get("Auth"), f"`Auth` of an event of `{function}`")
    api, type_ = _api_of(event), REST if event["Type"] == "Api" else HTTP
    iam = can_be(auth["Authorizer"], IAM) if "Authorizer" in auth else _default_of(template, api, type_)
    if type_ == HTTP and properties.get("Path") is None:
        yield from of_route_key(reading, at, DEFAULT, iam, api)
        return
    path, method = template.text(properties.get("Path")), template.text(properties.get("Method"))
    if path is None or method is None:
        raise wrong(reading, at, f"an event of `{function}` has no Path and Method that can be known from the template")
    yield route(reading, at, method, path, iam, api)


def _api_of(event: dict[str, Any]) -> str:
    properties = event.get("Properties")
    given = properties.get("RestApiId" if event["Type"] == "Api" else "ApiId") if isinstance(properties, dict) else None
    return target(given)[0] or (given if isinstance(given, str) else _IMPLICIT[event["Type"]])


def _default_of(template: Template, api: str, type_: str) -> bool:
    """Whether routes of the API are behind IAM that do not say what they ask."""
    resource = template.resources.get(api)
    auth = resource.properties.get("Auth") if resource is not None else None
    if isinstance(auth, dict) and "DefaultAuthorizer" in auth:
        return can_be(auth["DefaultAuthorizer"], IAM)
    return can_be(template.globals(_GLOBALS[type_], "Auth", "DefaultAuthorizer"), IAM)
