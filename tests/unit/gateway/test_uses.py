"""Who used their keys: noted once a minute, without growing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.gateway import uses as uses_module
from gatepass.gateway.uses import Uses
from gatepass.principal import Principal
from gatepass.store.last_uses import LastUse, Use

USER = Principal("user", "1", "arn:aws:iam::1:user/u", "AIDA", "AKIA1", user_name="u")
SESSION = Principal(
    *("role-session", "1", "arn:aws:sts::1:assumed-role/r/s", "AROA:s", "ASIA1", "r", "AROA"), expiration=9999
)
REGION = "eu-central-1"


def test_a_key_and_a_role() -> None:
    """With service and region, by the minute; of a role, whichever session it was."""
    uses = Uses(REGION)
    uses.note(USER, "execute-api", 125.5)
    uses.note(SESSION, "sts", 130.0)
    uses.note(replace(SESSION, access_key_id="ASIA2"), "iam", 131.0)
    assert uses.take() == [
        Use("access_key", "AKIA1", LastUse(120.0, "execute-api", REGION)),
        Use("role", "AROA", LastUse(120.0, "sts", REGION)),
    ]
    assert uses.take() == []


def test_once_a_minute() -> None:
    uses = Uses(REGION)
    for now in (120.0, 150.0, 179.9):
        uses.note(USER, "iam", now)
    assert uses.take() == [Use("access_key", "AKIA1", LastUse(120.0, "iam", "us-east-1"))]
    uses.note(USER, "iam", 179.9)
    assert uses.take() == []
    uses.note(USER, "iam", 180.0)
    assert [use.last.at for use in uses.take()] == [180.0]


def test_a_users_session_is_no_use_of_its_key() -> None:
    uses = Uses(REGION)
    uses.note(replace(USER, access_key_id="ASIA3", expiration=9999), "sts", 120.0)
    assert uses.take() == []


def test_what_could_not_be_written_is_offered_again() -> None:
    """Unless it was used again meanwhile."""
    uses = Uses(REGION)
    uses.note(USER, "sts", 60.0)
    uses.note(SESSION, "sts", 60.0)
    taken = uses.take()
    uses.note(USER, "sts", 120.0)
    uses.give_back(taken)
    assert {use.id: use.last.at for use in uses.take()} == {"AKIA1": 120.0, "AROA": 60.0}


def test_it_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many call, and however long the store is away."""
    monkeypatch.setattr(uses_module, "MOST", 5)
    uses = Uses(REGION)
    for number in range(100):
        uses.note(replace(USER, access_key_id=f"AKIA{number}"), "sts", 60.0)
        assert len(uses._noted_until) <= 5
    taken = uses.take()
    assert len(taken) == 5
    uses.note(USER, "sts", 120.0)
    uses.give_back(taken)
    assert len(uses.take()) == 5
