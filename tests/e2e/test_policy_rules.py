"""`SimulateCustomPolicy`, asked by boto3 over the wire, answers what the rules say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.e2e.test_iam import client
from tests.oracles.policy_rules import RULES, USER

if TYPE_CHECKING:
    from tests.e2e.conftest import Gate

# What a simulation can be given. It knows no session, no other types, and no key with an empty set of values.
TYPES = frozenset(("identity", "session", "boundary", "scp"))

# A simulation takes only policies that could be saved.
NOT_SAVED = {"a wildcard in a service prefix grants nothing (ours)", "Numeric operators have no variables"}


def can_be_simulated(case: dict[str, Any]) -> bool:
    given, request = case["policies"], case["request"]
    return (
        "kind" not in case
        and set(given) <= TYPES
        and given["identity"] != []
        and not given["session"]
        and request["resourceAccount"] in request["principal"]
        and all(request["context"].values())
    )


def simulated(iam: Any, case: dict[str, Any]) -> str:
    given, request = case["policies"], case["request"]
    entries = [
        {
            "ContextKeyName": name,
            "ContextKeyValues": values,
            "ContextKeyType": "stringList" if name in request["multivalued"] else "string",
        }
        for name, values in request["context"].items()
    ]
    levels = [{"ServiceControlPolicyInputList": [json.dumps(each) for each in level]} for level in given.get("scp", ())]
    answer = iam.simulate_custom_policy(
        PolicyInputList=[json.dumps(each) for each in given["identity"]],
        ActionNames=[request["action"]],
        ResourceArns=[request["resource"]],
        ContextEntries=entries,
        CallerArn=USER,
        **({"OrderedOrganizationPolicyInputList": levels} if levels else {}),
        **(
            {"PermissionsBoundaryPolicyInputList": list(map(json.dumps, given["boundary"]))}
            if "boundary" in given
            else {}
        ),
    )
    (result,) = answer["EvaluationResults"]
    return str(result["EvalDecision"])


def test_simulations_answer_what_the_rules_say(hello_world: Gate) -> None:
    iam = client(hello_world, "iam")
    asked = [case for case in RULES if can_be_simulated(case)]
    assert len(asked) > 300
    refused: set[str] = set()
    for case in asked:
        try:
            answer = simulated(iam, case)
        except iam.exceptions.InvalidInputException:
            refused.add(case["name"])
        else:
            assert answer == case["expected"], case["name"]
    assert refused == NOT_SAVED
