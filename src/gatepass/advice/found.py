"""The policies in a file: a document, a list of them, a described role, a CloudFormation or SAM template, Terraform.

What a template leaves open (`!Ref`, `${aws_…}`) stands as a placeholder in the texts that are judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gatepass.advice.reading import Path, Reading, read
from gatepass.errors import ConfigurationError
from gatepass.policy import COGNITO, Kind

PLACEHOLDER = "Unknown"
_KNOWN = {
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::AccountId": "123456789012",
    "AWS::Region": "us-east-1",
}
_INTRINSIC = re.compile(r"\$\{(!?)([^}]*)\}")
_AMR = f"{COGNITO.arn}:amr"
_ROLE, _GUEST = "AssumeRolePolicyDocument", "unauthenticated"


@dataclass(frozen=True, slots=True)
class Found:
    """A policy document in a file.

    Attributes:
        name: of the resource it belongs to; empty for a document by itself.
        document: with placeholders for what is open.
        path: where it begins in the reading whose `line` tells its lines.
        for_guests: it is of a role that unauthenticated identities take.
    """

    name: str
    kind: Kind
    document: dict[str, Any]
    path: Path
    reading: Reading
    for_guests: bool = False

    def line(self, *path: str | int) -> int:
        return self.reading.line((*self.path, *path))


def policies_in(text: str) -> list[Found]:
    """Raises: ConfigurationError, if there are none or the text cannot be read."""
    reading = read(text)
    value = reading.value
    if isinstance(value, dict) and isinstance(value.get("Resources"), dict):
        found = list(_of_template(reading))
    elif isinstance(value, dict) and isinstance(value.get("resource"), dict):
        found = list(_of_terraform(reading))
    elif isinstance(value, dict) and isinstance(value.get("inline_policies"), dict):
        found = list(_of_role(reading))
    else:
        found = list(_plain(reading))
    if not found:
        raise ConfigurationError("it holds no policy", hint="a document, a list of them, or a template with policies")
    return found


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


def trusts_guests(trust: Any) -> bool:
    """Whether a trust policy lets unauthenticated identities in."""
    for statement in statements(trust) if isinstance(trust, dict) else []:
        conditions = statement.get("Condition")
        for block in conditions.values() if isinstance(conditions, dict) else ():
            for key, values in block.items() if isinstance(block, dict) else ():
                if key.lower() == _AMR and _GUEST in listed(values):
                    return True
    return False


def _plain(reading: Reading) -> Iterator[Found]:
    is_list = isinstance(reading.value, list)
    for number, each in enumerate(listed(reading.value)):
        if isinstance(each, dict) and ("Statement" in each or "Version" in each):
            yield Found("", kind_of(each), each, (number,) if is_list else (), reading)


def _of_role(reading: Reading) -> Iterator[Found]:
    """As `gatepass role show --json` describes it."""
    value, guests = reading.value, trusts_guests(reading.value.get("trust_policy"))
    if isinstance(value.get("trust_policy"), dict):
        yield Found(str(value.get("name", "")), "trust", value["trust_policy"], ("trust_policy",), reading, guests)
    for name, document in value["inline_policies"].items():
        if isinstance(document, dict):
            yield Found(name, "identity", document, ("inline_policies", name), reading, guests)


def _of_template(reading: Reading) -> Iterator[Found]:
    for name, resource in reading.value["Resources"].items():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if not isinstance(properties, dict):
            continue
        at: Path = ("Resources", name, "Properties")
        guests = trusts_guests(settled(properties.get(_ROLE)))
        if isinstance(properties.get(_ROLE), dict):
            yield Found(name, "trust", settled(properties[_ROLE]), (*at, _ROLE), reading, guests)
        if isinstance(properties.get("PolicyDocument"), dict):
            yield Found(name, "identity", settled(properties["PolicyDocument"]), (*at, "PolicyDocument"), reading)
        if resource.get("Type") == "AWS::ApiGateway::RestApi" and isinstance(properties.get("Policy"), dict):
            yield Found(name, "resource", settled(properties["Policy"]), (*at, "Policy"), reading)
        for number, each in enumerate(listed(properties.get("Policies"))):
            path: Path = (*at, "Policies", number)
            if isinstance(each, dict) and isinstance(each.get("PolicyDocument"), dict):
                path = (*path, "PolicyDocument")
                yield Found(name, "identity", settled(each["PolicyDocument"]), path, reading, guests)
            elif isinstance(each, dict) and "Statement" in each:
                yield Found(name, "identity", settled(each), path, reading, guests)


_TERRAFORM: tuple[tuple[str, str, Kind], ...] = (
    ("aws_iam_role", "assume_role_policy", "trust"),
    ("aws_iam_role_policy", "policy", "identity"),
    ("aws_iam_user_policy", "policy", "identity"),
    ("aws_iam_group_policy", "policy", "identity"),
    ("aws_iam_policy", "policy", "managed"),
    ("aws_api_gateway_rest_api_policy", "policy", "resource"),
)


def _of_terraform(reading: Reading) -> Iterator[Found]:
    """Policies stand as JSON texts, whose lines are all that of the member."""
    resources = reading.value["resource"]
    for type_, member, kind in _TERRAFORM:
        named = resources.get(type_)
        for name, body in named.items() if isinstance(named, dict) else ():
            text = body.get(member) if isinstance(body, dict) else None
            if not isinstance(text, str) or not text.lstrip().startswith("{"):
                continue
            path: Path = ("resource", type_, name, member)
            document = settled(read(text).value)
            if isinstance(document, dict):
                guests = kind == "trust" and trusts_guests(document)
                yield Found(f"{type_}.{name}", kind, document, path, reading, guests)


def settled(value: Any) -> Any:
    """The value with CloudFormation's functions and Terraform's references replaced by what they give, if known."""
    if isinstance(value, list):
        return [settled(each) for each in value]
    if not isinstance(value, dict):
        return _terraform(value) if isinstance(value, str) else value
    if len(value) == 1:
        ((name, given),) = value.items()
        if name == "Ref":
            return _KNOWN.get(str(given), PLACEHOLDER)
        if name == "Fn::Sub":
            return _sub(given)
        if name == "Fn::Join" and isinstance(given, list) and len(given) == 2 and isinstance(given[1], list):
            return str(given[0]).join(str(settled(each)) for each in given[1])
        if name.startswith("Fn::"):
            return PLACEHOLDER
    return {key: settled(each) for key, each in value.items()}


def _sub(given: Any) -> str:
    text = given[0] if isinstance(given, list) and given else given

    def put(match: re.Match[str]) -> str:
        return f"${{{match[2]}}}" if match[1] else _KNOWN.get(match[2], PLACEHOLDER)

    return _INTRINSIC.sub(put, str(text))


def _terraform(text: str) -> str:
    """Terraform's references have dots where a policy's variables have a colon."""
    return re.sub(r"\$\{(?:aws|data|var|local|module)[._][^}]*\}", PLACEHOLDER, text)
