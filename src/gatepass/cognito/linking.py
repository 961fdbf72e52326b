"""Which identity proven logins lead to: finding, making, linking, merging and disabling.

A login leads to one identity of a pool, which the store holds by a unique key. What is to be done is planned by a
function of what was read, and saved only if nobody was faster; else it is read and planned again.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gatepass.cognito.identity_ids import new_id
from gatepass.cognito.logins import NO_MATCH
from gatepass.cognito.pools import not_found
from gatepass.errors import NotAuthorized, ResourceConflict
from gatepass.operation import Call
from gatepass.store import Identity, IdentityPool
from gatepass.store.entities import Login

MOST_LOGINS = 20
"""Public logins of one identity."""

ATTEMPTS = 16


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        parent: the identity that the logins lead to then; None: a new one.
        logins: all that lead to it then.
        children: identities that are merged into it.
    """

    parent: Identity | None
    logins: tuple[Login, ...]
    children: tuple[Identity, ...] = ()

    @property
    def is_done(self) -> bool:
        """Everything is so already."""
        return self.parent is not None and not self.children and set(self.logins) == set(self.parent.logins)


def plan(sent: Identity | None, owners: Sequence[Identity], logins: Sequence[Login], developer: str | None) -> Plan:
    """What proven logins of one call lead to.

    Args:
        sent: the identity that the caller named, if any; a guest's becomes that of the logins.
        owners: the identities that the logins lead to now, each once.
        developer: the provider of which an identity may have several logins.

    Raises:
        NotAuthorized: the identity sent was disabled, or has logins and none of these.
        ResourceConflict: an identity would have two logins of one public provider, or too many.
    """
    if sent is not None:
        check_enabled(sent)
        if sent.logins and not set(sent.logins) & set(logins):
            raise NotAuthorized(NO_MATCH)
    if sent is not None and (sent.logins or not owners):
        parent: Identity | None = sent
    else:
        parent = min(owners, key=lambda owner: (owner.created, owner.id), default=None)
    involved = owners if sent is None else (sent, *owners)
    children = {each.id: each for each in involved if parent is not None and each.id != parent.id}
    kept = parent.logins if parent is not None else ()
    moved = (login for child in children.values() for login in child.logins)
    together = tuple(dict.fromkeys((*kept, *moved, *logins)))
    check_logins(together, developer)
    return Plan(parent, together, tuple(children.values()))


def check_enabled(identity: Identity) -> None:
    """Raises: NotAuthorized, for an identity that was merged into another, or lost its last login."""
    if not identity.enabled:
        raise forbidden(identity.id)


def forbidden(identity_id: str) -> NotAuthorized:
    return NotAuthorized(f"Access to Identity '{identity_id}' is forbidden.")


def check_logins(logins: Sequence[Login], developer: str | None) -> None:
    """Raises: ResourceConflict, unless one identity may have all of these."""
    public = [login.provider for login in logins if login.provider != developer]
    for provider in public:
        if public.count(provider) > 1:
            raise ResourceConflict(f"An identity can have one login of {provider} only.")
    if len(public) > MOST_LOGINS:
        raise ResourceConflict(f"An identity can have {MOST_LOGINS} logins at most.")


async def settle(call: Call, pool: IdentityPool, logins: Sequence[Login], sent: Identity | None = None) -> Identity:
    """The identity that these proven logins lead to from now on.

    Raises: what `plan` raises; ResourceNotFound, if the pool was deleted meanwhile.
    """
    if sent is not None and sent.enabled and set(logins) <= set(sent.logins):
        check_logins(sent.logins, pool.developer_provider_name)
        return sent
    for _ in range(ATTEMPTS):
        owners = await call.store.identities.by_logins(pool.id, logins)
        planned = plan(sent, owners, logins, pool.developer_provider_name)
        if planned.is_done and planned.parent is not None:
            return planned.parent
        done = await _do(call, pool, planned)
        if done is not None:
            return done
        if sent is not None:
            sent = await call.store.identities.get(sent.id) or replace(sent, enabled=False)
    if await call.store.identity_pools.get(pool.id) is None:
        raise not_found(pool.id)
    raise ResourceConflict("The logins are being linked by other requests. Please try again.")


async def _do(call: Call, pool: IdentityPool, planned: Plan) -> Identity | None:
    """The parent as it is now; None if someone was faster."""
    if planned.parent is None:
        made = Identity(
            id=new_id(call.deployment.region, call.entropy),
            pool_id=pool.id,
            logins=planned.logins,
            created=call.now,
            modified=call.now,
        )
        return made if await call.store.identities.add(made) else None
    children = [replace(child, logins=(), enabled=False, modified=call.now) for child in planned.children]
    parent = replace(planned.parent, logins=planned.logins, modified=call.now)
    return parent if await call.store.identities.save_all((*children, parent)) else None
