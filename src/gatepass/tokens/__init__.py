"""Sealed session tokens, the keys that seal them, and the ids that name credentials.

This room knows how a session becomes text that only this deployment can read, and how a secret access key follows from
it. It does not know the clock, where random bytes come from, or where keys are kept (`gatepass.store.key_files`): all
of that comes in as arguments. It never decides whether a session has expired or been revoked.
"""

from gatepass.tokens.ids import account_of, unique_id
from gatepass.tokens.keys import KeyRing
from gatepass.tokens.page import open_page, seal_page
from gatepass.tokens.session import Minted, Session, mint, open_session, principal_of

__all__ = [
    "KeyRing",
    "Minted",
    "Session",
    "account_of",
    "mint",
    "open_page",
    "open_session",
    "principal_of",
    "seal_page",
    "unique_id",
]
