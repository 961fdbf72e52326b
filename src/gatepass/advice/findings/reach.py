"""Statements and entries that change nothing: others say as much, or deny all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gatepass.advice.effort import Effort
from gatepass.advice.findings.subject import Finding, Subject, element
from gatepass.advice.languages import contain, meet
from gatepass.advice.patterns import Pattern, of_glob, of_resource
from gatepass.policy.arns import SEGMENTS
from gatepass.policy.document import Condition, Statement
from gatepass.policy.operators import OPERATORS, operator_name

_ALL = of_glob("*")
_WILD = re.compile(r"[*?]|\$\{")
# Each pair of a policy's statements is compared; a policy of AWS's size has a few dozen.
_MOST_STATEMENTS = 200


def about_reach(subject: Subject) -> Iterator[Finding]:
    statements = subject.document.statements[:_MOST_STATEMENTS]
    for index, statement in enumerate(statements):
        if subject.effort.is_over:
            return
        other = _says_as_much(subject, index, statements)
        if other is not None:
            yield subject.finding("never-needed", f"statement number {other + 1} {_much(subject, index, other)}", index)
        elif statement.effect == "Allow":
            for number, deny in enumerate(statements):
                if deny.effect == "Deny" and not deny.conditions and _within(subject, statement, deny):
                    message = f"statement number {number + 1} denies all that it allows"
                    yield subject.finding("never-takes-effect", message, index)
                    break
        yield from _about_entries(subject, index, statement)


def _says_as_much(subject: Subject, index: int, statements: Sequence[Statement]) -> int | None:
    """The statement that makes this one superfluous; of two that say the same, the later one is."""
    statement = statements[index]
    for number, other in enumerate(statements):
        if number == index or other.effect != statement.effect or not _within(subject, statement, other):
            continue
        if number < index or not _within(subject, other, statement):
            return number
    return None


def _much(subject: Subject, index: int, other: int) -> str:
    one, two = (subject.document.statements[each] for each in (index, other))
    return "says the same" if _within(subject, two, one) else "says as much, and more"


class _Element(NamedTuple):
    """`Action` or `Resource` of a statement, or the negation of one.

    Attributes:
        generous: stars reach over colons.
        lost: a variable without a value stands for everything.
    """

    texts: tuple[str, ...]
    negated: bool
    is_resource: bool
    generous: bool = True
    lost: bool = False
    variables: bool = False

    def at_least(self, text: str) -> Pattern:
        """What an entry surely stands for."""
        if not self.is_resource:
            return of_glob("*" if text == "*:*" else text.lower())
        return (of_glob if self.generous else of_resource)(text, variables=self.variables)

    def at_most(self, text: str) -> Pattern:
        """What an entry may stand for: a short ARN for more than is written, a variable without value for all."""
        short = self.is_resource and text.count(":") < SEGMENTS - 1
        return _ALL if short or (self.lost and "${" in text) else self.at_least(text)

    def holds(self, other: _Element, text: str, effort: Effort) -> bool:
        """Whether what an entry of another element stands for is all in the entries of this one."""
        if text in self.texts and not other.lost:
            return True
        if not effort.spend(1 + len(self.texts)):
            return False
        near = [each for each in self.texts if other.may_be_in(text, each)]
        if not near or not effort.spend(sum(map(len, near)) + len(text)):
            return False
        return contain([self.at_least(each) for each in near], other.at_most(text), effort)

    def may_be_in(self, text: str, wide: str) -> bool:
        """False where what two entries begin with already tells them apart: most do."""
        if not self.is_resource:
            text, wide = text.lower(), wide.lower()
        elif text.count(":") < SEGMENTS - 1 or (self.lost and "${" in text):
            return True  # it may stand for more than is written
        return text.startswith(_WILD.split(wide, maxsplit=1)[0][: len(_WILD.split(text, maxsplit=1)[0])])


def _element(subject: Subject, statement: Statement, name: str) -> _Element | None:
    """None where the statement has none."""
    if name == "Action":
        actions = statement.actions
        return None if actions is None else _Element(actions, statement.not_action, False)
    if statement.resources is None:
        return None
    # As `policy.resources` reads it: generously where more matches make access less likely.
    negated, deny = statement.not_resource, statement.effect == "Deny"
    variables = subject.document.has_variables
    return _Element(
        statement.resources, negated, True, deny is not negated, negated and not deny and variables, variables
    )


def _within(subject: Subject, narrow: Statement, wide: Statement) -> bool:
    """Whether every request that one statement is about is one that the other is about."""
    return (
        subject.effort.spend(10)
        and all(
            _element_within(_element(subject, narrow, name), _element(subject, wide, name), subject.effort)
            for name in ("Action", "Resource")
        )
        and _principals_within(narrow, wide)
        and all(any(_implies(each, asked) for each in narrow.conditions) for asked in wide.conditions)
    )


def _element_within(narrow: _Element | None, wide: _Element | None, effort: Effort) -> bool:
    if narrow is None or wide is None:  # a trust policy has no resources
        return narrow is wide
    if wide.negated:
        if narrow.negated:
            return all(narrow.holds(wide, text, effort) for text in wide.texts)
        return not any(
            not effort.spend(10) or meet(narrow.at_most(text), wide.at_most(other), effort)
            for text in narrow.texts
            for other in wide.texts
        )
    if narrow.negated:
        if not effort.spend(sum(map(len, wide.texts))):
            return False
        return contain([wide.at_least(text) for text in wide.texts], _ALL, effort)
    return all(wide.holds(narrow, text, effort) for text in narrow.texts)


def _principals_within(narrow: Statement, wide: Statement) -> bool:
    """Whom a statement names decides how strong it is, too: only a Deny of everyone covers any other."""
    if wide.principals is None or narrow.principals is None:
        return narrow.principals is wide.principals
    if narrow.not_principal or wide.not_principal:
        return narrow.not_principal == wide.not_principal and _names(narrow) == _names(wide)
    everyone = wide.effect == "Deny" and "*" in {name for names in wide.principals.values() for name in names}
    return everyone or _names(narrow) <= _names(wide)


def _names(statement: Statement) -> set[tuple[str, str]]:
    principals: Mapping[str, tuple[str, ...]] = statement.principals or {}
    return {(kind, name) for kind, names in principals.items() for name in names}


def _implies(given: Condition, asked: Condition) -> bool:
    """Whether one condition holds only where the other does: the same comparison, with fewer ways to meet it."""
    if given.key.lower() != asked.key.lower() or given.operator != asked.operator:
        return False
    name = operator_name(given.operator)
    if name is None or not given.values or not asked.values:
        return given.values == asked.values
    one, other = set(given.values), set(asked.values)
    operator = OPERATORS.get(name.name)
    return one >= other if operator is not None and operator.negated else one <= other


def _about_entries(subject: Subject, index: int, statement: Statement) -> Iterator[Finding]:
    """Entries of one list that others of it contain."""
    for name in ("Action", "Resource"):
        whole = _element(subject, statement, name)
        entries = list(subject.entries(index, element(statement, name)))
        if whole is None:
            continue
        alone = [whole._replace(texts=(text,)) for text, _ in entries]
        for number, (text, path) in enumerate(entries):
            if subject.effort.is_over:
                return
            for place, (other, _) in enumerate(entries):
                wider = place != number and alone[place].holds(whole, text, subject.effort)
                if wider and (place < number or not alone[number].holds(whole, other, subject.effort)):
                    message = f"`{text}`: the entry `{other}` says as much"
                    yield subject.finding("redundant-value", message, index, *path)
                    break
