"""The main job: the code people copy from articles, behind the gate; and what `chalice local` makes of the same app."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello-world"
CHALICE = str(Path(sys.executable).with_name("chalice"))
HELLO = (200, b'{"hello":"world"}')
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


def test_the_article_s_code_works(serve: Callable[..., Any], article: Path) -> None:
    """`/hoge` gets credentials, signs, and is let through: alone, and fifty times at once."""
    gate = serve(article)
    assert fetch(f"{gate.url}hoge") == HELLO
    assert fifty_at_once(f"{gate.url}hoge") == [HELLO] * 50


def test_fifty_at_once_on_a_gate_that_just_started(serve: Callable[..., Any], article: Path) -> None:
    """The first callers are no different: nothing is left to warm up."""
    gate = serve(article)
    assert fifty_at_once(f"{gate.url}hoge") == [HELLO] * 50


def test_our_client_does_the_same(serve: Callable[..., Any]) -> None:
    """`/fuga` of the example, alone and fifty times at once."""
    gate = serve(EXAMPLE)
    assert fetch(f"{gate.url}fuga") == HELLO
    assert fifty_at_once(f"{gate.url}fuga") == [HELLO] * 50


def test_chalice_local_lets_anyone_in_and_the_gate_does_not(serve: Callable[..., Any], example: Path) -> None:
    """The same app, the same anonymous `GET /`: 200 there, 403 with API Gateway's 42 bytes here."""
    with chalice_local(example) as url:
        assert fetch(url) == HELLO
    status, body = fetch(serve(example).url)
    assert (status, body) == (403, b'{"message":"Missing Authentication Token"}')
    assert len(body) == 42


@contextmanager
def chalice_local(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([CHALICE, "local", "--port", str(port)], cwd=folder, start_new_session=True)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def wait_for(port: int) -> None:
    end = time.monotonic() + LIMIT
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < end, "`chalice local` did not come up"
        select.select([], [], [], 0.02)


def fifty_at_once(url: str) -> list[tuple[int, bytes]]:
    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(lambda _: fetch(url), range(50)))
