"""The short resources of an API's own policy: `execute-api:/stage/GET/pets` stands for the full ARN of that API.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gatepass.policy.reader import read

_SHORT = "execute-api:/"


def expand_resources(text: str, api_arn: str) -> str:
    """The document with full ARNs, as API Gateway stores it.

    `api_arn`: `arn:aws:execute-api:REGION:ACCOUNT:API_ID`. Raises: MalformedPolicyDocument, for a text that is no JSON.
    """
    return json.dumps(expanded(read(text), api_arn), separators=(",", ":"), ensure_ascii=False)


def expanded(document: Mapping[str, Any], api_arn: str) -> dict[str, Any]:
    """The same of a document already read, whatever it holds."""
    statements = document.get("Statement")
    if isinstance(statements, list):
        return {**document, "Statement": [_statement(each, api_arn) for each in statements]}
    return {**document, "Statement": _statement(statements, api_arn)} if "Statement" in document else {**document}


def api_arn_of(method_arn: str) -> str | None:
    """The API of a method; None if it is none."""
    parts = method_arn.split(":", 5)
    if len(parts) < 6 or parts[2] != "execute-api":
        return None
    return ":".join([*parts[:5], parts[5].partition("/")[0]])


def _statement(given: Any, api_arn: str) -> Any:
    if not isinstance(given, dict):
        return given
    return {
        name: _expanded(value, api_arn) if name in ("Resource", "NotResource") else value
        for name, value in given.items()
    }


def _expanded(given: Any, api_arn: str) -> Any:
    if isinstance(given, list):
        return [_expanded(each, api_arn) for each in given]
    if isinstance(given, str) and given.startswith(_SHORT):
        return f"{api_arn}/{given[len(_SHORT) :]}"
    return given
