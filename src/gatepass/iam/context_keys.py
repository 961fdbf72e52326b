"""The context keys that policies read: in conditions, and in variables of resources and of conditions' values."""

import re
from collections.abc import Iterable, Iterator

from gatepass.policy import Document

_VARIABLE = re.compile(r"\$\{([^\s,'{}$*?]+)")


def context_keys(documents: Iterable[Document]) -> tuple[str, ...]:
    """Every key once, as it is first written, in the order in which they appear."""
    found: dict[str, str] = {}
    for document in documents:
        for key in _keys(document):
            found.setdefault(key.lower(), key)
    return tuple(found.values())


def _keys(document: Document) -> Iterator[str]:
    for statement in document.statements:
        if document.has_variables:
            for resource in statement.resources or ():
                yield from _VARIABLE.findall(resource)
        for condition in statement.conditions:
            yield condition.key
            if document.has_variables:
                for value in condition.values:
                    yield from _VARIABLE.findall(value)
