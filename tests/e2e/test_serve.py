"""`gatepass serve` as a person and a program meet it: the start, what it says, what it refuses, and the end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

GATEPASS = str(Path(sys.executable).with_name("gatepass"))
HELLO_WORLD = Path(__file__).parents[2] / "examples" / "hello-world"
ASGI = """\
import asyncio
import os


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/api/slow":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        while not os.path.exists("finish"):
            await asyncio.sleep(0.01)
        await send({"type": "http.response.body", "body": b"ended"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
"""


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GATEPASS_"))}


def refused(*arguments: str | Path, cwd: Path | None = None) -> str:
    """What a serve that does not start says; its status is 1, its stdout empty."""
    done = subprocess.run(
        [GATEPASS, "serve", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        env=environment(),
    )
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    return done.stderr


def fetch(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A folder with an ASGI app in it."""
    (tmp_path / "main.py").write_text(ASGI)
    return tmp_path


# --- the start


def test_the_ready_line(hello_world: Any) -> None:
    """Its members are a contract; the same content without keys is in serve.json, for its owner only."""
    ready = hello_world.ready
    assert set(ready) == {"endpoint", "region", "account_id", "admin", "apis", "identity_pools"}
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", ready["endpoint"])
    assert (ready["region"], ready["account_id"]) == ("us-east-1", "123456789012")
    assert set(ready["admin"]) == {"access_key_id", "secret_access_key"}
    (api,) = ready["apis"]
    assert set(api) == {"api_id", "name", "stage", "url"}
    assert (api["name"], api["stage"], api["url"]) == ("hello-world", "api", ready["endpoint"] + "/api/")
    (pool,) = ready["identity_pools"]
    assert pool["name"] == "hello-world-guests"
    assert (set(pool), pool["allow_unauthenticated"]) == ({"identity_pool_id", "name", "allow_unauthenticated"}, True)
    path = hello_world.data / "serve.json"
    written = json.loads(path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    assert written["pid"] == hello_world.process.pid
    assert {name: written[name] for name in written if name != "pid"} == {
        k: v for k, v in ready.items() if k != "admin"
    }
    assert ready["admin"]["secret_access_key"] not in path.read_text()


def test_ids_are_the_same_everywhere(serve: Callable[..., Any], module: Path) -> None:
    """Of an app of this name in this account and region, whatever the data folder."""
    one = serve("main:app", cwd=module, data=module / "one")
    other = serve("main:app", cwd=module, data=module / "other")
    elsewhere = serve("main:app", "--region", "eu-west-1", cwd=module, data=module / "third")
    assert (one.ready["apis"][0]["api_id"], one.pool_id) == (other.ready["apis"][0]["api_id"], other.pool_id)
    assert one.pool_id.startswith("us-east-1:")
    assert elsewhere.pool_id.startswith("eu-west-1:")
    assert elsewhere.ready["apis"][0]["api_id"] != one.ready["apis"][0]["api_id"]


def test_settings(serve: Callable[..., Any], module: Path) -> None:
    gate = serve(
        *("main:app", "--stage", "v1", "--account-id", "210987654321", "--open", "GET /x"),
        cwd=module,
        environment={"AWS_DEFAULT_REGION": "ap-northeast-1"},
    )
    assert (gate.region, gate.ready["account_id"]) == ("ap-northeast-1", "210987654321")
    assert gate.url.endswith("/v1/")
    assert fetch(gate.url + "x") == (200, b"ok")
    assert fetch(gate.url + "y")[0] == 403
    assert fetch(gate.endpoint + "/api/x") == (403, b'{"message":"Forbidden"}')


def test_what_a_person_is_told(module: Path) -> None:
    """What is served where and what to do next; no secret."""
    with subprocess.Popen(
        [GATEPASS, "serve", "main:app", "--port", "0", "--open", "GET /x"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=module,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            said += process.stdout.readline()
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert re.search(r"gatepass is ready at http://127\.0\.0\.1:\d+", said)
    assert re.search(r"NONE +GET +/x", said)
    assert "identity pool main-guests" in said
    assert "gatepass call" in said
    keys = json.loads((module / ".gatepass" / "administrator.json").read_text())
    assert keys["secret_access_key"] not in said
    assert keys["access_key_id"] not in said
    assert (module / ".gatepass" / ".gitignore").read_text() == "*\n"


def test_stdout_begins_with_the_ready_line(serve: Callable[..., Any], module: Path) -> None:
    """Whatever the app prints when it is imported."""
    (module / "main.py").write_text("print('imported')\n" + ASGI)
    gate = serve("main:app", cwd=module)
    assert gate.ready["endpoint"]
    assert "imported" in gate.log()


def test_the_broker_alone(serve: Callable[..., Any], tmp_path: Path) -> None:
    gate = serve(cwd=tmp_path)
    assert (gate.ready["apis"], gate.ready["identity_pools"]) == ([], [])
    assert fetch(gate.endpoint + "/_gatepass/health") == (200, b'{"status":"ok"}')


def test_a_project_of_this_folder(serve: Callable[..., Any], tmp_path: Path) -> None:
    """Its data stays in it, unless a folder is given."""
    (tmp_path / "app.py").write_text((HELLO_WORLD / "app.py").read_text())
    assert serve(cwd=tmp_path).ready["apis"][0]["name"] == "hello-world"


def test_everything_is_there_after_a_restart(serve: Callable[..., Any], module: Path) -> None:
    """Keys, pool and sessions."""
    first = serve("main:app", cwd=module)
    assert first.stop() == 0
    second = serve("main:app", cwd=module)
    assert second.ready["admin"] == first.ready["admin"]
    assert second.pool_id == first.pool_id


# --- what it refuses


def test_a_port_in_use(module: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("main:app", "--port", str(port), cwd=module)
    assert f"gatepass: error: port {port} on 127.0.0.1 is in use" in said
    assert "gatepass: hint: give another with --port" in said


def test_a_host_that_is_not_ours(module: Path) -> None:
    assert "cannot listen on port 0 of 192.0.2.1" in refused(
        "main:app", "--host", "192.0.2.1", "--port", "0", cwd=module
    )
    assert "the host `nix.invalid` is not known" in refused(
        "main:app", "--host", "nix.invalid", "--port", "0", cwd=module
    )


def test_a_folder_in_use(serve: Callable[..., Any], module: Path) -> None:
    """By another gate, which goes on."""
    gate = serve("main:app", cwd=module)
    said = refused("main:app", "--port", "0", "--data", gate.data, cwd=module)
    assert f"is in use by process {gate.process.pid}" in said
    assert "gatepass: hint: stop that gate" in said
    assert fetch(gate.endpoint + "/_gatepass/health")[0] == 200
    assert (gate.data / "serve.json").exists()


def test_a_folder_that_cannot_be_used(module: Path) -> None:
    (module / "file").write_text("")
    assert "cannot be used" in refused("main:app", "--port", "0", "--data", module / "file" / "data", cwd=module)


def test_a_damaged_store(serve: Callable[..., Any], module: Path) -> None:
    gate = serve("main:app", cwd=module)
    gate.stop()
    (gate.data / "gatepass.sqlite3").write_bytes(b"this is no database" * 1000)
    said = refused("main:app", "--port", "0", "--data", gate.data, cwd=module)
    assert "gatepass: error: " in said
    assert "gatepass.sqlite3" in said
    assert "Traceback" not in said


def test_keys_that_others_may_read(serve: Callable[..., Any], module: Path) -> None:
    gate = serve("main:app", cwd=module)
    gate.stop()
    (gate.data / "administrator.json").chmod(0o644)
    said = refused("main:app", "--port", "0", "--data", gate.data, cwd=module)
    assert "is open to others" in said
    assert "chmod 600" in said


def test_an_app_that_does_not_import(tmp_path: Path) -> None:
    """Its traceback once, then one line of ours."""
    (tmp_path / "app.py").write_text("from chalice import Chalice\napp = Chalice('x')\n1 / 0\n")
    said = refused(tmp_path, "--port", "0")
    assert said.count("Traceback") == 1
    assert "cannot be imported: ZeroDivisionError: division by zero" in said.splitlines()[-1]


def test_routes_that_cannot_be_served(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "from chalice import Chalice\napp = Chalice('x')\napp.route('/keyed', api_key_required=True)(lambda: None)\n"
    )
    said = refused(tmp_path, "--port", "0")
    assert "the route `GET /keyed` requires an API key" in said
    assert not (tmp_path / ".gatepass" / "serve.json").exists()


def test_wrong_usage(module: Path) -> None:
    done = subprocess.run(
        [GATEPASS, "serve", "--prot", "1"], capture_output=True, text=True, timeout=60, cwd=module, env=environment()
    )
    assert done.returncode == 2
    assert "did you mean `--port`" in done.stderr


def test_a_lifespan_that_fails(module: Path) -> None:
    (module / "main.py").write_text(
        "async def app(scope, receive, send):\n    await receive()\n"
        "    await send({'type': 'lifespan.startup.failed', 'message': 'no database'})\n"
    )
    assert "the app did not start: no database" in refused("main:app", "--port", "0", cwd=module)


# --- the end


@contextmanager
def in_flight(gate: Any) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A request that has begun to be answered, and an idle connection."""
    with (
        socket.create_connection(("127.0.0.1", gate.port), timeout=30) as busy,
        socket.create_connection(("127.0.0.1", gate.port), timeout=30) as idle,
    ):
        busy.sendall(b"GET /api/slow HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = b""
        while not answer.endswith(b"begun\r\n"):
            answer += busy.recv(1000)
        yield busy, idle


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_requests_in_flight_finish(serve: Callable[..., Any], module: Path, number: int) -> None:
    """Idle connections are closed at once, the answer still comes, nothing is left behind."""
    gate = serve("main:app", "--open", "GET /slow", cwd=module)
    with in_flight(gate) as (busy, idle):
        gate.process.send_signal(number)
        assert idle.recv(1) == b"", "the gate is stopping"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", gate.port))
        assert gate.process.poll() is None
        (module / "finish").touch()
        assert busy.recv(1000) == b"5\r\nended\r\n0\r\n\r\n"
        assert busy.recv(1) == b""
    assert gate.process.wait(timeout=20) == 0
    assert not (gate.data / "serve.json").exists()
    assert "Traceback" not in gate.log()


def test_a_second_signal_does_not_wait(serve: Callable[..., Any], module: Path) -> None:
    gate = serve("main:app", "--open", "GET /slow", cwd=module)
    with in_flight(gate) as (_, idle):
        gate.process.send_signal(signal.SIGINT)
        assert idle.recv(1) == b""
        assert gate.process.poll() is None
        gate.process.send_signal(signal.SIGINT)
        gate.process.wait(timeout=20)
    assert not (gate.data / "serve.json").exists()


def test_env_gives_the_way_to_the_gate(hello_world: Any) -> None:
    """Export lines for a shell."""
    done = subprocess.run(
        [GATEPASS, "env", "--data", str(hello_world.data)], capture_output=True, text=True, timeout=60, check=True
    )
    values = dict(line.removeprefix("export ").split("=", 1) for line in done.stdout.splitlines())
    assert values == {
        "AWS_ENDPOINT_URL": hello_world.endpoint,
        "AWS_ACCESS_KEY_ID": hello_world.administrator.access_key_id,
        "AWS_SECRET_ACCESS_KEY": values["AWS_SECRET_ACCESS_KEY"],
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "GATEPASS_DATA": str(hello_world.data),
    }
    assert hello_world.administrator.secret_access_key in values["AWS_SECRET_ACCESS_KEY"]
