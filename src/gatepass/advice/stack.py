"""What belongs together in one file: policies, the roles they are of, and the identity pools that give roles away."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from gatepass.advice.reading import Path, Reading
from gatepass.advice.settled import reference
from gatepass.advice.trust import AUD, GUEST, admits_kind
from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import MANAGED_POLICIES, Document, Kind
from gatepass.policy.document import document_of


@dataclass(frozen=True, slots=True)
class Found:
    """A policy document in a file.

    Attributes:
        name: of the resource it belongs to; empty for a document by itself.
        document: with placeholders for what is open.
        path: where it begins in the reading whose `line` tells its lines.
        roles: names of the roles that it is of, by which references know it.
        for_guests: it is of a role that unauthenticated identities take.
        borrowed: it is AWS's own, and nobody here can mend it.
        in_template: it is a resource's, and what it refers to may be open.
    """

    name: str
    kind: Kind
    document: dict[str, Any]
    path: Path
    reading: Reading
    roles: frozenset[str] = frozenset()
    for_guests: bool = False
    borrowed: bool = False
    in_template: bool = False

    def line(self, *path: str | int) -> int:
        return self.reading.line((*self.path, *path))


class Managed(NamedTuple):
    """A managed policy that a role has: which one, and where that is said."""

    reference: str
    line: int


class Role(NamedTuple):
    """A role in a file.

    Attributes:
        id: what references in the file call it.
        name: what it is called when it is deployed.
        boundary: a reference to its permissions boundary; empty if it has none.
        pools: references to the identity pools that it trusts, or their ids.
    """

    id: str
    name: str
    line: int
    trust: Found | None = None
    managed: tuple[Managed, ...] = ()
    boundary: str = ""
    pools: tuple[str, ...] = ()


class Given(NamedTuple):
    """A role that a pool gives away."""

    role: str
    line: int


class Attachment(NamedTuple):
    """The roles of an identity pool.

    Attributes:
        pool: a reference to it, or its id.
        roles: `authenticated` and `unauthenticated` to a reference to the role.
    """

    name: str
    pool: str
    roles: Mapping[str, Given]


@dataclass(frozen=True, slots=True)
class Stack:
    """All that was found in a file.

    Attributes:
        names: of policies and roles to what references call them.
    """

    found: tuple[Found, ...] = ()
    roles: tuple[Role, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    _roles: dict[str, Role] = field(default_factory=dict, repr=False, compare=False)

    def role(self, named: str) -> Role | None:
        """The role that is meant, by id or by name."""
        if not self._roles:
            for role in reversed(self.roles):
                self._roles.update({role.id: role, role.name: role})
        return self._roles.get(named)

    def policies_of(self, role: Role) -> list[Found]:
        return [each for each in self.found if role.id in each.roles and each.kind != "trust"]

    def boundary_of(self, role: Role) -> Found | None:
        """None where there is none, or it is not in the file."""
        if role.boundary in MANAGED_POLICIES:
            return aws_policy(role, Managed(role.boundary, role.line))
        named = (each for each in self.found if each.kind == "managed" and role.boundary)
        return next((each for each in named if role.boundary in (each.name, self.names.get(each.name))), None)


def joined(
    found: Iterable[Found],
    roles: Iterable[Role] = (),
    attachments: Iterable[Attachment] = (),
    links: Iterable[tuple[str, str]] = (),
    names: Mapping[str, str] | None = None,
) -> Stack:
    """Policies told whose they are. `links`: names of policies to references to roles."""
    stack = Stack(tuple(found), tuple(roles), tuple(attachments), names or {})
    linked: dict[str, set[str]] = {}
    for policy, owner in links:
        role = stack.role(owner)
        linked.setdefault(policy, set()).add(owner if role is None else role.id)
    borrowed = []
    for role in stack.roles:
        for each in role.managed:
            linked.setdefault(each.reference, set()).add(role.id)
            if each.reference in MANAGED_POLICIES:
                borrowed.append(aws_policy(role, each))
    guests = _guests(stack)

    def told(each: Found) -> Found:
        own = {each.name, stack.names.get(each.name, each.name)}
        of = each.roles.union(*(linked.get(name, ()) for name in own)) if each.kind != "trust" else each.roles
        return replace(each, roles=of, for_guests=each.for_guests or not guests.isdisjoint(of))

    return replace(stack, found=tuple(told(each) for each in (*stack.found, *borrowed)))


def _guests(stack: Stack) -> set[str]:
    """The roles that guests get."""
    guests = {role.id for role in stack.roles if role.trust is not None and trusts_guests(role.trust.document)}
    for attachment in stack.attachments:
        if GUEST in attachment.roles:
            given = attachment.roles[GUEST].role
            role = stack.role(given)
            guests.add(given if role is None else role.id)
    return guests


def aws_policy(role: Role, managed: Managed) -> Found:
    """One of AWS's own policies, at the line where the role takes it."""
    document = json.loads(MANAGED_POLICIES[managed.reference])
    reading = Reading(document, {(): managed.line})
    name = f"{role.id}, {managed.reference.rpartition('/')[2]}"
    return Found(name, "managed", document, (), reading, frozenset({role.id}), borrowed=True)


def loaded(document: Any) -> Document | None:
    """The document to be evaluated; None if there is none in it."""
    try:
        return document_of(document) if isinstance(document, dict) else None
    except MalformedPolicyDocument:
        return None


def pools_of(trust: Any) -> tuple[str, ...]:
    """References to the pools that a trust policy names, as it stands in the file, or their ids."""
    found = []
    for statement in statements(trust) if isinstance(trust, dict) else []:
        for _, block in objects(statement.get("Condition")):
            found += [reference(each) for key, given in block.items() if key.lower() == AUD for each in listed(given)]
    return tuple(dict.fromkeys(found))


def trusts_guests(trust: Any) -> bool:
    """Whether a trust policy lets unauthenticated identities in."""
    document = loaded(trust)
    return document is not None and admits_kind(document, GUEST)


def kind_of(document: dict[str, Any]) -> Kind:
    """What a document by itself is, from whom and what its statements name."""
    for statement in statements(document):
        if "Principal" in statement or "NotPrincipal" in statement:
            actions = listed(statement.get("Action"))
            assumes = any(isinstance(each, str) and each.lower().startswith("sts:assume") for each in actions)
            return "trust" if assumes and "Resource" not in statement else "resource"
    return "identity"


def statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in listed(document.get("Statement")) if isinstance(each, dict)]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def objects(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The members of an object that are objects."""
    for name, each in value.items() if isinstance(value, dict) else ():
        if isinstance(each, dict):
            yield name, each
