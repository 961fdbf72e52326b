"""AWS Signature Version 4: sign, presign, verify.

Owns how a request becomes the bytes that are signed, and every check between an `Authorization` header and the
principal behind it. Verifying is signing again: both sides use one canonical request. It must not know where keys are
kept, what a policy allows, or how an error looks on the wire; clock and keys come in as arguments.
"""

from gatepass.sigv4.answers import Key, Lookup, Verified
from gatepass.sigv4.canonical import (
    EMPTY_PAYLOAD_HASH,
    CredentialScope,
    canonical_path,
    canonical_query,
    canonical_request,
    payload_hash,
    signature,
    signing_key,
    string_to_sign,
)
from gatepass.sigv4.presign import presign
from gatepass.sigv4.sign import Keys, sign
from gatepass.sigv4.signer import Signer
from gatepass.sigv4.verify import Verifier

__all__ = [
    "EMPTY_PAYLOAD_HASH",
    "CredentialScope",
    "Key",
    "Keys",
    "Lookup",
    "Signer",
    "Verified",
    "Verifier",
    "canonical_path",
    "canonical_query",
    "canonical_request",
    "payload_hash",
    "presign",
    "sign",
    "signature",
    "signing_key",
    "string_to_sign",
]
