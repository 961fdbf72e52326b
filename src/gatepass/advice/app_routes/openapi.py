"""The routes of an OpenAPI document, version 2 or 3, with API Gateway's extensions.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatepass.advice.app_routes.route import DEFAULT, IAM, AppRoute, members, of_route_key, route, wrong
from gatepass.advice.reading import Path, Reading
from gatepass.arn import ANY, METHODS

_ANY = "x-amazon-apigateway-any-method"
_AUTH = "x-amazon-apigateway-auth"
_TYPE = "x-amazon-apigateway-authtype"
_SIGNED = "awssigv4"
_DEFAULT = "/$default"  # all that an HTTP API has no route for


def is_openapi(value: Any) -> bool:
    return isinstance(value, dict) and ("openapi" in value or "swagger" in value)


def of_openapi(reading: Reading, at: Path, value: Any, *, default: bool = False, api: str = "") -> list[AppRoute]:
    """The routes of the document that stands at this place.

    Args:
        default: whether routes are behind IAM for which the document does not say what they ask.

    Raises: ConfigurationError, if it is none, or refers to other documents.
    """
    document = members(reading, at, value, "the OpenAPI document")
    if "Fn::Transform" in document:
        raise wrong(reading, at, "the OpenAPI document is in another file", "name that file itself")
    paths = members(reading, (*at, "paths"), document.get("paths"), "`paths`")
    schemes = _signed_schemes(document)
    general = _asks(document.get("security"), schemes, default)
    return [
        each
        for path, item in paths.items()
        if path.startswith("/") or not path.startswith("x-")
        for each in _of_path(reading, (*at, "paths", path), path, item, schemes, general, api)
    ]


def _of_path(
    reading: Reading, at: Path, path: str, given: Any, schemes: frozenset[str], general: bool, api: str
) -> Iterator[AppRoute]:
    for item in branches(given):
        verbs = members(reading, at, item, f"`{path}`")
        if "$ref" in verbs:
            raise wrong(reading, at, f"`{path}` refers to another place", "write its verbs where the path is")
        for name, alternatives in verbs.items():
            method = ANY if name == _ANY else name.upper()
            if method not in METHODS and name != _ANY:
                continue
            here = (*at, name)
            operations = [members(reading, here, each, f"`{name}`") for each in branches(alternatives)]
            iam = any(_is_signed(each, schemes, general) for each in operations)
            if path == _DEFAULT:
                yield from of_route_key(reading, here, DEFAULT, iam, api)
            else:
                yield route(reading, here, method, path, iam, api)


def branches(value: Any) -> list[Any]:
    """What a template's value can be: itself, or what `Fn::If` chooses from."""
    if isinstance(value, dict) and isinstance(value.get("Fn::If"), list) and len(value) == 1:
        return [each for branch in value["Fn::If"][1:] for each in branches(branch)]
    return [] if value == {"Ref": "AWS::NoValue"} else [value]


def _signed_schemes(document: dict[str, Any]) -> frozenset[str]:
    """The names of the security schemes that are a signature."""
    components = document.get("components")
    described = [document.get("securityDefinitions")]
    described += [components.get("securitySchemes")] if isinstance(components, dict) else []
    return frozenset(
        name
        for schemes in described
        if isinstance(schemes, dict)
        for name, scheme in schemes.items()
        if isinstance(scheme, dict) and str(scheme.get(_TYPE)).lower() == _SIGNED
    )


def _is_signed(operation: dict[str, Any], schemes: frozenset[str], general: bool) -> bool:
    auth = operation.get(_AUTH)
    if isinstance(auth, dict) and "type" in auth:
        return str(auth["type"]).upper() == IAM
    return _asks(operation.get("security"), schemes, general)


def _asks(requirements: Any, schemes: frozenset[str], otherwise: bool) -> bool:
    """Whether one of the requirements is a signature; `otherwise`, if there are none: an empty list is some."""
    if not isinstance(requirements, list):
        return otherwise
    return any(isinstance(each, dict) and not schemes.isdisjoint(each) for each in requirements)
