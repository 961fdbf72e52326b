"""The keys of one issuer, kept, and fetched again when that is due and not more often.

Anyone can send tokens that name keys nobody has. So a key id that is not known makes us ask the issuer at most once a
minute, one question at a time, whatever arrives meanwhile. An issuer that is down is asked at the same pace, and its
keys stay good for a day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from gatepass.issuers.fetching import Fetch, Unfetchable
from gatepass.issuers.sources import KeyFile, KeySource, load
from gatepass.tokens.jwt_keys import PublicKey, UnusableKeys
from gatepass.tokens.jwt_refused import UnknownKey

PAUSE = 60.0
"""Seconds between two questions to an issuer whose keys are known."""

FIRST_PAUSE = 5.0
"""Seconds after the first question that failed, while no key is known; each further pause is twice as long."""

FILE_PAUSE = 1.0

FRESH = 600.0
"""Seconds that keys are taken as they are if their source does not say. At least it is the pause, whatever is said."""

FRESH_AT_MOST = 3600.0

KEPT = 86_400.0
"""Seconds that keys stay good while their source cannot be reached."""


class KeysUnavailable(Exception):
    """There are no keys of the issuer, and they cannot be had just now."""


class KeyCache:
    """One issuer's keys. Used from one event loop; `now` is the caller's, in seconds since the epoch."""

    def __init__(self, source: KeySource, fetch: Fetch) -> None:
        self._source = source
        self._fetch = fetch
        self._keys: Mapping[str, PublicKey] = {}
        self._loaded = 0.0
        self._fresh_for = 0.0
        self._asked: float | None = None
        self._failures = 0
        self._why = ""
        self._loading: asyncio.Task[None] | None = None

    async def find(self, key_id: str, now: float) -> PublicKey:
        """The key of this id.

        Raises:
            UnknownKey: the issuer has no such key, as far as we may ask it.
            KeysUnavailable: none of its keys is known.
        """
        if key_id not in self._keys or not 0 <= now - self._loaded < self._fresh_for:
            await self._load(now)
        if not self._keys or now - self._loaded >= KEPT:
            raise KeysUnavailable(self._why)
        key = self._keys.get(key_id)
        if key is None:
            raise UnknownKey("the issuer has no key of the id that the token names")
        return key

    def close(self) -> None:
        if self._loading is not None:
            self._loading.cancel()

    async def _load(self, now: float) -> None:
        """Join the question that is on its way, or ask, unless it is too early."""
        if self._loading is None:
            if self._asked is not None and 0 <= now - self._asked < self._pause():
                return
            self._asked = now
            self._loading = asyncio.create_task(self._ask(now))
            self._loading.add_done_callback(self._finished)
        # whoever waits may go away; the question goes on for the others
        await asyncio.shield(self._loading)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._loading = None

    def _pause(self) -> float:
        if isinstance(self._source, KeyFile):
            return FILE_PAUSE
        if self._keys or self._failures == 0:
            return PAUSE
        return min(PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10))

    async def _ask(self, now: float) -> None:
        try:
            loaded = await load(self._source, self._fetch)
        except (Unfetchable, UnusableKeys) as error:
            self._failures += 1
            self._why = str(error)
            return
        self._keys = loaded.keys
        self._loaded = now
        fresh_for = FRESH if loaded.max_age is None else loaded.max_age
        self._fresh_for = min(fresh_for, FRESH_AT_MOST)
