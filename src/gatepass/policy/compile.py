"""A policy made ready to be evaluated many times: every statement's elements compiled once, bound per credential."""

from __future__ import annotations

from functools import lru_cache

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy.conditions import Check, Test
from gatepass.policy.document import Document, Statement, load
from gatepass.policy.globs import compiled
from gatepass.policy.principals import Grant, Principals
from gatepass.policy.query import COGNITO_PROVIDER, Caller, Context
from gatepass.policy.resources import Resources, ResourceTest
from gatepass.policy.verdict import PolicyType, Source, Verdict

_AUDIENCE = f"{COGNITO_PROVIDER}:aud"
_DENY_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}'
_FILLS = frozenset((PolicyType.IDENTITY, PolicyType.SESSION, PolicyType.BOUNDARY))
_NAMES_PRINCIPALS = frozenset((PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.RCP, PolicyType.VPCE))


class CompiledStatement:
    """One statement, ready.

    Attributes:
        verdict: what the query gets if this statement decides it.
        prefixes, resource: see `resources.Resources`.
        conditions: the tests, all of which must hold.
        keys: every context key the statement reads.
    """

    __slots__ = (
        "_checks",
        "_resources",
        "audience",
        "conditions",
        "deny",
        "keys",
        "prefixes",
        "principals",
        "resource",
        "statement",
        "verdict",
    )

    statement: Statement
    deny: bool
    verdict: Verdict
    principals: Principals | None
    prefixes: tuple[str, ...]
    resource: ResourceTest | None
    conditions: tuple[Test, ...]
    keys: frozenset[str]
    audience: bool
    _resources: Resources | None
    _checks: tuple[Check, ...]

    def __init__(self, statement: Statement, index: int, source: Source, *, has_variables: bool) -> None:
        deny = statement.effect == "Deny"
        self.statement, self.deny = statement, deny
        self.verdict = Verdict("explicitDeny" if deny else "allowed", source.type, source, index, statement.sid)
        self.audience = names_audience(statement)
        self.principals = None
        if source.type in _NAMES_PRINCIPALS and statement.principals is not None:
            self.principals = Principals(
                statement.principals, negated=statement.not_principal, generous=deny is not statement.not_principal
            )
        checks = tuple(Check(condition, doubt=deny, has_variables=has_variables) for condition in statement.conditions)
        resources = None
        if statement.resources:
            resources = Resources.of(
                statement.resources,
                negated=statement.not_resource,
                deny=deny,
                fills=source.type in _FILLS,
                has_variables=has_variables,
            )
        self._settle(resources, checks)

    def _settle(self, resources: Resources | None, checks: tuple[Check, ...]) -> None:
        self._resources, self._checks = resources, checks
        self.conditions = tuple(check.test for check in checks)
        self.keys = frozenset().union(*(check.keys for check in checks)) if checks else frozenset()
        if resources is not None:
            self.prefixes, self.resource = resources.prefixes, resources.test
            if resources.keys:
                self.keys |= resources.keys
        elif self.deny or self.verdict.policy_type is PolicyType.TRUST:  # the role itself is a trust policy's resource
            self.prefixes, self.resource = ("",), None
        else:
            self.prefixes, self.resource = (), None

    def has_action(self, action: str) -> bool:
        """Whether the statement is about the action, given in lower case."""
        statement = self.statement
        if not statement.actions:
            return self.deny
        generous = self.deny is not statement.not_action
        named = any(_action_matches(pattern, action, generous) for pattern in statement.actions)
        return named is not statement.not_action

    def has_resource(self, resource: str, context: Context) -> bool:
        """Whether the statement is about the resource."""
        return resource.startswith(self.prefixes) and (self.resource is None or self.resource(resource, context))

    @property
    def _grants(self) -> bool:
        """Whether an Allow of this type can grant by itself."""
        return self.verdict.policy_type in (PolicyType.RESOURCE, PolicyType.TRUST)

    @property
    def names_principals(self) -> bool:
        """Whether policies of this type say whom they are about."""
        return self.verdict.policy_type in _NAMES_PRINCIPALS

    def grant(self, caller: Caller, bounded: bool) -> Grant:
        """How strongly the statement names the caller. `bounded`: the caller has a permissions boundary."""
        principals = self.principals
        if principals is None:  # only an endpoint policy may go without
            return Grant.LIMITED if self.deny or self.verdict.policy_type is PolicyType.VPCE else Grant.NONE
        if caller.arn == COGNITO_PROVIDER and not (self.deny or self.audience) and self._grants:
            return Grant.NONE  # refused at save too, but a document may have come another way
        if not principals.negated:
            return principals.grant(caller)
        if self.deny:
            escapes = principals.names_fully(caller) and not bounded
            return Grant.NONE if escapes else Grant.LIMITED
        return Grant.NONE if principals.grant(caller) else Grant.LIMITED

    def bind(self, constants: Context, known: frozenset[str]) -> CompiledStatement | None:
        """The statement as it stands for one credential, whose context keys `known` never change.

        None if it can no longer apply.
        """
        if self.keys.isdisjoint(known):
            return self
        checks = []
        for check in self._checks:
            bound = check.bind(constants, known)
            if bound is False:
                return None
            if bound is not True:
                checks.append(bound)
        copy: CompiledStatement = CompiledStatement.__new__(CompiledStatement)
        copy.statement, copy.deny, copy.verdict = self.statement, self.deny, self.verdict
        copy.principals, copy.audience = self.principals, self.audience
        copy._settle(None if self._resources is None else self._resources.bind(constants, known), tuple(checks))
        return copy


