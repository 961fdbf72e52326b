"""One condition judged in full: what was compared, and why it holds or not.

This is not the engine's hot path but a second reading of the same rules, for explanations; a property test holds the
two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from gatepass.policy.document import Condition
from gatepass.policy.operators import OPERATORS, Operator, OperatorName, literal, operator_name
from gatepass.policy.query import Context, ContextValue
from gatepass.policy.values import boolean
from gatepass.policy.variables import MalformedVariable, resolve, template, text_of

#: Why a condition holds or does not, by code.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "compares": "the request's value compares",
        "differs": "the request's value compares with none of the policy's",
        "listed": "the operator is negated, and the request's value compares with one of the policy's",
        "not-listed": "the operator is negated, and the request's value compares with none of the policy's",
        "missing": "the request has no such key",
        "negated-missing": "the request has no such key, and a negated operator then holds",
        "if-exists": "the request has no such key, and IfExists then holds",
        "all-of-none": "the request has no such key, and ForAllValues then holds",
        "no-value-variable": "a variable in the policy has no value in this request",
        "needs-set-operator": "the key has a set of values: it needs ForAnyValue or ForAllValues",
        "unparsable": "a value cannot be read as what the operator compares: a Deny holds, an Allow does not",
        "no-policy-values": "the policy gives no value to compare with",
        "unknown-operator": "there is no such operator: a Deny holds, an Allow does not",
        "present": "the key is in the request",
        "absent": "the key is not in the request",
        "null-in-set": "Null under a set prefix does not depend on the request",
    }
)


class ConditionResult(NamedTuple):
    """How one condition came out.

    Attributes:
        request: what the context holds; a tuple is a set of values, None is an absent key.
        policy: the policy's values after variables; those without a value are left out.
        reason: a code of `REASONS`.
    """

    operator: str
    key: str
    matched: bool
    request: ContextValue | None
    policy: tuple[str, ...]
    reason: str

    def to_json(self) -> dict[str, Any]:
        return {
            "operator": self.operator,
            "key": self.key,
            "matched": self.matched,
            "request": list(self.request) if isinstance(self.request, tuple) else self.request,
            "policy": list(self.policy),
            "reason": self.reason,
        }


@dataclass(slots=True)
class _Values:
    """A policy's values, resolved: as texts, as patterns, and whether some were lost."""

    texts: list[str]
    patterns: list[Any]
    without_value: bool = False
    unreadable: bool = False


def judge(condition: Condition, context: Context, *, deny: bool, has_variables: bool) -> ConditionResult:
    """Judge one condition of a Deny or an Allow."""
    request = context[condition.key.lower()]
    name = operator_name(condition.operator)
    policy = condition.values
    if name is not None and name.name == "Null" and not name.if_exists:
        matched, reason = _null(name, condition.values, request is None, deny)
    elif name is None or name.name not in OPERATORS:
        matched, reason = deny, "unknown-operator"
    else:
        operator = OPERATORS[name.name]
        values = _resolved(condition.values, operator, context, has_variables)
        policy = tuple(values.texts)
        if not condition.values:
            matched, reason = _without_values(name, operator, request is None, deny)
        elif request is None:
            matched, reason = _missing(name, operator)
        else:
            matched, reason = _present(name, operator, values, request, deny)
    return ConditionResult(condition.operator, condition.key, matched, request, policy, reason)


def _resolved(given: tuple[str, ...], operator: Operator, context: Context, has_variables: bool) -> _Values:
    values = _Values([], [])
    for text in given:
        if has_variables and operator.variables and "${" in text:
            try:
                tokens = resolve(template(text, wildcards=operator.wildcards), context)
            except MalformedVariable:
                values.unreadable = True
                continue
            if tokens is None:
                values.without_value = True
                continue
            values.texts.append(text_of(tokens))
            pattern = operator.read_pattern(tokens)
        else:
            values.texts.append(text)
            pattern = _literal_pattern(operator.name, text)
        if pattern is not None:
            values.patterns.append(pattern)
        elif operator.strict:
            values.unreadable = True
    return values


@lru_cache(maxsize=1024)
def _literal_pattern(name: str, text: str) -> Any:
    """A policy value without variables, read once; only texts out of policies come here."""
    operator = OPERATORS[name]
    return operator.read_pattern(literal(text, wildcards=operator.wildcards))


def _missing(name: OperatorName, operator: Operator) -> tuple[bool, str]:
    if name.set_mode == "ForAllValues":
        return True, "all-of-none"
    if name.set_mode == "ForAnyValue":
        return False, "missing"
    if name.if_exists:
        return True, "if-exists"
    return operator.negated, "negated-missing" if operator.negated else "missing"


def _present(
    name: OperatorName, operator: Operator, values: _Values, request: ContextValue, deny: bool
) -> tuple[bool, str]:
    if name.set_mode:
        each = [_one(operator, values, value, deny) for value in ((request,) if isinstance(request, str) else request)]
        wanted = name.set_mode == "ForAnyValue"
        return next((answer for answer in each if answer[0] is wanted), each[0])
    if not isinstance(request, str):
        return False, "needs-set-operator"
    return _one(operator, values, request, deny)


def _one(operator: Operator, values: _Values, value: str, deny: bool) -> tuple[bool, str]:
    """One request value against every policy value."""
    read = operator.read(value)
    if read is None:
        return (deny if operator.strict else False), "unparsable"
    if any(operator.holds(read, pattern) for pattern in values.patterns):
        return not operator.negated, "listed" if operator.negated else "compares"
    if values.unreadable:
        return deny, "unparsable"
    if values.without_value:
        return operator.negated, "no-value-variable"
    return operator.negated, "not-listed" if operator.negated else "differs"


def _without_values(name: OperatorName, operator: Operator, missing: bool, deny: bool) -> tuple[bool, str]:
    if name.set_mode == "ForAnyValue":
        return False, "no-policy-values"
    if name.set_mode == "ForAllValues" or name.if_exists:
        return missing, "no-policy-values"
    return operator.negated and (missing or deny), "no-policy-values"


def _null(name: OperatorName, given: tuple[str, ...], missing: bool, deny: bool) -> tuple[bool, str]:
    if name.set_mode:
        return name.set_mode == "ForAllValues", "null-in-set"
    wanted = [boolean(value) for value in given]
    if missing in wanted:
        return True, "absent" if missing else "present"
    if None in wanted:
        return deny, "unparsable"
    return False, "absent" if missing else "present"
