"""The servers that are measured, each in a process of its own: started, waited for, stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from gatepass.sigv4 import Keys

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "hello-world"
BIN = Path(sys.executable).parent
MINISTACK = ROOT / ".venv-bench" / "bin" / "ministack"
START_LIMIT = 60.0
PROVIDER, CLIENT_ID = "accounts.google.com", "bench"
TICKS = os.sysconf("SC_CLK_TCK")


class Peer(NamedTuple):
    """A running server.

    Attributes:
        host: what its API wants in `Host`.
        path: its guarded route.
        pool: an identity pool for guests, if it has one.
        forgiven: the share of answers that may be errors without ending the bench.
    """

    port: int
    process_id: int
    host: str
    path: str = "/"
    pool: str = ""
    forgiven: float = 0.0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """User and system time of the process and its children so far."""
        return sum(_cpu_seconds(process_id) for process_id in family(self.process_id))

    def resident_mib(self) -> float:
        status = Path(f"/proc/{self.process_id}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def family(process_id: int) -> list[int]:
    """The process and its descendants."""
    try:
        children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [process_id, *(descendant for child in children for descendant in family(int(child)))]


def _cpu_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def environment(**more: str) -> dict[str, str]:
    """This shell's, without credentials of any kind and without a proxy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GATEPASS_"))}
    return {**kept, "NO_PROXY": "127.0.0.1", "AWS_EC2_METADATA_DISABLED": "true", "PYTHONPATH": str(ROOT), **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cores() -> tuple[set[int], set[int]]:
    """(those of the load generator, those of the server): apart, where there are two or more."""
    usable = sorted(os.sched_getaffinity(0))
    return ({usable[0]}, set(usable[1:])) if len(usable) > 1 else (set(usable), set(usable))


@contextmanager
def running(command: Sequence[str], *, cwd: Path = ROOT, env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A server on the servers' cores; it and its children are stopped at the end."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores()[1]),
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answers(port: int, path: str = "/") -> bool:
    """Whether anything, of whatever status, is answered."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def wait_for(port: int, path: str = "/") -> None:
    end = time.monotonic() + START_LIMIT
    while not answers(port, path):
        if time.monotonic() > end:
            raise TimeoutError(f"nothing answers on port {port}")
        time.sleep(0.005)


@contextmanager
def bare(server: str) -> Iterator[Peer]:
    """The least app without the gate, on `uvicorn` or on the gate's own server (`ours`)."""
    port = free_port()
    with running([sys.executable, "-m", "bench.apps", str(port), server], env=environment()) as process:
        wait_for(port)
        yield Peer(port, process.pid, f"127.0.0.1:{port}", "/api/")


@contextmanager
def gate(data: Path, app: str = "bench.apps:hello", *options: str) -> Iterator[Peer]:
    """The gate before the least app, or another."""
    command = [str(BIN / "gatepass"), "serve", app, "--port", "0", "--data", str(data), "--stage", "api", "--json"]
    command += ["--getid-rate", "1e9", "--getid-burst", "1000000000"]  # its limit would be all that is measured
    with running([*command, *options], env=environment()) as process:
        ready = json.loads(process.stdout.readline() if process.stdout else "")
        port = int(ready["endpoint"].rpartition(":")[2])
        yield Peer(port, process.pid, f"127.0.0.1:{port}", "/api/", ready["identity_pools"][0]["identity_pool_id"])


@contextmanager
def chalice_local() -> Iterator[Peer]:
    port = free_port()
    with running([str(BIN / "chalice"), "local", "--port", str(port)], cwd=EXAMPLE, env=environment()) as process:
        wait_for(port)
        yield Peer(port, process.pid, f"127.0.0.1:{port}")


@contextmanager
def ministack(home: Path, app: str = "") -> Iterator[Peer]:
    """MiniStack with its checks on, and in it an API behind IAM: `/` is a mock, `/app` is handed to `app`."""
    port = free_port()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "AUTH": "true", "BIND_HOST": "127.0.0.1"}
    with running([str(MINISTACK)], cwd=home, env={**env, "GATEWAY_PORT": str(port)}) as process:
        wait_for(port, "/_ministack/health")
        api, pool = _prepare_ministack(f"http://127.0.0.1:{port}", app)
        # Under load it answers a few requests in a hundred with an error.
        yield Peer(port, process.pid, f"{api}.execute-api.localhost:{port}", "/api/", pool, forgiven=0.1)


def _prepare_ministack(endpoint: str, app: str) -> tuple[str, str]:
    """(API id, pool id), made through the APIs."""
    keys = Keys("test", "test")
    pool_id = make_pool(client("cognito-identity", endpoint, keys), client("iam", endpoint, keys))
    return _make_api(client("apigateway", endpoint, keys), app), pool_id


def client(service: str, endpoint: str, keys: Keys) -> Any:
    import boto3

    given = {"aws_access_key_id": keys.access_key_id, "aws_secret_access_key": keys.secret_access_key}
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **given)


