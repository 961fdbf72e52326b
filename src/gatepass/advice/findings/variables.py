"""Policy variables that AWS cannot read, or that stand where it reads none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatepass.advice.findings.subject import Finding, Subject, element
from gatepass.advice.known import key_of
from gatepass.policy.operators import OPERATORS, operator_name
from gatepass.policy.variables import MalformedVariable, keys, template

_KEY = re.compile(r"\$\{[A-Za-z][\w.-]*:")


def about_variables(subject: Subject) -> Iterator[Finding]:
    for index, statement in subject.statements:
        for name in ("Action", "Sid"):
            for text, path in subject.entries(index, element(statement, name)):
                if "${" in text:
                    message = f"`{text}`: {name} takes no variables"
                    yield subject.finding("variable-out-of-place", message, index, *path)
        for resource, path in subject.entries(index, element(statement, "Resource")):
            before = resource.find("${")
            if before >= 0 and resource.count(":", 0, before) < 5:
                message = f"`{resource}`: a variable before the fifth colon is plain text"
                yield subject.finding("variable-out-of-place", message, index, *path)
            elif before >= 0:
                yield from _about_text(subject, index, resource, path)
        for condition in statement.conditions:
            path = ("Condition", condition.operator, condition.key)
            name_ = operator_name(condition.operator)
            operator = OPERATORS.get(name_.name) if name_ is not None else None
            for value in condition.values:
                if "${" in value and (operator is None or not operator.variables):
                    message = f"`{value}`: `{condition.operator}` takes no variables"
                    yield subject.finding("variable-out-of-place", message, index, *path)
                elif "${" in value:
                    yield from _about_text(subject, index, value, path)


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
