"""A page token goes on where its listing stopped, and nowhere else."""

import os

import pytest

from gatepass.tokens import KeyRing, open_page, seal_page

LISTING = "ListIdentities us-east-1:8d8f7658-1c6c-4f0b-9d5c-0123456789ab"


def test_a_page_token_gives_its_position(ring: KeyRing) -> None:
    for position in ("", "us-east-1:157d6171-ee37-c0dd-c6c5-ce7afc0154ab", "名前"):
        token = seal_page(ring, LISTING, position, salt=os.urandom(16))
        assert open_page(ring, LISTING, token) == position
        assert "us-east-1" not in token


def test_a_page_token_of_another_listing_gives_none(ring: KeyRing) -> None:
    token = seal_page(ring, LISTING, "position", salt=os.urandom(16))
    assert open_page(ring, "ListIdentities us-east-1:other", token) is None
    assert open_page(KeyRing("deployment-b", ring.active, ring.keys), LISTING, token) is None


@pytest.mark.parametrize("token", ["", "=", "AAAA", "é", "\ud800", "\0", "A" * 5000, "A" * 4096])
def test_what_is_no_page_token_gives_none(ring: KeyRing, token: str) -> None:
    assert open_page(ring, LISTING, token) is None


def test_an_altered_page_token_gives_none(ring: KeyRing) -> None:
    token = seal_page(ring, LISTING, "position", salt=os.urandom(16))
    altered = [
        token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :] for place in range(len(token))
    ]
    assert [other for other in altered if open_page(ring, LISTING, other) is not None] == []
