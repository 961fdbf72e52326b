"""Conditions made ready: one key under one operator becomes a test of the request context.

What all operators share is here: set prefixes, `IfExists`, missing keys, negation, and doubt. Where AWS does not say
what holds (a number that is none, an unknown operator), the answer is doubt: a Deny takes it as a match, an Allow does
not. Doubt is settled for each request value, inside the set prefix, so it never makes access more likely.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gatepass.policy.document import Condition
from gatepass.policy.operators import OPERATORS, Operator, OperatorName, literal, operator_name
from gatepass.policy.query import Context
from gatepass.policy.values import boolean
from gatepass.policy.variables import MalformedVariable, Template, keys, resolve, template

Test = Callable[[Context], bool]
ValueTest = Callable[[str], bool]


class Check:
    """One compiled condition.

    Attributes:
        keys: every context key the test reads, in lower case.
        test: context -> whether the condition holds.
    """

    __slots__ = ("_doubt", "_name", "_operator", "_patterns", "_templates", "_unknown", "key", "keys", "test")

    key: str
    keys: frozenset[str]
    test: Test
    _name: OperatorName
    _operator: Operator
    _doubt: bool
    _patterns: tuple[Any, ...]
    _templates: tuple[Template, ...]
    _unknown: bool

    def __init__(self, condition: Condition, *, doubt: bool, has_variables: bool) -> None:
        """`doubt` is the answer where there is none: true in a Deny."""
        self.key = condition.key.lower()
        self.keys = frozenset((self.key,))
        self._doubt = doubt
        self._patterns, self._templates = (), ()
        self._unknown = False
        name = operator_name(condition.operator)
        if name is not None and name.name == "Null" and not name.if_exists:
            self.test = _null(name, self.key, condition.values, doubt)
        elif name is None or name.name not in OPERATORS:
            self.test = lambda context: doubt
        else:
            self._name, self._operator = name, OPERATORS[name.name]
            if condition.values:
                self._read(condition.values, has_variables)
                self.keys |= _variable_keys(self._templates)
                self.test = self._build()
            else:
                self.test = _empty(name, self._operator.negated, self.key, doubt)

    def _read(self, given: Sequence[str], has_variables: bool) -> None:
        patterns, templates = [], []
        operator = self._operator
        for value in given:
            if has_variables and operator.variables and "${" in value:
                try:
                    templates.append(template(value, wildcards=operator.wildcards))
                except MalformedVariable:
                    self._unknown = True
                continue
            pattern = operator.read_pattern(literal(value, wildcards=operator.wildcards))
            if pattern is not None:
                patterns.append(pattern)
            elif operator.strict:
                self._unknown = True
        self._patterns, self._templates = tuple(patterns), tuple(templates)

    def _build(self) -> Test:
        if not self._templates:
            return _over_values(self._name, self._operator.negated, self.key, self._value_test())
        name, negated, key, every = self._name, self._operator.negated, self.key, self.keys

        def test(context: Context) -> bool:
            return _over_values(name, negated, key, self._bound_to(context, every)._value_test())(context)

        return test

    def _value_test(self) -> ValueTest:
        return _value_test(self._operator, self._patterns, self._unknown, self._doubt)

    def _bound_to(self, context: Context, known: frozenset[str]) -> Check:
        """This condition with the variables whose keys are known replaced by their values."""
        bound: Check = Check.__new__(Check)
        patterns, templates, unknown = list(self._patterns), [], self._unknown
        for each in self._templates:
            if not known.issuperset(keys(each)):
                templates.append(each)
                continue
            resolved = resolve(each, context)
            if resolved is None:
                continue
            pattern = self._operator.read_pattern(resolved)
            if pattern is not None:
                patterns.append(pattern)
            elif self._operator.strict:
                unknown = True
        bound.key, bound._doubt, bound._name, bound._operator = self.key, self._doubt, self._name, self._operator
        bound._patterns, bound._templates, bound._unknown = tuple(patterns), tuple(templates), unknown
        bound.keys = frozenset((self.key,)) | _variable_keys(templates)
        return bound

    def bind(self, constants: Context, known: frozenset[str]) -> Check | bool:
        """The condition as it stands for one credential: true or false if nothing of the request enters it."""
        if self.keys <= known:
            return self.test(constants)
        if not self._templates or _variable_keys(self._templates).isdisjoint(known):
            return self
        bound = self._bound_to(constants, known)
        bound.test = bound._build()
        return bound


def _variable_keys(given: Sequence[Template]) -> frozenset[str]:
    return frozenset(key for each in given for key in keys(each))


def _value_test(operator: Operator, patterns: tuple[Any, ...], unknown: bool, doubt: bool) -> ValueTest:
    """One request value against all policy values: OR, or NOR where the operator is negated."""
    negated, read, holds = operator.negated, operator.read, operator.holds
    if operator.name in ("StringEquals", "StringNotEquals") and not unknown:
        known = frozenset(patterns)
        return (lambda value: value not in known) if negated else known.__contains__
    unreadable = doubt if operator.strict else negated
    otherwise = doubt if unknown else negated

    def test(value: str) -> bool:
        request_value = read(value)
        if request_value is None:
            return unreadable
        for pattern in patterns:
            if holds(request_value, pattern):
                return not negated
        return otherwise

    return test


def _over_values(name: OperatorName, negated: bool, key: str, test: ValueTest) -> Test:
    """Carry a test of one value over what the context holds: nothing, one value, or a set."""
    if name.set_mode == "ForAllValues":

        def for_all_values(context: Context) -> bool:
            value = context[key]
            if value is None:
                return True
            return test(value) if isinstance(value, str) else all(test(each) for each in value)

        return for_all_values
    if name.set_mode == "ForAnyValue":

        def for_any_value(context: Context) -> bool:
            value = context[key]
            if value is None:
                return False
            return test(value) if isinstance(value, str) else any(test(each) for each in value)

        return for_any_value
    missing = negated or name.if_exists

    def single(context: Context) -> bool:
        value = context[key]
        if isinstance(value, str):
            return test(value)
        return missing if value is None else False

    return single


def _empty(name: OperatorName, negated: bool, key: str, doubt: bool) -> Test:
    """No value in the policy: Access Analyzer says what set prefixes and IfExists make of it."""
    if name.set_mode == "ForAnyValue":
        return lambda context: False
    if name.set_mode == "ForAllValues" or name.if_exists:
        return lambda context: context[key] is None
    if negated:
        return lambda context: context[key] is None or doubt
    return lambda context: False


def _null(name: OperatorName, key: str, given: Sequence[str], doubt: bool) -> Test:
    """`true`: the key is absent. Under a set prefix the answer does not depend on the request."""
    if name.set_mode:
        constant = name.set_mode == "ForAllValues"
        return lambda context: constant
    wanted = {boolean(value) for value in given}
    otherwise = doubt if None in wanted else False
    return lambda context: (context[key] is None) in wanted or otherwise
