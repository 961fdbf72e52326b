"""Requests to a route that stand for all of them: one for each way in which they can meet the patterns of policies."""

from __future__ import annotations

import string
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gatepass.advice.app_routes import AppRoute
from gatepass.advice.effort import Effort
from gatepass.advice.languages import Patterns, meet
from gatepass.advice.patterns import Pattern, Step, of_glob, of_route
from gatepass.arn import verbs

# What can stand in a path as it is sent; the first ones are preferred for what no pattern writes.
_IN_PATHS = "x" + string.digits + string.ascii_letters + "-._~!$&'()*+,;=:@%/"
_MOST_STATES = 20_000
# What places of patterns take in memory, of all states together.
_MOST_BITS = 1_000_000_000


class Witnesses(NamedTuple):
    """Texts, the shortest first, by the places of the patterns that they meet.

    Attributes:
        complete: every text meets just the patterns that one of these does; else there were too many ways.
    """

    by_ends: dict[int, str]
    complete: bool


def witnesses(route: Pattern, patterns: Patterns, before: str = "", effort: Effort | None = None) -> Witnesses:
    """Of the texts that a route's pattern matches, and that patterns meet together with what stands before.

    Incomplete where the effort does not suffice.
    """
    places = patterns.start
    for character in before:
        places = patterns.after(places, character)
    return _look(Patterns([route]), patterns, places, effort or Effort())


def _look(route: Patterns, patterns: Patterns, places: int, effort: Effort) -> Witnesses:
    """Shortest texts first, once for each place in the route and the patterns that one can come to."""
    taken = {*route.characters, *patterns.characters}
    other = next((each for each in _IN_PATHS if each not in taken), "\u00ff")
    seen, found = {(route.start, places)}, dict[int, str]()
    waiting = deque([(route.start, places, "")])
    bits = patterns.ends.bit_length()
    most = min(_MOST_STATES, _MOST_BITS // (bits + 1) + 1)
    while waiting:
        there, places, text = waiting.popleft()
        if not effort.spend(len(taken) + bits // 100):
            return Witnesses(found, False)
        if there & route.ends:
            found.setdefault(places & patterns.ends, text)
        for character in dict.fromkeys((other, *route.written(there), *patterns.written(places), "/")):
            if character not in _IN_PATHS and character != other:
                continue
            after = route.after(there, character), patterns.after(places, character)
            if after[0] and after not in seen:
                if len(seen) >= most:
                    return Witnesses(found, False)
                seen.add(after)
                waiting.append((*after, text + character))
    return Witnesses(found, True)


def meeting(patterns: Sequence[str], method: str, path: str) -> list[str]:
    """Those of the patterns (`GET/pets/*`) that some request to a route meets, in any of its forms."""
    met: set[str] = set()
    for verb in verbs(method):
        route = of_route(f"{verb}{path}")
        forms = [(*route, Step("/"))] if path == "/" else [route, (*route, Step("/"))]
        for pattern in patterns:
            if pattern not in met and any(meet(form, of_glob(pattern)) for form in forms):
                met.add(pattern)
    return sorted(met)


def also_allowed(patterns: Sequence[str], routes: Iterable[AppRoute]) -> list[tuple[AppRoute, str]]:
    """IAM routes of which some request is allowed without the route being listed, and a pattern that allows it."""
    found = ((route, meeting(patterns, route.method, route.path)) for route in routes if route.iam)
    return [(route, met[0]) for route, met in found if met]