class Policy:
    """A document and where it comes from, compiled. Immutable; share it between requests and threads.

    Attributes:
        keys: every context key its statements read, in lower case.
    """

    __slots__ = ("document", "keys", "source", "statements")

    statements: tuple[CompiledStatement, ...]
    keys: frozenset[str]

    def __init__(self, document: Document, source: Source) -> None:
        self.document, self.source = document, source
        self.statements = tuple(
            CompiledStatement(statement, index, source, has_variables=document.has_variables)
            for index, statement in enumerate(document.statements)
        )
        self.keys = frozenset().union(*(statement.keys for statement in self.statements))

    @property
    def names_principals(self) -> bool:
        """Whether policies of this type say whom they are about."""
        return self.source.type in _NAMES_PRINCIPALS

    def __repr__(self) -> str:
        return f"Policy({self.source.type.value}, {self.source.name!r}, {len(self.statements)} statements)"


def compile_policy(document: Document, source: Source) -> Policy:
    """Make a document ready to be evaluated."""
    return Policy(document, source)


def compile_stored(text: str, source: Source) -> Policy:
    """Compile a stored document. Never raises: what cannot be read denies everything."""
    try:
        document = load(text)
    except MalformedPolicyDocument:
        document = load(_DENY_ALL)
        source = source._replace(name=f"{source.name} (cannot be read)")
    return Policy(document, source)


@lru_cache(maxsize=4096)
def _action_matches(pattern: str, action: str, generous: bool) -> bool:
    """A wildcard in the service prefix is documented nowhere: but for `*:*` it counts only where it limits."""
    if pattern in ("*", "*:*"):
        return True
    folded = pattern.lower()
    if not generous and any(wildcard in folded.partition(":")[0] for wildcard in "*?"):
        return False
    return compiled(folded).matches(action)


_POSITIVE = ("StringEquals", "StringEqualsIgnoreCase", "StringLike")


def names_audience(statement: Statement) -> bool:
    """Whether a condition says which identity pool (`aud`) a web identity must come from."""
    return any(
        condition.key.lower() == _AUDIENCE
        and condition.values
        and all(value.strip("*?") for value in condition.values)
        and condition.operator.rpartition(":")[2].removesuffix("IfExists") in _POSITIVE
        for condition in statement.conditions
    )
