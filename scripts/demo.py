"""The whole story: a 403 turned into a 200, narrowed, explained, and switched off. Run by `make demo`.

Every request and answer is printed as it went over the wire, and every answer is checked: the exit status is 0 only
if each was as expected.
"""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from gatepass.http import Request
from gatepass.sigv4 import Keys, sign

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "hello-world"
GATEPASS = str(Path(sys.executable).parent / "gatepass")
START_LIMIT = 60.0  # seconds until the ready line; a slow machine compiling Python for the first time needs some


class Answer(NamedTuple):
    """What came back over a socket or from a command."""

    status: int
    headers: dict[str, str]
    body: str


class Screen:
    """Prints; colours only where a person looks at it."""

    def __init__(self) -> None:
        self._colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._steps = 0
        self.failures = 0

    def _print(self, text: str, colour: str = "") -> None:
        print(f"\x1b[{colour}m{text}\x1b[0m" if colour and self._colours else text, flush=True)

    def title(self, text: str) -> None:
        self._print(text, "1")

    def step(self, text: str) -> None:
        self._steps += 1
        self._print(f"\n{self._steps}. {text}\n", "1")

    def plain(self, text: str) -> None:
        self._print(text)

    def command(self, text: str) -> None:
        self._print(f"$ {text}", "36")

    def sent(self, head: str, body: str) -> None:
        for line in head.splitlines():
            self._print(f"> {line}", "2")
        if body:
            self._print(body)

    def received(self, head: str, body: str) -> None:
        for line in head.splitlines():
            self._print(f"< {line}", "2")
        if body:
            self._print(body)

    def check(self, expected: str, holds: bool) -> None:
        if holds:
            self._print(f"\n✓ {expected}", "32")
        else:
            self.failures += 1
            self._print(f"\n✗ expected: {expected}", "31")


