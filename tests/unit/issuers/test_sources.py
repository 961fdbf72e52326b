"""Where keys are: documented, discovered at the issuer's own origin and nowhere else, or named by the operator."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.oracles.login_tokens import ISSUER, compact, edwards_key, jwk, key_set, rsa_key

from gatepass.errors import ConfigurationError
from gatepass.issuers import Discovery, KeyFile, KeyUrl, parse_login_keys
from gatepass.issuers.addresses import Reach, parse_url
from gatepass.issuers.fetching import Unfetchable
from gatepass.issuers.sources import load, usual_source
from gatepass.tokens.jwt_keys import UnusableKeys

KEYS = f"{ISSUER}/keys"
METADATA = f"{ISSUER}/.well-known/openid-configuration"

CountingIssuer = Any


def loaded(runner: asyncio.Runner, source: Any, issuer: CountingIssuer) -> dict[str, str]:
    return {key_id: key.algorithm for key_id, key in runner.run(load(source, issuer)).keys.items()}


@pytest.mark.parametrize(
    ("issuer_name", "keys"),
    [
        ("https://accounts.google.com", "https://www.googleapis.com/oauth2/v3/certs"),
        ("https://appleid.apple.com", "https://appleid.apple.com/auth/keys"),
        ("https://www.facebook.com", "https://limited.facebook.com/.well-known/oauth/openid/jwks/"),
        (
            "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1",
            "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1/.well-known/jwks.json",
        ),
        (
            "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Ab1",
            "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Ab1/.well-known/jwks.json",
        ),
    ],
)
def test_documented_keys_are_fetched_from_where_they_are(
    runner: asyncio.Runner, issuer: CountingIssuer, issuer_name: str, keys: str
) -> None:
    issuer.documents = {keys: key_set()}
    assert loaded(runner, usual_source(issuer_name), issuer) == {"rsa": "RS256", "ec": "ES256"}
    assert issuer.asked == [(keys, Reach.PUBLIC)]


@pytest.mark.parametrize(
    "name",
    [
        "https://cognito-idp.eu-central-1.amazonaws.com.evil.test/eu-central-1_Ab1",
        "https://cognito-idp.evil.test/x.amazonaws.com/eu-central-1_Ab1",
        "https://cognito-idp.eu-central-1.amazonaws.com/a/b",
        "https://accounts.google.com/",
        "https://accounts.google.com.evil.test",
    ],
)
def test_what_only_looks_documented_is_discovered(name: str) -> None:
    assert usual_source(name) == Discovery(name)


def test_an_issuer_may_end_in_a_slash(runner: asyncio.Runner, issuer: CountingIssuer) -> None:
    metadata = compact({"issuer": "https://a.test/", "jwks_uri": "https://a.test/k"})
    issuer.documents = {"https://a.test/.well-known/openid-configuration": metadata, "https://a.test/k": key_set()}
    assert loaded(runner, Discovery("https://a.test/"), issuer)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": None},
        {"issuer": ISSUER, "jwks_uri": [KEYS]},
        {"issuer": f"{ISSUER}/", "jwks_uri": KEYS},
        {"issuer": "https://evil.test", "jwks_uri": KEYS},
        {"issuer": [ISSUER], "jwks_uri": KEYS},
        {"jwks_uri": KEYS},
        *(
            {"issuer": ISSUER, "jwks_uri": uri}
            for uri in (
                "https://evil.test/keys",
                "https://example.test/keys",
                "https://login.example.test.evil.test/keys",
                "https://login.example.test:8443/keys",
                "http://login.example.test/keys",
                "https://login.example.test@evil.test/keys",
                "https://evil.test#https://login.example.test/keys",
                "//login.example.test/keys",
                "/keys",
                "file:///etc/passwd",
                "data:application/json,{}",
                "http://169.254.169.254/latest/meta-data/",
                "https://169.254.169.254/",
                "https://127.0.0.1/keys",
                "https://[::1]/keys",
                "https://2130706433/keys",
                "https://0x7f.1/keys",
                "",
            )
        ),
    ],
    ids=str,
)
def test_metadata_leads_nowhere_else(runner: asyncio.Runner, issuer: CountingIssuer, metadata: dict[str, Any]) -> None:
    """Whoever can write an issuer's metadata does not choose where keys are fetched from."""
    issuer.documents[METADATA] = compact(metadata)
    with pytest.raises((Unfetchable, UnusableKeys)):
        runner.run(load(Discovery(ISSUER), issuer))
    assert issuer.urls == [METADATA]


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"<html>", compact({"issuer": ISSUER, "jwks_uri": KEYS})[:-1] + b',"issuer":"x"}']
)
def test_metadata_that_cannot_be_read(runner: asyncio.Runner, issuer: CountingIssuer, text: bytes) -> None:
    issuer.documents[METADATA] = text
    with pytest.raises(UnusableKeys):
        runner.run(load(Discovery(ISSUER), issuer))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "http://login.test",
            "http://login.test:443",
            "https://login.test:8443",
            "https://127.0.0.1",
            "https://[::1]",
            "https://2130706433",
        ),
        *(
            "file:///etc/passwd",
            "https://login.test/?x",
            "https://login.test/a b",
            "https://",
            "https://login.test/../a",
        ),
    ],
)
def test_an_issuer_whose_name_is_no_public_url_is_not_asked(
    runner: asyncio.Runner, issuer: CountingIssuer, name: str
) -> None:
    with pytest.raises((Unfetchable, UnusableKeys)):
        runner.run(load(Discovery(name), issuer))
    assert [url for url in issuer.urls if "?x/" not in url] == []


