"""The checks AWS calls legacy parsing, and the faults of a resource's ARN that it words itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import values
from gatepass.policy.document import Condition
from gatepass.policy.operators import operator_name

LEGACY = "The policy failed legacy parsing"
_PARTITIONS = frozenset(
    ("*", "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")
)
_IAM_PATHS = (
    "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/,"
    " saml-provider/, oidc-provider/, report/, access-report/"
)
# AWS reads dates more freely than the W3C profile it documents; policies are not callers' text, and this is linear.
_DATE = re.compile(
    r"-?[0-9]{1,9}(-(0?[1-9]|1[0-2])(-(0?[1-9]|[12][0-9]|3[01]))?)?"
    r"([Tt]([0-9]{1,2}(:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?)?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)
_INTEGER = re.compile(r"-?[0-9]{1,19}")


def is_date(text: str) -> bool:
    """Whether AWS lets the text stand under a Date operator."""
    if _INTEGER.fullmatch(text):
        return -(2**63) <= int(text) < 2**63
    return _DATE.fullmatch(text) is not None


_READABLE: Mapping[str, Callable[[str], Any]] = {
    "Date": lambda text: is_date(text) or None,
    "Numeric": values.number,
    "IpAddress": values.network,
    "NotIpAddress": values.network,
    "BinaryEquals": values.octets,
    "Null": values.boolean,
}


def check_condition_values(condition: Condition) -> None:
    """Raises: MalformedPolicyDocument, for a value its operator cannot read. AWS is known to do so for dates."""
    name = operator_name(condition.operator)
    if name is None:
        return
    for family, read in _READABLE.items():
        if name.name.startswith(family):
            for value in condition.values:
                if read(value) is None:
                    raise MalformedPolicyDocument(LEGACY, detail=f"`{condition.operator}` cannot read `{value}`")


def resource_fault(resource: str) -> str | None:
    """AWS's message for a resource that it words itself, or None.

    Raises: MalformedPolicyDocument, where the shape of the ARN fails legacy parsing.
    """
    if resource == "*":
        return None
    parts = resource.split(":", 5)
    if len(parts) < 2:
        return f'Resource {resource} must be in ARN format or "*".'
    if parts[1] not in _PARTITIONS:
        shown = ":".join([*parts[1:], "*", "*", "*", "*"][:5])
        return f'Partition "{parts[1]}" is not valid for resource "arn:{shown}".'
    if len(parts) < 3 or any(wildcard in parts[2] for wildcard in "*?"):
        return "Resource vendor must be fully qualified and cannot contain regexes."
    service = parts[2]
    if not service or (len(parts) == 5 and "*" not in resource):
        raise MalformedPolicyDocument(LEGACY, detail=f"`{resource}` does not have the segments of an ARN")
    region, account, name = [*parts[3:], "", "", ""][:3]
    if service == "iam" and region:
        return f"IAM resource {resource} cannot contain region information."
    if service == "iam" and len(parts) == 6 and name != "*" and not name.startswith(tuple(_IAM_PATHS.split(", "))):
        return f'IAM resource path must either be "*" or start with {_IAM_PATHS}.'
    if service == "s3" and region and not account and len(parts) == 6:
        return f"Resource {resource} can not contain region information."
    return None
