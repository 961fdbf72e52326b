"""HMAC with the key taken in beforehand is HMAC."""

import hmac
from hashlib import sha256, sha512
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.mac import hmac_digest, hmac_states


@pytest.mark.parametrize("algorithm", [sha256, sha512])
@given(key=st.binary(max_size=64), first=st.binary(max_size=200), rest=st.binary(max_size=200))
def test_it_is_the_hmac_of_all_that_was_taken_in(algorithm: Any, key: bytes, first: bytes, rest: bytes) -> None:
    states = hmac_states(key, algorithm)
    assert hmac_digest(states, rest) == hmac.digest(key, rest, algorithm)
    states[0].update(first)
    assert hmac_digest(states, rest) == hmac_digest(states, rest) == hmac.digest(key, first + rest, algorithm)
