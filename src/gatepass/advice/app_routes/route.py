"""A route as a document describes it, and what every kind of document needs to make one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gatepass.advice.reading import Path, Reading
from gatepass.arn import ANY, METHODS
from gatepass.errors import ConfigurationError

DEFAULT = "$default"
IAM = "AWS_IAM"

_PARAMETER = re.compile(r"\{[\w.\-]+(\+?)\}")
# A wildcard of policies, or not part of a path.
_NOT_IN_PATHS = re.compile(r"[*?#\s]")
_ROUTE_KEY = re.compile(r"([A-Za-z]+)\s+(/\S*)")
# A chain of parents longer than API Gateway allows is a circle.
_DEEPEST = 256


class AppRoute(NamedTuple):
    """One method of one resource, as a document describes it.

    Attributes:
        method: a verb in capitals, or `ANY`.
        path: its template: `/pets/{id}`, `/{proxy+}`.
        iam: it is called with a signature.
        line: where the document says so.
        api: what the document calls its API, if it may describe several.
    """

    method: str
    path: str
    iam: bool
    line: int
    api: str = ""


def wrong(reading: Reading, at: Path, message: str, hint: str = "") -> ConfigurationError:
    """What is wrong with a part of the document, and on which line."""
    return ConfigurationError(f"line {reading.line(at)}: {message}", hint=hint)


def members(reading: Reading, at: Path, value: Any, what: str) -> dict[str, Any]:
    """The value, which must be an object; an empty one if it is not there. Raises: ConfigurationError."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong(reading, at, f"{what} is not an object")
    return value


def route(reading: Reading, at: Path, method: Any, path: Any, iam: bool, api: str = "") -> AppRoute:
    """Raises: ConfigurationError, if API Gateway has no such verb or path."""
    verb = str(method).upper()
    if not isinstance(method, str) or verb not in METHODS | {ANY}:
        raise wrong(reading, at, f"`{method}` is no verb of an API", "a verb like GET, or ANY")
    if not isinstance(path, str) or not path.startswith("/"):
        raise wrong(reading, at, f"`{path}` is no path: it does not begin with `/`")
    if odd := _NOT_IN_PATHS.search(path):
        raise wrong(reading, at, f"`{path}`: `{odd[0]}` cannot stand in the path of a route")
    segments = [segment for segment in path.split("/") if segment]
    for position, segment in enumerate(segments, 1):
        parameter = _PARAMETER.fullmatch(segment)
        if parameter is None and ("{" in segment or "}" in segment):
            raise wrong(reading, at, f"`{path}`: `{segment}` is neither a name nor a parameter")
        if parameter is not None and parameter[1] and position != len(segments):
            raise wrong(reading, at, f"`{path}`: nothing can follow `{segment}`")
    return AppRoute(verb, "/" + "/".join(segments), iam, reading.line(at), api)


def of_route_key(reading: Reading, at: Path, key: str, iam: bool, api: str = "") -> list[AppRoute]:
    """The routes of an HTTP API's `GET /x` or `$default`. Raises: ConfigurationError."""
    if key == DEFAULT:
        return [route(reading, at, ANY, path, iam, api) for path in ("/", "/{proxy+}")]
    found = _ROUTE_KEY.fullmatch(key.strip())
    if found is None:
        raise wrong(reading, at, f"`{key}` is no route of an HTTP API", "`GET /path`, `ANY /path` or `$default`")
    return [route(reading, at, found[1], found[2], iam, api)]


def path_of(name: str, nodes: Mapping[str, tuple[str, str]]) -> str | None:
    """The path of a resource.

    Args:
        nodes: parent and own part of each resource, by name; the root's name is empty.

    Returns: None, if the parents do not lead to the root.
    """
    parts: list[str] = []
    while name:
        if name not in nodes or len(parts) > _DEEPEST:
            return None
        name, part = nodes[name]
        parts.append(part)
    return "/" + "/".join(reversed(parts))


def told_once(routes: Iterable[AppRoute]) -> list[AppRoute]:
    """Each route once, where it stands first; behind IAM if it is so anywhere."""
    known: dict[tuple[str, str, str], AppRoute] = {}
    for each in routes:
        key = (each.api, each.method, each.path)
        first = known.get(key)
        if first is None:
            known[key] = each
        elif each.iam and not first.iam:
            known[key] = first._replace(iam=True)
    return list(known.values())
