"""Where an issuer's keys are: found by discovery, known, or named by the operator; and loading them from there.

Source: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from gatepass.issuers.addresses import Reach, Url, as_address, parse_url
from gatepass.issuers.fetching import LARGEST, Fetch, Unfetchable
from gatepass.tokens.jwt_json import read_object
from gatepass.tokens.jwt_keys import USUAL, PublicKey, UnusableKeys, read_keys
from gatepass.tokens.jwt_text import ALGORITHMS

# What these issuers document; their keys are elsewhere than discovery would look, or a step closer.
_DOCUMENTED = {
    "https://accounts.google.com": "https://www.googleapis.com/oauth2/v3/certs",
    "https://appleid.apple.com": "https://appleid.apple.com/auth/keys",
    "https://www.facebook.com": "https://limited.facebook.com/.well-known/oauth/openid/jwks/",
}
_USER_POOL = re.compile(r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/[\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Discovery:
    """At the `jwks_uri` of the issuer's own metadata, which must be of the issuer's origin."""

    issuer: str


@dataclass(frozen=True, slots=True)
class KeyUrl:
    """At this URL.

    Attributes:
        named: by the operator: it may be on a private network, and its keys may be for any algorithm there is.
    """

    url: Url
    named: bool = False

    @property
    def reach(self) -> Reach:
        if not self.named:
            return Reach.PUBLIC
        return Reach.NAMED if self.url.scheme == "https" else Reach.LOOPBACK


@dataclass(frozen=True, slots=True)
class KeyFile:
    """In this file, which the operator named.

    Attributes:
        content: of what can be read only once, such as a pipe; None for a file.
    """

    path: Path
    content: bytes | None = field(default=None, repr=False)


KeySource: TypeAlias = Discovery | KeyUrl | KeyFile


class Loaded(NamedTuple):
    """Keys by key id, and for how many seconds their source says they stay good; None if it does not say."""

    keys: Mapping[str, PublicKey]
    max_age: int | None


def usual_source(issuer: str) -> KeySource:
    """Where the keys of an issuer are that no operator named."""
    documented = _DOCUMENTED.get(issuer)
    if documented is not None:
        return KeyUrl(parse_url(documented))
    if _USER_POOL.fullmatch(issuer):
        return KeyUrl(parse_url(f"{issuer}/.well-known/jwks.json"))
    return Discovery(issuer)


async def load(source: KeySource, fetch: Fetch) -> Loaded:
    """The keys as they are now.

    Raises:
        Unfetchable, UnusableKeys.
    """
    if isinstance(source, KeyFile):
        content = source.content
        if content is None:
            content = await asyncio.to_thread(read_file, source.path)
        return Loaded(await asyncio.to_thread(read_keys, content, ALGORITHMS), None)
    if isinstance(source, Discovery):
        source = KeyUrl(await _discover(source.issuer, fetch))
    fetched = await fetch(source.url, source.reach)
    keys = await asyncio.to_thread(read_keys, fetched.body, ALGORITHMS if source.named else USUAL)
    return Loaded(keys, fetched.max_age)


def read_file(path: Path) -> bytes:
    """Raises: Unfetchable, if the file cannot be read or is too long."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Unfetchable(f"`{path}` cannot be read: {error.strerror or error}") from None
    if len(content) > LARGEST:
        raise Unfetchable(f"`{path}` has more than {LARGEST} bytes")
    return content


async def _discover(issuer: str, fetch: Fetch) -> Url:
    """Where the issuer's metadata says its keys are. Raises: Unfetchable, UnusableKeys."""
    at_issuer = _public_url(issuer)
    fetched = await fetch(_public_url(issuer.removesuffix("/") + "/.well-known/openid-configuration"), Reach.PUBLIC)
    try:
        metadata = read_object(fetched.body)
    except ValueError as error:
        raise UnusableKeys(f"the metadata of {issuer} cannot be read: {error}") from None
    if metadata.get("issuer") != issuer:
        raise UnusableKeys(f"the metadata at {issuer} is that of another issuer")
    keys = metadata.get("jwks_uri")
    if not isinstance(keys, str):
        raise UnusableKeys(f"the metadata of {issuer} names no keys")
    at_keys = _public_url(keys)
    if at_keys.origin != at_issuer.origin:
        raise Unfetchable(
            f"the keys of {issuer} are at another origin, {at_keys.origin};"
            f" name them with --login-keys {issuer}={at_keys}"
        )
    return at_keys


def _public_url(text: str) -> Url:
    """Raises: Unfetchable, unless it is an https URL of a named host, at the usual port."""
    try:
        url = parse_url(text)
    except ValueError as error:
        raise Unfetchable(f"the URL of an issuer's keys cannot be used: {error}") from None
    if url.scheme != "https" or url.port != 443 or as_address(url.host) is not None:
        raise Unfetchable(f"{url} is not an https URL of a named host")
    return url
