"""All issuers: one place that turns a token's text into a token that is believed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from gatepass.issuers.fetching import Fetch, Fetcher
from gatepass.issuers.key_cache import KeyCache
from gatepass.issuers.sources import KeySource, usual_source
from gatepass.tokens.jwt_text import UnverifiedToken, read
from gatepass.tokens.oidc import Expected, IdToken, check, verify

MOST_ISSUERS = 256
"""Whose keys are kept; those that were asked for longest ago are forgotten."""


class Issuers:
    """The issuers' keys, and what they verify. Used from one event loop."""

    def __init__(self, sources: Mapping[str, KeySource] | None = None, *, fetch: Fetch | None = None) -> None:
        """
        Args:
            sources: where the operator says an issuer's keys are, by issuer: what `parse_login_keys` gives.
        """
        self._sources = dict(sources or {})
        self._fetch = fetch or Fetcher()
        self._caches: OrderedDict[str, KeyCache] = OrderedDict()

    def is_named(self, issuer: str) -> bool:
        """Whether the operator said where this issuer's keys are."""
        return issuer in self._sources

    async def verify(self, token: str | UnverifiedToken, expected: Expected, now: float) -> IdToken:
        """Believe a token, or say why not. What it says is checked before its issuer is asked for keys.

        Raises:
            TokenRefused: it is not believed.
            KeysUnavailable: whether it is to be believed cannot be known just now.
        """
        unverified = read(token) if isinstance(token, str) else token
        checked = check(unverified, expected, now)
        key = await self._cache(expected.issuers[0]).find(unverified.key_id, now)
        return verify(checked, key)

    async def close(self) -> None:
        """Stop asking."""
        for cache in self._caches.values():
            cache.close()
        self._caches.clear()

    def _cache(self, issuer: str) -> KeyCache:
        cache = self._caches.get(issuer)
        if cache is None:
            cache = KeyCache(self._sources.get(issuer) or usual_source(issuer), self._fetch)
            self._caches[issuer] = cache
            if len(self._caches) > MOST_ISSUERS:
                self._caches.popitem(last=False)[1].close()
        self._caches.move_to_end(issuer)
        return cache