def _make_api(gateway: Any, app: str) -> str:
    api = str(gateway.create_rest_api(name="hello")["id"])
    root_id = gateway.get_resources(restApiId=api)["items"][0]["id"]
    mocked, handed_on = {"restApiId": api, "resourceId": root_id}, {}
    if app:
        handed_on_id = gateway.create_resource(restApiId=api, parentId=root_id, pathPart="app")["id"]
        handed_on = {"restApiId": api, "resourceId": handed_on_id}
    for verb in ("GET", "POST"):
        gateway.put_method(**mocked, httpMethod=verb, authorizationType="AWS_IAM")
        status = {"application/json": '{"statusCode":200}'}
        gateway.put_integration(**mocked, httpMethod=verb, type="MOCK", requestTemplates=status)
        gateway.put_method_response(**mocked, httpMethod=verb, statusCode="200")
        body = {"application/json": '{"hello":"world"}'}
        gateway.put_integration_response(**mocked, httpMethod=verb, statusCode="200", responseTemplates=body)
        if handed_on:
            gateway.put_method(**handed_on, httpMethod=verb, authorizationType="AWS_IAM")
            to = {"type": "HTTP_PROXY", "integrationHttpMethod": verb, "uri": app}
            gateway.put_integration(**handed_on, httpMethod=verb, **to)
    gateway.create_deployment(restApiId=api, stageName="api")
    return api


def make_pool(cognito: Any, iam: Any) -> str:
    """A pool for guests and for those who log in at the bench's issuer."""
    pool_id = str(
        cognito.create_identity_pool(
            IdentityPoolName="bench", AllowUnauthenticatedIdentities=True, SupportedLoginProviders={PROVIDER: CLIENT_ID}
        )["IdentityPoolId"]
    )
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    roles = {}
    for kind in ("unauthenticated", "authenticated"):
        role = iam.create_role(RoleName=kind, AssumeRolePolicyDocument=json.dumps(trust_policy(pool_id, kind)))
        iam.put_role_policy(RoleName=kind, PolicyName="invoke", PolicyDocument=document)
        roles[kind] = role["Role"]["Arn"]
    cognito.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    return pool_id


def trust_policy(pool_id: str, kind: str) -> dict[str, Any]:
    """What lets guests of this pool, or those who logged in, have a role."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": kind},
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def ask(peer: Peer, operation: str, **given: Any) -> dict[str, Any]:
    """One unsigned operation of Cognito Identity."""
    request = urllib.request.Request(
        peer.endpoint,
        data=json.dumps(given).encode(),
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityService.{operation}",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))


def guest_keys(peer: Peer) -> Keys:
    """Credentials of a new guest."""
    identity_id = ask(peer, "GetId", IdentityPoolId=peer.pool)["IdentityId"]
    given = ask(peer, "GetCredentialsForIdentity", IdentityId=identity_id)["Credentials"]
    return Keys(given["AccessKeyId"], given["SecretKey"], given["SessionToken"])
