"""What `gatepass serve --learn` records: which signed requests were made to an API's IAM routes, and by whom.

A request counts for its route, verb and role. Neither paths nor identities are kept: the record stays as small as the
app and its roles are, whatever is asked, and holds nothing of any caller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gatepass.arn import ANY, METHODS, verbs
from gatepass.errors import ConfigurationError

KIND = "gatepass: requests to IAM routes"
VERSION = 1
MOST = 100_000
"""Different requests that are recorded; only as many roles could be the cause of more."""

_VERB = re.compile(r"[A-Z]{1,20}")
_NO_RECORD = "it is not a record of requests"
_HINT = "a file that `gatepass serve --learn` wrote"
_OF_API = ("api_id", "name", "stage", "region", "account_id")


class Asked(NamedTuple):
    """A request as it is recorded.

    Attributes:
        principal: `role-session`, `user` or `root`.
        role: of a role session; else empty.
        route: the template of its path, with a slash at the end if the path had one.
    """

    principal: str
    role: str
    method: str
    route: str


@dataclass(slots=True)
class Learned:
    """A record.

    Attributes:
        api: `api_id`, `name`, `stage`, `region` and `account_id`.
        iam_routes: all of the API's: `GET /pets/{id}`.
        requests: how many were allowed, and how many were denied by policy.
    """

    api: Mapping[str, str]
    iam_routes: tuple[str, ...]
    requests: dict[Asked, tuple[int, int]] = field(default_factory=dict)

    def add(self, asked: Asked, *, allowed: bool) -> bool:
        """Count a request; false, if there are too many different ones."""
        known = self.requests.get(asked)
        if known is None and len(self.requests) >= MOST:
            return False
        yes, no = known or (0, 0)
        self.requests[asked] = (yes + 1, no) if allowed else (yes, no + 1)
        return True

    def continued(self, earlier: Learned) -> Learned:
        """With the requests of an earlier run that were to a route there still is. Raises: ConfigurationError."""
        if self.api != earlier.api:
            raise ConfigurationError(
                f"it is a record of another API: `{earlier.api['name']}`, `{earlier.api['api_id']}`",
                hint="give another file, or remove this one",
            )
        served = {route.partition(" ")[2] for route in self.iam_routes}
        kept = {asked: counts for asked, counts in earlier.requests.items() if bare(asked.route) in served}
        return Learned(self.api, self.iam_routes, kept)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, in order."""
        requests = [
            {**asked._asdict(), "allowed": allowed, "denied": denied}
            for asked, (allowed, denied) in sorted(self.requests.items())
        ]
        return {
            "kind": KIND,
            "version": VERSION,
            "api": dict(self.api),
            "iam_routes": list(self.iam_routes),
            "requests": requests,
        }


def learned_in(value: Any) -> Learned:
    """The record that was written. Raises: ConfigurationError."""
    if not isinstance(value, dict) or value.get("kind") != KIND:
        raise ConfigurationError(_NO_RECORD, hint=_HINT)
    if value.get("version") != VERSION:
        raise ConfigurationError(f"it is of version {value.get('version')}, not {VERSION}", hint="record it anew")
    try:
        api = {name: _text(value["api"][name]) for name in _OF_API}
        routes = tuple(_text(each) for each in value["iam_routes"])
        requests = dict(_request(each) for each in value["requests"])
    except (KeyError, TypeError, ValueError):
        raise ConfigurationError("it is damaged", hint="record it anew") from None
    return Learned(api, routes, requests)


def bare(route: str) -> str:
    """Without the slash at its end."""
    return route.rstrip("/") or "/"


def _request(given: Any) -> tuple[Asked, tuple[int, int]]:
    asked = Asked(*(_text(given[name]) for name in Asked._fields))
    counts = (given["allowed"], given["denied"])
    if not _VERB.fullmatch(asked.method) or not all(type(each) is int and each >= 0 for each in counts):
        raise ValueError
    return asked, counts


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


class Selection(NamedTuple):
    """The requests that a policy is to be made for.

    Attributes:
        whose: roles, and kinds of other principals.
        left_out: whether there are requests of the root that were not taken.
        routes: method and path.
        denied: those of them that no policy allowed.
    """

    whose: list[str]
    left_out: bool
    requests: int
    routes: list[tuple[str, str]]
    denied: list[tuple[str, str]]


def selected(learned: Learned, role: str | None = None, *, allowed_only: bool = False) -> Selection:
    """The requests of a role; without one those of all but the root, to whom policies do not apply.

    Of the root, only if nobody else asked anything: then whoever tried it out used the administrator's keys.

    Raises: ConfigurationError, if there are none.
    """
    if role is not None:
        taken = [asked for asked in learned.requests if asked.role == role]
    else:
        taken = [asked for asked in learned.requests if asked.principal != "root"] or list(learned.requests)
    counts = {asked: learned.requests[asked] for asked in taken}
    if allowed_only:
        counts = {asked: (yes, 0) for asked, (yes, _) in counts.items() if yes}
    if taken and not counts:
        whose = "" if role is None else f" of role `{role}`"
        raise ConfigurationError(f"all requests{whose} that it holds were denied", hint="leave --allowed-only out")
    if not counts:
        raise ConfigurationError(_nothing(learned, role), hint="call the app while `gatepass serve --learn` runs")
    allowed = {(asked.method, asked.route) for asked, (yes, _) in counts.items() if yes}
    routes = {(asked.method, asked.route) for asked in counts}
    return Selection(
        sorted({asked.role or asked.principal for asked in counts}),
        role is None and any(asked.principal == "root" and asked not in taken for asked in learned.requests),
        sum(yes + no for yes, no in counts.values()),
        sorted(routes),
        sorted(routes - allowed),
    )


def _nothing(learned: Learned, role: str | None) -> str:
    roles = ", ".join(f"`{each}`" for each in sorted({asked.role for asked in learned.requests if asked.role}))
    if role is None or not roles:
        return "it holds no requests that could be taken"
    return f"it holds no requests of role `{role}` that could be taken, but of {roles}"


def with_merged_verbs(routes: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Method and path; `ANY` where all verbs of a path are there."""
    verbs: dict[str, set[str]] = {}
    for method, path in routes:
        verbs.setdefault(path, set()).add(method)
    return [
        (method, path)
        for path, methods in verbs.items()
        for method in ([ANY] if ANY in methods or methods >= METHODS else sorted(methods))
    ]


def routes_of(learned: Learned) -> Iterable[tuple[str, str]]:
    """Verb and path of each IAM route, `ANY` as each of its verbs."""
    for route in learned.iam_routes:
        method, _, path = route.partition(" ")
        for verb in verbs(method):
            yield verb, path
