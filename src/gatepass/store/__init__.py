"""Everything that outlives a process: identity pools, identities, roles, keys and epochs, and the data folder's files.

This room owns the SQL, the threads it runs on, the schema and its migrations. It must not know what an operation is,
who may call it, or what AWS answers: it takes and gives frozen values and says with a bool whether a write took place.
What decides about requests reads `Store.directory`, a picture in memory, and never waits for the store.
"""

from gatepass.store.directory import Directory
from gatepass.store.entities import (
    AccessKey,
    AccessKeyMetadata,
    CognitoIdentityProvider,
    EpochKind,
    Group,
    Identity,
    IdentityPool,
    Login,
    ManagedPolicy,
    OpenIDConnectProvider,
    PolicyEntity,
    PolicyUsage,
    PolicyVersion,
    Role,
    User,
)
from gatepass.store.store import Store

__all__ = [
    "AccessKey",
    "AccessKeyMetadata",
    "CognitoIdentityProvider",
    "Directory",
    "EpochKind",
    "Group",
    "Identity",
    "IdentityPool",
    "Login",
    "ManagedPolicy",
    "OpenIDConnectProvider",
    "PolicyEntity",
    "PolicyUsage",
    "PolicyVersion",
    "Role",
    "Store",
    "User",
]
