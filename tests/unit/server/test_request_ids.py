"""Request ids look like API Gateway's, and no two are alike."""

import uuid

from gatepass.server.request_ids import RequestIds


def test_they_are_uuids() -> None:
    """Random ones, of version 4."""
    ids = RequestIds()
    for _ in range(1000):
        given = uuid.UUID(ids())
        assert (given.version, given.variant) == (4, uuid.RFC_4122)


def test_no_two_are_alike() -> None:
    """Neither of one process nor of two; their last groups neither count nor repeat."""
    one, other = RequestIds(), RequestIds()
    given = [one() for _ in range(50_000)] + [other() for _ in range(50_000)]
    assert len(set(given)) == len(given)
    tails = [int(text[-12:], 16) for text in given]
    assert len(set(tails)) == len(tails)
    assert tails[:1000] != sorted(tails[:1000])
