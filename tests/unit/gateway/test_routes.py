"""Which route a path is for, as API Gateway resolves resources."""

import pytest

from gatepass.errors import ConfigurationError
from gatepass.gateway import Decision, Protection, Route, RouteTable
from gatepass.gateway.exchange import Exchange
from gatepass.http import Response


async def nothing(decision: Decision, exchange: Exchange) -> Response | None:
    return None


def table(*templates: str, method: str = "GET", exact: bool = False) -> RouteTable:
    return RouteTable(Route(method, template, Protection.IAM, nothing, exact=exact) for template in templates)


@pytest.mark.parametrize(
    ("templates", "path", "found"),
    [
        (("/",), b"/", "/"),
        (("/",), b"", "/"),
        (("/pets",), b"/pets", "/pets"),
        (("/pets",), b"/pets/", "/pets"),
        (("/pets",), b"/pets//", "/pets"),
        (("/pets", "/{any}"), b"/pets", "/pets"),
        (("/pets", "/{any}"), b"/cats", "/{any}"),
        (("/{any}", "/{proxy+}"), b"/cats", "/{any}"),
        (("/{any}", "/{proxy+}"), b"/cats/1", "/{proxy+}"),
        # a literal branch that leads nowhere falls back
        (("/pets/{id}/photos", "/{proxy+}"), b"/pets/1/x", "/{proxy+}"),
        (("/a/b/c", "/{x}/b/{y}"), b"/a/b/d", "/{x}/b/{y}"),
        (("/pets/{id}",), b"/pets/", None),
        (("/pets/{id}",), b"/pets//", None),
        (("/pets/{id}",), b"/pets/1/2", None),
        (("/pets",), b"/Pets", None),
        (("/pets",), b"/%70ets", None),
        (("/{proxy+}",), b"/", None),
        (("/{proxy+}",), b"", None),
        (("/",), b"/x", None),
    ],
)
def test_the_most_literal_resource_wins(templates: tuple[str, ...], path: bytes, found: str | None) -> None:
    """Literal, then `{parameter}`, then `{proxy+}`; slashes at the end do not count."""
    match = table(*templates).match("GET", path)
    assert (match.route.resource if match else None) == found


@pytest.mark.parametrize(
    ("template", "path", "parameters"),
    [
        ("/pets/{id}", b"/pets/a%20b", {"id": b"a%20b"}),
        ("/{a}/x/{b}", b"/1/x/2/", {"a": b"1", "b": b"2"}),
        ("/{proxy+}", b"/proxy-value/", {"proxy": b"proxy-value"}),
        ("/{proxy+}", b"/proxy-value//double", {"proxy": b"proxy-value//double"}),
        ("/{proxy+}", b"//proxy-value", {"proxy": b"proxy-value"}),
        ("/v1/{proxy+}", b"/v1/test%2Balias@x", {"proxy": b"test%2Balias@x"}),
        ("/pets", b"/pets", {}),
    ],
)
def test_parameters_are_as_received(template: str, path: bytes, parameters: dict[str, bytes]) -> None:
    """Nothing is decoded; a greedy one keeps what is in between."""
    match = table(template).match("GET", path)
    assert match is not None
    assert dict(match.parameters) == parameters


def test_any_stands_for_the_seven_verbs() -> None:
    """Not for what a resource has a method of its own for, nor for other verbs."""
    routes = RouteTable(
        [Route("ANY", "/x", Protection.IAM, nothing), Route("GET", "/x", Protection.OPEN, nothing)],
    )
    found = {verb: routes.match(verb, b"/x") for verb in ("GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "get")}
    assert {verb: match.route.method if match else None for verb, match in found.items()} == {
        "GET": "GET",
        "HEAD": "ANY",
        "OPTIONS": "ANY",
        "DELETE": "ANY",
        "TRACE": None,
        "get": None,
    }


def test_a_resource_without_the_verb_is_no_match() -> None:
    """Even where a greedy route would take it: API Gateway has chosen the resource by then."""
    routes = RouteTable(
        [Route("GET", "/x", Protection.IAM, nothing), Route("ANY", "/{proxy+}", Protection.IAM, nothing)]
    )
    assert routes.match("POST", b"/x") is None


@pytest.mark.parametrize("path", [b"/x/", b"//x", b"/x//", b"/"])
def test_an_exact_route_is_that_path_only(path: bytes) -> None:
    """An app may take `/x/` for another page than `/x`: whoever opened one did not open the other."""
    routes = RouteTable(
        [
            Route("GET", "/x", Protection.OPEN, nothing, exact=True),
            Route("ANY", "/", Protection.IAM, nothing),
            Route("ANY", "/{proxy+}", Protection.IAM, nothing),
        ]
    )
    opened, other = routes.match("GET", b"/x"), routes.match("GET", path)
    assert opened is not None
    assert other is not None
    assert opened.route.protection is Protection.OPEN
    assert other.route.protection is Protection.IAM


@pytest.mark.parametrize(
    "templates",
    [("/x", "/x/"), ("/{a}", "/{b}/c"), ("/{a+}/x",), ("/x{a}",), ("/{a",), ("/{p+}", "/{q+}")],
)
def test_what_is_no_table(templates: tuple[str, ...]) -> None:
    """Two routes that cannot be told apart, and templates API Gateway does not take."""
    with pytest.raises(ConfigurationError):
        table(*templates)


def test_ids_of_resources_are_stable() -> None:
    """Six characters, the same for all methods of a resource and at every start."""
    one, other = Route("GET", "/x", Protection.IAM, nothing), Route("POST", "/x", Protection.OPEN, nothing)
    assert one.resource_id == other.resource_id == "8q4d8h"
