"""What binds a principal: all policies that take part when it asks for something, compiled and put together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from gatepass.errors import UnrecognizedClient
from gatepass.policy import (
    MANAGED_POLICIES,
    Caller,
    Constants,
    Policies,
    Policy,
    PolicyType,
    Source,
    Verdict,
    account_root,
    compile_stored,
    guest_scope_down,
    managed_policy,
    session_constants,
)
from gatepass.principal import Principal
from gatepass.store import Directory, Group, Role, User

MOST = 10_000
MOST_ALLOWED = 16_384
LONGEST_REMEMBERED = 512

Headers = tuple[tuple[bytes, bytes], ...]


class Standing(NamedTuple):
    """What is known of a principal whose signature was verified.

    Attributes:
        constants: the part of the request context that follows from the credentials.
        asks_context: some policy decides by the request context.
        kind: the same for all that the same policies bind, if what these allow follows from action and resource alone;
            else 0.
        headers: how an app is told of the caller.
    """

    principal: Principal
    caller: Caller
    constants: Constants
    policies: Policies
    asks_context: bool
    kind: int
    headers: Headers


def as_called_now(directory: Directory, principal: Principal) -> Principal:
    """The principal of a session; a user's by the name and ARN it has now, which a session does not know.

    INVARIANT: it is found by the user's id: who was made anew under the old name is somebody else.
    """
    if principal.kind != "user":
        return principal
    user = directory.user_by_id(principal.user_id)
    if user is None or user.arn == principal.arn:
        return principal
    return dataclasses.replace(principal, arn=user.arn, user_name=user.name)


def check_alive(directory: Directory, principal: Principal) -> None:
    """Raises: UnrecognizedClient, if the role or user of the credentials is gone, or the session was taken back."""
    if principal.kind == "role-session":
        role = directory.roles.get(principal.role_name or "")
        if role is None or role.id != principal.role_id:
            raise UnrecognizedClient(detail=f"the role `{principal.role_name}` of this session was deleted")
    elif principal.kind == "user":
        user = directory.users.get(principal.user_name or "")
        if user is None or user.id != principal.user_id:
            raise UnrecognizedClient(detail=f"the user `{principal.user_name}` was deleted")
    if directory.revoked(principal):
        raise UnrecognizedClient(detail="the session was issued before its pool, role or identity was last revoked")


class Standings:
    """The standings of principals at one revision of the store; bounded."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._known: dict[str, Standing] = {}
        self._shared: dict[tuple[str, str, bool], Policies] = {}
        self._kinds: dict[Policies, int] = {}
        self._allowed: dict[tuple[int, str, str], Verdict] = {}

    def of(self, principal: Principal) -> Standing:
        """Raises: UnrecognizedClient, as `check_alive`."""
        known = self._known.get(principal.access_key_id)
        if known is not None and known.principal is principal:
            return known
        check_alive(self._directory, principal)
        standing = self._made(principal)
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known[principal.access_key_id] = standing
        return standing

    def _made(self, principal: Principal) -> Standing:
        entity = _entity(self._directory, principal)
        inherited = entity.tags if entity is not None else {}
        constants = session_constants(dataclasses.replace(principal, tags={**inherited, **principal.tags}))
        unbound = self._policies(entity, principal)
        policies = unbound.bind(constants)
        asks_context = any(statement.keys for policy in policies.all() for statement in policy.statements)
        kind = 0 if asks_context or policies is not unbound else self._kinds.get(policies, 0)
        headers = _identity_headers(principal)
        return Standing(principal, Caller.of(principal), constants, policies, asks_context, kind, headers)

    def allowed(self, standing: Standing, action: str, resource: str) -> Verdict | None:
        """The verdict that allowed this to someone whom the same policies bind; None if it is to be asked for."""
        return self._allowed.get((standing.kind, action, resource))

    def allow(self, standing: Standing, action: str, resource: str, verdict: Verdict) -> None:
        """Remember that this was allowed, where it does not depend on who asks, nor when or whence."""
        if standing.kind and verdict.outcome == "allowed" and len(resource) <= LONGEST_REMEMBERED:
            if len(self._allowed) >= MOST_ALLOWED:
                self._allowed.clear()
            self._allowed[standing.kind, action, resource] = verdict

    def _policies(self, entity: Role | User | None, principal: Principal) -> Policies:
        """Sessions of a role that are limited alike share one."""
        if principal.session_policies or principal.session_policy_arns:
            return _put_together(self._directory, entity, principal)
        key = (principal.kind, entity.name if entity is not None else "", principal.scoped_down)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _put_together(self._directory, entity, principal)
            self._kinds[shared] = len(self._kinds) + 1
        return shared


