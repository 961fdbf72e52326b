"""Ids come from the given entropy alone, all of it but the six bits that say it is a UUID."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from gatepass.cognito.identity_ids import ENTROPY_BYTES, new_id


@given(st.binary(min_size=16, max_size=16))
def test_an_id_holds_122_bits_of_what_was_given_and_nothing_else(entropy: bytes) -> None:
    asked: list[int] = []

    def give(count: int) -> bytes:
        asked.append(count)
        return entropy

    region, _, uuid = new_id("eu-central-1", give).partition(":")
    assert (region, len(uuid), asked) == ("eu-central-1", 36, [ENTROPY_BYTES])
    bits = int.from_bytes(bytes.fromhex(uuid.replace("-", "")), "big")
    fixed = 0xF << 76 | 0b11 << 62
    assert bits & ~fixed == int.from_bytes(entropy, "big") & ~fixed
    assert bits & fixed == 0x4 << 76 | 0b10 << 62


def test_ids_do_not_meet() -> None:
    assert len({new_id("r", os.urandom) for _ in range(20_000)}) == 20_000
