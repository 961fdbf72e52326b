"""The main job: the code people copy from articles, behind the gate; and what `chalice local` makes of the same app."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello-world"
BIN = Path(sys.executable).parent
LIMIT = 60.0

# As articles have it, but for the pool id and the address; nothing of gatepass, everything made anew in the handler.
ARTICLE = """\
import json
import os

import boto3
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from chalice import Chalice, IAMAuthorizer

app = Chalice(app_name="article")
authorizer = IAMAuthorizer()

IDENTITY_POOL_ID = os.environ["IDENTITY_POOL_ID"]
API_URL = os.environ["API_URL"]
REGION = "us-east-1"


@app.route("/", authorizer=authorizer)
def index():
    return {"hello": "world"}


@app.route("/hoge")
def hoge():
    client = boto3.client("cognito-identity", region_name=REGION)
    identity_id = client.get_id(IdentityPoolId=IDENTITY_POOL_ID)["IdentityId"]
    res = client.get_credentials_for_identity(IdentityId=identity_id)
    credentials = Credentials(
        res["Credentials"]["AccessKeyId"],
        res["Credentials"]["SecretKey"],
        res["Credentials"]["SessionToken"],
    )
    request = AWSRequest(method="GET", url=API_URL)
    SigV4Auth(credentials, "execute-api", REGION).add_auth(request)
    prepared = request.prepare()
    response = requests.get(API_URL, headers=dict(prepared.headers))
    return json.loads(response.text)
"""


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GATEPASS_"))}
    return {**kept, "NO_PROXY": "127.0.0.1", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


@contextmanager
def process(folder: Path, *command: str) -> Iterator["subprocess.Popen[str]"]:
    started = subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield started
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        started.wait(timeout=30)
        if started.stdout:
            started.stdout.close()


@contextmanager
def gate(app: Path) -> Iterator[str]:
    """`gatepass serve` on the app's folder; gives the API's address, which ends in a slash."""
    command = [str(BIN / "gatepass"), "serve", str(app), "--port", "0", "--data", str(app / "data"), "--json"]
    with process(app, *command) as started:
        assert started.stdout is not None
        yield json.loads(started.stdout.readline())["apis"][0]["url"]


def fetch(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.fixture
def article(tmp_path: Path) -> Path:
    (tmp_path / "article").mkdir()
    (tmp_path / "article" / "app.py").write_text(ARTICLE)
    return tmp_path / "article"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    ignore = shutil.ignore_patterns(".gatepass", "__pycache__")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "hello-world", ignore=ignore))


def test_the_article_s_code_works(article: Path) -> None:
    """`/hoge` gets credentials, signs, and is let through: alone, and fifty times at once."""
    with gate(article) as url:
        assert fetch(f"{url}hoge") == (200, b'{"hello":"world"}')
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: fetch(f"{url}hoge"), range(50)))
    assert answers == [(200, b'{"hello":"world"}')] * 50


def test_fifty_at_once_on_a_gate_that_just_started(article: Path) -> None:
    """The first callers are no different: nothing is left to warm up."""
    with gate(article) as url, ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: fetch(f"{url}hoge"), range(50)))
    assert answers == [(200, b'{"hello":"world"}')] * 50


def test_our_client_does_the_same(example: Path) -> None:
    """`/fuga` of the example, alone and fifty times at once."""
    with gate(example) as url:
        assert fetch(f"{url}fuga") == (200, b'{"hello":"world"}')
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: fetch(f"{url}fuga"), range(50)))
    assert answers == [(200, b'{"hello":"world"}')] * 50


def test_chalice_local_lets_anyone_in_and_the_gate_does_not(example: Path) -> None:
    """The same app, the same anonymous `GET /`: 200 there, 403 with API Gateway's 42 bytes here."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with process(example, str(BIN / "chalice"), "local", "--port", str(port)):
        end = time.monotonic() + LIMIT
        while True:
            try:
                assert fetch(f"http://127.0.0.1:{port}/") == (200, b'{"hello":"world"}')
                break
            except urllib.error.URLError:
                assert time.monotonic() < end, "`chalice local` did not come up"
    with gate(example) as url:
        status, body = fetch(url)
    assert (status, body) == (403, b'{"message":"Missing Authentication Token"}')
    assert len(body) == 42
