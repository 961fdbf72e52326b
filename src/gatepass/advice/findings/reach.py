"""Statements and entries that change nothing: others say as much, or deny all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from gatepass.advice.findings.subject import Finding, Subject, element
from gatepass.advice.languages import SEGMENTS, Pattern, contain, meet, of_glob, of_resource
from gatepass.policy.document import Condition, Statement
from gatepass.policy.operators import OPERATORS, operator_name

_ALL = of_glob("*")
# Each pair of a policy's statements is compared; a policy of AWS's size has a few dozen.
_MOST_STATEMENTS = 200


def about_reach(subject: Subject) -> Iterator[Finding]:
    statements = subject.document.statements[:_MOST_STATEMENTS]
    for index, statement in enumerate(statements):
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


def _within(subject: Subject, narrow: Statement, wide: Statement) -> bool:
    """Whether every request that one statement is about is one that the other is about."""
    variables = subject.document.has_variables
    return (
        _element_within(_actions(narrow), narrow.not_action, _actions(wide), wide.not_action, _folded, _folded)
        and _element_within(
            narrow.resources,
            narrow.not_resource,
            wide.resources,
            wide.not_resource,
            lambda text: _at_least(text, wide.effect, variables),
            lambda text: _at_most(text, narrow.effect, variables),
        )
        and _principals_within(narrow, wide)
        and all(any(_implies(each, asked) for each in narrow.conditions) for asked in wide.conditions)
    )


def _at_least(resource: str, effect: str, variables: bool) -> Pattern:
    """What a resource surely stands for. A Deny reads it as it stands: see `policy.arns`."""
    return of_resource(resource, variables=variables) if effect == "Allow" else of_glob(resource, variables=variables)


def _at_most(resource: str, effect: str, variables: bool) -> Pattern:
    """What a resource may stand for: a short ARN for more than is written."""
    return _at_least(resource, effect, variables) if resource.count(":") >= SEGMENTS - 1 else _ALL


def _actions(statement: Statement) -> tuple[str, ...] | None:
    return None if statement.actions is None else tuple(action.lower() for action in statement.actions)


def _folded(action: str) -> Pattern:
    return of_glob("*" if action == "*:*" else action)


def _element_within(
    narrow: Sequence[str] | None,
    narrow_negated: bool,
    wide: Sequence[str] | None,
    wide_negated: bool,
    at_least: Callable[[str], Pattern],
    at_most: Callable[[str], Pattern],
) -> bool:
    if narrow is None or wide is None:  # a trust policy has no resources
        return narrow is wide
    if wide_negated:
        if narrow_negated:
            return _listed_within(wide, narrow, at_least, at_most)
        return not any(meet(at_most(each), at_most(other)) for each in narrow for other in wide)
    if narrow_negated:
        return contain([at_least(each) for each in wide], _ALL)
    return _listed_within(narrow, wide, at_least, at_most)


def _listed_within(
    narrow: Sequence[str],
    wide: Sequence[str],
    at_least: Callable[[str], Pattern],
    at_most: Callable[[str], Pattern],
) -> bool:
    whole = [at_least(each) for each in wide]
    return all(each in wide or contain(whole, at_most(each)) for each in narrow)


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
    variables = subject.document.has_variables
    readings: dict[str, tuple[Callable[[str], Pattern], Callable[[str], Pattern]]] = {
        "Action": (lambda text: _folded(text.lower()), lambda text: _folded(text.lower())),
        "Resource": (
            lambda text: _at_least(text, statement.effect, variables),
            lambda text: _at_most(text, statement.effect, variables),
        ),
    }
    for name, (at_least, at_most) in readings.items():
        entries = list(subject.entries(index, element(statement, name)))
        for number, (text, path) in enumerate(entries):
            for place, (other, _) in enumerate(entries):
                wider = place != number and _listed_within([text], [other], at_least, at_most)
                if wider and (place < number or not _listed_within([other], [text], at_least, at_most)):
                    message = f"`{text}`: the entry `{other}` says as much"
                    yield subject.finding("redundant-value", message, index, *path)
                    break
