"""`DecodeAuthorizationMessage`: what a denied caller was handed, for someone who may read it."""

from __future__ import annotations

from gatepass.errors import InvalidAuthorizationMessage
from gatepass.operation import Call
from gatepass.sts.shapes import DecodeAuthorizationMessageInput, DecodeAuthorizationMessageOutput
from gatepass.tokens.message import open_message


async def decode_authorization_message(
    call: Call, given: DecodeAuthorizationMessageInput
) -> DecodeAuthorizationMessageOutput:
    text = open_message(call.key_ring, given.encoded_message)
    if text is None:
        raise InvalidAuthorizationMessage
    return DecodeAuthorizationMessageOutput(text)
