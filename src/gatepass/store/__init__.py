"""Everything that outlives a process: identity pools, identities, roles, keys and epochs, and the data folder's files.

This room owns the SQL, the threads it runs on, the schema and its migrations. It must not know what an operation is,
who may call it, or what AWS answers: it takes and gives frozen values and says with a bool whether a write took place.
What decides about requests reads `Store.directory`, a picture in memory, and never waits for the store.
"""

from gatepass.store.directory import Directory
from gatepass.store.entities import AccessKey, CognitoIdentityProvider, EpochKind, Identity, IdentityPool, Login, Role
from gatepass.store.store import Store

__all__ = [
    "AccessKey",
    "CognitoIdentityProvider",
    "Directory",
    "EpochKind",
    "Identity",
    "IdentityPool",
    "Login",
    "Role",
    "Store",
]
