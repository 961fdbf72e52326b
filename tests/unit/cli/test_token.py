"""`gatepass token`: tokens that a gate takes which was given the key, and a key that stays this user's own."""

from __future__ import annotations

import asyncio
import json
import re
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatepass.issuers import Issuers, parse_login_keys
from gatepass.tokens.jwt_refused import Expired
from gatepass.tokens.jwt_text import read
from gatepass.tokens.oidc import Expected, IdToken

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Command

ISSUER = "https://login.example.com"
ALICE = ("token", "--issuer", ISSUER, "--sub", "alice", "--aud", "my-app")


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the key is kept, which is not there yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "gatepass" / "login-key.pem"


def claims(command: Command, *arguments: str) -> dict[str, Any]:
    done = command(*arguments)
    assert done.status == 0, done.err
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", done.out)
    return dict(read(done.out.strip()).claims)


def believe(text: str, keys: Path, issuer: str = ISSUER) -> IdToken:
    """What a gate that was started with `--login-keys` makes of the token."""

    async def verify() -> IdToken:
        issuers = Issuers(parse_login_keys([f"{issuer}={keys}"]))
        return await issuers.verify(text, Expected((issuer,), frozenset({"my-app"})), time.time())

    return asyncio.run(verify())


def test_a_gate_that_was_given_the_key_takes_the_token(command: Command, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(command("token", "--jwks").out)
    found = believe(command(*ALICE, "--claim", "email=a@example.com").out.strip(), keys)
    assert (found.issuer, found.subject, found.audience) == (ISSUER, "alice", "my-app")
    assert found.claims["email"] == "a@example.com"


def test_one_key_for_every_token_and_another_for_another_file(command: Command, tmp_path: Path) -> None:
    first, second = (read(command(*ALICE).out.strip()).key_id for _ in range(2))
    other = read(command(*ALICE, "--key", str(tmp_path / "other.pem")).out.strip()).key_id
    assert first == second != other
    assert json.loads(command("token", "--jwks").out)["keys"][0]["kid"] == first


def test_the_public_key_is_public_only(command: Command, key: Path) -> None:
    (entry,) = json.loads(command("token", "--jwks").out)["keys"]
    assert set(entry) == {"kty", "use", "alg", "kid", "n", "e"}
    assert (entry["kty"], entry["use"], entry["alg"]) == ("RSA", "sig", "RS256")
    assert key.exists()


def test_the_key_can_be_read_by_its_owner_only(command: Command, key: Path) -> None:
    command("token", "--jwks")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["login-key.pem"]
    key.chmod(0o640)
    done = command(*ALICE)
    assert (done.status, done.out) == (1, "")
    assert "is open to others (mode 0640)" in done.err
    assert f"gatepass: hint: run `chmod 600 {key}`" in done.err


def pem(private: Any) -> bytes:
    made: bytes = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no key",
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(rsa.generate_private_key(65537, 1024)),
        pem(rsa.generate_private_key(65537, 2048))[:-200],
    ],
)
def test_a_file_without_a_key_is_named_and_left_alone(command: Command, key: Path, content: bytes) -> None:
    key.parent.mkdir(parents=True)
    key.write_bytes(content)
    key.chmod(0o600)
    done = command(*ALICE)
    assert done.status == 1
    assert f"`{key}` holds no RSA key" in done.err
    assert key.read_bytes() == content


