"""Paths that two readers could read differently.

What is signed, what the policy decides on and what the app serves must be the same resource. The bytes received are
verified and make the method ARN; where a reader behind the gate could take them for another path, the request is
refused, or a Deny for that other path is honoured too.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

# Dot segments, empty segments, path parameters, other separators, control and non-ASCII bytes; percent-encoding of what
# need not be encoded (no name shall have two spellings), or that changes the path when decoded, once or more often, or
# that is no UTF-8.
_AMBIGUOUS = re.compile(
    rb"//"
    rb"|/\.{1,2}(?:/|\Z)"
    rb"|[;\\#?\x00-\x20\x7f-\xff]"
    rb"|%(?:25)*(?:2[def]|3[0-9b]|4[1-9a-f]|5[0-9acf]|6[1-9a-f]|7[0-9aef]|[01][0-9a-f]|c[01]|f[5-9a-f])"
    rb"|%(?![0-9a-f]{2})",
    re.IGNORECASE,
)


def ambiguity(path: bytes) -> str:
    """What of the path could be read in two ways; empty if nothing."""
    found = _AMBIGUOUS.search(path)
    return found[0].decode("latin-1") if found else ""


def other_readings(path: str) -> tuple[str, ...]:
    """Other spellings of what the path names, for which a Deny holds as well.

    Args:
        path: of a method ARN: as received, without the leading slash, and free of ambiguity.
    """
    readings = []
    if path.endswith("/"):
        readings.append(path.rstrip("/"))
    if "%" in path:
        decoded = unquote(path, errors="replace")
        readings += [decoded, quote(decoded, safe="/"), quote(decoded, safe="/!$&'()*+,;=:@"), decoded.rstrip("/")]
    return tuple(dict.fromkeys(reading for reading in readings if reading != path))
