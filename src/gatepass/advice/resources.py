"""The resources of a template: CloudFormation's, SAM's, or Terraform's in JSON, each as references call it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gatepass.advice.reading import Path, Reading
from gatepass.advice.stack import objects


class Resource(NamedTuple):
    """A resource.

    Attributes:
        id: what references call it: `Guests`, `aws_iam_role.guests`.
        name: its own in the file: `Guests`, `guests`.
        properties: what it is given; what is no object is nothing.
        path: where they stand.
    """

    id: str
    type: str
    name: str
    properties: dict[str, Any]
    path: Path


def resources_in(reading: Reading) -> Iterator[Resource]:
    """All of them, in order; none of a file that is no template."""
    value = reading.value if isinstance(reading.value, dict) else {}
    for name, each in objects(value.get("Resources")):
        properties, path = each.get("Properties"), ("Resources", name, "Properties")
        yield Resource(name, str(each.get("Type")), name, properties if isinstance(properties, dict) else {}, path)
    yield from blocks(reading, "resource")


def blocks(reading: Reading, section: str) -> Iterator[Resource]:
    """What Terraform's section `resource` or `data` holds."""
    value = reading.value if isinstance(reading.value, dict) else {}
    before = "" if section == "resource" else f"{section}."
    for given, at in each_of(value.get(section), (section,)):
        for type_ in given:
            for named, of_type in each_of(given[type_], (*at, type_)):
                for name in named:
                    for body, place in each_of(named[name], (*of_type, name)):
                        yield Resource(f"{before}{type_}.{name}", type_, name, body, place)


def each_of(value: Any, path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Objects and their places: Terraform takes a list of objects wherever it takes an object."""
    if isinstance(value, dict):
        yield value, path
    elif isinstance(value, list):
        for number, each in enumerate(value):
            if isinstance(each, dict):
                yield each, (*path, number)
