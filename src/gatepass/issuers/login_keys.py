"""What `gatepass serve --login-keys ISSUER=URL|FILE` says."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

from gatepass.errors import ConfigurationError
from gatepass.issuers.addresses import Url, as_address, may_connect, parse_url
from gatepass.issuers.fetching import Unfetchable
from gatepass.issuers.sources import KeyFile, KeySource, KeyUrl, read_file
from gatepass.tokens.jwt_keys import UnusableKeys, read_keys
from gatepass.tokens.jwt_text import ALGORITHMS

_HINT = "--login-keys takes an issuer and its keys: https://login.example.com=keys.json, or an https URL of them"
# The one login provider whose name is not its issuer's.
_OTHER_NAMES = {"https://graph.facebook.com": "https://www.facebook.com"}


def parse_login_keys(values: Iterable[str]) -> dict[str, KeySource]:
    """Where the keys of issuers are, by issuer, from `ISSUER=URL` or `ISSUER=FILE`.

    An issuer may be written without `https://`, as identity pools name their providers.

    Raises:
        ConfigurationError: naming the value, if it is not of that form, its URL may not be fetched, or its file holds
            no key.
    """
    sources: dict[str, KeySource] = {}
    for value in values:
        name, found, place = value.partition("=")
        if not found or not name or not place:
            raise ConfigurationError(f"`{value}` does not say which issuer's keys are where", hint=_HINT)
        issuer = issuer_of(name)
        if issuer in sources:
            raise ConfigurationError(f"the keys of the issuer `{name}` are given twice")
        sources[issuer] = _url(place) if "://" in place else _file(Path(place))
    return sources


def issuer_of(name: str) -> str:
    """The issuer in full. Raises: ConfigurationError, if it is none."""
    issuer = name if "://" in name else f"https://{name}"
    try:
        url = parse_url(issuer)
    except ValueError as error:
        raise ConfigurationError(f"`{name}` is not an issuer: {error}", hint=_HINT) from None
    if url.scheme != "https" or "?" in url.target:
        raise ConfigurationError(f"`{name}` is not an issuer: issuers are https URLs", hint=_HINT)
    return _OTHER_NAMES.get(issuer, issuer)


def _url(text: str) -> KeyUrl:
    try:
        url = parse_url(text)
    except ValueError as error:
        raise ConfigurationError(f"the keys' URL `{text}` cannot be used: {error}", hint=_HINT) from None
    source = KeyUrl(url, named=True)
    if not _may_be_there(url, source):
        raise ConfigurationError(
            f"the keys' URL `{text}` cannot be used: nothing is fetched from there",
            hint="use https; http is for keys on this machine, such as http://127.0.0.1:9000/keys",
        )
    return source


def _may_be_there(url: Url, source: KeyUrl) -> bool:
    """As far as the URL shows; what a name resolves to shows when it is fetched."""
    if as_address(url.host) is not None:
        return may_connect(url.host, source.reach)
    return url.scheme == "https" or url.host == "localhost"


def _file(path: Path) -> KeyFile:
    try:
        content = read_file(path)
        read_keys(content, ALGORITHMS)
        is_file = stat.S_ISREG(path.stat().st_mode)
    except (Unfetchable, UnusableKeys) as error:
        raise ConfigurationError(f"the keys in `{path}` cannot be used: {error}", hint=_HINT) from None
    except OSError:  # a pipe that is gone once it was read
        is_file = False
    return KeyFile(path.absolute(), None if is_file else content)
