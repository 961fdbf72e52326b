"""Policies, roles and identity pools of Terraform in JSON.

Source: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gatepass.advice.reading import Path, Reading
from gatepass.advice.resources import Resource, blocks, each_of
from gatepass.advice.settled import KNOWN, reference, settled_policy
from gatepass.advice.stack import Attachment, Found, Given, Managed, Role, Stack, joined, kind_of, listed, pools_of
from gatepass.policy import Kind

#: Resource, its member that is a policy, what kind of policy it is.
_POLICIES: tuple[tuple[str, str, Kind | None], ...] = (
    ("aws_iam_role", "assume_role_policy", "trust"),
    ("aws_iam_role_policy", "policy", "identity"),
    ("aws_iam_user_policy", "policy", "identity"),
    ("aws_iam_group_policy", "policy", "identity"),
    ("aws_iam_policy", "policy", "managed"),
    ("aws_api_gateway_rest_api", "policy", "resource"),
    ("aws_api_gateway_rest_api_policy", "policy", "resource"),
)
_DOCUMENT = "aws_iam_policy_document"
_MEMBERS = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def stack_of(reading: Reading, known: Mapping[str, str] = KNOWN) -> Stack:
    plan = _Plan(reading, known)
    found = list(plan.policies())
    trusts = {each.name: each for each in reversed(found) if each.kind == "trust"}
    roles = [plan.role(each, trusts) for each in plan.resources("aws_iam_role")]
    attachments = [plan.attachment(each) for each in plan.resources("aws_cognito_identity_pool_roles_attachment")]
    links = [(each.id, each.properties.get("role")) for each in plan.resources("aws_iam_role_policy")]
    for type_, member in (("aws_iam_role_policy_attachment", "role"), ("aws_iam_policy_attachment", "roles")):
        for each in plan.resources(type_):
            policy = reference(each.properties.get("policy_arn"))
            links += [(policy, role) for role in listed(each.properties.get(member))]
    names = {
        each.id: each.properties["name"]
        for each in plan.resources("aws_iam_policy")
        if isinstance(each.properties.get("name"), str)
    }
    return joined(found, roles, attachments, [(policy, reference(role)) for policy, role in links], names)


class _Plan:
    """One file, and the values of its references."""

    def __init__(self, reading: Reading, known: Mapping[str, str]) -> None:
        self._reading, self._known = reading, known
        self._resources: dict[str, list[Resource]] = {}
        for each in blocks(reading, "resource"):
            self._resources.setdefault(each.type, []).append(each)
        self._attached: dict[str, list[Managed]] = {}
        for each in self.resources("aws_iam_role_policy_attachment"):
            managed = Managed(reference(each.properties.get("policy_arn")), reading.line((*each.path, "policy_arn")))
            self._attached.setdefault(reference(each.properties.get("role")), []).append(managed)
        self._documents = {
            each.id: self._data(each.properties, each.path)
            for each in blocks(reading, "data")
            if each.type == _DOCUMENT
        }

    def resources(self, type_: str) -> list[Resource]:
        return self._resources.get(type_, [])

    def role(self, resource: Resource, trusts: Mapping[str, Found]) -> Role:
        id_, _, name, body, path = resource
        managed = [
            Managed(reference(each), self._reading.line((*path, "managed_policy_arns", number)))
            for number, each in enumerate(listed(body.get("managed_policy_arns")))
        ]
        for owner in dict.fromkeys((id_, str(body.get("name", "")))):
            managed += self._attached.get(owner, ()) if owner else ()
        trust = trusts.get(id_)
        boundary = reference(body.get("permissions_boundary"))
        name = str(body.get("name", name))
        pools = self._pools(body.get("assume_role_policy"), (*path, "assume_role_policy"))
        return Role(id_, name, self._reading.line(path), trust, tuple(managed), boundary, pools)

    def _pools(self, value: Any, path: Path) -> tuple[str, ...]:
        reading = self._read(value, path)
        return () if reading is None else pools_of(reading.value)

    def _read(self, value: Any, path: Path) -> Reading | None:
        """The document that a member refers to, or holds as a text."""
        if not isinstance(value, str):
            return None
        return self._documents.get(reference(value)) or self._reading.within(path, value)

    def attachment(self, resource: Resource) -> Attachment:
        roles = {
            kind: Given(reference(role), self._reading.line((*at, kind)))
            for given, at in each_of(resource.properties.get("roles"), (*resource.path, "roles"))
            for kind, role in given.items()
        }
        return Attachment(resource.id, reference(resource.properties.get("identity_pool_id")), roles)

    def policies(self) -> Iterator[Found]:
        used = set()
        for type_, member, kind in _POLICIES:
            for id_, _, _, body, path in self.resources(type_):
                own = frozenset({id_}) if type_ == "aws_iam_role" else frozenset[str]()
                used.add(reference(body.get(member)))
                yield from self._found(id_, kind, body.get(member), (*path, member), own)
                for inline, at in each_of(body.get("inline_policy") if own else None, (*path, "inline_policy")):
                    used.add(reference(inline.get("policy")))
                    yield from self._found(id_, "identity", inline.get("policy"), (*at, "policy"), own)
        for name, reading in self._documents.items():
            if name not in used:
                document = settled_policy(reading.value, self._known)
                yield Found(name, kind_of(document), document, (), reading, in_template=True)

    def _found(self, name: str, kind: Kind | None, value: Any, path: Path, roles: frozenset[str]) -> Iterator[Found]:
        reading = self._read(value, path)
        if reading is not None and isinstance(reading.value, dict):
            document = settled_policy(reading.value, self._known)
            yield Found(name, kind or kind_of(document), document, (), reading, roles, in_template=True)

    def _data(self, body: dict[str, Any], path: Path) -> Reading:
        """What Terraform makes of a document that is written in its own blocks."""
        places: dict[Path, Path] = {(): path}
        made: list[dict[str, Any]] = []
        for statement, at in each_of(body.get("statement"), (*path, "statement")):
            here: Path = ("Statement", len(made))
            places[here] = at
            parts: dict[str, Any] = {"Effect": "Allow"}
            for member, element in _MEMBERS.items():
                if member in statement:
                    parts[element] = statement[member]
                    places[*here, element] = (*at, member)
            for member, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
                if member in statement:
                    parts[element] = _principals(statement[member])
                    places[*here, element] = (*at, member)
            if "condition" in statement:
                parts["Condition"] = _conditions(statement["condition"])
                places[*here, "Condition"] = (*at, "condition")
            made.append(parts)
        return self._reading.made({"Version": body.get("version", "2012-10-17"), "Statement": made}, places)


def _principals(value: Any) -> Any:
    found: dict[str, list[Any]] = {}
    for block, _ in each_of(value, ()):
        found.setdefault(str(block.get("type", "AWS")), []).extend(listed(block.get("identifiers")))
    return "*" if found == {"*": ["*"]} else found


def _conditions(value: Any) -> dict[str, dict[str, list[Any]]]:
    found: dict[str, dict[str, list[Any]]] = {}
    for block, _ in each_of(value, ()):
        values = listed(block.get("values"))
        found.setdefault(str(block.get("test", "")), {}).setdefault(str(block.get("variable", "")), []).extend(values)
    return found
