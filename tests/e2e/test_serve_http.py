"""HTTP as an attacker, a slow client and a plain one speak it, over a socket, to a real gate."""

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

APP = '''\
import json

calls = []


async def app(scope, receive, send):
    """Counts; `/slow` answers in parts; `/count` tells how many calls there were before."""
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            await send({"type": kind + ".complete"})
            if kind == "lifespan.shutdown":
                return
    path = scope["path"]
    if path == "/api/slow":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for part in (b"one", b"two"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    if path == "/api/broken":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        await send({"type": "http.response.body", "body": b"123", "more_body": True})
        raise ValueError("in the middle")
    if path == "/api/split":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"1\\r\\nset-cookie: a=b")]})
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    told = {"calls": len(calls), "path": path, "length": len(body), "headers": len(scope["headers"]),
            "names": sorted({name.decode() for name, _ in scope["headers"]})}
    if path != "/api/count":
        calls.append(path)
    text = json.dumps(told).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
    await send({"type": "http.response.body", "body": text})
'''


@pytest.fixture(scope="module")
def gate(a_gate: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An ASGI app with open routes."""
    folder = tmp_path_factory.mktemp("http")
    (folder / "counting.py").write_text(APP)
    opened = ("GET /count", "GET /slow", "GET /broken", "GET /split", "HEAD /count", "POST /echo", "GET /echo")
    options = [word for route in opened for word in ("--open", route)]
    with a_gate(folder / "data", "counting:app", *options, cwd=folder) as running:
        yield running


def talk(gate: Any, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send, and read until the gate closes or says nothing more for a while."""
    with socket.create_connection(("127.0.0.1", gate.port), timeout=10) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:
                break
            if pause:
                time.sleep(pause)
        return received(connection)


def received(connection: socket.socket, quiet: float = 0.4) -> bytes:
    connection.settimeout(quiet)
    answer = b""
    while True:
        try:
            part = connection.recv(65536)
        except TimeoutError:
            return answer
        except OSError:
            return answer
        if not part:
            return answer
        answer += part


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def count(gate: Any) -> int:
    answer = talk(gate, b"GET /api/count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    return int(json.loads(answer.partition(b"\r\n\r\n")[2])["calls"])


ECHO = b"GET /api/echo HTTP/1.1\r\nHost: a\r\n"
REFUSED = [
    (b"GET /api/echo HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "two hosts"),
    (b"GET /api/echo HTTP/1.1\r\nHost: a\r\nHOST: b\r\n\r\n", "two hosts that differ"),
    (b"GET /api/echo HTTP/1.1\r\n\r\n", "no host"),
    (b"GET http://evil/api/echo HTTP/1.1\r\nHost: a\r\n\r\n", "another authority in the target"),
    (b"GET http:///api/echo HTTP/1.1\r\nHost: a\r\n\r\n", "an empty authority"),
    (b"GET ftp://a/api/echo HTTP/1.1\r\nHost: a\r\n\r\n", "another scheme"),
    (b"GET api/echo HTTP/1.1\r\nHost: a\r\n\r\n", "a target without a slash"),
    (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "an asterisk"),
    (b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "a tunnel"),
    (b"GET /api/echo#x HTTP/1.1\r\nHost: a\r\n\r\n", "a fragment"),
    (b"GET /api/e\x00cho HTTP/1.1\r\nHost: a\r\n\r\n", "NUL in the target"),
    (b"GET /api/\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", "bytes that are not ASCII in the target"),
    (ECHO + b"X: a\x00b\r\n\r\n", "NUL in a header"),
    (ECHO + b"X: a\r\n folded\r\n\r\n", "a folded header"),
    (ECHO + b"X: a\rb\r\n\r\n", "a bare CR"),
    (ECHO + b"X : a\r\n\r\n", "a space before the colon"),
    (ECHO + b"X\r\n\r\n", "a line without a colon"),
    (ECHO + b": a\r\n\r\n", "a header without a name"),
    (b"GET /api/echo HTTP/1.1\nHost: a\n\n", "bare line feeds"),
    (b"GET /api/echo HTTP/2.0\r\nHost: a\r\n\r\n", "another version"),
    (b"GET /api/echo\r\n\r\n", "no version"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2 by prior knowledge"),
    (b"G\x01T /api/echo HTTP/1.1\r\nHost: a\r\n\r\n", "a method that is no token"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "a TLS hello"),
    (ECHO.replace(b"GET", b"POST") + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "two lengths"),
    (ECHO.replace(b"GET", b"POST") + b"Content-Length: 3, 3\r\n\r\nabc", "a list of lengths"),
    (ECHO.replace(b"GET", b"POST") + b"Content-Length: +3\r\n\r\nabc", "a length with a sign"),
    (ECHO.replace(b"GET", b"POST") + b"Content-Length: 0x3\r\n\r\nabc", "a length in hexadecimal"),
    (ECHO.replace(b"GET", b"POST") + b"Content-Length: -1\r\n\r\nabc", "a negative length"),
    (
        ECHO.replace(b"GET", b"POST") + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "length and chunks",
    ),
    (
        ECHO.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "chunks and length",
    ),
    (ECHO.replace(b"GET", b"POST") + b"Transfer-Encoding: gzip\r\n\r\nabc", "another coding"),
    (ECHO.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", "a coding after chunks"),
    (ECHO.replace(b"GET", b"POST") + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "a coding that looks alike"),
    (ECHO.replace(b"GET", b"POST") + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "a disguised coding"),
]


@pytest.mark.parametrize("request_", [each[0] for each in REFUSED], ids=[each[1] for each in REFUSED])
def test_what_two_readers_could_read_differently(gate: Any, request_: bytes) -> None:
    """One 400 in API Gateway's words, the connection closed, nothing behind called."""
    before = count(gate)
    answer = talk(gate, request_, b"GET /api/echo HTTP/1.1\r\nHost: a\r\n\r\n")
    assert statuses(answer) == [400]
    head, _, body = answer.partition(b"\r\n\r\n")
    assert body == b'{"message":"Bad Request"}'
    assert b"x-amzn-errortype: BadRequestException" in head
    assert b"x-amzn-requestid: " in head
    assert b"connection: close" in head
    assert count(gate) == before


@pytest.mark.parametrize(
    "body", [b"zz\r\nabc\r\n0\r\n\r\n", b"-1\r\n\r\n", b"3\r\nabcX\r\n0\r\n\r\n", b"3;a=\x00\r\nabc\r\n"]
)
def test_chunks_that_are_none(gate: Any, body: bytes) -> None:
    before = count(gate)
    answer = talk(gate, ECHO.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\n\r\n" + body)
    assert statuses(answer) in ([400], [])
    assert count(gate) == before


def test_an_absolute_target_of_this_host(gate: Any) -> None:
    """Servers must take it; the authority is the Host."""
    answer = talk(gate, b"GET http://A/api/echo HTTP/1.1\r\nHost: a\r\n\r\n")
    assert statuses(answer) == [200]
    assert b'"path": "/api/echo"' in answer


# --- limits


@pytest.mark.parametrize(
    "head",
    [
        b"GET /api/echo?" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        ECHO + b"X: " + b"x" * 17_000 + b"\r\n\r\n",
        ECHO + b"".join(b"X%d: %b\r\n" % (number, b"x" * 1000) for number in range(70)) + b"\r\n",
    ],
    ids=["target", "one header", "all headers"],
)
def test_a_head_that_is_too_large(gate: Any, head: bytes) -> None:
    assert statuses(talk(gate, head)) == [400]


def test_a_head_that_does_not_end(gate: Any) -> None:
    """Cut off while it arrives: the rest is not even read."""
    with socket.create_connection(("127.0.0.1", gate.port), timeout=10) as connection:
        sent = 0
        connection.sendall(ECHO + b"X: ")
        try:
            while sent < 64 * 1024 * 1024:
                connection.sendall(b"x" * 65536)
                sent += 65536
        except OSError:
            pass
        assert sent < 32 * 1024 * 1024
        assert statuses(received(connection)) in ([400], [])


def test_a_large_head_that_is_not_too_large(gate: Any) -> None:
    headers = b"".join(b"X%d: %b\r\n" % (number, b"x" * 1000) for number in range(40))
    assert statuses(talk(gate, ECHO + headers + b"\r\n")) == [200]


def test_a_body_that_is_too_large(gate: Any) -> None:
    """413 at once by its length; the sender still sees the answer."""
    answer = talk(gate, ECHO.replace(b"GET", b"POST") + b"Content-Length: 10485761\r\n\r\n", b"x" * 100_000)
    assert statuses(answer) == [413]
    assert b'{"message":"Request Entity Too Large"}' in answer


def test_who_waits_for_a_go_ahead(gate: Any) -> None:
    """`100 Continue` for what may come, the refusal at once for what may not."""
    head = ECHO.replace(b"GET", b"POST") + b"Expect: 100-continue\r\nContent-Length: "
    with socket.create_connection(("127.0.0.1", gate.port), timeout=10) as connection:
        connection.sendall(head + b"5\r\n\r\n")
        assert received(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert b'"length": 5' in received(connection)
    assert statuses(talk(gate, head + b"99999999\r\n\r\n")) == [413]


# --- what works


def test_connections_are_kept(gate: Any) -> None:
    """One after the other, and several at once, answered in order."""
    one = b"GET /api/echo?%d HTTP/1.1\r\nHost: a\r\n\r\n"
    assert statuses(talk(gate, one % 1, one % 2, pause=0.1)) == [200, 200]
    body = b"POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    answer = talk(gate, one % 1 + body + b"GET /api/slow HTTP/1.1\r\nHost: a\r\n\r\n" + one % 3)
    assert statuses(answer) == [200, 200, 200, 200]
    assert answer.index(b'"length": 3') < answer.index(b"one\r\n3\r\ntwo") < answer.rindex(b'"length": 0')


@pytest.mark.parametrize("head", [b"HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"HTTP/1.0\r\nHost: a\r\n\r\n"])
def test_connections_are_closed_on_request(gate: Any, head: bytes) -> None:
    answer = talk(gate, b"GET /api/echo " + head)
    assert statuses(answer) == [200]
    assert b"connection: close" in answer


def test_garbage_after_a_request(gate: Any) -> None:
    """The request is answered, the garbage is not taken for one."""
    answer = talk(gate, ECHO + b"\r\n" + b"GARBAGE\r\n\r\n" + ECHO + b"\r\n")
    assert statuses(answer)[0] == 200
    assert statuses(answer)[1:] in ([], [400])


def test_an_upgrade_is_ignored(gate: Any) -> None:
    """The request is served as HTTP/1.1, and what follows is not a request."""
    head = ECHO + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
    assert statuses(talk(gate, head + ECHO + b"\r\n")) == [200]
    websocket = ECHO + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
    assert statuses(talk(gate, websocket)) == [200]


def test_a_trailer_is_no_header(gate: Any) -> None:
    """It came after the request was judged; it must not say who is calling."""
    answer = talk(
        gate,
        ECHO.replace(b"GET", b"POST")
        + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Gatepass-User-Arn: root\r\nX-Late: 1\r\n\r\n",
    )
    told = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert told["length"] == 3
    assert not [name for name in told["names"] if name in ("x-late", "x-gatepass-user-arn")]


def test_bytes_that_come_one_by_one(gate: Any) -> None:
    request = b"POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    assert statuses(talk(gate, *(request[index : index + 1] for index in range(len(request))))) == [200]


def test_an_answer_in_parts(gate: Any) -> None:
    """Chunked for those who know chunks, until the end for others."""
    assert talk(gate, b"GET /api/slow HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
    assert talk(gate, b"GET /api/slow HTTP/1.0\r\nHost: a\r\n\r\n").endswith(b"\r\n\r\nonetwo")


def test_head_has_no_body(gate: Any) -> None:
    """But the length it would have."""
    head, _, body = talk(gate, b"HEAD /api/count HTTP/1.1\r\nHost: a\r\n\r\n").partition(b"\r\n\r\n")
    assert body == b""
    assert re.search(rb"content-length: [1-9]", head)


def test_an_answer_that_breaks_off(gate: Any) -> None:
    """It is cut off, so that nobody takes it for whole."""
    answer = talk(gate, b"GET /api/broken HTTP/1.1\r\nHost: a\r\n\r\n" + ECHO + b"\r\n")
    assert answer.endswith(b"\r\n\r\n123")


def test_an_answer_that_would_be_two(gate: Any) -> None:
    """A header with a line end in it does not leave."""
    answer = talk(gate, b"GET /api/split HTTP/1.1\r\nHost: a\r\n\r\n")
    assert b"set-cookie" not in answer
    assert statuses(answer) == [500]


def test_no_server_is_named(gate: Any) -> None:
    head = talk(gate, ECHO + b"\r\n").partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nserver:" not in head
    assert b"\r\ndate: " in head


def test_who_was_refused_can_be_explained(gate: Any) -> None:
    """The reason is in the decision, not in the answer."""
    head = talk(gate, b"GET /api/echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").partition(b"\r\n\r\n")[0]
    assert b"Host headers" not in head
    assert "the request has 2 Host headers" in Path(gate.errors).read_text()


@pytest.mark.parametrize(
    "head",
    [
        b"GET /api/echo HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET /api/echo HTTP/1.1\r\nHost:\r\n\r\n",
        b"GET /api/echo HTTP/1.1\r\nHost: a/../\r\n\r\n",
        b"POST /api/echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        b"POST /api/echo HTTP/1.1\r\nHost: a\r\nx_method_override: DELETE\r\nContent-Length: 0\r\n\r\n",
        b"POST /api/echo HTTP/1.1\r\nHost: a\r\nx_http-method: DELETE\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["two names", "no name", "a path", "chunks in 1.0", "override", "another override"],
)
def test_names_and_framings_that_are_in_doubt(gate: Any, head: bytes) -> None:
    assert statuses(talk(gate, head)) == [400]
