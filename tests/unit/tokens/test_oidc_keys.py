"""Of a key set only what can verify a token is used, and each key for one algorithm only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk as joserfc
from tests.oracles.login_tokens import (
    NOW,
    SUBJECT,
    b64,
    by_rsa,
    claims,
    compact,
    edwards_key,
    elliptic_key,
    forge,
    header,
    jwk,
    rsa_key,
    token,
)

from gatepass.tokens import jwt_text, jwt_writing, oidc
from gatepass.tokens.jwt_keys import PublicKey, UnusableKeys, read_keys
from gatepass.tokens.jwt_refused import Unverifiable
from gatepass.tokens.oidc import CheckedToken

KEY, CURVE, TWISTED = rsa_key("issuer"), elliptic_key("issuer"), edwards_key("issuer")
ALL = jwt_text.ALGORITHMS
EVEN = b64((KEY.public_key().public_numbers().n - 1).to_bytes(256, "big"))


def keys(*entries: Any, algorithms: frozenset[str] | None = None) -> dict[str, str]:
    """Algorithm by key id; nothing if the set is refused."""
    text = compact({"keys": entries})
    try:
        found = read_keys(text) if algorithms is None else read_keys(text, algorithms)
    except UnusableKeys:
        return {}
    return {key_id: key.algorithm for key_id, key in found.items()}


@pytest.mark.parametrize(
    ("entry", "algorithm"),
    [
        (jwk(KEY, "k"), "RS256"),
        (jwk(KEY, "k", alg=...), "RS256"),
        (jwk(KEY, "k", use=...), "RS256"),
        (jwk(KEY, "k", use=..., key_ops=["verify"]), "RS256"),
        (jwk(KEY, "k", x5t="dGh1bWI", x5c=["MIIB"]), "RS256"),
        (jwk(CURVE, "k"), "ES256"),
        (jwk(CURVE, "k", alg=...), "ES256"),
    ],
)
def test_keys_that_are_used(entry: Any, algorithm: str) -> None:
    assert keys(entry) == {"k": algorithm}


@pytest.mark.parametrize(
    "entry",
    [
        jwk(KEY, "k", use="enc"),
        jwk(KEY, "k", use=None),
        jwk(KEY, "k", key_ops=["encrypt"]),
        jwk(KEY, "k", key_ops="verify"),
        jwk(KEY, "k", kid=...),
        jwk(KEY, "k", kid=""),
        jwk(KEY, "k", kid=1),
        jwk(KEY, "k", kid="k" * 257),
        jwk(KEY, "k", kty="oct", k="c2VjcmV0"),
        jwk(KEY, "k", kty="EC"),
        jwk(KEY, "k", kty=["RSA"]),
        jwk(KEY, "k", alg="HS256"),
        jwk(KEY, "k", alg="none"),
        jwk(KEY, "k", alg="RS512"),
        jwk(KEY, "k", alg="ES256"),
        jwk(KEY, "k", alg="RSA-OAEP"),
        jwk(KEY, "k", alg=["RS256"]),
        jwk(KEY, "k", d="AQ"),
        jwk(KEY, "k", n=...),
        jwk(KEY, "k", n="AQAB"),
        jwk(KEY, "k", n=jwk(KEY, "k")["n"] + "="),
        jwk(KEY, "k", n=jwk(KEY, "k")["n"] + "\n"),
        jwk(KEY, "k", n=EVEN),
        jwk(KEY, "k", e="AQ"),
        jwk(KEY, "k", e="AA"),
        jwk(KEY, "k", e="AQAA"),
        jwk(KEY, "k", e=jwk(KEY, "k")["n"]),
        jwk(KEY, "k", e=b64((2**32 + 3).to_bytes(5, "big"))),
        jwk(KEY, "k", e=65537),
        jwk(rsa.generate_private_key(65537, 1024), "k"),
        jwk(CURVE, "k", crv="secp256k1"),
        jwk(CURVE, "k", crv="P-384"),
        jwk(CURVE, "k", x=jwk(CURVE, "k")["y"]),
        jwk(CURVE, "k", x="AQ"),
        jwk(CURVE, "k", y=...),
        jwk(CURVE, "k", alg="ES384"),
        jwk(TWISTED, "k"),
        jwk(KEY, "k", alg="PS256"),
        None,
        "key",
        [],
    ],
)
def test_keys_that_are_passed_over(entry: Any) -> None:
    assert keys(entry) == {}
    assert keys(entry, jwk(KEY, "other")) == {"other": "RS256"}


def test_other_algorithms_only_where_they_are_asked_for_and_the_key_says_so() -> None:
    entries = jwk(TWISTED, "ed"), jwk(KEY, "pss", alg="PS256"), jwk(KEY, "rsa", alg=...)
    assert keys(*entries, algorithms=ALL) == {"ed": "EdDSA", "pss": "PS256", "rsa": "RS256"}
    assert keys(jwk(TWISTED, "ed", crv="Ed448"), algorithms=ALL) == {}
    assert keys(jwk(TWISTED, "ed", crv="X25519"), algorithms=ALL) == {}
    assert keys(jwk(KEY, "k", alg="HS256"), algorithms=ALL) == {}


def test_a_key_id_of_two_keys_names_none() -> None:
    good = jwk(KEY, "good")
    assert keys(jwk(KEY, "k"), jwk(CURVE, "k"), good) == {"good": "RS256"}
    assert keys(jwk(KEY, "k"), jwk(rsa_key("attacker"), "k"), jwk(KEY, "k"), good) == {"good": "RS256"}
    assert keys(jwk(KEY, "k"), jwk(KEY, "k")) == {"k": "RS256"}
    assert keys(jwk(KEY, "k"), jwk(CURVE, "k", use="enc")) == {"k": "RS256"}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b'{"keys":{}}',
        b'{"keys":[]}',
        b"<html>",
        b"\xff",
        compact({"keys": [jwk(KEY, "k")]})[:-1] + b',"keys":[]}',
        compact({"keys": [jwk(KEY, str(number)) for number in range(201)]}),
    ],
)
def test_what_is_no_key_set(text: bytes) -> None:
    with pytest.raises(UnusableKeys):
        read_keys(text)


@given(st.binary() | st.recursive(st.none() | st.text(), lambda inner: st.lists(inner), max_leaves=4).map(compact))
def test_anything_else_is_no_key_set_either(text: bytes) -> None:
    with pytest.raises(UnusableKeys):
        read_keys(text)


@given(
    st.dictionaries(st.sampled_from(["kty", "n", "e", "x", "y", "crv", "alg", "use", "d"]), st.text() | st.integers())
)
def test_any_member_of_a_key_breaks_nothing(changed: dict[str, Any]) -> None:
    assert keys({**jwk(KEY, "k"), **changed}) in ({}, {"k": "RS256"}, {"k": "ES256"})


# --- signatures


def verified(text: str, entry: Any) -> bool:
    unverified = jwt_text.read(text)
    key = read_keys(compact({"keys": [entry]}), ALL)["k"]
    try:
        oidc.verify(CheckedToken(unverified, SUBJECT, "aud"), key)
    except Unverifiable:
        return False
    return True


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # as a name: RFC 9864 calls it Ed25519
def test_each_algorithm_verifies_what_joserfc_signs_and_nothing_else() -> None:
    from joserfc import jwt
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    signers: dict[str, tuple[joserfc.Key, Any]] = {
        "RS256": (RSAKey.import_key(KEY), jwk(KEY, "k")),
        "PS256": (RSAKey.import_key(KEY), jwk(KEY, "k", alg="PS256")),
        "ES256": (ECKey.import_key(CURVE), jwk(CURVE, "k")),
        "EdDSA": (OKPKey.import_key(TWISTED), jwk(TWISTED, "k")),
    }
    for algorithm, (signer, _) in signers.items():
        text = jwt.encode({"alg": algorithm, "kid": "k"}, claims(), signer, algorithms=[algorithm])
        for other, (_, entry) in signers.items():
            assert verified(text, entry) == (algorithm == other), (algorithm, other)


def test_the_key_decides_the_algorithm_not_the_header() -> None:
    """A token that is RS256 in all but its header."""
    text = forge(header(alg="PS256", kid="k"), claims(), by_rsa())
    assert not verified(text, jwk(KEY, "k"))
    assert not verified(text, jwk(KEY, "k", alg="PS256"))


# --- tokens made here


def test_a_token_made_here_is_verified_here_and_by_joserfc() -> None:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    key_id = jwt_writing.thumbprint(KEY.public_key())
    published = {"keys": [jwt_writing.as_jwk(KEY.public_key(), key_id=key_id)]}
    text = jwt_writing.write(KEY, claims(name="名前"), key_id=key_id)
    unverified = jwt_text.read(text)
    assert oidc.verify(
        CheckedToken(unverified, SUBJECT, "aud"), read_keys(compact(published))[unverified.key_id]
    ).claims == claims(name="名前")
    found = jwt.decode(text, KeySet.import_key_set(json.loads(compact(published))), algorithms=["RS256"])
    assert found.claims == claims(name="名前")
    assert found.header == {"kid": key_id, "typ": "JWT", "alg": "RS256"}


def test_the_key_id_is_the_keys_thumbprint() -> None:
    from joserfc.jwk import RSAKey

    assert jwt_writing.thumbprint(KEY.public_key()) == RSAKey.import_key(KEY.public_key()).thumbprint()


def test_cognitos_own_tokens_are_of_another_algorithm_and_type() -> None:
    """RS512: no issuer's token is, so neither passes for the other."""
    text = jwt_writing.write(KEY, claims(), key_id="k", algorithm="RS512", kind="JWS")
    with pytest.raises(Unverifiable):
        jwt_text.read(text)
    own = jwt_text.read(text, {"RS512"})
    assert (
        oidc.verify(CheckedToken(own, SUBJECT, "pool"), PublicKey("RS512", KEY.public_key())).claims["exp"]
        == NOW + 3600
    )
    with pytest.raises(Unverifiable):
        jwt_text.read(token(), {"RS512"})
