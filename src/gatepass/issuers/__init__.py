"""Issuers of login tokens: where their public keys are, and whether a token was signed with one of them.

This room owns the way out to identity providers: which addresses may be connected to, how keys are fetched, how long
they are kept, and how often anyone may make us ask again. It knows what a token must say only through
`gatepass.tokens.oidc`, and nothing of identity pools, roles or the store: who lists which provider is known to those
who ask. Nothing here is on the way of a request to an API.
"""

from gatepass.issuers.issuers import Issuers
from gatepass.issuers.key_cache import KeysUnavailable
from gatepass.issuers.login_keys import parse_login_keys
from gatepass.issuers.sources import Discovery, KeyFile, KeySource, KeyUrl
from gatepass.issuers.web_identity import verify_web_identity

__all__ = [
    "Discovery",
    "Issuers",
    "KeyFile",
    "KeySource",
    "KeyUrl",
    "KeysUnavailable",
    "parse_login_keys",
    "verify_web_identity",
]
