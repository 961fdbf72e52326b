"""Which requests to an app's IAM routes two sets of policies decide otherwise.

A route has more requests than can be asked about. Those that meet the same patterns are decided alike, so one of each
kind is asked about: the answer is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from gatepass.advice.app_routes import AppRoute
from gatepass.advice.cases import Named, policy_of
from gatepass.advice.effort import Effort
from gatepass.advice.languages import Patterns
from gatepass.advice.patterns import RUN, Pattern, Step, literal, of_route, of_tokens
from gatepass.advice.supposed import MOST as MOST_SUPPOSED
from gatepass.advice.supposed import Suppositions, left_open, patterns_of, supposed, suppositions
from gatepass.advice.witnesses import witnesses
from gatepass.arn import verbs
from gatepass.policy import Caller, Policies, Policy, PolicyType, Query, evaluate
from gatepass.policy.arns import SEGMENTS
from gatepass.policy.globs import STAR, Token

Change = Literal["newly_allowed", "newly_denied"]
_MOST_EFFORT = 20_000_000
"""Steps of a comparison; a route that is not reached is told as not complete."""
_INVOKE = "execute-api:Invoke"


class Side(NamedTuple):
    """The policies that hold before, or after; a boundary only where a role has one."""

    identity: Sequence[Named]
    boundary: Sequence[Named] | None = None

    def documents(self) -> Iterator[object]:
        return (each.document for each in (*self.identity, *(self.boundary or ())))

    def policies(self, given: Suppositions | None = None) -> Policies:
        """Raises: MalformedPolicyDocument."""

        def of(type_: PolicyType, named: Iterable[Named]) -> list[Policy]:
            return [policy_of(type_, each if given is None else supposed(each, given)) for each in named]

        boundary = None if self.boundary is None else of(PolicyType.BOUNDARY, self.boundary)
        return Policies(identity=of(PolicyType.IDENTITY, self.identity), boundary=boundary)


class Difference(NamedTuple):
    """What changes for a route.

    Attributes:
        route: `GET /pets/{id}`; with a slash at its end, if only requests with one are decided otherwise.
        change: None, if it takes a condition or a variable's value for anything to change.
        example: a request, if only some of the route's are decided otherwise.
        conditional: conditions or variables decide whether, or what, changes.
        complete: all kinds of requests were asked about.
    """

    route: str
    change: Change | None
    example: str = ""
    conditional: bool = False
    complete: bool = True


class Differ:
    """Compares two sides over routes. Raises: MalformedPolicyDocument.

    Args:
        prefix: of the API's method ARNs, with the slash after the stage.
    """

    def __init__(self, before: Side, after: Side, prefix: str, caller: Caller) -> None:
        self._prefix, self._caller = prefix, caller
        self._sides = [(before.policies(), after.policies())]
        documents = [*before.documents(), *after.documents()]
        self._effort = Effort(_MOST_EFFORT)
        # With more of them than are tried, any may decide.
        self._unsure = len(left_open(documents)) > MOST_SUPPOSED
        self._sides += [(before.policies(each), after.policies(each)) for each in suppositions(documents)]
        given = [every for each in documents for pattern in patterns_of(each) for every in _readings(pattern, prefix)]
        different = list(dict.fromkeys(given))
        self._patterns = Patterns(different)
        self._cost = 50 + len(different)

    def differences(self, routes: Iterable[AppRoute]) -> Iterator[Difference]:
        """Of the IAM routes, verb by verb."""
        for verb, path in sorted((verb, route.path) for route in routes if route.iam for verb in verbs(route.method)):
            form = of_route(path)[1:]
            found = list(self._of_form(verb, path, form))
            if not found and path != "/":
                found = list(self._of_form(verb, f"{path}/", (*form, Step("/"))))
            yield from found

    def _of_form(self, verb: str, path: str, form: Pattern) -> Iterator[Difference]:
        route, before = f"{verb} {path}", f"{self._prefix}{verb}/"
        by_ends, complete = witnesses(form, self._patterns, before, self._effort)
        changes: dict[str, list[Change | None]] = {}
        for text in by_ends.values():
            if not self._effort.spend(len(self._sides) * self._cost):
                complete = False
                break
            changes[text] = self._changes(before + text)
        conditional = self._unsure or any(len(set(each)) > 1 for each in changes.values())
        told = False
        for change in ("newly_allowed", "newly_denied"):
            changed = [text for text, each in changes.items() if each[0] == change]
            if changed:
                example = "" if len(changed) == len(changes) else f"{verb} /{changed[0]}"
                yield Difference(route, change, example, conditional, complete)
                told = True
        if not told and (conditional or not complete):
            yield Difference(route, None, "", conditional, complete)

    def _changes(self, arn: str) -> list[Change | None]:
        """As the policies are, then under each supposition."""
        query = Query(_INVOKE, arn, self._caller)
        found: list[Change | None] = []
        for before, after in self._sides:
            was, now = evaluate(before, query).allowed, evaluate(after, query).allowed
            found.append(None if was is now else "newly_allowed" if now else "newly_denied")
        return found


def _readings(pattern: tuple[Token, ...], prefix: str) -> Iterator[Pattern]:
    """The pattern, and what decides about requests to the API where its segments are compared one by one.

    Whatever way such a pattern is laid over an ARN, what is left of it is compared with the ARN from some segment on.
    """
    whole = of_tokens(pattern)
    yield whole
    first = pattern[0] if pattern else ""
    if pattern == (STAR,) or (isinstance(first, str) and first.count(":") >= SEGMENTS - 1):
        return
    yield (*whole, Step(":"), RUN)
    starts = [0, *(number + 1 for number, step in enumerate(whole) if step.takes == ":")]
    heads = prefix.split(":", SEGMENTS - 1)[:-1]
    for number in range(SEGMENTS):
        head = literal("".join(f"{each}:" for each in heads[:number]))
        for start in starts:
            yield (*head, *whole[start:])
