"""Decision cases as the case files write them, in the form of the engine and in that of the plain evaluator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.oracles.plain_policy import Asked, Documents
from tests.oracles.policy_cases import compile_documents

from gatepass.policy import Caller, Policies, Query

ROOT = Path(__file__).parents[2]
DOC_CASES = ROOT / "tests" / "data" / "iam_doc_cases.json"
PUBLIC_CASES = ROOT.parent / "shared" / "data" / "iam_public_cases.json"


def read(path: Path, member: str = "cases") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text())[member]
    return found


def documents(case: Mapping[str, Any]) -> Documents:
    """An empty list, but for the identity policies, means that there is none of that type."""
    given = case["policies"]
    return Documents(
        identity=given["identity"],
        session=given["session"] or None,
        boundary=given.get("boundary") or None,
        resource=[given["resource"]] if given.get("resource") else (),
        trust=case.get("kind") == "trust",
        scp=given.get("scp", ()),
        rcp=given.get("rcp", ()),
        vpce=given.get("vpce") or None,
    )


def policies(case: Mapping[str, Any]) -> Policies:
    return compile_documents(documents(case))


def query(case: Mapping[str, Any]) -> Query:
    request = case["request"]
    sets = request.get("multivalued", ())
    context = {
        key: values[0] if len(values) == 1 and key not in sets else tuple(values)
        for key, values in request["context"].items()
    }
    caller = Caller.from_arn(request["principal"])
    return Query(request["action"], request["resource"], caller, request["resourceAccount"], context)


def asked(case: Mapping[str, Any]) -> Asked:
    action, resource, caller, owner, context = query(case)
    lowered = {name.lower(): value for name, value in context.items() if value is not None}
    return Asked(action, resource, caller.kind, caller.arn, caller.role_arn, caller.account, owner, lowered)
