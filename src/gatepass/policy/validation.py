"""What AWS refuses when a policy is saved: its messages, in its order.

The order is observable: a document with several faults gets the message of the first check that fails, and the checks
do not go through the document from front to back.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy.compile import names_audience
from gatepass.policy.document import Document, Kind, Statement, document_of
from gatepass.policy.legacy import LEGACY, check_condition_values, resource_fault
from gatepass.policy.operators import is_known
from gatepass.policy.principals import account_of
from gatepass.policy.query import COGNITO_PROVIDER
from gatepass.policy.reader import SYNTAX, read

#: Characters a document of each kind may have, white space not counted. A role's inline policies share 10,240.
SIZE_LIMITS: Mapping[Kind, int] = MappingProxyType(
    {"identity": 10_240, "managed": 6_144, "trust": 2_048, "resource": 8_192, "session": 2_048}
)
_TRUST_ACTIONS = frozenset(
    (
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
    )
)
_PRINCIPAL_TYPES = ("AWS", "Federated", "Service", "CanonicalUser", "*")
_VENDOR_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")


def size(text: str) -> int:
    """A document's length as AWS counts it: without white space."""
    return len("".join(text.split()))


def parse(text: str, kind: Kind) -> Document:
    """Read a document to save it.

    Raises: MalformedPolicyDocument, with AWS's message, and why in `detail`. Size limits are the caller's to check:
    they are answered with other errors, and count all of a role's inline policies together.
    """
    if not all(" " <= character <= "ÿ" or character in "\t\n\r" for character in text):
        raise _refuse(SYNTAX, "a character beyond U+00FF or a control character")
    raw = read(text, not_json="This policy contains invalid Json" if kind == "trust" else SYNTAX)
    document = document_of(raw, any_case=True)
    _check_syntax(document)
    if kind == "managed" and document.version != "2012-10-17":
        raise _refuse("Policy document must be version 2012-10-17 or greater.")
    resource_message = _check_legacy(document, shorthand=kind == "resource")
    _check_sids(document)
    if kind == "trust":
        _check_trust(document)
    else:
        _check_statements(document, kind, resource_message)
    return document


def _refuse(message: str, detail: str = "") -> MalformedPolicyDocument:
    return MalformedPolicyDocument(message, detail=detail)


def _check_syntax(document: Document) -> None:
    if not document.statements:
        raise _refuse(SYNTAX, "no Statement")
    for statement in document.statements:
        seen = set()
        for condition in statement.conditions:
            if not is_known(condition.operator):
                raise _refuse(SYNTAX, f"unknown condition operator `{condition.operator}`")
            name = (condition.operator, condition.key.lower())
            if name in seen:
                raise _refuse(SYNTAX, f"condition key `{condition.key}` stands twice under `{condition.operator}`")
            seen.add(name)


def _check_legacy(document: Document, *, shorthand: bool) -> str | None:
    """Faults AWS finds with its older parser; a fault in a resource that it words itself waits for later."""
    waiting = None
    for statement in document.statements:
        if statement.raw["Effect"] != statement.effect:
            raise _refuse(LEGACY, "Effect is written Allow or Deny")
        for condition in statement.conditions:
            check_condition_values(condition)
    for statement in document.statements:
        for resource in statement.resources or ():
            if shorthand and resource.startswith("execute-api:/"):
                continue
            waiting = waiting or resource_fault(resource)
    return waiting


def _check_sids(document: Document) -> None:
    sids = [statement.sid for statement in document.statements if statement.sid]
    if len(set(sids)) != len(sids):
        raise _refuse("Statement IDs (SID) in a single policy must be unique.")


def _check_statements(document: Document, kind: Kind, resource_message: str | None) -> None:
    for statement in document.statements:
        if kind == "resource":
            _check_principals(statement)
        elif statement.principals is not None:
            raise _refuse("Policy document should not specify a principal.")
    for statement in document.statements:
        if not statement.actions:
            raise _refuse("Policy statement must contain actions.")
    if resource_message is not None:
        raise _refuse(resource_message)
    for action in _actions(document):
        _check_action(action)
    for statement in document.statements:
        if not statement.resources:
            raise _refuse("Policy statement must contain resources.")


def _actions(document: Document) -> Iterator[str]:
    return (action for statement in document.statements for action in statement.actions or ())


def _check_action(action: str) -> None:
    if action == "*":
        return
    vendor, colon, name = action.partition(":")
    if not colon:
        raise _refuse("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    if ":" in name:
        raise _refuse("Actions/Condition can contain only one colon.")
    if vendor != "*" and not (vendor and _VENDOR_CHARACTERS.issuperset(vendor)):
        raise _refuse(f"Vendor {vendor} is not valid")


def _check_trust(document: Document) -> None:
    for statement in document.statements:
        if statement.resources is not None:
            raise _refuse("Has prohibited field Resource.")
        if statement.not_principal:
            raise _refuse("AssumeRole policy must not contain NotPrincipal field.")
        _check_principals(statement)
        if not statement.actions:
            raise _refuse("Missing required field Action")
        for action in statement.actions:
            if statement.not_action or action.lower() not in _TRUST_ACTIONS:
                raise _refuse(
                    "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,"
                    "  and sts:AssumeRoleWithWebIdentity"
                )
        _check_cognito(statement)


def _check_cognito(statement: Statement) -> None:
    """Without the pool's id in a condition, any pool of any account could take the role."""
    federated = (statement.principals or {}).get("Federated", ())
    if statement.effect == "Allow" and COGNITO_PROVIDER in federated and not names_audience(statement):
        raise _refuse(
            "A condition block must be present for the Cognito provider",
            f"no condition names the identity pool in `{COGNITO_PROVIDER}:aud`",
        )


def _check_principals(statement: Statement) -> None:
    if not statement.principals:
        raise _refuse("Missing required field Principal")
    for kind, names in statement.principals.items():
        if kind not in _PRINCIPAL_TYPES or not names:
            raise _refuse(SYNTAX, f"`{kind}` is no principal type, or names nobody")
        for name in names:
            if not _names_principal(kind, name):
                raise _refuse(f'Invalid principal in policy: "{kind.upper()}":"{name}"')


def _names_principal(kind: str, name: str) -> bool:
    if kind == "*" or (kind == "AWS" and name == "*"):
        return name == "*"
    if not name or "*" in name or "?" in name:
        return False
    if kind == "Service":
        return ".amazonaws.com" in name
    if kind != "AWS":
        return True
    parts = name.split(":", 5)
    if len(parts) == 6:
        return parts[0] == "arn" and parts[2] in ("iam", "sts") and account_of(parts[4]) is not None
    return account_of(name) is not None or (name.isalnum() and name.startswith(("AIDA", "AROA")))
