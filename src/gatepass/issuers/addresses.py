"""Where the way out may lead: which URLs are understood, and which addresses may be connected to.

An issuer's name comes from whoever sets up a pool or an OpenID Connect provider, and a name can lead anywhere: to this
machine, to the network behind it, to the metadata service of a cloud. So a URL is read strictly, and every address that
its host resolves to is judged before any is connected to.

Source: https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
"""

import re
from collections.abc import Iterable
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

LONGEST = 2048


class Reach(Enum):
    """How far the way out goes."""

    PUBLIC = "the public internet"
    """For what a pool or a discovery document names."""

    NAMED = "the public internet and private networks"
    """For a URL that the operator named."""

    LOOPBACK = "this machine"
    """For a URL without TLS that the operator named."""


class Url(NamedTuple):
    """A URL, read.

    Attributes:
        host: lower-case name, or an address; an IPv6 one without brackets.
        target: path and query, as they are sent.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.target


_PORTS = {"https": 443, "http": 80}
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*)(?P<query>\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def parse_url(text: str) -> Url:
    """Read an http or https URL.

    Raises:
        ValueError: anything that two readers could understand differently: user names, fragments, other spellings of
            an address (`2130706433`, `0x7f.1`), dot segments.
    """
    found = _URL.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        raise ValueError("it is not an http or https URL in plain spelling")
    scheme, host, path = found["scheme"], found["host"], found["path"] or "/"
    port = int(found["port"] or _PORTS[scheme])
    if not 0 < port < 65536:
        raise ValueError("its port is none")
    if any(re.fullmatch(r"(?:\.|%2e){1,2}", segment, re.IGNORECASE) for segment in path.split("/")):
        raise ValueError("its path has dot segments")
    return Url(scheme, _host(host), port, path + (found["query"] or ""))


def as_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _host(text: str) -> str:
    """Raises: ValueError, for what is neither a name nor an address as addresses are written."""
    if text.startswith("["):
        return str(IPv6Address(text[1:-1]))
    labels = text.split(".")
    if _NUMBER.fullmatch(labels[-1]):  # whatever ends in a number is an address to some resolver
        return str(IPv4Address(text))
    if len(text) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("its host is not a name")
    return text


def may_connect(address: str, reach: Reach) -> bool:
    """Whether an address that a host resolved to may be connected to."""
    try:
        parsed = ip_address(address)
    except ValueError:  # with a zone, such as `fe80::1%eth0`
        return False
    if _is_in(parsed, _NEVER):
        return False
    if _is_in(parsed, _LOOPBACK):
        return reach is not Reach.PUBLIC
    if reach is Reach.LOOPBACK:
        return False
    if _is_in(parsed, _PRIVATE):
        return reach is Reach.NAMED
    return isinstance(parsed, IPv4Address) or parsed in _GLOBAL_UNICAST


def _is_in(address: IPv4Address | IPv6Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


_GLOBAL_UNICAST = IPv6Network("2000::/3")
_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
_PRIVATE: tuple[IPv4Network | IPv6Network, ...] = (
    *map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")),
    IPv6Network("fc00::/7"),
)
# Not even where an operator names them: no identity provider is there, and the metadata services of clouds are.
_NEVER: tuple[IPv4Network | IPv6Network, ...] = (
    *map(
        IPv4Network,
        (
            *("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            *("100.100.100.200/32", "168.63.129.16/32"),  # Alibaba Cloud, Azure
        ),
    ),
    *map(
        IPv6Network,
        (
            # which carry an IPv4 address, or lead to one: mapped and compatible, NAT64, Teredo and its kin, 6to4
            *("::/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16"),
            *("100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16", "fe80::/10", "fec0::/10", "ff00::/8"),
            "fd00:ec2::/32",  # AWS
        ),
    ),
)
