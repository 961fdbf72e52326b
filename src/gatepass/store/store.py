"""The store: its tables, the picture of what decides, and the key ring, opened and closed as one."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from gatepass.errors import ConfigurationError, StoreUnavailable
from gatepass.store.access_keys import AccessKeys
from gatepass.store.changes import LoggedWrites
from gatepass.store.database import Database
from gatepass.store.detached import Detached
from gatepass.store.directory import Directory, draw, redraw
from gatepass.store.epochs import Epochs
from gatepass.store.folder import DATABASE, KEY_RING, DataFolder
from gatepass.store.groups import Groups
from gatepass.store.identities import Identities
from gatepass.store.identity_pools import IdentityPools
from gatepass.store.key_files import open_key_ring
from gatepass.store.managed_policies import ManagedPolicies
from gatepass.store.oidc_providers import OpenIDConnectProviders
from gatepass.store.opening import damaged, open_sqlite
from gatepass.store.roles import Roles
from gatepass.store.signing_keys import SigningKeyTable
from gatepass.store.sqlite import SqliteDatabase
from gatepass.store.users import Users
from gatepass.tokens.keys import KeyRing


class Store:
    """Everything that outlives a process. Made by `Store.open`; used from the event loop that opened it.

    Attributes:
        deployment_id: made with the store; what this deployment seals, no other opens.
        key_ring: from `keys.json` in the data folder.
        directory: what decides, as a picture in memory; replaced when something changes.
        signing_keys: of OpenID tokens.
    """

    def __init__(
        self, database: Database, folder: DataFolder, key_ring: KeyRing, directory: Directory, region: str
    ) -> None:
        self._database = database
        self._folder = folder
        self._detached = Detached()
        self._refreshing = asyncio.Lock()
        self._listeners: list[Callable[[Directory], None]] = []
        writes = LoggedWrites(database, self._detached, self.refresh)
        self.key_ring = key_ring
        self.directory = directory
        self.identity_pools = IdentityPools(database, writes)
        self.identities = Identities(database, self._detached)
        self.roles = Roles(database, writes)
        self.access_keys = AccessKeys(database, writes, key_ring)
        self.users = Users(database, writes)
        self.groups = Groups(database, writes)
        self.managed_policies = ManagedPolicies(database, writes)
        self.oidc_providers = OpenIDConnectProviders(database, writes)
        self.epochs = Epochs(database, writes)
        self.signing_keys = SigningKeyTable(database, key_ring, region)

    @classmethod
    async def open(cls, location: str | Path, *, account: str, region: str) -> Self:
        """Open the store in a data folder, which is made if need be and belongs to this process until `close`.

        Raises:
            ConfigurationError: folder, database or key ring cannot be used.
        """
        if "://" in str(location):
            raise ConfigurationError(
                f"`{str(location).partition(':')[0]}` is not a kind of store", hint="give a data folder"
            )
        folder = DataFolder(Path(location))
        try:
            return await cls._open(folder, account, region)
        except BaseException:
            folder.close()
            raise

    @classmethod
    async def _open(cls, folder: DataFolder, account: str, region: str) -> Self:
        path = folder.path / DATABASE
        deployment_id = await asyncio.to_thread(open_sqlite, path, account, region)
        key_ring = open_key_ring(folder.path / KEY_RING, deployment_id)
        database = SqliteDatabase(path)
        try:
            directory = await database.scan(lambda connection: draw(connection, key_ring))
            store = cls(database, folder, key_ring, directory, region)
            await store.epochs.prune(time.time())
        except StoreUnavailable as error:
            await database.close()
            raise damaged(path, error.detail) from None
        except BaseException:
            await database.close()
            raise
        return store

    async def close(self) -> None:
        """Finish the writes that are under way, then give the folder back."""
        await self._detached.finished()
        await self._database.close()
        self._folder.close()

    @property
    def deployment_id(self) -> str:
        return self.key_ring.deployment_id

    def on_change(self, listener: Callable[[Directory], None]) -> None:
        """Call this, in the event loop, with each directory that takes the place of another."""
        self._listeners.append(listener)

    async def refresh(self) -> None:
        """Let the directory be as new as the store; costs one small query where nothing changed."""
        async with self._refreshing:
            old = self.directory
            new = await self._database.scan(lambda connection: redraw(connection, old, self.key_ring))
            if new is old:
                return
            self.directory = new
            changed = new.changed
            if changed is None or any(kind == "identity_pool" and id_ not in new.pools for kind, id_ in changed):
                self.identities.forget()  # a pool's identities go with it
            for listener in self._listeners:
                listener(new)
