"""Sealed session tokens, the keys that seal them, the ids that name credentials, and other people's signed tokens.

This room knows how a session becomes text that only this deployment can read, and how a secret access key follows from
it. It never decides whether a session has expired or been revoked. And it knows what must hold before an identity
token of someone else is believed (`oidc`, and `jwt_…` for the steps to it), given the issuer's key.

It does not know the clock, where random bytes come from, or where keys are kept or fetched from
(`gatepass.store.key_files`, `gatepass.issuers`): all of that comes in as arguments.
"""

from gatepass.tokens.ids import account_of, unique_id
from gatepass.tokens.keys import KeyRing
from gatepass.tokens.openid import OpenIdToken, mint_openid, verify_openid
from gatepass.tokens.page import open_page, seal_page
from gatepass.tokens.session import Minted, Session, mint, open_session, principal_of
from gatepass.tokens.signing_keys import SigningKeys

__all__ = [
    "KeyRing",
    "Minted",
    "OpenIdToken",
    "Session",
    "SigningKeys",
    "account_of",
    "mint",
    "mint_openid",
    "open_page",
    "open_session",
    "principal_of",
    "seal_page",
    "unique_id",
    "verify_openid",
]
