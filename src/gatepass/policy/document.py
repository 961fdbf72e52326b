"""A policy document as a value: read once, every later step trusts its types.

`load` is for evaluating: it takes whatever AWS would evaluate, and refuses only a text that cannot be read as a policy
at all. What may be saved is decided in `validation`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy.reader import SYNTAX, read

Kind = Literal["identity", "managed", "trust", "resource", "session"]
Effect = Literal["Allow", "Deny"]


class Condition(NamedTuple):
    """One key under one operator; values are OR (NOR under a negated operator).

    Attributes:
        operator: as written, with set prefix and `IfExists`.
        key: as written.
        values: as text: JSON booleans become `true` and `false`, numbers their digits.
    """

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, with every element in its list form.

    Attributes:
        principals: principal type (`AWS`, `Federated`, …, or `*`) to names; None without the element.
        resources: None without the element.
        raw: the statement as it was written.
    """

    effect: Effect
    sid: str | None
    principals: Mapping[str, tuple[str, ...]] | None
    not_principal: bool
    actions: tuple[str, ...] | None
    not_action: bool
    resources: tuple[str, ...] | None
    not_resource: bool
    conditions: tuple[Condition, ...]
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document.

    Attributes:
        version: `2012-10-17`, `2008-10-17`, or None where the document does not say.
    """

    version: str | None
    id: str | None
    statements: tuple[Statement, ...]
    raw: Mapping[str, Any]

    @property
    def has_variables(self) -> bool:
        """Policy variables exist only since 2012-10-17; before, `${…}` is plain text."""
        return self.version == "2012-10-17"

    def format(self) -> str:
        """The document as compact JSON; `load` of it gives an equal document."""
        return json.dumps(self.raw, separators=(",", ":"), ensure_ascii=False)


def load(text: str) -> Document:
    """Read a document to evaluate it. Raises: MalformedPolicyDocument, if no policy can be read."""
    return document_of(read(text))


def document_of(raw: Mapping[str, Any], *, any_case: bool = False) -> Document:
    """The document in JSON members already read. `any_case`: take an Effect in any case, for a later check."""
    for name in raw:
        if name not in ("Version", "Id", "Statement"):
            raise _syntax(f"unknown element `{name}`")
    version, identifier = raw.get("Version"), raw.get("Id")
    if version not in (None, "2012-10-17", "2008-10-17"):
        raise _syntax("Version is neither 2012-10-17 nor 2008-10-17")
    if identifier is not None and not isinstance(identifier, str):
        raise _syntax("Id is not a string")
    statements = raw.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise _syntax("no Statement")
    return Document(version, identifier, tuple(_statement(member, any_case) for member in statements), raw)


#: What a statement may have.
ELEMENTS = frozenset(
    ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
)


def _syntax(detail: str) -> MalformedPolicyDocument:
    return MalformedPolicyDocument(SYNTAX, detail=detail)


def _statement(raw: Any, any_case: bool) -> Statement:
    if not isinstance(raw, dict):
        raise _syntax("a statement is not an object")
    for name in raw:
        if name not in ELEMENTS:
            raise _syntax(f"unknown statement element `{name}`")
    effect = raw.get("Effect")
    word = effect.capitalize() if any_case and isinstance(effect, str) else effect
    if word not in ("Allow", "Deny"):
        raise _syntax("Effect is neither Allow nor Deny")
    sid = raw.get("Sid")
    if sid is not None and not isinstance(sid, str):
        raise _syntax("Sid is not a string")
    for name in ("Action", "Resource", "Principal"):
        if name in raw and f"Not{name}" in raw:
            raise _syntax(f"both {name} and Not{name}")
    principals = raw.get("NotPrincipal", raw.get("Principal"))
    return Statement(
        effect="Allow" if word == "Allow" else "Deny",
        sid=sid,
        principals=None if principals is None else _principals(principals),
        not_principal="NotPrincipal" in raw,
        actions=_strings(raw, "Action"),
        not_action="NotAction" in raw,
        resources=_strings(raw, "Resource"),
        not_resource="NotResource" in raw,
        conditions=_conditions(raw.get("Condition", {})),
        raw=raw,
    )


def _strings(raw: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """The element or its negation as a tuple; AWS passes over a null in a list."""
    given = raw.get(f"Not{name}", raw.get(name))
    if given is None:
        return None
    members = given if isinstance(given, list) else [given]
    if name == "Resource":
        members = [member for member in members if member is not None]
    if not all(isinstance(member, str) for member in members):
        raise _syntax(f"{name} holds something that is not a string")
    return tuple(members)


def _principals(raw: Any) -> Mapping[str, tuple[str, ...]]:
    if raw == "*":
        return {"*": ("*",)}
    if not isinstance(raw, dict):
        raise _syntax('a principal is neither "*" nor an object')
    principals = {}
    for kind, given in raw.items():
        names = given if isinstance(given, list) else [given]
        if not all(isinstance(name, str) for name in names):
            raise _syntax("a principal is not a string")
        principals[kind] = tuple(names)
    return principals


def _conditions(raw: Any) -> tuple[Condition, ...]:
    if not isinstance(raw, dict):
        raise _syntax("Condition is not an object")
    conditions = []
    for operator, block in raw.items():
        if not isinstance(block, dict):
            raise _syntax(f"condition operator `{operator}` holds no object")
        for key, given in block.items():
            values = given if isinstance(given, list) else [given]
            conditions.append(Condition(operator, key, tuple(_value(value) for value in values)))
    return tuple(conditions)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return json.dumps(value)
    if isinstance(value, str):
        return value
    raise _syntax("a condition value is neither a string, a number nor a boolean")
