"""`gatepass call`: the body on stdout, all else on stderr, and an exit status that scripts can use."""

from __future__ import annotations

import hashlib
import io
import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from gatepass.cli.main import run
from gatepass.http import Request, Response

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Command, Gate
    from tests.unit.conftest import Peer

POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"


def redirect(location: str, status: int = 302) -> Response:
    return Response(status, ((b"Location", location.encode()),), b"moved")


class TestTheRunningGate:
    """Region, pool and endpoint need not be typed."""

    @pytest.mark.parametrize("form", ["/api/x?y=z w", "{origin}/api/x?y=z w", "{localhost}/api/x?y=z w"])
    def test_a_path_or_an_address_of_it(self, gate: Gate, command: Command, form: str) -> None:
        origin = gate.peer.origin
        done = command("call", form.format(origin=origin, localhost=origin.replace("127.0.0.1", "localhost")))
        assert (done.status, done.err) == (0, "")
        assert json.loads(done.out)["target"] == "/api/x?y=z%20w"
        assert gate.operations == ["GetId", "GetCredentialsForIdentity"]

    def test_the_guest_is_the_same_from_call_to_call(self, gate: Gate, command: Command) -> None:
        assert [command("call", "/api/").status for _ in range(3)] == [0, 0, 0]
        assert gate.operations.count("GetId") == 1

    def test_another_data_folder(self, gate: Gate, command: Command, tmp_path: Path) -> None:
        gate.folder.rename(tmp_path / "elsewhere")
        assert command("call", "/api/").status == 1
        assert command("call", "--data", str(tmp_path / "elsewhere"), "/api/").status == 0

    def test_no_gate(self, command: Command) -> None:
        done = command("call", "/api/")
        assert (done.status, done.out) == (1, "")
        assert "no gate is running here" in done.err
        assert "gatepass serve" in done.err

    def test_a_gate_that_is_gone(self, gate: Gate, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """Killed, so that it could not take its file away."""
        gate.describe(endpoint="http://127.0.0.1:9", pid=4711)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "S")
        for arguments in (("call", "--env", "/api/"), ("call", "/api/"), ("credentials",), ("explain",)):
            done = command(*arguments)
            assert done.status == 1
            assert "no answer from http://127.0.0.1:9" in done.err
            assert "says that a gate runs there as process 4711; start it again" in done.err

    def test_keys_of_the_environment_on_demand(
        self, gate: Gate, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With `gatepass env` in the shell, calls are still a guest's unless --env is given."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAADMINISTRATOR")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the administrator's secret")
        assert command("call", "/api/").status == 0
        assert b"ASIAGUEST" in (gate.peer.requests[-1].header(b"authorization") or b"")
        assert command("call", "--env", "/api/").status == 0
        assert b"AKIAADMINISTRATOR" in (gate.peer.requests[-1].header(b"authorization") or b"")

    def test_a_pool_that_refuses(self, gate: Gate, command: Command) -> None:
        gate.guests = False
        done = command("call", "/api/")
        assert done == (
            1,
            "",
            "gatepass: error: GetId: NotAuthorizedException: Unauthenticated access is not supported.\n",
        )


class TestAnywhereElse:
    """Without a gate: the environment's keys, or a pool that is named."""

    @pytest.fixture(autouse=True)
    def _keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDPEER")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret/key")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "the+session/token==")
        monkeypatch.setenv("AWS_REGION", "eu-central-1")

    def test_the_environment(self, peer: Peer, command: Command) -> None:
        assert command("call", peer.origin).status == 0

    def test_region_and_service(self, peer: Peer, command: Command) -> None:
        peer.service = "lambda"
        assert command("call", "--service", "lambda", peer.origin).status == 0
        assert command("call", "--service", "lambda", "--region", "us-west-2", peer.origin).status == 1

    def test_a_host_header_tells_them_too(self, peer: Peer, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_REGION")
        host = "Host: abc.execute-api.eu-central-1.amazonaws.com"
        assert command("call", "-H", host, peer.origin).status == 0

    def test_no_region(self, peer: Peer, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_REGION")
        assert "does not tell its region" in command("call", peer.origin).err

    def test_a_pool_that_is_named(self, gate: Gate, command: Command, other_peer: Peer) -> None:
        """Its keys come from the gate, and sign for elsewhere."""
        other_peer.keys = gate.peer.keys
        assert command("call", "--pool", POOL, other_peer.origin).status == 0
        assert gate.operations == ["GetId", "GetCredentialsForIdentity"]

    def test_the_keys_of_the_gate_go_nowhere_else(self, gate: Gate, command: Command, other_peer: Peer) -> None:
        assert command("call", other_peer.origin).status == 0
        assert gate.operations == []

    def test_no_keys(self, peer: Peer, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        done = command("call", peer.origin)
        assert done.status == 1
        assert "gatepass: hint: name a pool with --pool" in done.err


class TestTheRequest:
    """curl's flags mean what they mean there."""

    def test_method_headers_and_body(self, gate: Gate, command: Command) -> None:
        assert command("call", "-X", "put", "-H", "X-Mine: a  b", "-H", "x-amz-meta-ü: 1", "-d", "x", "/").status == 2
        assert command("call", "-X", "put", "-H", "X-Mine:  ü ", "-d", "a=b", "/api/").status == 0
        request = gate.peer.requests[-1]
        assert (request.method, request.body, request.header(b"x-mine")) == ("PUT", b"a=b", "ü".encode())

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            ('{"a": 1}', b"application/json"),
            (" [1]", b"application/json"),
            ("{a}", b"application/x-www-form-urlencoded"),
            ("a=b", b"application/x-www-form-urlencoded"),
        ],
    )
    def test_a_body_makes_a_post_of_its_own_kind(self, gate: Gate, command: Command, body: str, kind: bytes) -> None:
        assert command("call", "-d", body, "/api/").status == 0
        request = gate.peer.requests[-1]
        assert (request.method, request.body, request.header(b"content-type")) == ("POST", body.encode(), kind)
        assert command("call", "-d", body, "-H", "Content-Type: text/x", "/api/").status == 0
        assert gate.peer.requests[-1].header(b"content-type") == b"text/x"

    def test_a_signature_that_is_typed_gives_way_to_ours(self, gate: Gate, command: Command) -> None:
        typed = ("-H", "Authorization: mine", "-H", "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD")
        assert command("call", *typed, "-d", "x", "/api/").status == 0
        names = [name for name, _ in gate.peer.requests[-1].headers]
        assert len(names) == len(set(names))
        assert gate.peer.requests[-1].header(b"x-amz-content-sha256") == hashlib.sha256(b"x").hexdigest().encode()

    def test_a_file(self, gate: Gate, command: Command) -> None:
        Path("body").write_bytes(b"\x00\r\n\xff")
        assert command("call", "-d", "@body", "/api/").status == 0
        assert gate.peer.requests[-1].body == b"\x00\r\n\xff"
        done = command("call", "-d", "@nowhere", "/api/")
        assert done.status == 2
        assert "cannot read `nowhere`" in done.err

    def test_stdin(self, gate: Gate, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"from stdin")))
        assert command("call", "-d", "@-", "/api/").status == 0
        assert gate.peer.requests[-1].body == b"from stdin"

    @pytest.mark.parametrize(
        "arguments",
        [
            ("localhost:8080",),
            ("ftp://a/",),
            ("http://a:b/",),
            ("-H", "no colon", "/"),
            ("-H", "a: b\r\nc: d", "/"),
            ("-H", "a b: c", "/"),
            ("-X", "GET /", "/"),
            ("-X", "", "/"),
            ("--timeout", "0", "/"),
            ("--pool", POOL, "--env", "/"),
        ],
    )
    def test_wrong_usage(self, gate: Gate, command: Command, arguments: tuple[str, ...]) -> None:
        done = command("call", *arguments)
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith("gatepass: error: ")
        assert gate.peer.requests == []


