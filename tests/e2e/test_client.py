"""Clients and the gate: what `gatepass env` prints is enough to build a pool, whose guests call with any signer."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import awscrt.auth
import awscrt.http
import boto3
import pycurl
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from gatepass import Credentials, CredentialsRefused, IdentityPool
from gatepass.requests import SigV4

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello-world"
BIN = Path(sys.executable).parent
LIMIT = 60.0


class Gate(NamedTuple):
    """A running gate.

    Attributes:
        ready: its ready line.
        environment: a shell that knows what `gatepass env` prints, and nothing else of AWS.
    """

    ready: dict[str, Any]
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return str(self.ready["apis"][0]["url"])

    @property
    def pool(self) -> str:
        return str(self.ready["identity_pools"][0]["identity_pool_id"])


def bare_environment(home: Path) -> dict[str, str]:
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "NO_PROXY": "127.0.0.1", **nowhere}


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Gate]:
    """`gatepass serve` on a copy of the example, on any free port."""
    app = shutil.copytree(EXAMPLE, folder / "hello-world", ignore=shutil.ignore_patterns(".gatepass", "__pycache__"))
    environment = bare_environment(folder)
    command = [str(BIN / "gatepass"), "serve", str(app), "--port", "0", "--json", *options]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=folder)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        printed = run(["gatepass", "env", "--data", str(app / ".gatepass")], environment)
        yield Gate(ready, {**environment, **exported(printed.stdout)})
    finally:
        process.terminate()
        process.wait(timeout=LIMIT)
        if process.stdout:
            process.stdout.close()


def run(command: list[str], environment: dict[str, str], status: int = 0) -> subprocess.CompletedProcess[str]:
    """What a command prints; its exit status must be this one."""
    program = [str(BIN / command[0]), *command[1:]]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == status, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"
    return done


def exported(printed: str) -> dict[str, str]:
    """The variables of `export NAME=value` lines."""
    words = [shlex.split(line) for line in printed.splitlines() if line]
    assert all(line[0] == "export" and len(line) == 2 for line in words), printed
    return dict(line[1].split("=", 1) for line in words)


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    with serving(tmp_path_factory.mktemp("client")) as running:
        yield running


@pytest.fixture
def shell(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """This process with the environment of that shell, for the SDKs in it."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "GATEPASS_"))]:
        monkeypatch.delenv(name)
    for name in (name for name in gate.environment if name.startswith(("AWS_", "GATEPASS_", "NO_"))):
        monkeypatch.setenv(name, gate.environment[name])
    return gate.environment


# --- building a pool


def trust(pool_id: str) -> str:
    condition = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


