"""The lifespan of a hosted ASGI app."""

import asyncio
from typing import Any

import pytest

from gatepass.errors import ConfigurationError
from gatepass.server.lifespan import Lifespan


def app_that(*answers: str, said: list[str], state: dict[str, Any] | None = None) -> Any:
    """An app that answers each message of its lifespan in turn."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"].update(state or {})
        for answer in answers:
            said.append((await receive())["type"])
            await send({"type": answer, "message": "because"})

    return app


async def run(lifespan: Lifespan) -> None:
    await lifespan.start()
    await lifespan.stop()


def test_started_and_stopped() -> None:
    """In order, with the state the app fills in."""
    said: list[str] = []
    app = app_that("lifespan.startup.complete", "lifespan.shutdown.complete", said=said, state={"pool": 1})
    lifespan = Lifespan(app)
    asyncio.run(run(lifespan))
    assert said == ["lifespan.startup", "lifespan.shutdown"]
    assert lifespan.state == {"pool": 1}


def test_an_app_that_cannot_start() -> None:
    with pytest.raises(ConfigurationError, match="the app did not start: because"):
        asyncio.run(run(Lifespan(app_that("lifespan.startup.failed", said=[]))))


def test_an_app_that_does_not_stop_cleanly(caplog: pytest.LogCaptureFixture) -> None:
    """Said in the log; the gate stops all the same."""
    asyncio.run(run(Lifespan(app_that("lifespan.startup.complete", "lifespan.shutdown.failed", said=[]))))
    assert "because" in caplog.text


async def refuses(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"


async def returns(scope: Any, receive: Any, send: Any) -> None:
    return None


async def breaks_later(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    raise ValueError("boom")


@pytest.mark.parametrize("app", [None, refuses, returns, breaks_later])
def test_apps_that_know_none(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    """They are served without; one that breaks later is heard of."""
    asyncio.run(asyncio.wait_for(run(Lifespan(app)), timeout=10))
    assert ("boom" in caplog.text) is (app is breaks_later)


@pytest.mark.parametrize(
    ("app", "answers"),
    [
        (None, ["lifespan.startup.complete", "lifespan.shutdown.complete"]),
        (app_that("lifespan.startup.failed", said=[]), ["lifespan.startup.failed"]),
    ],
)
def test_under_another_server(app: Any, answers: list[str]) -> None:
    """The gate as an ASGI application passes it on."""
    sent: list[str] = []

    async def receive() -> Any:
        return {"type": "lifespan"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(Lifespan(app).serve(receive, send))
    assert sent == answers