class TestTheAnswer:
    """The body as it came, the head on demand."""

    def test_the_body_is_not_touched(self, gate: Gate, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        gate.peer.answers[b"/binary"] = lambda request: Response(200, (), b"\x00\xff\r\n")
        assert run(["call", "/binary"]) == 0
        assert capfdbinary.readouterr().out == b"\x00\xff\r\n"

    @pytest.mark.parametrize(("status", "expected"), [(200, 0), (204, 0), (299, 0), (302, 1), (404, 1), (500, 1)])
    def test_the_exit_status(self, gate: Gate, command: Command, status: int, expected: int) -> None:
        gate.peer.answers[b"/x"] = lambda request: Response(status, (), b"")
        assert command("call", "/x") == (expected, "", "")

    def test_the_head(self, gate: Gate, command: Command) -> None:
        gate.peer.answers[b"/x"] = lambda request: Response(201, ((b"X-Some", b"thing"), (b"x-some", b"more")), b"body")
        head, _, body = command("call", "-i", "/x").out.partition("\n\n")
        lines = head.splitlines()
        assert lines[0] == "HTTP/1.1 201 Created"
        assert [line for line in lines if line.lower().startswith("x-some")] == ["X-Some: thing", "x-some: more"]
        assert body == "body"

    def test_verbose_shows_what_was_signed_and_no_secret(self, gate: Gate, command: Command) -> None:
        done = command("call", "-v", "-d", "x", "/api/a%20b?c=d")
        assert json.loads(done.out)["method"] == "POST"
        assert "> POST /api/a%20b?c=d HTTP/1.1\n" in done.err
        assert "  POST\n  /api/a%2520b\n  c=d\n  content-type:" in done.err
        assert "  AWS4-HMAC-SHA256\n" in done.err
        assert "< HTTP/1.1 200 OK\n" in done.err
        token = "guest's+session/token=" * 9
        assert token not in done.err
        assert done.err.count(f"x-amz-security-token:{token[:16]}… ({len(token)} characters)") == 1
        assert done.err.count(f"> x-amz-security-token: {token[:16]}… ({len(token)} characters)") == 1
        assert "guest's secret" not in done.err


class TestMismatch:
    """A 403 that says what the server signed is set beside what we did."""

    def test_the_part_that_differs(self, gate: Gate, command: Command) -> None:
        gate.peer.answers[b"/api/x"] = lambda request: gate.peer.verified(
            request._replace(path=b"/api/%78", method="HEAD")
        )
        done = command("call", "/api/x")
        assert done.status == 1
        assert done.out.startswith('{"message":"The request signature we calculated')
        assert done.err == (
            "\ngatepass: error: the server signed another request than the one that was sent\n"
            "  method\n"
            "    signed    GET\n"
            "    computed  HEAD\n"
            "  path\n"
            "    signed    /api/x\n"
            "    computed  /api/%2578\n"
            "gatepass: hint: something between here and there changed the request\n"
        )

    def test_a_changed_session_token_is_not_shown_whole(self, gate: Gate, command: Command) -> None:
        def answer(request: Request) -> Response:
            token = request.header(b"x-amz-security-token") or b""
            guest = next(name for name, (_, kept) in gate.peer.keys.items() if kept == token.decode())
            gate.peer.keys[guest] = (gate.peer.keys[guest][0], "another" + token.decode())
            headers = [
                (name, b"another" + value if name == b"x-amz-security-token" else value)
                for name, value in request.headers
            ]
            return gate.peer.verified(request._replace(headers=headers))

        gate.peer.answers[b"/api/x"] = answer
        done = command("call", "/api/x")
        assert "header x-amz-security-token" in done.err
        assert "guest's+session/token=" * 9 not in done.err

    def test_the_same_request_means_another_key(
        self, peer: Peer, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDPEER")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another secret")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "the+session/token==")
        done = command("call", "--region", "eu-central-1", peer.origin)
        assert "signed the same request and got another signature" in done.err
        assert "the secret access key is not the one" in done.err