INVOKE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:*/api/*"}
        ],
    }
)


def with_boto3(name: str) -> Credentials:
    """A pool, its role, an identity and credentials; boto3 knows the environment only."""
    cognito, iam = boto3.client("cognito-identity"), boto3.client("iam")
    pool = cognito.create_identity_pool(IdentityPoolName=name, AllowUnauthenticatedIdentities=True)["IdentityPoolId"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(pool))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=INVOKE)
    cognito.set_identity_pool_roles(IdentityPoolId=pool, Roles={"unauthenticated": role})
    identity = cognito.get_id(IdentityPoolId=pool)["IdentityId"]
    keys = cognito.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretKey"], keys["SessionToken"], keys["Expiration"].timestamp())


def with_the_aws_command(name: str) -> Credentials:
    """The same, typed."""
    environment = dict(os.environ, PATH=f"{BIN}:/usr/bin:/bin")

    def aws(*words: str) -> Any:
        printed = run(["aws", *words, "--output", "json"], environment).stdout
        return json.loads(printed) if printed.strip() else None

    cognito = "cognito-identity"
    made = aws(cognito, "create-identity-pool", "--identity-pool-name", name, "--allow-unauthenticated-identities")
    pool = made["IdentityPoolId"]
    role = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", trust(pool))["Role"]["Arn"]
    aws("iam", "put-role-policy", "--role-name", name, "--policy-name", "invoke", "--policy-document", INVOKE)
    aws(cognito, "set-identity-pool-roles", "--identity-pool-id", pool, "--roles", f"unauthenticated={role}")
    identity = aws(cognito, "get-id", "--identity-pool-id", pool)["IdentityId"]
    keys = aws(cognito, "get-credentials-for-identity", "--identity-id", identity)["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretKey"], keys["SessionToken"])


@pytest.fixture(scope="module")
def issued(gate: Gate) -> dict[str, Credentials]:
    """Credentials from a pool that boto3 made, and from one that the aws command made."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "GATEPASS_"))]:
            patch.delenv(name)
        for name in (name for name in gate.environment if name.startswith(("AWS_", "GATEPASS_", "NO_"))):
            patch.setenv(name, gate.environment[name])
        return {"boto3": with_boto3("made-by-boto3"), "aws": with_the_aws_command("made-by-aws")}


# --- calling the API


def by_gatepass_call(gate: Gate, keys: Credentials, url: str) -> tuple[int, str]:
    variables = {
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_SESSION_TOKEN": keys.session_token or "",
    }
    command = [str(BIN / "gatepass"), "call", "-i", "--env", url]
    done = subprocess.run(command, env={**gate.environment, **variables}, capture_output=True, text=True, timeout=LIMIT)
    head, _, body = done.stdout.partition("\n\n")
    return int(head.split()[1]), body


def by_gatepass_requests(gate: Gate, keys: Credentials, url: str) -> tuple[int, str]:
    response = requests.get(url, auth=SigV4(keys, region=gate.ready["region"]), timeout=LIMIT)
    return response.status_code, response.text


def by_libcurl(gate: Gate, keys: Credentials, url: str) -> tuple[int, str]:
    body, curl = io.BytesIO(), pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.AWS_SIGV4, f"aws:amz:{gate.ready['region']}:execute-api")
    curl.setopt(pycurl.USERPWD, f"{keys.access_key_id}:{keys.secret_access_key}")
    curl.setopt(pycurl.HTTPHEADER, [f"x-amz-security-token: {keys.session_token}"])
    curl.setopt(pycurl.WRITEDATA, body)
    curl.perform()
    status = curl.getinfo(pycurl.RESPONSE_CODE)
    curl.close()
    return status, body.getvalue().decode()


def by_botocore(gate: Gate, keys: Credentials, url: str) -> tuple[int, str]:
    request = AWSRequest("GET", url)
    botocores = BotocoreCredentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    SigV4Auth(botocores, "execute-api", gate.ready["region"]).add_auth(request)
    response = requests.get(url, headers=dict(request.headers), timeout=LIMIT)
    return response.status_code, response.text


def by_awscrt(gate: Gate, keys: Credentials, url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    request = awscrt.http.HttpRequest("GET", parts.path, awscrt.http.HttpHeaders([("host", parts.netloc)]))
    given = (keys.access_key_id, keys.secret_access_key, keys.session_token)
    config = awscrt.auth.AwsSigningConfig(
        algorithm=awscrt.auth.AwsSigningAlgorithm.V4,
        signature_type=awscrt.auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=awscrt.auth.AwsCredentialsProvider.new_static(*given),
        region=gate.ready["region"],
        service="execute-api",
    )
    signed = awscrt.auth.aws_sign_request(request, config).result(timeout=LIMIT)
    response = requests.get(url, headers=dict(signed.headers), timeout=LIMIT)
    return response.status_code, response.text


SIGNERS: tuple[Callable[[Gate, Credentials, str], tuple[int, str]], ...] = (
    by_gatepass_call,
    by_gatepass_requests,
    by_libcurl,
    by_botocore,
    by_awscrt,
)


@pytest.mark.parametrize("maker", ["boto3", "aws"])
@pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.__name__)
def test_every_signer_is_let_in(
    gate: Gate, issued: dict[str, Credentials], signer: Callable[[Gate, Credentials, str], tuple[int, str]], maker: str
) -> None:
    """With credentials of a pool that was made through the wire."""
    assert signer(gate, issued[maker], gate.url) == (200, '{"hello":"world"}')


@pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.__name__)
def test_no_signer_is_let_in_with_another_secret(
    gate: Gate, issued: dict[str, Credentials], signer: Callable[[Gate, Credentials, str], tuple[int, str]]
) -> None:
    """The same request, with a key that is not the one."""
    keys = issued["boto3"]
    wrong = Credentials(keys.access_key_id, keys.secret_access_key[::-1], keys.session_token)
    status, body = signer(gate, wrong, gate.url)
    assert status == 403
    assert json.loads(body)["message"].startswith("The request signature we calculated does not match")


# --- the commands


def test_call_needs_nothing_but_a_path(gate: Gate) -> None:
    """The running gate says the rest; the same guest calls each time."""
    assert run(["gatepass", "call", "/api/"], gate.environment).stdout == '{"hello":"world"}'
    identities = {
        json.loads(run(["gatepass", "credentials", "--format", "json"], gate.environment).stdout)["identity_id"]
        for _ in range(2)
    }
    assert len(identities) == 1


def test_a_refusal_is_explained(gate: Gate) -> None:
    """By its request id, and as the last one."""
    printed = run(["gatepass", "call", "-i", "/api/nowhere"], gate.environment, status=1).stdout
    found = re.search(r"(?i)^x-amzn-requestid: (\S+)$", printed, re.MULTILINE)
    assert found
    told = json.loads(run(["gatepass", "explain", "--json", found[1]], gate.environment).stdout)
    assert (told["request_id"], told["outcome"]) == (found[1], "refused")
    assert found[1] in run(["gatepass", "explain", "--last"], gate.environment).stdout
    assert found[1] in run(["gatepass", "explain"], gate.environment).stdout, "asking is no decision to be asked about"
    run(["gatepass", "explain", "00000000-0000-4000-8000-000000000000"], gate.environment, status=1)


def test_a_mismatch_is_shown_part_by_part(gate: Gate) -> None:
    """The administrator's id with another secret: both sides signed the same."""
    environment = {**gate.environment, "AWS_SECRET_ACCESS_KEY": "x" * 40}
    done = run(["gatepass", "call", "--env", "/api/"], environment, status=1)
    assert "the secret access key is not the one that belongs to this access key id" in done.stderr


def test_a_profile_gives_any_sdk_the_pool_s_credentials(gate: Gate, tmp_path: Path) -> None:
    """credential_process, through boto3 and through the aws command."""
    config = tmp_path / "config"
    process = shlex.join([str(BIN / "gatepass"), "credentials", "--pool", gate.pool, "--format", "process"])
    config.write_text(f"[profile guest]\nregion = {gate.ready['region']}\ncredential_process = {process}\n")
    kept = {name: value for name, value in gate.environment.items() if not re.match("AWS_(ACCESS|SECRET)", name)}
    environment = {**kept, "AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "guest"}
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    by_boto3 = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=LIMIT, check=True
    ).stdout.strip()
    by_aws = json.loads(run(["aws", "sts", "get-caller-identity", "--output", "json"], environment).stdout)["Arn"]
    assert by_boto3 == by_aws
    assert by_boto3.endswith("/CognitoIdentityCredentials")
    assert ":assumed-role/" in by_boto3


# --- the library


def test_one_pool_serves_fifty_threads(gate: Gate) -> None:
    """One conversation, one identity, fifty calls."""
    pool = IdentityPool(gate.pool, endpoint=gate.ready["endpoint"])
    sign = SigV4(pool)
    with ThreadPoolExecutor(50) as executor:
        statuses = list(executor.map(lambda _: requests.get(gate.url, auth=sign, timeout=LIMIT).status_code, range(50)))
    assert statuses == [200] * 50


def test_a_guest_whose_identity_is_unknown_becomes_a_new_one(gate: Gate) -> None:
    """As after a pool was emptied; who asked for one identity gets the refusal."""
    gone = f"{gate.ready['region']}:00000000-0000-4000-8000-000000000000"

    class Cache:
        kept = gone

        def load(self) -> str | None:
            return self.kept

        def store(self, identity_id: str) -> None:
            self.kept = identity_id

    cache = Cache()
    IdentityPool(gate.pool, endpoint=gate.ready["endpoint"], cache=cache).credentials()
    assert cache.kept != gone
    with pytest.raises(CredentialsRefused, match="not found") as caught:
        IdentityPool(gate.pool, endpoint=gate.ready["endpoint"], identity_id=gone).credentials()
    assert caught.value.code == "ResourceNotFoundException"


def test_an_unknown_pool(gate: Gate) -> None:
    unknown = f"{gate.ready['region']}:00000000-0000-4000-8000-000000000000"
    with pytest.raises(CredentialsRefused, match=f"IdentityPool '{unknown}' not found"):
        IdentityPool(unknown, endpoint=gate.ready["endpoint"]).credentials()


def test_a_wrong_clock_is_corrected(gate: Gate) -> None:
    """The gate's `Date` is there to be believed."""
    import time

    pool = IdentityPool(gate.pool, endpoint=gate.ready["endpoint"])
    sign = SigV4(pool, clock=lambda: time.time() + 7200)
    response = requests.get(gate.url, auth=sign, timeout=LIMIT)
    assert (response.status_code, len(response.history)) == (200, 1)
