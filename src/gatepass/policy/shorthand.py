"""The short resources of an API's own policy: `execute-api:/stage/GET/pets` stands for the full ARN of that API.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
"""

from __future__ import annotations

import json
from typing import Any

from gatepass.policy.reader import read

_SHORT = "execute-api:/"


def expand_resources(text: str, api_arn: str) -> str:
    """The document with full ARNs, as API Gateway stores it.

    `api_arn`: `arn:aws:execute-api:REGION:ACCOUNT:API_ID`. Raises: MalformedPolicyDocument, for a text that is no JSON.
    """
    document = read(text)
    statements = document.get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict):
            for name in ("Resource", "NotResource"):
                if name in statement:
                    statement[name] = _expanded(statement[name], api_arn)
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _expanded(given: Any, api_arn: str) -> Any:
    if isinstance(given, list):
        return [_expanded(each, api_arn) for each in given]
    if isinstance(given, str) and given.startswith(_SHORT):
        return f"{api_arn}/{given[len(_SHORT) :]}"
    return given
