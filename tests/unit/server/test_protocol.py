"""Who takes his time: connections are closed by the clock, which the server reads once a second."""

import asyncio
from typing import Any

import pytest

from gatepass.server import protocol as module
from gatepass.server.outbox import Outbox
from gatepass.server.protocol import GateProtocol
from gatepass.server.running import GateServer


class Transport(asyncio.Transport):
    """The other end of a connection, and what was done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.state = "open"
        self.reading = True

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.state = "closed"

    def abort(self) -> None:
        self.state = "aborted"

    def is_closing(self) -> bool:
        return self.state != "open"

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("192.0.2.7", 1), "sockname": ("192.0.2.1", 80)}.get(name, default)


class Line:
    """A connection in an event loop whose clock is set by hand."""

    def __init__(self, runner: asyncio.Runner, application: Any) -> None:
        self.runner, self.now = runner, 1000.0
        self.loop = runner.get_loop()
        self.loop.time = lambda: self.now  # type: ignore[method-assign]
        self.server = GateServer(application)
        self.transport = Transport()
        self.protocol = GateProtocol(self.server, self.loop)
        self.protocol.connection_made(self.transport)

    def send(self, data: bytes) -> None:
        self.protocol.data_received(data)

    def turn(self, turns: int = 20) -> bytes:
        """Let the loop turn; gives what was written so far."""

        async def turning() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.runner.run(turning())
        return self.transport.written

    def wait(self, seconds: float) -> str:
        """Let time pass; gives what became of the connection."""
        self.now += seconds
        self.server.tick(self.now)
        return self.transport.state


@pytest.fixture
def line(house: Any) -> Line:
    return Line(house.runner, house.application)


GET = b"GET /api/open HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /api/open HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"


def test_a_connection_that_says_nothing(line: Line) -> None:
    assert line.wait(module.IDLE_SECONDS - 1) == "open"
    assert line.wait(2) == "closed"


def test_a_head_that_takes_its_time(line: Line) -> None:
    """A byte now and then keeps no connection open."""
    line.send(b"GET / HTTP/1.1\r\nHo")
    for _ in range(9):
        line.send(b"x")
        assert line.wait(2) == "open"
    line.send(b"x")
    assert line.wait(3) == "closed"


def test_a_body_that_takes_its_time(line: Line) -> None:
    """It may take half a minute, and longer the more of it has come."""
    line.send(POST)
    line.turn()
    assert line.wait(module.BODY_SECONDS - 1) == "open"
    line.send(b"x" * module.BODY_BYTES_PER_SECOND * 5)
    assert line.wait(5) == "open"
    assert line.wait(3) == "closed"
    assert b"400 Bad Request" in line.turn() or b"403 Forbidden" in line.turn()


def test_a_request_that_works_is_left_alone(line: Line) -> None:
    """However long the app takes."""
    line.send(GET)
    assert line.wait(10_000) == "open"
    assert b"200 OK" in line.turn()


def test_between_requests(line: Line) -> None:
    """Kept for a while after an answer, then closed."""
    line.send(GET)
    line.turn()
    assert line.wait(module.IDLE_SECONDS - 1) == "open"
    line.send(GET)
    assert line.turn().count(b"200 OK") == 2
    assert line.wait(module.IDLE_SECONDS - 1) == "open"
    assert line.wait(2) == "closed"


def test_who_does_not_read(line: Line) -> None:
    """Cut off, whatever is left to write."""
    line.protocol.pause_writing()
    assert line.wait(module.WRITE_SECONDS - 1) == "open"
    line.protocol.resume_writing()
    assert line.wait(2) == "open"
    line.protocol.pause_writing()
    assert line.wait(module.WRITE_SECONDS + 1) == "aborted"


def test_a_body_nobody_wants(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read for a while after the answer, so that its sender sees it; not for ever."""
    monkeypatch.setattr(module, "MOST_DISCARDED", 1000)
    line.send(POST + b"x")
    assert b"403 Forbidden" in line.turn()
    line.send(b"x" * 900)
    assert line.transport.state == "open"
    line.send(b"x" * 200)
    assert line.transport.state == "aborted"


def test_a_server_that_stops(line: Line) -> None:
    """An idle connection at once, one at work after its answer."""
    line.send(GET)
    line.protocol.shutdown()
    assert line.transport.state == "open"
    assert b"connection: close" in line.turn()
    assert line.transport.state == "closed"
    idle = Line(line.runner, line.server.application)
    idle.protocol.shutdown()
    assert idle.transport.state == "closed"


def test_a_client_that_is_gone(line: Line, house: Any) -> None:
    """Its request is not answered; what runs is waited for by a server that stops."""
    line.send(GET)
    line.protocol.connection_lost(None)
    assert len(line.server.tasks) == 1
    line.turn()
    assert line.transport.written == b""
    assert line.server.tasks == set()
    assert line.server.connections == set()


def test_pipelined_requests_wait_for_each_other(line: Line) -> None:
    """Nothing more is read while they do."""
    line.send(GET * 3)
    assert line.transport.reading is False
    assert line.turn(60).count(b"200 OK") == 3
    assert line.transport.reading is True


def test_a_body_waits_for_a_reader(line: Line, house: Any) -> None:
    """Nothing more is read of what nobody has asked for."""
    line.send(POST.replace(b"POST /api/open", b"POST /api/x").replace(b"Host: a", b"Host: a\r\nAuthorization: AWS4 x"))
    line.send(b"x" * 100_000)
    assert line.transport.reading is False
    line.turn()
    assert line.transport.reading is True


def test_who_waits_for_the_client_hears_of_the_end(house: Any) -> None:
    """When the answer is complete, and when the client is gone."""
    heard: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        waiting = asyncio.create_task(receive())
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
        heard.append(await waiting)

    line = Line(house.runner, app)
    line.send(GET)
    assert b"204 No Content" in line.turn()
    assert heard == [{"type": "http.disconnect"}]


def test_answers_of_one_turn_are_written_together(house: Any) -> None:
    """One after the other at the end of the turn, each whole."""
    outbox, order = Outbox(), []

    class Noting(Transport):
        def write(self, data: Any) -> None:
            order.append(bytes(data))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in range(3):
            outbox.put(loop, Noting(), b"%d" % number)
        assert order == []
        await asyncio.sleep(0)

    house.run(main())
    assert order == [b"0", b"1", b"2"]


CHUNKED = b"GET /api/open HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("start", [b"3\r\nabc\r\n0\r\nX: ", b"3;"], ids=["trailer", "chunk extension"])
def test_what_comes_with_a_body_is_bounded(line: Line, start: bytes) -> None:
    """Neither head nor body, and yet kept by a parser: the connection ends long before it costs anything."""
    line.send(CHUNKED + start)
    for _ in range(10):
        line.send(b"a" * 10_000)
        line.turn()
    assert line.transport.state == "closed"


def test_a_body_in_many_small_chunks(line: Line) -> None:
    """However much framing it has."""
    line.send(CHUNKED)
    for _ in range(100):
        line.send(b"1\r\nx\r\n" * 300)
    line.send(b"0\r\nX: y\r\n\r\n")
    assert line.turn().startswith(b"HTTP/1.1 200 ")
    assert line.transport.state == "open"
