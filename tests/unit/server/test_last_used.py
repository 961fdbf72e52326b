"""When keys and roles were used last, as IAM answers it after the writer wrote it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

import pytest
from tests.unit.server.conftest import House, text_in

from gatepass.errors import StoreUnavailable
from gatepass.server.upkeep import Upkeep
from gatepass.store.last_uses import LastUses, Use

MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z")


def written(house: House) -> None:
    """As at the end of a gate."""

    async def write() -> None:
        await Upkeep(house.store, house.application.uses, 0).round(time.time())

    house.run(write())


def of_key(house: House, key_id: str) -> tuple[str, ...]:
    answer = house.query("iam", "GetAccessKeyLastUsed", house.administrator, AccessKeyId=key_id)
    return tuple(text_in(answer, name) for name in ("LastUsedDate", "ServiceName", "Region", "UserName"))


def of_role(house: House) -> list[tuple[str, str]]:
    """From both answers that tell it."""
    answers = (
        house.query("iam", "GetRole", house.administrator, RoleName="pets-guests"),
        house.query("iam", "GetAccountAuthorizationDetails", house.administrator),
    )
    return [(text_in(answer, "LastUsedDate"), text_in(answer, "Region")) for answer in answers]


def test_an_access_key(house: House) -> None:
    """Not before it was used, nor by what a session of its user does; denied or not, it was used."""
    keys = house.user("ann")
    assert of_key(house, keys.access_key_id) == ("", "N/A", "N/A", "ann")
    assert house.send(house.signed("GET", b"/api/a", keys)).status == 403
    written(house)
    at, *rest = of_key(house, keys.access_key_id)
    assert rest == ["execute-api", "us-east-1", "ann"]
    assert MINUTE.fullmatch(at)
    assert abs(time.time() - _seconds(at)) < 120


def test_a_role(house: House) -> None:
    """By a session of it; a listing does not tell."""
    keys = house.guest()
    written(house)
    assert of_role(house) == [("", ""), ("", "")], "taking it is no use of it"
    house.send(house.signed("GET", b"/api/a", keys))
    written(house)
    (first, second) = of_role(house)
    assert first == second
    assert MINUTE.fullmatch(first[0])
    assert first[1] == "us-east-1"
    assert b"RoleLastUsed" not in house.query("iam", "ListRoles", house.administrator).body


def test_a_forged_signature_is_no_use(house: House) -> None:
    keys = house.user("ann")
    assert house.send(house.signed("GET", b"/api/a", keys._replace(secret_access_key="x" * 40))).status == 403
    written(house)
    assert of_key(house, keys.access_key_id)[0] == ""


def test_it_is_written_again_when_the_store_is_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = house.user("ann")
    house.send(house.signed("GET", b"/api/a", keys))

    async def away(self: LastUses, uses: Iterable[Use]) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(LastUses, "save", away)
        with pytest.raises(StoreUnavailable):
            written(house)
    written(house)
    assert of_key(house, keys.access_key_id)[1] == "execute-api"


def _seconds(text: str) -> float:
    import calendar

    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
