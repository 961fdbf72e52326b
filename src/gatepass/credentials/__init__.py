"""Credentials for a client: where they come from, and having them fresh.

It owns the conversation with an identity pool, the refreshing of what it gave, and the transport for that. It must not
know what the credentials are used for, nor any HTTP library but the standard one.

`IdentityPool` is for callers; `conversation` and `cognito` say what is asked, without a socket; `refresh` says when.
"""

from gatepass.credentials.chain import from_environment
from gatepass.credentials.identity_pool import IdentityIdCache, IdentityPool
from gatepass.credentials.provider import Credentials, FrozenCredentials, Provider, keys_of

__all__ = [
    "Credentials",
    "FrozenCredentials",
    "IdentityIdCache",
    "IdentityPool",
    "Provider",
    "from_environment",
    "keys_of",
]
