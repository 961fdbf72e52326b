"""The transport sends the bytes it is given, and says what went wrong, and whether the request may have arrived."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gatepass import ConfigurationError, IdentityPool, Unreachable
from gatepass.credentials import transport
from gatepass.http import Request, Response

if TYPE_CHECKING:
    from tests.unit.conftest import Peer
    from tests.unit.credentials.conftest import Broker

TLS = b"\x16"  # the first byte of a TLS handshake
POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"


@contextmanager
def answering(data: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers one connection with these bytes, and keeps the head it got."""
    heads: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head and head[:1] != TLS and (received := connection.recv(65536)):
                head += received
            heads.append(head)
            connection.sendall(data)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", heads
    thread.join(10)
    server.close()


def test_exact_bytes(peer: Peer) -> None:
    """Target, headers and body arrive as they are; nothing is added but the host and the length."""
    peer.answers[b"//a%2f;x"] = lambda request: Response(200, ((b"X-Answer", b"\xe4"),), b"body\x00")
    request = Request("POST", b"//a%2f;x", b"b=%20&a", ((b"x-mine", b"\xfc"),), b"\x00\xff")
    answer = transport.send(peer.origin, request, timeout=10)
    assert (answer.status, dict(answer.headers)[b"x-answer"]) == (200, b"\xe4")
    assert answer.body == b"body\x00"
    (arrived,) = peer.requests
    assert (arrived.path, arrived.query, arrived.body) == (b"//a%2f;x", b"b=%20&a", b"\x00\xff")
    assert dict(arrived.headers) == {
        b"host": peer.origin.removeprefix("http://").encode(),
        b"x-mine": b"\xfc",
        b"content-length": b"2",
    }


def test_a_host_header_that_is_given_is_the_one(peer: Peer) -> None:
    transport.send(peer.origin, Request("GET", b"/", headers=((b"host", b"abc"),)), timeout=10)
    assert [value for name, value in peer.requests[0].headers if name == b"host"] == [b"abc"]


def test_redirects_are_not_followed(peer: Peer, other_peer: Peer) -> None:
    """Login tokens are in the body."""
    peer.answers[b"/"] = lambda request: Response(307, ((b"location", other_peer.origin.encode()),))
    assert transport.send(peer.origin, Request("POST", b"/", body=b"secret"), timeout=10).status == 307
    assert other_peer.requests == []


def test_header_names_as_the_server_wrote_them(peer: Peer) -> None:
    peer.answers[b"/"] = lambda request: Response(404, ((b"X-Mixed-Case", b"1"), (b"x-mixed-case", b"2")))
    received = transport.exchange(peer.origin, Request("GET", b"/"), timeout=10)
    assert [name for name, _ in received.headers if name.lower() == "x-mixed-case"] == ["X-Mixed-Case", "x-mixed-case"]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "a" * 64 + ".test"])
def test_a_host_that_does_not_exist(host: str) -> None:
    with pytest.raises(Unreachable) as caught:
        transport.send(f"http://{host}", Request("GET", b"/"), timeout=10)
    assert not caught.value.sent


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        origin = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(Unreachable, match=r"no answer from http://127\.0\.0\.1") as caught:
        transport.send(origin, Request("GET", b"/"), timeout=10)
    assert not caught.value.sent
    assert "running" in caught.value.hint


@pytest.mark.parametrize("data", [b"", b"not http at all\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"])
def test_an_answer_that_breaks_off_may_have_been_heard(data: bytes) -> None:
    with answering(data) as (origin, _), pytest.raises(Unreachable) as caught:
        transport.send(origin, Request("GET", b"/"), timeout=10)
    assert caught.value.sent


def test_an_answer_over_the_limit() -> None:
    data = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + bytes(5000)
    with answering(data) as (origin, _), pytest.raises(Unreachable, match="longer than 4096 bytes"):
        transport.send(origin, Request("GET", b"/"), timeout=10, limit=4096)


def test_a_server_that_says_nothing_meets_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        origin = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(Unreachable, match="timed out") as caught:
            transport.send(origin, Request("GET", b"/"), timeout=0.05)
    assert caught.value.sent


@pytest.mark.parametrize("origin", ["localhost:8080", "ftp://a", "", "http://"])
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be sent to"):
        transport.send(origin, Request("GET", b"/"), timeout=10)


def test_through_a_proxy(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names it; the request line then holds the whole address."""
    monkeypatch.setenv("http_proxy", peer.origin.replace("//", "//me:a%40b@"))
    peer.answers[b"http://example.test/a"] = lambda request: Response(204)
    assert transport.send("http://example.test", Request("GET", b"/a"), timeout=10).status == 204
    (arrived,) = peer.requests
    assert arrived.header(b"host") == b"example.test"
    assert arrived.header(b"proxy-authorization") == b"Basic bWU6YUBi"


def test_through_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    """https asks the proxy for a tunnel, which may be refused."""
    with answering(b"HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n") as (origin, heads):
        monkeypatch.setenv("https_proxy", origin)
        with pytest.raises(Unreachable, match="407") as caught:
            transport.send("https://example.test", Request("POST", b"/", body=b"secret"), timeout=10)
    assert heads[0].startswith(b"CONNECT example.test:443 ")
    assert not caught.value.sent


def test_this_machine_is_never_reached_through_a_proxy(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert transport.send(peer.origin, Request("GET", b"/"), timeout=10).status == 403


def test_plain_text_where_tls_is_spoken() -> None:
    with answering(b"HTTP/1.1 200 OK\r\n\r\n") as (origin, _), pytest.raises(Unreachable) as caught:
        transport.send(origin.replace("http:", "https:"), Request("GET", b"/"), timeout=10)
    assert not caught.value.sent


def self_signed(path: Path) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(certificate.public_bytes(pem) + private)
    return path


def test_a_certificate_must_be_one_that_is_trusted(peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_CA_BUNDLE names whom to trust instead."""
    bundle = self_signed(tmp_path / "server.pem")
    peer.speak_tls(bundle)
    origin = peer.origin.replace("http:", "https:")
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED") as caught:
        transport.send(origin, Request("GET", b"/"), timeout=10)
    assert not caught.value.sent
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    assert transport.send(origin, Request("GET", b"/"), timeout=10).status == 403


def test_a_whole_conversation(peer: Peer, broker: Broker) -> None:
    """Over a real socket, under a path."""
    peer.answers[b"/cognito/"] = broker.answer
    pool = IdentityPool(POOL, endpoint=peer.origin + "/cognito/", clock=broker.clock)
    assert pool.credentials().access_key_id == "ASIA0000000000000001"
    first = peer.requests[0]
    assert (first.method, first.header(b"content-type")) == ("POST", b"application/x-amz-json-1.1")
    assert first.header(b"authorization") is None
