"""The request target as it goes on the wire: what is signed must be what every layer below leaves alone."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import SplitResult

from gatepass.errors import SigningError

_UNRESERVED = r"A-Za-z0-9._~\-"
_SUB_DELIMITERS = "!$&'()*+,;="
# A percent sign that begins no escape is data, as is everything that a path or query cannot hold as it is.
_ESCAPE_OR_ALIEN = r"%[0-9A-Fa-f]{{2}}|[^{}]"
_PATH = re.compile(_ESCAPE_OR_ALIEN.format(_UNRESERVED + _SUB_DELIMITERS + ":@/"))
_QUERY = re.compile(_ESCAPE_OR_ALIEN.format(_UNRESERVED + _SUB_DELIMITERS + ":@/?"))
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Scheme, host and port: what a signature must not leave."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: SplitResult) -> Origin:
        """Raises: SigningError, if it is no http or https URL with a host."""
        scheme = url.scheme.lower()
        try:
            port = url.port
        except ValueError:
            raise SigningError(f"the port in `{url.netloc}` is no number from 0 to 65535") from None
        if scheme not in _DEFAULT_PORTS or not url.hostname:
            raise SigningError(
                f"`{url.scheme}:` is no http or https URL" if url.scheme else "the URL has no scheme and host"
            )
        try:
            host = url.hostname if url.hostname.isascii() else url.hostname.encode("idna").decode()
        except UnicodeError:
            raise SigningError(f"`{url.hostname}` is no host name") from None
        return cls(scheme, host, _DEFAULT_PORTS[scheme] if port is None else port)

    @property
    def netloc(self) -> str:
        """What the `Host` header says: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


def wire_path(path: str) -> str:
    """The path with everything escaped that must be, escapes in upper case; already escaped paths stay as they are."""
    return _PATH.sub(_escape, path) or "/"


def wire_query(query: str) -> str:
    """The same for a query; a `+` goes out as `%20`.

    Servers differ in whether a `+` means a blank or a plus, and signers in which of the two they sign. API Gateway
    and everything that reads forms decode it as a blank, and `%20` is a blank to all of them.
    """
    return _QUERY.sub(_escape, query).replace("+", "%20")


def _escape(match: re.Match[str]) -> str:
    text = match.group()
    if len(text) == 3:
        return text.upper()
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))