def test_keys_at_another_origin_are_named_in_the_hint(runner: asyncio.Runner, issuer: CountingIssuer) -> None:
    issuer.documents[METADATA] = compact({"issuer": ISSUER, "jwks_uri": "https://cdn.test/keys"})
    with pytest.raises(Unfetchable, match=rf"--login-keys {ISSUER}=https://cdn.test/keys"):
        runner.run(load(Discovery(ISSUER), issuer))


# --- named by the operator


def test_named_keys_may_be_for_any_algorithm(runner: asyncio.Runner, issuer: CountingIssuer) -> None:
    entries = [
        jwk(edwards_key("issuer"), "ed"),
        jwk(rsa_key("issuer"), "pss", alg="PS256"),
        jwk(rsa_key("issuer"), "rsa"),
    ]
    issuer.documents = {KEYS: compact({"keys": entries})}
    named = KeyUrl(parse_url(KEYS), named=True)
    assert loaded(runner, named, issuer) == {"ed": "EdDSA", "pss": "PS256", "rsa": "RS256"}
    assert loaded(runner, KeyUrl(parse_url(KEYS)), issuer) == {"rsa": "RS256"}


def test_how_far_a_named_url_reaches() -> None:
    sources = parse_login_keys(["a.test=https://10.0.0.1/keys", "b.test=http://127.0.0.1:9000/keys"])
    assert [source.reach for source in sources.values() if isinstance(source, KeyUrl)] == [Reach.NAMED, Reach.LOOPBACK]
    assert KeyUrl(parse_url(KEYS)).reach is Reach.PUBLIC


def test_login_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys=1.json").write_bytes(key_set())
    monkeypatch.chdir(tmp_path)
    google = "https://accounts.google.com"
    assert parse_login_keys(
        [
            f"{ISSUER}=keys=1.json",
            "accounts.google.com=https://proxy.corp/google?keys=1",
            "graph.facebook.com=https://proxy.corp:8443/facebook",
            "https://a.test/=https://localhost:9000/",
            "b.test=http://localhost:9000/keys",
            "c.test=http://[::1]:9000/keys",
        ]
    ) == {
        ISSUER: KeyFile(tmp_path / "keys=1.json"),
        google: KeyUrl(parse_url("https://proxy.corp/google?keys=1"), named=True),
        "https://www.facebook.com": KeyUrl(parse_url("https://proxy.corp:8443/facebook"), named=True),
        "https://a.test/": KeyUrl(parse_url("https://localhost:9000/"), named=True),
        "https://b.test": KeyUrl(parse_url("http://localhost:9000/keys"), named=True),
        "https://c.test": KeyUrl(parse_url("http://[::1]:9000/keys"), named=True),
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "`` does not say"),
        ("https://a.test", "does not say which issuer's keys are where"),
        ("=keys.json", "does not say"),
        ("a.test=", "does not say"),
        ("http://a.test=https://a.test/keys", "issuers are https URLs"),
        ("https://A.test=https://a.test/keys", "`https://A.test` is not an issuer"),
        ("a b=https://a.test/keys", "`a b` is not an issuer"),
        ("a.test/?x=https://a.test/keys", "is not an issuer"),
        ("a.test=http://a.test/keys", "nothing is fetched from there"),
        ("a.test=http://10.0.0.1/keys", "nothing is fetched from there"),
        ("a.test=https://169.254.169.254/keys", "nothing is fetched from there"),
        ("a.test=http://169.254.169.254/keys", "nothing is fetched from there"),
        ("a.test=https://[fd00:ec2::254]/keys", "nothing is fetched from there"),
        ("a.test=file:///etc/passwd", "cannot be used: it is not an http or https URL"),
        ("a.test=ftp://a.test/keys", "cannot be used"),
        ("a.test=https://user@a.test/keys", "cannot be used"),
        ("a.test=missing.json", "`missing.json` cannot be used: `missing.json` cannot be read: No such file"),
        ("a.test=.", "Is a directory"),
        ("a.test=empty.json", "the key set cannot be read"),
        ("a.test=private.json", "no key that could verify a token"),
        ("a.test=large.json", "more than 65536 bytes"),
    ],
)
def test_login_keys_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, message: str
) -> None:
    """Said at the start, and not when the first user logs in."""
    monkeypatch.chdir(tmp_path)
    Path("empty.json").touch()
    Path("private.json").write_bytes(compact({"keys": [jwk(rsa_key("issuer"), "k", d="AQAB")]}))
    Path("large.json").write_bytes(key_set() + b" " * 65536)
    with pytest.raises(ConfigurationError) as caught:
        parse_login_keys([value])
    assert message in str(caught.value)
    assert str(caught.value)[-1] != "."
    assert caught.value.hint


def test_one_issuers_keys_are_given_once(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(key_set())
    for other in ("https://a.test", "a.test"):
        with pytest.raises(ConfigurationError, match="twice"):
            parse_login_keys([f"a.test={tmp_path / 'keys.json'}", f"{other}=https://a.test/keys"])


def test_keys_from_a_pipe_are_read_once(runner: asyncio.Runner, tmp_path: Path, issuer: CountingIssuer) -> None:
    """`--login-keys ISSUER=<(gatepass token --jwks)`"""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(key_set(),))
    writer.start()
    (source,) = parse_login_keys([f"a.test={pipe}"]).values()
    writer.join()
    for _ in range(2):
        assert loaded(runner, source, issuer) == {"rsa": "RS256", "ec": "ES256"}
    assert "kty" not in repr(source)
