"""Unique ids say what they name and which account it is in, as AWS's do."""

import os
import re
from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.utils import generate_access_key_id_from_account_id

from gatepass.tokens import account_of, unique_id
from gatepass.tokens.ids import Prefix

ACCOUNTS = ("123456789012", "000000000000", "000000000001", "999999999999", "111122223333")


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize(("prefix", "length"), [("ASIA", 20), ("AKIA", 20), ("AROA", 21), ("AIDA", 21)])
def test_the_account_can_be_read_from_an_id(prefix: Prefix, length: int, account: str) -> None:
    made = unique_id(prefix, account, os.urandom(6))
    assert re.fullmatch(f"{prefix}[A-Z2-7]{{{length - 4}}}", made)
    assert account_of(made) == account


@pytest.mark.parametrize("account", ACCOUNTS)
def test_moto_encodes_the_account_alike(account: str) -> None:
    theirs = generate_access_key_id_from_account_id(account, "ASIA")
    assert account_of(theirs) == account
    assert unique_id("ASIA", account, bytes(6))[:12] == theirs[:12]


@given(st.sampled_from(["ASIA", "AROA"]), st.integers(0, 10**12 - 1), st.binary(min_size=6, max_size=6))
def test_an_id_is_base32_of_account_and_chance(prefix: Prefix, number: int, entropy: bytes) -> None:
    bits = 1 << 87 | number << 47 | int.from_bytes(entropy, "big") & (1 << 47) - 1
    text = b32encode(bits.to_bytes(11, "big")).decode()
    assert unique_id(prefix, f"{number:012}", entropy) == (prefix + text)[: 20 if prefix == "ASIA" else 21]


def test_all_the_entropy_but_one_bit_is_in_the_id() -> None:
    made = {unique_id("AROA", "123456789012", (1 << bit).to_bytes(6, "big")) for bit in range(48)}
    assert len(made) == 45  # one bit belongs to the account, two do not fit into 21 characters; both give the same id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ASIA",
        "AKIAI44QH8DHBEXAMPLE",
        "ASIA" + "é" * 16,
        "ASIA" + "Q" * 8,
        "ASIA" + "7" * 16,
        "\ud800" * 20,
        "1" * 20,
    ],
)
def test_an_id_without_an_account_has_none(text: str) -> None:
    assert account_of(text) is None


@pytest.mark.parametrize("account", ["", "12345678901", "1234567890123", "12345678901x", "١٢٣٤٥٦٧٨٩٠١٢"])
def test_an_account_has_twelve_digits(account: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        unique_id("ASIA", account, bytes(6))


def test_chance_is_not_stretched() -> None:
    with pytest.raises(ValueError, match="6 random bytes"):
        unique_id("ASIA", "123456789012", b"12345")
