"""What is in a file: policies, a described role or identity pool, a CloudFormation template, or Terraform in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gatepass.advice import cloudformation, terraform
from gatepass.advice.reading import Reading, read
from gatepass.advice.settled import KNOWN, reference
from gatepass.advice.stack import Attachment, Found, Given, Managed, Role, Stack, joined, kind_of, listed
from gatepass.errors import ConfigurationError


def policies_in(text: str) -> list[Found]:
    """Raises: ConfigurationError, if there are none or the text cannot be read."""
    return list(stack_in(read(text)).found)


def stack_in(reading: Reading, known: Mapping[str, str] = KNOWN) -> Stack:
    """All that a file holds. Raises: ConfigurationError, if that is nothing.

    `known`: what references come to; others stand as a placeholder.
    """
    stack = _stack(reading, known)
    if not stack.found and not stack.attachments:
        raise ConfigurationError("it holds no policy", hint="a document, a list of them, or a template with policies")
    return stack


def _stack(reading: Reading, known: Mapping[str, str]) -> Stack:
    value = reading.value
    if not isinstance(value, dict):
        return joined(_plain(reading))
    if isinstance(value.get("Resources"), dict):
        return cloudformation.stack_of(reading, known)
    if isinstance(value.get("resource") or value.get("data"), dict | list):
        return terraform.stack_of(reading, known)
    if isinstance(value.get("inline_policies"), dict):
        return _described_role(reading)
    if "IdentityPoolId" in value and isinstance(value.get("Roles"), dict):
        return joined((), attachments=[_described_pool(value, reading)])
    return joined(_plain(reading))


def _plain(reading: Reading) -> Iterator[Found]:
    is_list = isinstance(reading.value, list)
    for number, each in enumerate(listed(reading.value)):
        if isinstance(each, dict) and ("Statement" in each or "Version" in each):
            yield Found("", kind_of(each), each, (number,) if is_list else (), reading)


def _described_role(reading: Reading) -> Stack:
    """As `gatepass role show --json` prints it."""
    value: dict[str, Any] = reading.value
    name = str(value.get("name", ""))
    own, trust = frozenset({name}), None
    if isinstance(value.get("trust_policy"), dict):
        trust = Found(name, "trust", value["trust_policy"], ("trust_policy",), reading, own)
    inline = [
        Found(policy, "identity", document, ("inline_policies", policy), reading, own)
        for policy, document in value["inline_policies"].items()
        if isinstance(document, dict)
    ]
    managed = [
        Managed(str(arn), reading.line(("attached_policies", number)))
        for number, arn in enumerate(listed(value.get("attached_policies")))
    ]
    role = Role(name, name, 1, trust, tuple(managed))
    return joined([*([trust] if trust else []), *inline], [role])


def _described_pool(value: dict[str, Any], reading: Reading) -> Attachment:
    """As `gatepass pool show --json` prints it."""
    roles = {kind: Given(reference(arn), reading.line(("Roles", kind))) for kind, arn in value["Roles"].items()}
    name = value.get("IdentityPoolName")
    return Attachment(name if isinstance(name, str) else "", str(value["IdentityPoolId"]), roles)
