"""The store: its tables, the picture of what decides, and the key ring, opened and closed as one."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

from gatepass.errors import ConfigurationError, StoreUnavailable
from gatepass.store.access_keys import AccessKeys
from gatepass.store.changes import LoggedWrites
from gatepass.store.database import Database
from gatepass.store.detached import Detached
from gatepass.store.directory import Directory, draw, redraw
from gatepass.store.epochs import Epochs
from gatepass.store.folder import DATABASE, KEY_RING, DataFolder
from gatepass.store.following import MAX_STALE, Follower, Freshness
from gatepass.store.groups import Groups
from gatepass.store.guests import Guests
from gatepass.store.identities import Identities
from gatepass.store.identity_pools import IdentityPools
from gatepass.store.last_uses import LastUses
from gatepass.store.managed_policies import ManagedPolicies
from gatepass.store.oidc_providers import OpenIDConnectProviders
from gatepass.store.opening import address_of
from gatepass.store.roles import Roles
from gatepass.store.shared_secrets import SharedSecrets, open_shared_key_ring
from gatepass.store.sightings import Sightings
from gatepass.store.signing_keys import SigningKeyTable
from gatepass.store.sqlite import SqliteDatabase
from gatepass.store.sqlite_opening import damaged, open_sqlite
from gatepass.store.users import Users
from gatepass.tokens.keys import KeyRing


class Store:
    """Everything that outlives a process. Made by `Store.open`; used from the event loop that opened it.

    Attributes:
        deployment_id: made with the store; what this deployment seals, no other opens.
        key_ring: from `keys.json` in the data folder.
        directory: what decides, as a picture in memory; replaced when something changes.
        signing_keys: of OpenID tokens.
        shared_secrets: what other processes on the store must have the same of.
        freshness: whether the directory may still decide.
    """

    def __init__(
        self,
        database: Database,
        folder: DataFolder,
        key_ring: KeyRing,
        directory: Directory,
        region: str,
        shared_secrets: SharedSecrets,
        freshness: Freshness,
        guests_limit: int = 0,
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
        self.guests = Guests(database, self._detached, self.identities, guests_limit)
        self.sightings = Sightings(database, self.identities)
        self.roles = Roles(database, writes)
        self.access_keys = AccessKeys(database, writes, key_ring)
        self.users = Users(database, writes)
        self.groups = Groups(database, writes)
        self.managed_policies = ManagedPolicies(database, writes)
        self.oidc_providers = OpenIDConnectProviders(database, writes)
        self.epochs = Epochs(database, writes)
        self.last_uses = LastUses(database)
        self.signing_keys = SigningKeyTable(database, key_ring, region)
        self.shared_secrets = shared_secrets
        self.freshness = freshness
        self._follower = None if database.exclusive else Follower(database, self.refresh)

    @classmethod
    async def open(
        cls,
        folder: str | Path,
        *,
        account: str,
        region: str,
        url: str | None = None,
        max_stale: float = MAX_STALE,
        guests_limit: int = 0,
    ) -> Self:
        """Open a store with a data folder, which is made if need be and belongs to this process until `close`.

        Args:
            url: of a store on PostgreSQL; None for the folder's own, on SQLite.
            max_stale: seconds for which the directory may decide while the store is away.
            guests_limit: how many identities without a login a pool may have; 0 for any number.

        Raises:
            ConfigurationError: folder, database or key ring cannot be used.
        """
        if "://" in str(folder):
            raise ConfigurationError("a URL is not a data folder", hint="give the URL of a store with `--store`")
        held = DataFolder(Path(folder))
        try:
            return await cls._open(held, url, account, region, max_stale, guests_limit)
        except BaseException:
            held.close()
            raise

    @classmethod
    async def _open(
        cls, folder: DataFolder, url: str | None, account: str, region: str, max_stale: float, guests_limit: int
    ) -> Self:
        opened = await (_sqlite(folder.path, account, region) if url is None else _postgresql(url, account, region))
        database = opened.database
        try:
            secrets = SharedSecrets(database)
            key_ring = await open_shared_key_ring(secrets, folder.path / KEY_RING, opened.deployment_id)
            began = time.monotonic()
            directory = await database.scan(lambda connection: draw(connection, key_ring))
            freshness = Freshness(max_stale, began, exclusive=database.exclusive)
            store = cls(database, folder, key_ring, directory, region, secrets, freshness, guests_limit)
            await store.epochs.prune(time.time())
        except StoreUnavailable as error:
            await database.close()
            raise opened.unusable(error.detail) from None
        except BaseException:
            await database.close()
            raise
        return store

    async def close(self) -> None:
        """Finish the writes that are under way, then give the folder back."""
        if self._follower is not None:
            await self._follower.stop()
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
        """Let the directory be as new as the store; costs one small query where nothing changed.

        Raises:
            StoreUnavailable: it could not be looked at.
        """
        asked = time.monotonic()
        async with self._refreshing:
            if self.freshness.seen >= asked:
                return  # another refresh began after this one was asked for
            began = time.monotonic()
            old = self.directory
            new = await self._database.scan(lambda connection: redraw(connection, old, self.key_ring))
            self.freshness.seen = began
            if new is old:
                return
            self.directory = new
            changed = new.changed
            if changed is None or any(kind == "identity_pool" and id_ not in new.pools for kind, id_ in changed):
                self.identities.forget()  # a pool's identities go with it
                self.guests.keep_only(new.pools)
            for listener in self._listeners:
                listener(new)


class _Opened(NamedTuple):
    database: Database
    deployment_id: str
    unusable: Callable[[str], ConfigurationError]


async def _sqlite(folder: Path, account: str, region: str) -> _Opened:
    path = folder / DATABASE
    deployment_id = await asyncio.to_thread(open_sqlite, path, account, region)
    return _Opened(SqliteDatabase(path), deployment_id, partial(damaged, path))


async def _postgresql(url: str, account: str, region: str) -> _Opened:
    address = address_of(url)
    from gatepass.store.postgresql import PostgresqlDatabase
    from gatepass.store.postgresql_opening import open_postgresql

    deployment_id = await asyncio.to_thread(open_postgresql, address, account, region)
    return _Opened(
        PostgresqlDatabase(address.dial, str(address)),
        deployment_id,
        lambda why: ConfigurationError(f"the store cannot be used: {why}"),
    )
