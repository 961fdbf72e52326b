"""A key ring holds only keys that chance made, never changes, and rotates in two steps."""

import hashlib
import os

import pytest

from gatepass.errors import UnrecognizedClient
from gatepass.tokens import KeyRing, Minted, Session, mint, open_session
from gatepass.tokens.keys import key_id

FIRST, SECOND = (hashlib.sha256(name).digest() for name in (b"one", b"two"))


@pytest.mark.parametrize(
    "key",
    [
        bytes(32),
        b"\xff" * 32,
        bytes(range(32)),
        bytes(range(0, 64, 2)),
        bytes(range(255, 223, -1)),
        b"0123456789abcdef" * 2,
        hashlib.md5(b"twice").digest() * 2,
        b"change-me-change-me-change-me-32",
        hashlib.sha256(b"hex").hexdigest()[:32].encode(),
        FIRST[:31],
        FIRST + b"x",
        b"",
    ],
)
def test_a_key_that_chance_did_not_make_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="key"):
        KeyRing.of("deployment", key)
    with pytest.raises(ValueError, match="key"):
        KeyRing.of("deployment", FIRST).prepare(key)


def test_keys_of_chance_are_taken() -> None:
    for number in range(2000):
        KeyRing.of("deployment", hashlib.sha256(str(number).encode()).digest())


def test_an_id_follows_from_its_key() -> None:
    with pytest.raises(ValueError, match="not the key that has this id"):
        KeyRing("deployment", key_id(SECOND), {key_id(SECOND): FIRST})


def test_the_active_key_is_in_the_ring() -> None:
    with pytest.raises(ValueError, match="active"):
        KeyRing("deployment", key_id(SECOND), {key_id(FIRST): FIRST})
    with pytest.raises(ValueError, match="active"):
        KeyRing("deployment", "", {})


def test_a_ring_belongs_to_a_deployment() -> None:
    with pytest.raises(ValueError, match="deployment"):
        KeyRing.of("", FIRST)


def opens(ring: KeyRing, minted: Minted) -> bool:
    try:
        session, secret_access_key = open_session(ring, minted.session_token, minted.access_key_id)
    except UnrecognizedClient:
        return False
    return session == minted.session and secret_access_key == minted.secret_access_key


def test_rotation_refuses_no_session_whose_key_is_not_retired(guest: Session) -> None:
    """Replicas may be a step apart at any time: what one of them seals, the other opens."""
    old = KeyRing.of("deployment", FIRST)
    prepared = old.prepare(SECOND)
    activated = prepared.activate(key_id(SECOND))
    retired = activated.retire(key_id(FIRST))
    sealed_by = {
        ring: mint(ring, guest, salt=os.urandom(16), access_key_entropy=os.urandom(6))
        for ring in (old, prepared, activated, retired)
    }
    for one, other in ((old, prepared), (prepared, activated)):
        assert opens(one, sealed_by[other])
        assert opens(other, sealed_by[one])
    assert opens(retired, sealed_by[activated])
    assert not opens(retired, sealed_by[old])
    assert not opens(retired, sealed_by[prepared])
    assert not opens(old, sealed_by[activated])  # two steps apart: this is why there are two


def test_steps_out_of_order_are_refused() -> None:
    ring = KeyRing.of("deployment", FIRST)
    with pytest.raises(ValueError, match="already"):
        ring.prepare(FIRST)
    with pytest.raises(ValueError, match="not in the key ring"):
        ring.activate(key_id(SECOND))
    with pytest.raises(ValueError, match="active; activate another"):
        ring.retire(ring.active)
    with pytest.raises(ValueError, match="not in the key ring"):
        ring.retire(key_id(SECOND))


def test_a_ring_never_changes() -> None:
    given = {key_id(FIRST): FIRST}
    ring = KeyRing("deployment", key_id(FIRST), given)
    given[key_id(SECOND)] = SECOND
    assert set(ring.keys) == {key_id(FIRST)}
    with pytest.raises(AttributeError, match="does not change"):
        ring.active = key_id(SECOND)
    with pytest.raises(TypeError):
        ring.keys[key_id(SECOND)] = SECOND  # type: ignore[index]


def test_a_ring_does_not_show_its_keys() -> None:
    shown = f"{KeyRing.of('deployment', FIRST)!r} {KeyRing.of('deployment', FIRST)}"
    assert key_id(FIRST) in shown
    assert repr(FIRST)[2:-1] not in shown
    assert FIRST.hex() not in shown