def test_a_folder_that_cannot_be_made(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = command(*ALICE, "--key", str(tmp_path / "file" / "key.pem"))
    assert done.status == 1
    assert "/file/key.pem` cannot be used: " in done.err


def test_two_at_once_make_one_key(key: Path) -> None:
    """Whichever comes first; neither sees half of it."""
    typed = [sys.executable, "-m", "gatepass", "token", "--jwks"]
    both = [subprocess.Popen(typed, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    first, second = (process.communicate()[0] for process in both)
    assert json.loads(first) == json.loads(second)


# --- what the token says


def test_times(command: Command) -> None:
    before = int(time.time())
    told = claims(command, *ALICE, "--expires-in", "60")
    assert before <= told["iat"] == told["exp"] - 60 <= time.time()
    told = claims(command, *ALICE)
    assert told["exp"] - told["iat"] == 3600


def test_one_that_has_expired(command: Command, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(command("token", "--jwks").out)
    with pytest.raises(Expired):
        believe(command(*ALICE, "--expires-in", "-60").out.strip(), keys)


def test_claims_of_any_kind(command: Command) -> None:
    told = claims(
        command,
        *ALICE,
        *("--claim", "custom:tenant=a=b", "--claim", 'cognito:groups:=["admin", "staff"]', "--claim", "number:=5"),
        *("--claim", "digits=5", "--claim", "empty=", "--claim", "nothing:=null", "--claim", "name=名前"),
    )
    assert told["custom:tenant"] == "a=b"
    assert told["cognito:groups"] == ["admin", "staff"]
    assert (told["number"], told["digits"], told["empty"], told["nothing"]) == (5, "5", "", None)
    assert told["name"] == "名前"


def test_a_claim_may_say_otherwise(command: Command) -> None:
    told = claims(command, *ALICE, "--claim", "iat:=1", "--claim", "iss=https://elsewhere.test")
    assert (told["iat"], told["iss"]) == (1, "https://elsewhere.test")


def test_several_audiences(command: Command) -> None:
    told = claims(command, *ALICE, "--aud", "other", "--claim", "azp=my-app")
    assert (told["aud"], told["azp"]) == (["my-app", "other"], "my-app")


def test_without_an_audience_there_is_a_hint(command: Command) -> None:
    done = command("token", "--issuer", ISSUER, "--sub", "alice")
    assert "aud" not in read(done.out.strip()).claims
    assert done.err == (
        "gatepass: hint: no identity pool takes a token without an audience; name the app's client id with --aud\n"
    )


@pytest.mark.parametrize(
    ("issuer", "iss"),
    [
        ("login.example.com/tenant", "https://login.example.com/tenant"),
        ("https://login.example.com/", "https://login.example.com/"),
        ("accounts.google.com", "https://accounts.google.com"),
        ("graph.facebook.com", "https://www.facebook.com"),
    ],
)
def test_an_issuer_may_be_named_as_pools_name_it(command: Command, issuer: str, iss: str) -> None:
    told = claims(command, "token", "--issuer", issuer, "--sub", "alice", "--aud", "a")
    assert told["iss"] == iss
    assert "token_use" not in told


def test_a_user_pools_token_says_what_it_is_for(command: Command) -> None:
    name = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1"
    told = claims(command, "token", "--issuer", name, "--sub", "alice", "--aud", "a")
    assert (told["iss"], told["token_use"]) == (f"https://{name}", "id")
    again = claims(command, "token", "--issuer", name, "--sub", "a", "--aud", "a", "--claim", "token_use=access")
    assert again["token_use"] == "access"


# --- wrong usage


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "a token needs --issuer and --sub"),
        (["--issuer", ISSUER], 2, "a token needs --issuer and --sub"),
        (["--sub", "alice"], 2, "a token needs --issuer and --sub"),
        (["--jwks", "--sub", "alice"], 2, "leave --issuer and --sub out"),
        (["--issuer", "http://a.test", "--sub", "a"], 1, "`http://a.test` is not an issuer: issuers are https URLs"),
        (["--issuer", "a b", "--sub", "a"], 1, "`a b` is not an issuer"),
        ([*ALICE[1:], "--claim", "name=\udcff"], 2, "a claim has bytes that are not UTF-8"),
        ([*ALICE[1:], "--claim", "email"], 2, "`email` is not NAME=TEXT"),
        ([*ALICE[1:], "--claim", "=x"], 2, "`=x` is not NAME=TEXT"),
        ([*ALICE[1:], "--claim", ":=1"], 2, "`:=1` is not NAME=TEXT"),
        ([*ALICE[1:], "--claim", "roles:=[a"], 2, "`[a` is not JSON"),
        ([*ALICE[1:], "--expires-in", "soon"], 2, "expires-in"),
        ([*ALICE[1:], "--audience", "x"], 2, "no option `--audience`"),
    ],
)
def test_what_cannot_be_made(command: Command, arguments: list[str], status: int, message: str) -> None:
    done = command("token", *arguments)
    assert (done.status, done.out) == (status, "")
    assert message in done.err
    assert done.err.count("gatepass: error: ") == 1


def test_help_has_an_example_that_runs(command: Command) -> None:
    text = " ".join(command("token", "--help").out.split())
    example = text.partition("Example: gatepass ")[2]
    assert claims(command, *example.split())["name"] == "Alice"
