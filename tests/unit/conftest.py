"""A server to speak with: it takes the request target byte for byte, and verifies signatures with `gatepass.sigv4`."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from gatepass.errors import AuthenticationError, BadRequest, UnrecognizedClient
from gatepass.http import Request, Response
from gatepass.principal import Principal
from gatepass.sigv4 import Key, Verifier, payload_hash
from gatepass.wire import gate

REGION = "eu-central-1"
REQUEST_ID = "0b5f2a04-6f0e-4f43-9a0e-0d3c5a1f7e21"
Answer = Callable[[Request], Response]


class Peer:
    """An HTTP server on this machine; what it answers is `answers[path]`, else whether the signature holds.

    Attributes:
        requests: every request that arrived, in order.
        clock: the server's; its answers carry it as `Date`.
        keys: access key id -> secret access key and session token.
        service: the one of the credential scopes it takes.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: dict[bytes, Answer] = {}
        self.clock: Callable[[], float] = time.time
        self.keys: dict[str, tuple[str, str | None]] = {"AKIDPEER": ("a secret/key", "the+session/token==")}
        self.service = "execute-api"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def speak_tls(self, certificate: Path) -> None:
        """From the next connection on; the file holds the certificate and its key."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        special = self.answers.get(request.path)
        return special(request) if special is not None else self.verified(request)

    def verified(self, request: Request) -> Response:
        """200 and what arrived, or API Gateway's refusal."""
        verifier = Verifier(self._key, service=self.service, regions=[REGION])
        try:
            proof = verifier.verify(request, payload_hash(request.body), self.clock())
        except (AuthenticationError, BadRequest) as error:
            return gate.error(error, REQUEST_ID)
        seen = {
            "method": request.method,
            "target": (request.path + (b"?" + request.query if request.query else b"")).decode("latin-1"),
            "length": len(request.body),
            "signed": sorted(name.decode() for name in proof.signed_headers),
        }
        return Response(200, ((b"content-type", b"application/json"),), json.dumps(seen).encode())

    def _key(self, access_key_id: str, session_token: str | None, now: float) -> Key:
        secret, token = self.keys.get(access_key_id, ("", None))
        if not secret or token != session_token:
            raise UnrecognizedClient()
        arn = "arn:aws:iam::123456789012:user/peer"
        return Key(secret, Principal("user", "123456789012", arn, "AIDA", access_key_id), None)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do(self) -> None:
                # `self.path` has its leading slashes folded into one; the request line has them all.
                path, _, query = self.requestline.split(" ")[1].partition("?")
                headers = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in self.headers.items()]
                request = Request(self.command, path.encode(), query.encode(), headers, self.read_body())
                response = peer.answer(request)
                self.send_response_only(response.status)
                self.send_header("Date", formatdate(peer.clock(), usegmt=True))
                for name, value in response.headers:
                    self.send_header(name.decode("latin-1"), value.decode("latin-1"))
                self.send_header("Content-Length", str(len(response.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(response.body)

            def read_body(self) -> bytes:
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", "0")))
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *arguments: Any) -> None:
                """Nothing: the requests are kept."""

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do

        return Handler


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A server that verifies signatures."""
    server = Peer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def other_peer() -> Iterator[Peer]:
    """Another one: another origin."""
    server = Peer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer's shell holds for AWS must not reach a test."""
    import os

    for name in list(os.environ):
        if name.startswith(("AWS_", "GATEPASS_")) or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("IDENTITY_POOL_ID", raising=False)