def _entity(directory: Directory, principal: Principal) -> Role | User | None:
    """The role or user whose policies count; the root has none."""
    if principal.kind == "role-session":
        return directory.roles.get(principal.role_name or "")
    return directory.users.get(principal.user_name or "") if principal.kind == "user" else None


def _put_together(directory: Directory, entity: Role | User | None, principal: Principal) -> Policies:
    if entity is None:
        identity: Iterable[Policy] = (account_root(),) if principal.kind == "root" else ()
        return Policies(identity, _session_policies(directory, principal))
    boundary = None
    if entity.permissions_boundary is not None:
        boundary = (_managed(directory, entity.permissions_boundary, PolicyType.BOUNDARY),)
    return Policies(_identity_policies(directory, entity), _session_policies(directory, principal), boundary)


def _identity_policies(directory: Directory, entity: Role | User) -> Iterator[Policy]:
    """Those of the role or user itself, and of the user's groups."""
    groups = [directory.groups.get(name) for name in entity.groups] if isinstance(entity, User) else []
    for owner in (entity, *(group for group in groups if group is not None)):
        kind = "role" if isinstance(owner, Role) else "group" if isinstance(owner, Group) else "user"
        yield from _inline(owner.inline_policies, f"{kind} `{owner.name}`")
        for arn in owner.attached_policies:
            yield _managed(directory, arn, PolicyType.IDENTITY)


def _inline(documents: Mapping[str, str], owner: str) -> Iterator[Policy]:
    for name, document in documents.items():
        yield _compiled(document, Source(PolicyType.IDENTITY, f"inline policy `{name}` of {owner}"))


def _session_policies(directory: Directory, principal: Principal) -> list[Policy] | None:
    """One pool: an Allow in any of them suffices. None if nothing limits the session."""
    policies = [
        *(_compiled(text, Source(PolicyType.SESSION, "the session policy")) for text in principal.session_policies),
        *(_managed(directory, arn, PolicyType.SESSION) for arn in principal.session_policy_arns),
        *(guest_scope_down() if principal.scoped_down else ()),
    ]
    return policies or None


def _managed(directory: Directory, arn: str, policy_type: PolicyType) -> Policy:
    """A managed policy of the account or of AWS. One that is not known may hold a Deny: it denies everything."""
    document = directory.managed_policies.get(arn)
    if document is None and arn in MANAGED_POLICIES:
        return managed_policy(arn, policy_type)
    name = arn.rpartition("/")[2]
    if document is None:
        return _compiled("", Source(policy_type, f"managed policy `{name}`, which is not known,", arn))
    return _compiled(document, Source(policy_type, f"managed policy `{name}`", arn))


@lru_cache(maxsize=4096)
def _compiled(document: str, source: Source) -> Policy:
    return compile_stored(document, source)


def _identity_headers(principal: Principal) -> Headers:
    """What an app is told of the caller; always all of them, empty where there is nothing to tell."""
    values = {
        b"x-gatepass-access-key": principal.access_key_id,
        b"x-gatepass-account": principal.account,
        b"x-gatepass-caller": principal.user_id,
        b"x-gatepass-user-arn": principal.arn,
        b"x-gatepass-identity-id": principal.identity_id,
        b"x-gatepass-identity-pool-id": principal.identity_pool_id,
    }
    return tuple((name, (value or "").encode()) for name, value in values.items())
