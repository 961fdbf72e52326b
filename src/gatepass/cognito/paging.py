"""Where a listing goes on: `NextToken`, sealed, so that it is readable here only."""

from __future__ import annotations

from gatepass.errors import InvalidParameter
from gatepass.operation import Call
from gatepass.tokens import open_page, seal_page

SALT_BYTES = 16


def position(call: Call, listing: str, next_token: str | None) -> str | None:
    """The last entry of the page before; None at the beginning.

    Args:
        listing: the operation and everything it was given that chooses what is listed.

    Raises: InvalidParameter, for a token that was not handed out for this listing.
    """
    if next_token is None:
        return None
    after = open_page(call.key_ring, listing, next_token)
    if after is None:
        raise InvalidParameter("Invalid NextToken.")
    return after


def next_page(call: Call, listing: str, last: str) -> str:
    return seal_page(call.key_ring, listing, last, salt=call.entropy(SALT_BYTES))
