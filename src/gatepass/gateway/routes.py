"""The routes of an API, and which one a request is for.

As API Gateway resolves them: a literal segment beats `{parameter}`, which beats `{proxy+}`; a branch that leads nowhere
falls back to the next; slashes at the end are ignored; and a resource that has the path but not the verb is no match.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from gatepass.arn import ANY, METHODS
from gatepass.errors import ConfigurationError
from gatepass.gateway.ids import derived_id

if TYPE_CHECKING:
    from gatepass.gateway.integrations import Integration

Parameters = tuple[tuple[str, bytes], ...]

_PARAMETER = re.compile(r"\{([\w.\-]+)(\+?)\}")


class Protection(Enum):
    """What a route asks of a caller; the values are API Gateway's authorization types."""

    OPEN = "NONE"
    IAM = "AWS_IAM"


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one resource.

    Attributes:
        method: a verb in capitals, or `ANY`.
        resource: the template of the path: `/pets/{id}`.
        careful: refuses paths that whoever is behind could read differently.
        exact: slashes more than the template's make it another path.
    """

    method: str
    resource: str
    protection: Protection
    integration: Integration
    careful: bool = True
    exact: bool = False
    resource_id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "resource_id", derived_id("resource", self.resource, length=6))

    def __str__(self) -> str:
        return f"{self.method} {self.resource}"


class Match(NamedTuple):
    """A route, and what its parameters stand for, as received."""

    route: Route
    parameters: Parameters


@dataclass(slots=True)
class _Node:
    """A resource, or a part of the way to one."""

    methods: dict[str, Route] = field(default_factory=dict)
    literal: dict[bytes, _Node] = field(default_factory=dict)
    parameter: tuple[str, _Node] | None = None
    greedy: tuple[str, _Node] | None = None


class RouteTable:
    """The routes of one API; immutable.

    Raises: ConfigurationError, if two routes cannot be told apart or a template cannot be one.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._root = _Node()
        for route in self.routes:
            methods = _grow(self._root, route).methods
            if route.method in methods:
                raise ConfigurationError(f"the route `{route}` is there twice")
            methods[route.method] = route

    def __iter__(self) -> Iterator[Route]:
        return iter(self.routes)

    def match(self, method: str, path: bytes) -> Match | None:
        """The route of a path without its stage; None if there is none for this path and verb."""
        bare = path.strip(b"/")
        root = self._root
        if root.greedy is not None and root.parameter is None and bare and bare.partition(b"/")[0] not in root.literal:
            # Most apps that do their own routing have nothing but this: no need to look at the segments.
            name, node = root.greedy
            route = _of_method(node, method)
            return None if route is None else Match(route, ((name, bare),))
        plain = path in (b"/" + bare, bare) and b"//" not in path
        for node, parameters in _candidates(root, bare.split(b"/") if bare else [], 0):
            route = _of_method(node, method)
            if route is None:
                return None
            if plain or not route.exact:
                return Match(route, parameters)
        return None


def _of_method(node: _Node, method: str) -> Route | None:
    return node.methods.get(method) or (node.methods.get(ANY) if method in METHODS else None)


def _grow(node: _Node, route: Route) -> _Node:
    """The node of a route's resource, made where it is missing."""
    segments = [segment for segment in route.resource.split("/") if segment]
    for position, segment in enumerate(segments):
        parameter = _PARAMETER.fullmatch(segment)
        if parameter is None:
            if "{" in segment or "}" in segment:
                raise ConfigurationError(f"the route `{route}`: `{segment}` is neither a name nor a parameter")
            node = node.literal.setdefault(segment.encode(), _Node())
        elif parameter[2]:
            if position != len(segments) - 1:
                raise ConfigurationError(f"the route `{route}`: nothing can follow `{segment}`")
            node.greedy = node.greedy or (parameter[1], _Node())
            node = _of_name(node.greedy, parameter[1], route)
        else:
            node.parameter = node.parameter or (parameter[1], _Node())
            node = _of_name(node.parameter, parameter[1], route)
    return node


def _of_name(known: tuple[str, _Node], name: str, route: Route) -> _Node:
    if known[0] != name:
        raise ConfigurationError(f"the route `{route}`: another route calls the parameter there `{known[0]}`")
    return known[1]


def _candidates(node: _Node, segments: list[bytes], position: int) -> Iterator[tuple[_Node, Parameters]]:
    """Every resource the path can be, the most literal one first."""
    if position == len(segments):
        if node.methods:
            yield node, ()
        return
    segment = segments[position]
    literal = node.literal.get(segment)
    if literal is not None:
        yield from _candidates(literal, segments, position + 1)
    if node.parameter is not None and segment:
        name, child = node.parameter
        for found, parameters in _candidates(child, segments, position + 1):
            yield found, ((name, segment), *parameters)
    if node.greedy is not None:
        name, child = node.greedy
        yield child, ((name, b"/".join(segments[position:])),)
