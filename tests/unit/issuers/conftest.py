"""Servers with certificates of their own, a recorder of the connections this process tries, an issuer that counts."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.oracles.login_tokens import ISSUER, compact, key_set

from gatepass.issuers.addresses import Reach, Url
from gatepass.issuers.fetching import Fetched, Unfetchable

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

# --- what leaves this process


class Egress:
    """Names that were looked up, and addresses that were connected to; those not on this machine are stopped there."""

    def __init__(self) -> None:
        self.connects: list[tuple[str, int]] = []
        self.names: list[str] = []

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo" and isinstance(arguments[0], str):
            self.names.append(arguments[0])
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            host, port = arguments[1][:2]
            self.connects.append((host, port))
            if not ip_address(host).is_loopback:
                raise ConnectionRefusedError("tests connect to nobody else")


_LISTENING: list[Egress] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _LISTENING and event in ("socket.connect", "socket.getaddrinfo"):
        _LISTENING[-1].hear(event, arguments)


sys.addaudithook(_hook)


@pytest.fixture
def egress() -> Iterator[Egress]:
    recorder = Egress()
    _LISTENING.append(recorder)
    yield recorder
    _LISTENING.remove(recorder)


# --- a server


@dataclass
class Server:
    """Answers each connection with `answer`; `heads` are the requests that arrived."""

    port: int = 0
    answer: Answer | None = None
    heads: list[bytes] = field(default_factory=list)
    sent: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            assert self.answer is not None
            await self.answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            """The other side went away, as it should from some of these."""
        finally:
            writer.close()

    def reply(self, body: bytes = b"{}", status: str = "200 OK", **headers: str) -> None:
        """Answer everything with this."""

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
            lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()

        self.answer = answer

    async def stream(self, writer: asyncio.StreamWriter, part: bytes, times: int) -> None:
        for _ in range(times):
            writer.write(part)
            await writer.drain()
            self.sent += len(part)


@dataclass(frozen=True)
class Authority:
    """A certificate authority that nobody else knows."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.certificate.public_bytes(Encoding.PEM).decode())

    def server(self, folder: Path, name: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        made = certificate(name, key, self.certificate.subject, self.key)
        path = folder / f"{name}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(made.public_bytes(Encoding.PEM) + private)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(path)
        return context


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name | None = None,
    by: ec.EllipticCurvePrivateKey | None = None,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = datetime.datetime(2020, 1, 1)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin.replace(year=2120))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    if by is not None:
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
        builder = builder.add_extension(authority, critical=False)
    else:
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(by or key, SHA256())


@pytest.fixture(scope="session")
def authority() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(certificate("authority", key), key)


@contextmanager
def serving(runner: asyncio.Runner, server: Server, tls: ssl.SSLContext | None) -> Iterator[None]:
    listening = runner.run(asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=tls))
    server.port = listening.sockets[0].getsockname()[1]
    yield
    listening.close()
    runner.run(listening.wait_closed())


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture
def server(runner: asyncio.Runner, authority: Authority, tmp_path: Path) -> Iterator[Server]:
    """Serves `issuer.test` over TLS on this machine."""
    made = Server()
    with serving(runner, made, authority.server(tmp_path, "issuer.test")):
        yield made


@pytest.fixture
def plain_server(runner: asyncio.Runner) -> Iterator[Server]:
    """Serves without TLS."""
    made = Server()
    with serving(runner, made, None):
        yield made


# --- an issuer


class CountingIssuer:
    """Gives documents by URL, and counts.

    Attributes:
        documents: by URL; one that is missing cannot be fetched.
        asked: every URL, with the reach it was asked with, in order.
        gate: what each answer waits for.
    """

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.asked: list[tuple[str, Reach]] = []
        self.max_age: int | None = None
        self.gate: asyncio.Event | None = None

    async def __call__(self, url: Url, reach: Reach) -> Fetched:
        self.asked.append((str(url), reach))
        if self.gate is not None:
            await self.gate.wait()
        if str(url) not in self.documents:
            raise Unfetchable(f"{url} is down")
        return Fetched(self.documents[str(url)], self.max_age)

    @property
    def urls(self) -> list[str]:
        return [url for url, _ in self.asked]


KEYS = f"{ISSUER}/keys"
METADATA = f"{ISSUER}/.well-known/openid-configuration"


@pytest.fixture
def issuer() -> CountingIssuer:
    """The issuer of `tests.oracles.login_tokens`, found by discovery."""
    made = CountingIssuer()
    made.documents = {METADATA: compact({"issuer": ISSUER, "jwks_uri": KEYS}), KEYS: key_set()}
    return made