class TestRedirects:
    """Followed on demand; signed within the origin only."""

    def test_not_followed_unless_asked(self, gate: Gate, command: Command) -> None:
        gate.peer.answers[b"/old"] = lambda request: redirect("/api/new")
        assert command("call", "/old") == (1, "moved", "")

    @pytest.mark.parametrize(("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST")])
    def test_within_the_origin(self, gate: Gate, command: Command, status: int, method: str) -> None:
        gate.peer.answers[b"/old"] = lambda request: redirect("/api/ä?x=a+b", status)
        done = command("call", "-L", "-d", "x", "/old")
        assert done.status == 0, done
        seen = json.loads(done.out)
        assert (seen["method"], seen["target"]) == (method, "/api/%C3%A4?x=a%20b")
        assert seen["length"] == (1 if method == "POST" else 0)

    def test_elsewhere_nothing_goes_along(self, gate: Gate, command: Command, other_peer: Peer) -> None:
        gate.peer.answers[b"/old"] = lambda request: redirect(other_peer.origin + "/x")
        done = command("call", "-L", "-H", "Cookie: secret", "-H", "X-Mine: 1", "/old")
        assert done.status == 1
        names = {name for name, _ in other_peer.requests[0].headers}
        assert b"x-mine" in names
        assert not names & {b"authorization", b"x-amz-security-token", b"x-amz-date", b"cookie"}

    def test_nor_on_the_way_back(self, gate: Gate, command: Command, other_peer: Peer) -> None:
        gate.peer.answers[b"/old"] = lambda request: redirect(other_peer.origin + "/x")
        other_peer.answers[b"/x"] = lambda request: redirect(gate.peer.origin + "/api/delete")
        done = command("call", "-L", "/old")
        assert (done.status, json.loads(done.out)) == (1, {"message": "Missing Authentication Token"})

    def test_not_for_ever(self, gate: Gate, command: Command) -> None:
        gate.peer.answers[b"/old"] = lambda request: redirect("/old")
        done = command("call", "-L", "/old")
        assert done.status == 1
        assert "more than 10 redirects" in done.err

    def test_to_what_is_no_address(self, gate: Gate, command: Command) -> None:
        gate.peer.answers[b"/old"] = lambda request: redirect("mailto:someone@example.com")
        done = command("call", "-L", "/old")
        assert done.status == 1
        assert "no http or https URL" in done.err


def test_a_wrong_clock_is_corrected(gate: Gate, command: Command) -> None:
    """By the server's date, once."""
    true = time.time
    gate.peer.clock = lambda: true() + 4000
    assert command("call", "/api/").status == 0
    assert [request.path for request in gate.peer.requests].count(b"/api/") == 2
