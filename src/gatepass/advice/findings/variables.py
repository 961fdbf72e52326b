"""Policy variables that AWS cannot read, or that stand where it reads none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatepass.advice.findings.subject import Finding, Subject, element
from gatepass.advice.known import key_of
from gatepass.policy.variables import MalformedVariable, keys, template

_KEY = re.compile(r"\$\{[A-Za-z][\w.-]*:")


def about_variables(subject: Subject) -> Iterator[Finding]:
    for index, statement in subject.statements:
        for action, path in subject.entries(index, element(statement, "Action")):
            if "${" in action:
                yield subject.finding("variable-out-of-place", f"`{action}`: Action takes no variables", index, *path)
        for resource, path in subject.entries(index, element(statement, "Resource")):
            before = resource.find("${")
            if before >= 0 and resource.count(":", 0, before) < 5:
                message = f"`{resource}`: a variable before the fifth colon is plain text"
                yield subject.finding("variable-out-of-place", message, index, *path)
            elif before >= 0:
                yield from _about_text(subject, index, resource, path)
        # Where an operator takes no variables, AWS refuses the value: it is no number, no date, no address.
        for condition in statement.conditions:
            for value in condition.values:
                if "${" in value:
                    way = ("Condition", condition.operator, condition.key)
                    yield from _about_text(subject, index, value, way)


def _about_text(subject: Subject, index: int, text: str, path: tuple[str | int, ...]) -> Iterator[Finding]:
    if not subject.document.has_variables:
        if _KEY.search(text):
            message = f"`{text}`: the policy has no Version 2012-10-17, so it is plain text"
            yield subject.finding("variable-in-old-version", message, index, *path)
        return
    try:
        found = template(text, wildcards=True)
    except MalformedVariable as wrong:
        yield subject.finding("variable-syntax", str(wrong), index, *path)
        return
    for name in keys(found):
        key = key_of(name)
        if key is not None and key.several:
            message = f"`{text}`: `{key.name}` has a set of values, so the variable never has one"
            yield subject.finding("variable-of-several-values", message, index, *path)
