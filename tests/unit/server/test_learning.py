"""`serve --learn`: what policies decided about signed requests is counted, and nothing else of them is kept."""

from __future__ import annotations

import json
import logging
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatepass.errors import ConfigurationError
from gatepass.gateway.integrations.threads import HandlerThreads
from gatepass.gateway.routes import RouteTable
from gatepass.http import Request
from gatepass.operation import Deployment
from gatepass.server import files
from gatepass.server.learning import Learning
from gatepass.server.serving import Gate, application_of, serve
from gatepass.server.settings import Settings

HOST = (b"host", b"gate.test")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "learned.json"


@pytest.fixture
def learning(house: Any, path: Path, tmp_path: Path) -> Learning:
    """The house's gate, which learns."""
    learning = Learning.begin(path, house.api)
    administrator = files.administrator(tmp_path / "data", house.api.deployment.account)
    gate = Gate(Settings(), tmp_path / "data", "http://gate.test", house.api, None, HandlerThreads(), learning)
    house.application = application_of(gate, house.store, administrator)
    return learning


def requests(path: Path) -> list[tuple[Any, ...]]:
    return [tuple(each.values()) for each in json.loads(path.read_text())["requests"]]


def test_signed_requests_are_counted_by_route_verb_and_role(house: Any, learning: Learning, path: Path) -> None:
    """A thousand paths are one line; a slash at the end is another, because it makes another ARN."""
    keys = house.guest()
    for number in range(1000):
        house.send(house.signed("GET", b"/api/pets/%d" % number, keys))
    house.send(house.signed("PUT", b"/api/pets/1/", keys))
    house.send(house.signed("GET", b"/api/", house.administrator))
    house.run(learning.stop())
    assert requests(path) == [
        ("role-session", "pets-guests", "GET", "/{proxy+}", 1000, 0),
        ("role-session", "pets-guests", "PUT", "/{proxy+}/", 1, 0),
        ("root", "", "GET", "/", 1, 0),
    ]


def test_a_denial_by_policy_is_counted_and_stays_one(house: Any, learning: Learning, path: Path) -> None:
    """To learn is not to allow."""

    def nothing(role: Any) -> Any:
        return replace(role, inline_policies={})

    house.run(house.store.roles.change("pets-guests", nothing))
    assert house.send(house.signed("GET", b"/api/x", house.guest())).status == 403
    assert house.app.scopes == []
    house.run(learning.stop())
    assert requests(path) == [("role-session", "pets-guests", "GET", "/{proxy+}", 0, 1)]


def test_nothing_else_is_recorded(house: Any, learning: Learning, path: Path) -> None:
    """Not who did not sign, signed wrongly, went to an open route, to nowhere, or to an operation."""
    keys = house.guest()
    for request in (
        Request("GET", b"/api/a", b"", [HOST]),
        house.signed("GET", b"/api/a", keys._replace(secret_access_key="x" * 40)),
        house.signed("GET", b"/api/open", keys),
        house.signed("TRACE", b"/api/a", keys),
        house.signed("GET", b"/nowhere/a", keys),
        house.signed("GET", b"/api/a/%2e%2e/b", keys),
    ):
        house.send(request)
    house.run(learning.stop())
    assert requests(path) == []


def test_the_file_is_the_owners_and_holds_no_secrets(house: Any, learning: Learning, path: Path) -> None:
    keys = house.guest()
    house.send(house.signed("GET", b"/api/pets/us-east-1:11111111", keys, query=b"token=hush"))
    house.run(learning.stop())
    text = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not any(each in text for each in (*keys, "hush", "11111111", "us-east-1:", "192.0.2.7"))


def test_a_record_is_gone_on_with(house: Any, learning: Learning, path: Path) -> None:
    """As after a restart."""
    house.send(house.signed("GET", b"/api/", house.administrator))
    house.run(learning.stop())
    again = Learning.begin(path, house.api)
    assert again.learned == learning.learned
    other = replace(house.api, name="other", routes=RouteTable([]), deployment=Deployment("210987654321", "us-east-1"))
    with pytest.raises(ConfigurationError, match=r"learned\.json`: it is a record of another API: `pets`"):
        Learning.begin(path, other)


@pytest.mark.parametrize("text", ["print('my app')", "{}", "[]", "[" * 100_000, "\udcff"])
def test_another_file_is_left_as_it_is(house: Any, path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigurationError, match="record of requests"):
        Learning.begin(path, house.api)
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")


def test_a_place_that_cannot_be_written_is_told_at_once(house: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        Learning.begin(tmp_path / "missing" / "file", house.api)
    with pytest.raises(ConfigurationError, match="is not a file"):
        Learning.begin(tmp_path, house.api)


def test_a_write_that_fails_is_tried_again(
    house: Any, learning: Learning, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The gate goes on."""
    house.send(house.signed("GET", b"/api/", house.administrator))
    path.unlink()
    path.mkdir()
    with caplog.at_level(logging.ERROR):
        house.run(learning.write())
    assert "what was learned is not written" in caplog.text
    path.rmdir()
    house.run(learning.write())
    assert requests(path) == [("root", "", "GET", "/", 1, 0)]


def test_without_an_app_there_is_nothing_to_learn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="--learn records requests to an app, and there is none"):
        serve(Settings(port=0, learn=tmp_path / "x"), lambda ready, hosted: None)
