"""What every client that signs needs to know beside the signature: scope, wire form, clock, and what a 403 says.

It owns the step from "a request some HTTP library is about to send" to "the headers to add". It must not know which
library that is, open a socket, read the environment or look at a clock: `gatepass.requests` and the command line do.
"""

from gatepass.signing.clock import clock_offset, is_clock_refusal
from gatepass.signing.mismatch import Difference, Mismatch, differences, parse_mismatch
from gatepass.signing.scope import Scope, infer_scope, signing_scope
from gatepass.signing.signed import SIGNATURE_HEADERS, Signed, sign_request
from gatepass.signing.target import Origin, wire_path, wire_query

__all__ = [
    "SIGNATURE_HEADERS",
    "Difference",
    "Mismatch",
    "Origin",
    "Scope",
    "Signed",
    "clock_offset",
    "differences",
    "infer_scope",
    "is_clock_refusal",
    "parse_mismatch",
    "sign_request",
    "signing_scope",
    "wire_path",
    "wire_query",
]
