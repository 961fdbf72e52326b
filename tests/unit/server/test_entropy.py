"""Random bytes fetched many at a time are as good as those fetched one by one."""

from __future__ import annotations

import os

import pytest

from gatepass.server.entropy import Entropy


@pytest.mark.parametrize("size", [1, 6, 16, 1000, 4096, 10_000])
def test_as_many_bytes_as_were_asked_for(size: int) -> None:
    """Whatever is left of what was fetched."""
    entropy = Entropy()
    assert [len(entropy(size)) for _ in range(1000)] == [size] * 1000


def test_no_byte_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given, put together, is part of what the operating system gave, in its order."""
    fetched: list[bytes] = []
    urandom = os.urandom

    def fetch(size: int) -> bytes:
        fetched.append(urandom(size))
        return fetched[-1]

    monkeypatch.setattr(os, "urandom", fetch)
    entropy = Entropy()
    given = [entropy(16 if number % 3 else 6) for number in range(2000)]
    everything, position = b"".join(fetched), 0
    for piece in given:
        position = everything.index(piece, position) + len(piece)
    assert len(set(given)) == len(given)
