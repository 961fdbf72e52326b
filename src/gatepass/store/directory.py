"""The directory: a picture in memory of all that decides. It never changes; a newer one takes its place.

Reading from it costs no query and no waiting, and as much at one role as at a million. Entities that did not change
are the same objects in the next directory, so what was derived from them can be kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepass.principal import Principal
from gatepass.store import (
    access_keys,
    changes,
    epochs,
    groups,
    identity_pools,
    managed_policies,
    oidc_providers,
    roles,
    users,
)
from gatepass.store.changes import Change
from gatepass.store.database import Connection
from gatepass.store.entities import AccessKey, Group, IdentityPool, OpenIDConnectProvider, Role, User
from gatepass.store.sharded import ShardedMap
from gatepass.tokens.keys import KeyRing

MOST_CHANGES = 1000
"""A picture that is further behind is drawn anew: faster than entry by entry."""


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """What decides, as it was at a revision of the store.

    Attributes:
        revision: counts all changes of what decides.
        pools, roles, access_keys, users, groups, oidc_providers: by id, name, id, name, name and ARN.
        managed_policies: the documents of the default versions of the account's managed policies, by ARN.
        policy_tags: the tags of those that have any.
        user_names: of users, by id, which stays when a user is renamed.
        epochs: not before, in seconds since the epoch, by kind and id.
        changed: what is, or may be, different from the directory before; None: anything.
    """

    revision: int
    pools: ShardedMap[str, IdentityPool]
    roles: ShardedMap[str, Role]
    access_keys: ShardedMap[str, AccessKey]
    epochs: ShardedMap[tuple[str, str], float]
    users: ShardedMap[str, User]
    groups: ShardedMap[str, Group]
    managed_policies: ShardedMap[str, str]
    policy_tags: ShardedMap[str, Mapping[str, str]]
    oidc_providers: ShardedMap[str, OpenIDConnectProvider]
    user_names: ShardedMap[str, str]
    changed: frozenset[Change] | None = field(default=None, repr=False)

    def role_by_arn(self, arn: str) -> Role | None:
        """The role with exactly this ARN."""
        role = self.roles.get(arn.rpartition("/")[2])
        return role if role is not None and role.arn == arn else None

    def user_by_id(self, id_: str) -> User | None:
        """The user with this `AIDA…` id, whatever it is called now."""
        name = self.user_names.get(id_)
        return None if name is None else self.users.get(name)

    def revoked(self, principal: Principal) -> bool:
        """The session was issued before an epoch of its pool, role, identity or access key."""
        if principal.issued_at is None or not self.epochs:
            return False
        return any(
            self.epochs.get((kind, id_), principal.issued_at) > principal.issued_at
            for kind, id_ in (
                ("identity_pool", principal.identity_pool_id),
                ("role", principal.role_id),
                ("identity", principal.identity_id),
                ("access_key", principal.access_key_id),
            )
            if id_ is not None
        )


def draw(connection: Connection, ring: KeyRing) -> Directory:
    """The whole picture."""
    all_users = users.load_all(connection)
    return Directory(
        revision=changes.revision(connection),
        pools=ShardedMap((pool.id, pool) for pool in identity_pools.load_all(connection)),
        roles=ShardedMap((role.name, role) for role in roles.load_all(connection)),
        access_keys=ShardedMap((key.id, key) for key in access_keys.load_all(connection, ring)),
        epochs=ShardedMap(epochs.load_all(connection)),
        users=ShardedMap((user.name, user) for user in all_users),
        groups=ShardedMap((group.name, group) for group in groups.load_all(connection)),
        managed_policies=ShardedMap(managed_policies.load_documents(connection)),
        policy_tags=ShardedMap(managed_policies.load_all_tags(connection)),
        oidc_providers=ShardedMap((each.arn, each) for each in oidc_providers.load_all(connection)),
        user_names=ShardedMap((user.id, user.name) for user in all_users),
    )


def redraw(connection: Connection, old: Directory, ring: KeyRing) -> Directory:
    """The picture as it is now; the old one itself, if nothing changed."""
    revision = changes.revision(connection)
    if revision == old.revision:
        return old
    changed = None
    if revision - old.revision <= MOST_CHANGES:
        changed = changes.since(connection, old.revision, revision)
    if changed is None:
        return draw(connection, ring)
    ids: dict[str, list[str]] = {}
    for kind, id_ in changed:
        ids.setdefault(kind, []).append(id_)
    changed_users = {name: users.load(connection, name) for name in ids.get("user", ())}
    epoch_ids = [(kind, id_) for kind, _, id_ in (text.partition(":") for text in ids.get("epoch", ()))]
    return Directory(
        revision=revision,
        pools=old.pools.changed({id_: identity_pools.load(connection, id_) for id_ in ids.get("identity_pool", ())}),
        roles=old.roles.changed({name: roles.load(connection, name) for name in ids.get("role", ())}),
        access_keys=old.access_keys.changed(
            {id_: access_keys.load(connection, id_, ring) for id_ in ids.get("access_key", ())}
        ),
        epochs=old.epochs.changed({key: epochs.load(connection, *key) for key in epoch_ids}),
        users=old.users.changed(changed_users),
        groups=old.groups.changed({name: groups.load(connection, name) for name in ids.get("group", ())}),
        managed_policies=old.managed_policies.changed(
            {arn: managed_policies.load_document(connection, arn) for arn in ids.get("managed_policy", ())}
        ),
        policy_tags=old.policy_tags.changed(
            {arn: managed_policies.load_tags(connection, arn) for arn in ids.get("managed_policy", ())}
        ),
        oidc_providers=old.oidc_providers.changed(
            {arn: oidc_providers.load(connection, arn) for arn in ids.get("oidc_provider", ())}
        ),
        user_names=old.user_names.changed(_renamed(old, changed_users)),
        changed=changed,
    )


def _renamed(old: Directory, changed: Mapping[str, User | None]) -> dict[str, str | None]:
    """What becomes of ids, where this changed by name: who had a name may have another one now, or be gone."""
    had = (old.users.get(name) for name in changed)
    names: dict[str, str | None] = {user.id: None for user in had if user is not None}
    return names | {user.id: user.name for user in changed.values() if user is not None}
