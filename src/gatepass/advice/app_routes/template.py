"""A CloudFormation template: its resources by type, and the texts in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gatepass.advice.app_routes.openapi import branches
from gatepass.advice.app_routes.route import members
from gatepass.advice.reading import Path, Reading
from gatepass.advice.settled import is_open, settled


class Resource(NamedTuple):
    """A resource, and where its properties stand."""

    name: str
    type: str
    properties: dict[str, Any]
    at: Path


class Template:
    """Raises: ConfigurationError, if resources are not objects."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.resources: dict[str, Resource] = {}
        for name, resource in members(reading, ("Resources",), reading.value["Resources"], "`Resources`").items():
            at: Path = ("Resources", name)
            given = members(reading, at, resource, f"`{name}`")
            properties = members(reading, (*at, "Properties"), given.get("Properties"), f"`Properties` of `{name}`")
            self.resources[name] = Resource(name, str(given.get("Type")), properties, (*at, "Properties"))
        parameters = members(reading, ("Parameters",), reading.value.get("Parameters"), "`Parameters`")
        self._defaults = {
            name: str(each["Default"])
            for name, each in parameters.items()
            if isinstance(each, dict) and "Default" in each
        }

    def of(self, *types: str) -> Iterator[Resource]:
        return (each for each in self.resources.values() if each.type in types)

    def globals(self, *names: str) -> Any:
        """A part of the section `Globals`; None if it is not there."""
        value = self.reading.value.get("Globals")
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def text(self, value: Any) -> str | None:
        """The text, with parameters at their defaults; None if that cannot be known here."""
        if isinstance(value, str):
            return value
        found = settled(value, self._defaults)
        return found if isinstance(found, str) and not is_open(found) else None


def can_be(value: Any, text: str) -> bool:
    """Whether a property is this text, or may be by a condition."""
    return any(isinstance(each, str) and each.upper() == text for each in branches(value))
