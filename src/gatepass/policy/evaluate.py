"""The decision: every policy that takes part, asked about one request.

Deny statements are asked first, over all types; then each type is asked for one Allow; `combine` makes the verdict.
What an action concerns is gathered once (a plan). Decisions are remembered by plan, resource, caller, and the values of
exactly the context keys the plan's statements read; all plans share one bounded memory, so that many sessions cost no
more than one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from gatepass.policy.combine import Findings, combine
from gatepass.policy.compile import CompiledStatement, Policy
from gatepass.policy.principals import Grant
from gatepass.policy.query import Caller, Constants, Context, ContextValue, Query
from gatepass.policy.verdict import Outcome, PolicyType, Verdict

_MAX_PLANS = 256
_MAX_DECISIONS = 8_192
_LONGEST_REMEMBERED = 1_024
# So many statements without conditions and variables are asked sooner than remembered.
_CHEAP = 2
_VOLATILE = frozenset(("aws:currenttime", "aws:epochtime"))
ALWAYS_ALLOWED = "sts:getcalleridentity"
_IMPLICIT = {policy_type: Verdict("implicitDeny", policy_type) for policy_type in PolicyType}

_numbers = count()
# INVARIANT: a plan's number is never used again, so what is remembered of policies that are gone is never found.
_decisions: dict[tuple[object, ...], Verdict] = {}

Statements = tuple[CompiledStatement, ...]


class _Plan(NamedTuple):
    """The statements about one action, by part.

    Attributes:
        denies: of the types that name no principals; `named_denies` of those that do.
        session, boundary, vpce: None where the type is not present.
        must_grant: the resource is a role: without its trust policy's Allow nobody takes it.
        keys: the context keys these statements read, in order.
        number: no other plan has had it; None where decisions are not remembered.
    """

    denies: Statements
    named_denies: Statements
    identity: Statements
    session: Statements | None
    boundary: Statements | None
    resource: Statements
    vpce: Statements | None
    scp: tuple[Statements, ...]
    must_grant: bool
    always_allowed: bool
    keys: tuple[str, ...]
    number: int | None


class Policies:
    """Every policy that takes part in a decision, by type. Immutable; share it between requests and threads.

    Args:
        identity: the user's or role's own policies, inline and managed.
        session: None: the session has none; else one pool, in which any policy's Allow suffices.
        boundary: None: the caller has none.
        resource: of the resource (an API); the role's trust policy when a role is to be assumed.
        scp: levels of an organization, each of which must allow.
        rcp: levels whose policies can only deny; the one that allows everything is always attached.
        vpce: of the VPC endpoint the request came through; None: through none.

    Raises: ValueError, for a policy compiled as a type that names principals where one that does not belongs, or the
        reverse: it would be read wrongly.
    """

    __slots__ = ("_bound", "_plans", "boundary", "identity", "rcp", "resource", "scp", "session", "vpce")

    def __init__(
        self,
        identity: Iterable[Policy] = (),
        session: Iterable[Policy] | None = None,
        boundary: Iterable[Policy] | None = None,
        resource: Iterable[Policy] = (),
        *,
        scp: Iterable[Iterable[Policy]] = (),
        rcp: Iterable[Iterable[Policy]] = (),
        vpce: Iterable[Policy] | None = None,
    ) -> None:
        self.identity, self.resource = tuple(identity), tuple(resource)
        self.session = None if session is None else tuple(session)
        self.boundary = None if boundary is None else tuple(boundary)
        self.vpce = None if vpce is None else tuple(vpce)
        self.scp = tuple(tuple(level) for level in scp)
        self.rcp = tuple(tuple(level) for level in rcp)
        self._plans: dict[str, _Plan] = {}
        self._bound: dict[int, Statements] = {}
        plain, naming = self._plain(), self._naming()
        if any(each.names_principals for each in plain) or not all(each.names_principals for each in naming):
            raise ValueError("a policy was compiled as another type than it is used as")

    def _plain(self) -> tuple[Policy, ...]:
        """The policies of the types that name no principals."""
        levels = (policy for level in self.scp for policy in level)
        return (*self.identity, *(self.session or ()), *(self.boundary or ()), *levels)

    def _naming(self) -> tuple[Policy, ...]:
        """The policies of the types that do."""
        return (*self.resource, *(policy for level in self.rcp for policy in level), *(self.vpce or ()))

    def all(self) -> tuple[Policy, ...]:
        """Every policy, in the order in which an explicit deny is named."""
        return (*self._plain(), *self._naming())

    @property
    def resource_type(self) -> PolicyType:
        """`TRUST` if the resource is a role to be assumed."""
        return self.resource[0].source.type if self.resource else PolicyType.RESOURCE

    def bind(self, constants: Constants) -> Policies:
        """These policies for one credential: what its constants decide is decided once.

        The result is this object itself where no statement reads a constant. Queries to the result must carry the
        same constants in their context.
        """
        bound = {}
        for policy in self.all():
            known = frozenset(filter(constants.knows, policy.keys))
            if known:
                statements = (statement.bind(constants, known) for statement in policy.statements)
                bound[id(policy)] = tuple(statement for statement in statements if statement is not None)
        if not bound:
            return self
        copy = Policies(
            self.identity, self.session, self.boundary, self.resource, scp=self.scp, rcp=self.rcp, vpce=self.vpce
        )
        copy._bound = bound
        return copy

    def _plan(self, action: str) -> _Plan:
        """Gather the statements about an action. Spellings of an action are few: they come from code, not callers."""
        folded = action.lower()

        def about(pool: Iterable[Policy] | None, *, deny: bool) -> Statements:
            return tuple(
                statement
                for policy in pool or ()
                for statement in self._bound.get(id(policy), policy.statements)
                if statement.deny is deny and statement.has_action(folded)
            )

        denies, named_denies = about(self._plain(), deny=True), about(self._naming(), deny=True)
        identity, resource = about(self.identity, deny=False), about(self.resource, deny=False)
        session = None if self.session is None else about(self.session, deny=False)
        boundary = None if self.boundary is None else about(self.boundary, deny=False)
        vpce = None if self.vpce is None else about(self.vpce, deny=False)
        scp = tuple(about(level, deny=False) for level in self.scp)
        parts = (denies, named_denies, identity, resource, session or (), boundary or (), vpce or (), *scp)
        keys = frozenset().union(*(statement.keys for part in parts for statement in part))
        cheap = not keys and sum(map(len, parts)) <= _CHEAP
        plan = _Plan(
            denies, named_denies, identity, session, boundary, resource, vpce, scp,
            self.resource_type is PolicyType.TRUST, folded == ALWAYS_ALLOWED,
            tuple(sorted(keys)), None if keys & _VOLATILE or cheap else next(_numbers),
        )  # fmt: skip
        if len(self._plans) >= _MAX_PLANS:
            self._plans.clear()
        self._plans[action] = plan
        return plan


def evaluate(policies: Policies, query: Query) -> Verdict:
    """The verdict of all policies together."""
    action, resource, caller, resource_account, given = query
    plan = policies._plans.get(action) or policies._plan(action)
    context = given if isinstance(given, Context) else Context.of(given)
    if plan.number is None:
        return _decide(policies, plan, query, context)
    key = (plan.number, resource, caller, resource_account, *map(context.__getitem__, plan.keys))
    verdict = _decisions.get(key)
    if verdict is None:
        verdict = _decide(policies, plan, query, context)
        if len(resource) <= _LONGEST_REMEMBERED and not any(map(_is_long, key[4:])):
            if len(_decisions) >= _MAX_DECISIONS:
                _decisions.clear()
            _decisions[key] = verdict
    return verdict


def _is_long(part: object) -> bool:
    """Whether it would cost too much to keep: callers choose paths and some headers."""
    return isinstance(part, str | tuple) and len(part) > _LONGEST_REMEMBERED


def evaluate_trust(
    policy: Policy, caller: Caller, action: str, context: Mapping[str, ContextValue | None], role_arn: str = "*"
) -> Verdict:
    """Whether a role's trust policy by itself lets a federated caller or a service take the role.

    A caller with an account needs more than the trust policy where that names only the account: ask `evaluate`, with
    the caller's identity policies and the trust policy as `resource`.
    """
    return evaluate(_alone(policy), Query(action, role_arn, caller, "", Context.of(context)))


@lru_cache(maxsize=1024)
def _alone(policy: Policy) -> Policies:
    """A trust policy by itself: what it says about an action is gathered once, not for everyone who comes."""
    return Policies(resource=(policy,))


@lru_cache(maxsize=4096)
def _combined(*found: Any) -> tuple[Outcome, PolicyType]:
    """`combine`, remembered: there are few findings, and making one costs more than looking it up."""
    return combine(Findings(*found))


def _first(statements: Statements, resource: str, context: Context) -> CompiledStatement | None:
    """The first statement whose resource and conditions hold."""
    for statement in statements:
        if resource.startswith(statement.prefixes):
            test = statement.resource
            if test is None or test(resource, context):
                for condition in statement.conditions:
                    if not condition(context):
                        break
                else:
                    return statement
    return None


def _holds(statement: CompiledStatement, resource: str, context: Context) -> bool:
    return _first((statement,), resource, context) is not None


def _decide(policies: Policies, plan: _Plan, query: Query, context: Context) -> Verdict:
    resource, caller = query.resource, query.caller
    if plan.always_allowed:
        return Verdict("allowed")
    denied = _first(plan.denies, resource, context) if plan.denies else None
    bounded = plan.boundary is not None
    if denied is None and plan.named_denies:
        denied = _first_named(plan.named_denies, resource, context, caller, bounded)
    if denied is not None:
        return denied.verdict
    identity = _first(plan.identity, resource, context)
    grant, granting = _strongest(plan.resource, resource, context, caller) if plan.resource else (Grant.NONE, None)
    found = (
        None,
        not query.resource_account or query.resource_account == caller.account or not caller.account,
        caller.account != "",
        identity is not None,
        grant,
        plan.must_grant,
        None if plan.boundary is None else _first(plan.boundary, resource, context) is not None,
        None if plan.session is None else _first(plan.session, resource, context) is not None,
        all(_first(level, resource, context) for level in plan.scp) if plan.scp else None,
        None if plan.vpce is None else _first_named(plan.vpce, resource, context, caller, bounded) is not None,
    )
    outcome, decider = _combined(*found)
    if outcome == "allowed":
        deciding = identity if decider is PolicyType.IDENTITY else granting
        if deciding is not None:
            return deciding.verdict
    return _IMPLICIT[policies.resource_type if decider is PolicyType.RESOURCE else decider]


def _first_named(
    statements: Statements, resource: str, context: Context, caller: Caller, bounded: bool
) -> CompiledStatement | None:
    """The first statement that names the caller and holds."""
    for statement in statements:
        if statement.grant(caller, bounded) and _holds(statement, resource, context):
            return statement
    return None


def _strongest(
    statements: Statements, resource: str, context: Context, caller: Caller
) -> tuple[Grant, CompiledStatement | None]:
    """The strongest way in which an Allow that holds names the caller."""
    best, granting = Grant.NONE, None
    for statement in statements:
        grant = statement.grant(caller, False)
        if grant > best and _holds(statement, resource, context):
            best, granting = grant, statement
            if best is Grant.DIRECT:
                break
    return best, granting
