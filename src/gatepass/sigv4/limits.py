"""What a request's head may be, checked before anything of it is parsed."""

import re

from gatepass.errors import BadRequest
from gatepass.http import Request

MAXIMUM_HEADER = 16 * 1024
"""Bytes of one header, name and value."""
MAXIMUM_HEAD = 64 * 1024
"""Bytes of all headers, the path and the query."""
MAXIMUM_QUERY = 8 * 1024
MAXIMUM_SESSION_TOKEN = 8 * 1024
MAXIMUM_SIGNED_HEADERS = 100

_METHOD = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,32}")


def check_head(request: Request) -> None:
    """Raises: BadRequest, if a part of the head is larger than anyone needs, or could be read as two lines."""
    if not _METHOD.fullmatch(request.method):
        raise BadRequest(detail="the method is not a token")
    if not request.path.startswith(b"/"):
        raise BadRequest(detail="the path does not begin with a slash")
    if len(request.query) > MAXIMUM_QUERY:
        raise BadRequest(detail=f"the query has more than {MAXIMUM_QUERY} bytes")
    size = len(request.path) + len(request.query)
    for name, value in request.headers:
        header = len(name) + len(value)
        if header > MAXIMUM_HEADER:
            raise BadRequest(detail=f"the header `{shown(name)}` has more than {MAXIMUM_HEADER} bytes")
        size += header
    if size > MAXIMUM_HEAD:
        raise BadRequest(detail=f"path, query and headers have more than {MAXIMUM_HEAD} bytes")
    text = b"".join([part for header in request.headers for part in header])
    if b"\n" in text or b"\r" in text or b"\0" in text:
        raise BadRequest(detail="a header holds a line break or a NUL")


def shown(value: bytes, limit: int = 200) -> str:
    """Bytes from the network as text that can be printed, whatever they are."""
    return value[:limit].decode("utf-8", "backslashreplace")
