"""Headers that a policy may decide by: only if they were signed."""

from __future__ import annotations

from collections.abc import Container

from gatepass.errors import UnsignedHeader
from gatepass.http import Request


def proven_header(request: Request, signed_headers: Container[bytes] | None, name: bytes) -> str | None:
    """The header's value; None if there is no such header.

    Args:
        signed_headers: None if nobody signed the request: then nobody could have signed the header.

    Raises: UnsignedHeader, of a request that was signed without it.
    """
    value = request.header(name)
    if value is None:
        return None
    if signed_headers is not None and name not in signed_headers:
        raise UnsignedHeader(
            f"'{name.decode()}' must be a 'SignedHeader' in the AWS Authorization.",
            detail=f"a policy decides by the header `{name.decode()}`, which was not signed",
        )
    return value.decode("utf-8", "replace")
