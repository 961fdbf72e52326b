"""Cases that test policies: what is asked, of which policies, and what must come out.

A case has `policies` {identity, session, boundary, resource, scp, rcp, vpce}, a `request` {principal, action, resource,
resourceAccount, context, multivalued} and `expected`; `kind: trust` makes the resource policy a role's trust policy,
and so does asking to take a role, which has no other.
Wherever a policy stands there may be a document, a name for the lookup, or a list of them. Other members are ignored.
A case that cannot be judged has failed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, get_args

from gatepass.advice.reading import Doubled
from gatepass.errors import GatepassError, MalformedPolicyDocument
from gatepass.policy import (
    Caller,
    ContextValue,
    Explanation,
    Outcome,
    Policies,
    Policy,
    PolicyType,
    Query,
    Source,
    compile_policy,
    evaluate,
    explain,
    load,
)
from gatepass.policy.document import document_of
from gatepass.policy.shorthand import api_arn_of, expanded

_OUTCOMES = get_args(Outcome)
_KINDS = (None, "", "trust", "request")


class Named(NamedTuple):
    """A policy document that was found under a name."""

    name: str
    document: Any
    arn: str | None = None


#: Finds the documents that a name in a case means: a file, or a role. Raises: GatepassError.
Lookup = Callable[[PolicyType, str], Sequence[Named]]


class Result(NamedTuple):
    """How a case came out.

    Attributes:
        expected, outcome: empty where the case does not say, or could not be judged.
        why: why it could not be judged.
        explanation: of a verdict other than the expected one.
    """

    name: str
    expected: str
    outcome: str
    why: str = ""
    explanation: Explanation | None = None

    @property
    def passed(self) -> bool:
        return not self.why and self.outcome == self.expected


class _NoVerdict(Exception):
    """The case cannot be judged, and why."""


def cases_of(value: Any) -> list[Any] | None:
    """The cases of a file: a list, or the member `cases`. None if it has neither."""
    found = value.get("cases") if isinstance(value, dict) else value
    return found if isinstance(found, list) else None


def judge(case: Any, number: int, lookup: Lookup) -> Result:
    """Ask what the case asks. `number`: its place in the file, from 1."""
    name = _name(case, number)
    expected = case.get("expected") if isinstance(case, dict) else None
    expected = expected if isinstance(expected, str) else ""
    try:
        policies, query = _read(case, lookup)
        if expected not in _OUTCOMES:
            raise _NoVerdict(f"`expected` is not one of {', '.join(_OUTCOMES)}")
        outcome = evaluate(policies, query).outcome
        explanation = None if outcome == expected else explain(policies, query)
    except _NoVerdict as reason:
        return Result(name, expected, "", str(reason))
    except GatepassError as error:
        return Result(name, expected, "", str(error))
    except RecursionError:
        return Result(name, expected, "", "it is nested too deep")
    return Result(name, expected, outcome, "", explanation)


def _name(case: Any, number: int) -> str:
    given = case if isinstance(case, dict) else {}
    words = [str(given[key]) for key in ("id", "name") if isinstance(given.get(key), str | int)]
    return ": ".join(words) or f"case {number}"


def _read(case: Any, lookup: Lookup) -> tuple[Policies, Query]:
    if not isinstance(case, dict):
        raise _NoVerdict("it is not an object")
    if isinstance(case, Doubled):
        raise _NoVerdict("a member name stands twice in one object")
    kind, given = case.get("kind"), case.get("policies")
    if kind not in _KINDS:
        raise _NoVerdict(f"`{kind}` is no kind of case: leave `kind` out, or say `trust`")
    if not isinstance(given, dict):
        raise _NoVerdict("it has no `policies`")
    request = case.get("request")
    trust = kind == "trust" or (not kind and _takes_a_role(request))
    query = _query(request, kind == "trust")
    return _policies(given, trust, lookup, query.resource), query


def _takes_a_role(request: Any) -> bool:
    """Whether the resource is a role that is to be assumed."""
    action, resource = (request.get(name) if isinstance(request, dict) else None for name in ("action", "resource"))
    if not isinstance(action, str) or not isinstance(resource, str):
        return False
    return action.lower().startswith("sts:assumerole") and ":iam::" in resource and ":role/" in resource


# --- the policies


def _policies(given: Mapping[str, Any], trust: bool, lookup: Lookup, resource: str) -> Policies:
    """An empty list, but for identity policies, is that there is none of the type."""
    _check_single(given)

    def of(type_: PolicyType, name: str = "") -> list[Policy]:
        return _compiled(type_, given.get(name or type_.value), lookup, resource)

    def levels(type_: PolicyType) -> list[list[Policy]]:
        value = given.get(type_.value)
        return [_compiled(type_, level, lookup, resource) for level in ([] if value is None else _listed(value))]

    return Policies(
        identity=of(PolicyType.IDENTITY),
        session=of(PolicyType.SESSION) or None,
        boundary=of(PolicyType.BOUNDARY) or None,
        resource=of(PolicyType.TRUST if trust else PolicyType.RESOURCE, "resource"),
        scp=levels(PolicyType.SCP),
        rcp=levels(PolicyType.RCP),
        vpce=of(PolicyType.VPCE) or None,
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _check_single(value: Any) -> None:
    """As a policy is refused in which a member name stands twice."""
    if isinstance(value, Doubled):
        raise _NoVerdict("a member name stands twice in one object")
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(part, dict | list):
            _check_single(part)


def _compiled(type_: PolicyType, value: Any, lookup: Lookup, resource: str) -> list[Policy]:
    if value is None:
        return []
    compiled: list[Policy] = []
    listed = _listed(value)
    for number, each in enumerate(listed, 1):
        own = f"the {type_.value} policy" + (f" number {number}" if len(listed) > 1 else "")
        compiled += [policy_of(type_, found, resource) for found in _named(type_, each, own, lookup)]
    return compiled


def _named(type_: PolicyType, value: Any, own: str, lookup: Lookup) -> Iterable[Named]:
    if isinstance(value, dict) and "Statement" not in value:
        for member in ("file", "role"):
            if isinstance(value.get(member), str):
                return lookup(type_, value[member])
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return lookup(type_, value)
    return [Named(own, value)]


def policy_of(type_: PolicyType, found: Named, resource: str = "") -> Policy:
    """Compiled as AWS would evaluate it, an API's own policy as it would be saved for the API of this resource.

    Raises: MalformedPolicyDocument, if it cannot be read; it says which one.
    """
    try:
        document = found.document
        loaded = load(document) if isinstance(document, str) else None
        if loaded is None and not isinstance(document, dict):
            raise MalformedPolicyDocument("Syntax errors in policy.", detail="not an object")
        loaded = loaded or document_of(document)
        api_arn = api_arn_of(resource) if type_ is PolicyType.RESOURCE else None
        if api_arn is not None:
            loaded = document_of(expanded(loaded.raw, api_arn))
    except MalformedPolicyDocument as error:
        why = f"{found.name}: {error.message}" + (f" ({error.detail})" if error.detail else "")
        raise MalformedPolicyDocument(why) from None
    return compile_policy(loaded, Source(type_, found.name, found.arn))


# --- the request


def _query(request: Any, trust: bool) -> Query:
    if not isinstance(request, dict):
        raise _NoVerdict("it has no `request`")
    if isinstance(request, Doubled):
        raise _NoVerdict("a member name stands twice in one object")
    resource = _text(request, "resource", "*" if trust else None)
    caller = Caller.from_arn(_text(request, "principal", None))
    return Query(
        _text(request, "action", None),
        resource,
        caller,
        _text(request, "resourceAccount", account_in(resource)),
        _context(request),
    )


def account_in(resource: str) -> str:
    """The account an ARN names; empty if it names none."""
    parts = resource.split(":", 5)
    return parts[4] if len(parts) == 6 and len(parts[4]) == 12 and parts[4].isdigit() else ""


def _text(request: Mapping[str, Any], name: str, default: str | None) -> str:
    value = request.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or (not value and default is None):
        raise _NoVerdict(f"its request has no `{name}`")
    return value


def _context(request: Mapping[str, Any]) -> dict[str, ContextValue | None]:
    given, sets = request.get("context"), request.get("multivalued")
    given, sets = ({} if given is None else given), ([] if sets is None else sets)
    if not isinstance(given, dict) or isinstance(given, Doubled):
        raise _NoVerdict("its `context` is not an object with each key once")
    if not isinstance(sets, list) or not all(isinstance(key, str) for key in sets):
        raise _NoVerdict("its `multivalued` is not a list of keys")
    folded = {key.lower() for key in sets}
    if len({key.lower() for key in given}) != len(given):
        raise _NoVerdict("a key stands twice in its `context`: names ignore case")
    return {key: _value(key, value, key.lower() in folded) for key, value in given.items()}


def _value(key: str, value: Any, is_set: bool) -> ContextValue | None:
    if value is None:
        return None
    texts = tuple(_scalar(key, each) for each in _listed(value))
    return texts[0] if len(texts) == 1 and not is_set else texts


def _scalar(key: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise _NoVerdict(f"the value of `{key}` in its `context` is neither text, a number nor a boolean")
