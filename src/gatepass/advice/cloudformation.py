"""Policies, roles and identity pools of a CloudFormation or SAM template."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gatepass.advice.reading import Path, Reading
from gatepass.advice.resources import Resource, resources_in
from gatepass.advice.settled import KNOWN, reference, settled, settled_policy
from gatepass.advice.stack import (
    Attachment,
    Found,
    Given,
    Managed,
    Role,
    Stack,
    joined,
    kind_of,
    listed,
    pools_of,
)
from gatepass.policy import Kind

_TRUST = "AssumeRolePolicyDocument"
_ROLE = "AWS::IAM::Role"
_ATTACHMENT = "AWS::Cognito::IdentityPoolRoleAttachment"
_OF_ROLES: Mapping[str, Kind] = {
    "AWS::IAM::Policy": "identity",
    "AWS::IAM::RolePolicy": "identity",
    "AWS::IAM::UserPolicy": "identity",
    "AWS::IAM::GroupPolicy": "identity",
    "AWS::IAM::ManagedPolicy": "managed",
}


def stack_of(reading: Reading, known: Mapping[str, str] = KNOWN) -> Stack:
    template = _Template(reading, known)
    found: list[Found] = []
    roles: list[Role] = []
    links: list[tuple[str, str]] = []
    names: dict[str, str] = {}
    attachments: list[Attachment] = []
    for resource in resources_in(reading):
        properties = resource.properties
        policies = list(template.policies(resource))
        found += policies
        if resource.type == _ROLE and properties:
            roles.append(template.role(resource, policies))
        if resource.type == _ATTACHMENT and properties:
            attachments.append(template.attachment(resource))
        if resource.type in _OF_ROLES:
            links += [(resource.id, reference(each)) for each in _roles(properties)]
            if isinstance(properties.get("ManagedPolicyName"), str):
                names[resource.id] = properties["ManagedPolicyName"]
    return joined(found, roles, attachments, links, names)


def _roles(properties: dict[str, Any]) -> list[Any]:
    return [*listed(properties.get("Roles")), *listed(properties.get("RoleName"))]


class _Template:
    """One template, and the values of its functions."""

    def __init__(self, reading: Reading, known: Mapping[str, str]) -> None:
        self._reading, self._known = reading, known

    def role(self, resource: Resource, policies: list[Found]) -> Role:
        id_, _, _, properties, at = resource
        arns = properties.get("ManagedPolicyArns")
        managed = [
            Managed(reference(each), self._reading.line((*at, "ManagedPolicyArns", number)))
            for number, each in enumerate(listed(arns))
        ]
        name = properties.get("RoleName")
        return Role(
            id_,
            str(settled(name, self._known)) if name is not None else id_,
            self._reading.line(at[:2]),
            next((each for each in policies if each.kind == "trust"), None),
            tuple(managed),
            reference(properties.get("PermissionsBoundary")),
            pools_of(_unsettled(properties.get(_TRUST))),
        )

    def attachment(self, resource: Resource) -> Attachment:
        id_, _, _, properties, path = resource
        at: Path = (*path, "Roles")
        given = properties.get("Roles")
        roles = {
            kind: Given(reference(role), self._reading.line((*at, kind)))
            for kind, role in (given.items() if isinstance(given, dict) else ())
        }
        return Attachment(id_, reference(properties.get("IdentityPoolId")), roles)

    def policies(self, resource: Resource) -> Iterator[Found]:
        id_, type_, _, properties, at = resource
        own = frozenset({id_}) if type_ == _ROLE else frozenset[str]()
        if _TRUST in properties:
            yield from self._found(id_, "trust", properties[_TRUST], (*at, _TRUST), own)
        if "PolicyDocument" in properties:
            kind = _OF_ROLES.get(type_)
            yield from self._found(id_, kind, properties["PolicyDocument"], (*at, "PolicyDocument"))
        if type_ in ("AWS::ApiGateway::RestApi", "AWS::Serverless::Api") and "Policy" in properties:
            yield from self._found(id_, "resource", properties["Policy"], (*at, "Policy"))
        if type_ == "AWS::Serverless::Api":
            yield from self._custom_statements(id_, properties, at)
        policies = properties.get("Policies")
        for number, each in enumerate(listed(policies)):
            path: Path = (*at, "Policies", number) if isinstance(policies, list) else (*at, "Policies")
            if isinstance(each, dict) and "PolicyDocument" in each:
                yield from self._found(id_, "identity", each["PolicyDocument"], (*path, "PolicyDocument"), own)
            elif isinstance(each, dict) and "Statement" in each:
                yield from self._found(id_, "identity", each, path, own)

    def _custom_statements(self, id_: str, properties: dict[str, Any], at: Path) -> Iterator[Found]:
        """The statements of a SAM API's own policy."""
        path: Path = (*at, "Auth", "ResourcePolicy", "CustomStatements")
        value: Any = properties
        for name in path[len(at) :]:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            document = settled_policy({"Version": "2012-10-17", "Statement": value}, self._known)
            reading = self._reading.made(document, {("Statement",): path, (): path})
            yield Found(id_, "resource", document, (), reading, in_template=True)

    def _found(
        self, name: str, kind: Kind | None, value: Any, path: Path, roles: frozenset[str] = frozenset()
    ) -> Iterator[Found]:
        """The document of a member: as an object, or as JSON in a text."""
        document, reading = settled_policy(value, self._known), self._reading
        if isinstance(document, str):
            # `Fn::Sub: |` has its text one member further in than `!Sub |`.
            long_form = (*path, "Fn::Sub")
            inner = reading.within(long_form if long_form in reading.lines else path, document)
            if inner is None:
                return
            document, path, reading = settled_policy(inner.value, self._known), (), inner
        if isinstance(document, dict) and not _is_function(value, document):
            yield Found(name, kind or kind_of(document), document, path, reading, roles, in_template=True)


def _unsettled(value: Any) -> Any:
    """The document as it stands; of one in a text, with each value as the function that the text is."""
    text = value.get("Fn::Sub") if isinstance(value, dict) else value
    text = text[0] if isinstance(text, list) and text else text
    if not isinstance(text, str):
        return value
    try:
        return json.loads(text, parse_float=str, object_hook=_substituted)
    except (ValueError, RecursionError):
        return None


def _substituted(members: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"Fn::Sub": each} if isinstance(each, str) and "${" in each else each for name, each in members.items()
    }


def _is_function(value: Any, document: dict[str, Any]) -> bool:
    """`Fn::If` and the like, which may come to anything."""
    return len(document) == 1 and next(iter(document)).startswith("Fn::") and value is not None