@dataclass
class Demo:
    """A running gate and what the steps share."""

    screen: Screen
    ready: dict[str, Any]
    environment: dict[str, str]
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def api(self) -> dict[str, str]:
        return dict(self.ready["apis"][0])

    @property
    def pool_id(self) -> str:
        return str(self.ready["identity_pools"][0]["identity_pool_id"])

    def http(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """GET `path` over a plain socket, so that what is printed is what was sent and received."""
        address = urlsplit(self.ready["endpoint"])
        lines = [f"GET {path} HTTP/1.1", f"Host: {address.netloc}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()] + ["Connection: close"]
        self.screen.sent("\n".join(lines), "")
        received = b""
        with socket.create_connection((address.hostname or "", address.port or 80), timeout=30) as connection:
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            while block := connection.recv(65536):
                received += block
        head, _, body = received.decode().partition("\r\n\r\n")
        self.screen.received(head, body)
        return answer(head, body)

    def command(self, *arguments: str) -> tuple[int, str]:
        """Run `gatepass …`; gives its exit status and what it printed."""
        self.screen.command(shlex.join(["gatepass", *arguments]))
        done = subprocess.run([GATEPASS, *arguments], env=self.environment, capture_output=True, text=True, timeout=60)
        text = (done.stdout + done.stderr).rstrip("\n")
        self.screen.plain(text)
        return done.returncode, text

    def client(self, service: str, *, signed: bool = True) -> Any:
        """A boto3 client that prints what it sends and receives."""
        made = boto3.client(
            service,
            endpoint_url=self.ready["endpoint"],
            region_name=self.ready["region"],
            aws_access_key_id=self.ready["admin"]["access_key_id"],
            aws_secret_access_key=self.ready["admin"]["secret_access_key"],
            config=Config(signature_version=None if signed else UNSIGNED, retries={"total_max_attempts": 1}),
        )
        made.meta.events.register("before-send", self._show_request)
        made.meta.events.register("after-call", self._show_answer)
        return made

    def _show_request(self, request: Any, **_: Any) -> None:
        address = urlsplit(request.url)
        headers = {"Host": address.netloc, **dict(request.headers)}
        headers.pop("host", None)  # signed requests have it, and it is the same
        head = [f"{request.method} {address.path or '/'} HTTP/1.1"]
        head += [f"{name}: {text_of(value)}" for name, value in headers.items()]
        self.screen.sent("\n".join(head), text_of(request.body or ""))

    def _show_answer(self, http_response: Any, **_: Any) -> None:
        status = HTTPStatus(http_response.status_code)
        head = [f"HTTP/1.1 {status.value} {status.phrase}"]
        head += [f"{name}: {value}" for name, value in http_response.headers.items()]
        self.screen.received("\n".join(head), http_response.text.rstrip("\n"))
        self.screen.plain("")


def text_of(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def answer(head: str, body: str) -> Answer:
    status, *lines = head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    return Answer(int(status.split()[1]), {name.lower(): value for name, value in headers.items()}, body)


def anonymous(demo: Demo) -> None:
    demo.screen.step("Nobody passes without a signature")
    got = demo.http(urlsplit(demo.api["url"]).path)
    expected = '{"message":"Missing Authentication Token"}'
    demo.screen.check(f"403 {expected}", got.status == 403 and got.body == expected)


def signed_by_the_app(demo: Demo) -> None:
    demo.screen.step("An open route gets guest credentials with boto3, signs with botocore, and calls the guarded one")
    got = demo.http(urlsplit(demo.api["url"]).path + "hoge")
    demo.screen.check('200 {"hello":"world"}', got.status == 200 and got.body == '{"hello":"world"}')


def signed_by_the_command(demo: Demo) -> None:
    demo.screen.step("`gatepass call` does the same from a shell")
    status, text = demo.command("call", "-i", demo.api["url"])
    got = call_answer(text)
    demo.screen.check('200 {"hello":"world"}', status == 0 and got.status == 200 and got.body == '{"hello":"world"}')


def call_answer(text: str) -> Answer:
    """What `gatepass call -i` printed: a status line, headers, an empty line, the body."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    return answer(head, body)


def changed_on_the_way(demo: Demo) -> None:
    demo.screen.step("One byte of the path changed after signing: signed for /apj/, sent to /api/")
    status, text = demo.command("credentials", "--pool", demo.pool_id, "--format", "process")
    given = json.loads(text) if status == 0 else {}
    keys = Keys(given.get("AccessKeyId", ""), given.get("SecretAccessKey", ""), given.get("SessionToken"))
    path = urlsplit(demo.api["url"]).path
    changed = path[:3] + chr(ord(path[3]) + 1) + path[4:]
    host = urlsplit(demo.ready["endpoint"]).netloc.encode()
    request = Request("GET", changed.encode(), headers=((b"host", host),))
    headers = sign(request, keys, region=demo.ready["region"], service="execute-api", now=time.time())
    got = demo.http(path, {name.decode(): value.decode() for name, value in headers if name != b"host"})
    message = json.loads(got.body).get("message", "") if got.status == 403 else ""
    demo.screen.check(
        "403 with the canonical request that should have been signed",
        message.startswith("The request signature we calculated does not match")
        and f"The Canonical String for this request should have been\n'GET\n{path}\n" in message,
    )


def narrowed(demo: Demo) -> None:
    demo.screen.step("The guest role narrowed to another route: the same call is refused, and the refusal explained")
    account, region = demo.ready["account_id"], demo.ready["region"]
    roles = demo.client("cognito-identity").get_identity_pool_roles(IdentityPoolId=demo.pool_id)["Roles"]
    role = roles["unauthenticated"].rpartition("/")[2]
    iam = demo.client("iam")
    policy = iam.list_role_policies(RoleName=role)["PolicyNames"][0]
    other = f"arn:aws:execute-api:{region}:{account}:{demo.api['api_id']}/{demo.api['stage']}/GET/other"
    statement = {"Sid": "OtherRouteOnly", "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": other}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=document)

    _, text = demo.command("call", "-i", demo.api["url"])
    got = call_answer(text)
    caller = f"arn:aws:sts::{account}:assumed-role/{role}/CognitoIdentityCredentials"
    expected = f"User: {caller} is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:"
    demo.screen.check(
        f'403 {{"Message":"{expected}…"}}', got.status == 403 and got.body.startswith(f'{{"Message":"{expected}')
    )

    demo.screen.plain("")
    request_id = got.headers.get("x-amzn-requestid", "")
    status, text = demo.command("explain", request_id)
    demo.screen.check(
        f"why, naming policy `{policy}` and its statement",
        status == 0 and policy in text and "OtherRouteOnly" in text,
    )


def switched_off(demo: Demo) -> None:
    demo.screen.step("Guests switched off: no identity, no credentials")
    cognito = demo.client("cognito-identity")
    pool = cognito.describe_identity_pool(IdentityPoolId=demo.pool_id)
    guest = demo.client("cognito-identity", signed=False)
    identity_id = guest.get_id(IdentityPoolId=demo.pool_id)["IdentityId"]
    pool.pop("ResponseMetadata")
    cognito.update_identity_pool(**pool | {"AllowUnauthenticatedIdentities": False})
    for name, ask in (
        ("GetId", lambda: guest.get_id(IdentityPoolId=demo.pool_id)),
        ("GetCredentialsForIdentity", lambda: guest.get_credentials_for_identity(IdentityId=identity_id)),
    ):
        demo.screen.check(f"{name}: NotAuthorizedException", error_code(ask) == "NotAuthorizedException")
    demo.screen.plain("")
    status, _ = demo.command("credentials", "--pool", demo.pool_id)
    demo.screen.check("exit status 1 and no credentials", status == 1)


def error_code(ask: Callable[[], Any]) -> str:
    try:
        ask()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


STEPS = (anonymous, signed_by_the_app, signed_by_the_command, changed_on_the_way, narrowed, switched_off)

NEXT = """
What to try next

  . .venv/bin/activate
  cd examples/hello-world && gatepass serve     the same gate, to keep; your own Chalice folder works alike
  gatepass call http://127.0.0.1:8080/api/      in another shell of that folder
  gatepass explain --last                       why the last answer was what it was
  eval "$(gatepass env)"                        then boto3, the aws command and Terraform talk to it

  docs/guides/getting-started.md goes on from there.
"""


def clean_environment(data: Path) -> dict[str, str]:
    """This shell's, without what would send the demo to AWS or through a proxy."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "GATEPASS_"))]:
        del os.environ[name]
    os.environ.update(NO_PROXY="127.0.0.1", no_proxy="127.0.0.1", AWS_EC2_METADATA_DISABLED="true")
    return dict(os.environ, GATEPASS_DATA=str(data))


def ready_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The first line of `serve --json`; its absence within the limit ends the demo."""
    signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.setitimer(signal.ITIMER_REAL, START_LIMIT)
    line = process.stdout.readline() if process.stdout else ""
    signal.setitimer(signal.ITIMER_REAL, 0)
    if not line:
        raise SystemExit(f"demo: `gatepass serve` ended before it was ready: status {process.wait()}")
    return dict(json.loads(line))


@contextmanager
def gate(data: Path, environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    """A gate in front of the example, on any free port, with its data in `data`."""
    arguments = ["serve", str(EXAMPLE), "--port", "0", "--data", str(data), "--json"]
    with (data.parent / "gate.log").open("w") as log:
        process = subprocess.Popen(
            [GATEPASS, *arguments], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        yield ready_line(process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> int:
    screen = Screen()
    screen.title("gatepass: a Chalice app behind a gate that enforces, on this machine")
    with tempfile.TemporaryDirectory(prefix="gatepass-demo-") as folder:
        data = Path(folder) / "data"
        environment = clean_environment(data)
        try:
            with gate(data, environment) as ready:
                demo = Demo(screen, ready, environment)
                screen.plain(f"\nserving examples/hello-world at {demo.api['url']}, identity pool {demo.pool_id}")
                for step in STEPS:
                    step(demo)
        finally:
            if screen.failures:
                print((Path(folder) / "gate.log").read_text(), file=sys.stderr)
    if screen.failures:
        screen.plain(f"\nanswers that were not as expected: {screen.failures}")
        return 1
    screen.plain(NEXT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
