"""Findings as SARIF 2.1.0, which code hosts show beside the lines.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from gatepass import __version__
from gatepass.advice.findings import RULES, Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(placed: Iterable[tuple[str, Finding]]) -> dict[str, Any]:
    """`placed`: file and finding."""
    order = {name: index for index, name in enumerate(RULES)}
    rules = [
        {
            "id": name,
            "shortDescription": {"text": rule.what},
            "help": {"text": f"fix: {rule.fix}"},
            "defaultConfiguration": {"level": rule.level},
        }
        for name, rule in RULES.items()
    ]
    driver = {"name": "gatepass", "version": __version__, "rules": rules}
    results = [_result(file, finding, order[finding.rule]) for file, finding in placed]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(file: str, finding: Finding, index: int) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(PurePath(file).as_posix())},
            "region": {"startLine": finding.line},
        }
    }
    where = place(finding)
    if where:
        location["logicalLocations"] = [{"fullyQualifiedName": where}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level,
        "message": {"text": f"{finding.message}; fix: {finding.fix}"},
        "locations": [location],
    }


def place(finding: Finding) -> str:
    """Policy and statement, counted from 1; empty for a document by itself."""
    where = [f"`{finding.policy}`"] if finding.policy else []
    where += [f"statement {finding.statement + 1}"] if finding.statement is not None else []
    return ", ".join(where)
