"""OpenID tokens of identity pools: the bytes that are handed out, and that nothing else is believed."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt as joserfc
from joserfc.jwk import KeySet
from tests.oracles.login_tokens import b64, compact, rsa_key

from gatepass.tokens import OpenIdToken, SigningKeys, mint_openid, openid, verify_openid
from gatepass.tokens.jwt_refused import Expired, MissingClaim, NotYetValid, TokenRefused, UnknownKey
from gatepass.tokens.jwt_text import read
from gatepass.tokens.jwt_writing import write
from gatepass.tokens.signing_keys import key_id

NOW = 1_800_000_000
KEYS = SigningKeys("us-east-1-7", {"us-east-1-7": rsa_key("seven"), "us-east-1-8": rsa_key("eight")})
OTHERS = SigningKeys("us-east-1-7", {"us-east-1-7": rsa_key("another deployment's")})
GUEST = OpenIdToken(
    "us-east-1:157d6171-ee37-c0dd-c6c5-ce7afc0154ab",
    "us-east-1:8d8f7658-1c6c-4f0b-9d5c-0123456789ab",
    ("unauthenticated",),
    NOW,
    NOW + 600,
    "arn:aws:cognito-identity:us-east-1:123456789012:identitypool/us-east-1:8d8f7658-1c6c-4f0b-9d5c-0123456789ab",
)
KNOWN = dataclasses.replace(
    GUEST, amr=("authenticated", "login.example", "login.example:OIDC:sub"), principal_tags={"team": "x", "Größe": "y"}
)


def parts(text: str) -> list[Any]:
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in text.split(".")[:2]]


def claims(token: OpenIdToken = GUEST) -> dict[str, Any]:
    found: dict[str, Any] = parts(mint_openid(KEYS, token))[1]
    return found


def signed(given: dict[str, Any], **header: Any) -> str:
    """Claims of our choice, signed with a good key."""
    return write(KEYS.keys["us-east-1-7"], given, key_id="us-east-1-7", algorithm="RS512", **{"kind": "JWS", **header})


def refused(text: str, now: float = NOW) -> type[TokenRefused]:
    with pytest.raises(TokenRefused) as caught:
        verify_openid(KEYS, text, now)
    return caught.type


def test_a_guests_token_says_what_aws_says() -> None:
    """In its order: header and claims as pasted tokens have them."""
    header, body = parts(mint_openid(KEYS, GUEST))
    assert list(header.items()) == [("kid", "us-east-1-7"), ("typ", "JWS"), ("alg", "RS512")]
    assert list(body.items()) == [
        ("sub", GUEST.identity_id),
        ("aud", GUEST.pool_id),
        ("amr", ["unauthenticated"]),
        ("iss", "https://cognito-identity.amazonaws.com"),
        ("https://cognito-identity.amazonaws.com/identity-pool-arn", GUEST.pool_arn),
        ("exp", NOW + 600),
        ("iat", NOW),
    ]


def test_principal_tags_are_lists_of_one() -> None:
    assert claims(KNOWN)["https://aws.amazon.com/tags"] == {"principal_tags": {"team": ["x"], "Größe": ["y"]}}


@pytest.mark.parametrize("token", [GUEST, KNOWN], ids=["guest", "known"])
def test_what_is_minted_is_believed_here_and_by_others(token: OpenIdToken) -> None:
    """A second library, with nothing but the published keys, reads the same."""
    text = mint_openid(KEYS, token)
    assert verify_openid(KEYS, text, NOW) == token
    assert verify_openid(KEYS, read(text, {"RS512"}), NOW + 599) == token
    key_set = KeySet.import_key_set(json.loads(KEYS.jwks()))
    assert joserfc.decode(text, key_set, algorithms=["RS512"]).claims == claims(token)


def test_only_public_halves_are_published() -> None:
    entries = json.loads(KEYS.jwks())["keys"]
    assert [(entry["kid"], entry["alg"]) for entry in entries] == [("us-east-1-7", "RS512"), ("us-east-1-8", "RS512")]
    assert all(entry.keys() == {"kty", "use", "alg", "kid", "n", "e"} for entry in entries)


def test_a_token_ends() -> None:
    text = mint_openid(KEYS, GUEST)
    assert refused(text, NOW + 600) is Expired
    assert refused(text, NOW - 301) is NotYetValid
    assert verify_openid(KEYS, text, NOW - 300) == GUEST


def test_a_retired_key_is_believed_no_more() -> None:
    text = mint_openid(KEYS, GUEST)
    rotated = KEYS.activate("us-east-1-8")
    assert verify_openid(rotated, text, NOW) == GUEST
    with pytest.raises(UnknownKey):
        verify_openid(rotated.retire("us-east-1-7"), text, NOW)


# --- forged, tampered, mixed up


def forged() -> dict[str, str]:
    """Each differs from a good token in one thing."""
    text = mint_openid(KEYS, GUEST)
    head, body, signature = text.split(".")
    header = parts(text)[0]

    def with_header(**changed: Any) -> str:
        made = {name: value for name, value in {**header, **changed}.items() if value is not None}
        return f"{b64(compact(made))}.{body}.{signature}"

    def with_claims(**changed: Any) -> str:
        return f"{head}.{b64(compact({**claims(), **changed}))}.{signature}"

    public = json.dumps(parts(text)[1]).encode()
    return {
        "another identity": with_claims(sub="us-east-1:00000000-0000-0000-0000-000000000000"),
        "another pool": with_claims(aud="us-east-1:00000000-0000-0000-0000-000000000000"),
        "authenticated": with_claims(amr=["authenticated", "login.example"]),
        "longer": with_claims(exp=NOW + 86_400),
        "another deployment": mint_openid(OTHERS, GUEST),
        "no signature": f"{head}.{body}.",
        "half a signature": f"{head}.{body}.{signature[:171]}",
        "a longer signature": f"{head}.{body}.{signature}{signature}",
        "zeros": f"{head}.{body}.{b64(bytes(256))}",
        "another key id": with_header(kid="us-east-1-8"),
        "an unknown key id": with_header(kid="us-east-1-9"),
        "no key id": with_header(kid=None),
        "alg none": with_header(alg="none"),
        "alg RS256": with_header(alg="RS256"),
        "alg HS512": with_header(alg="HS512"),
        "crit": with_header(crit=["exp"]),
        "jwk": with_header(jwk=json.loads(KEYS.jwks())["keys"][0]),
        "RS256, signed so": write(KEYS.keys["us-east-1-7"], claims(), key_id="us-east-1-7", kind="JWS"),
        "padding": text + "==",
        "a blank": text + " ",
        "JSON form": json.dumps({"protected": head, "payload": body, "signature": signature}),
        "four parts": text + "." + signature,
        "an access token": signed(claims(), kind="at+jwt"),
        "wholly made up": f"{b64(compact(header))}.{b64(public)}.{b64(b'x' * 256)}",
    }


@pytest.mark.parametrize("text", forged().values(), ids=forged().keys())
def test_a_forged_token_is_not_believed(text: str) -> None:
    assert issubclass(refused(text), TokenRefused)


@given(st.data())
def test_no_bit_can_be_flipped(data: st.DataObject) -> None:
    text = bytearray(mint_openid(KEYS, KNOWN).encode())
    position = data.draw(st.integers(0, len(text) - 1))
    text[position] ^= 1 << data.draw(st.integers(0, 6))
    assert issubclass(refused(text.decode("latin-1")), TokenRefused)


@pytest.mark.parametrize("name", ["sub", "aud", "amr", "exp", "iat"])
def test_a_claim_that_is_missing(name: str) -> None:
    given = claims()
    del given[name]
    assert refused(signed(given)) is MissingClaim


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://cognito-identity.example"},
        {"iss": None},
        {"sub": ""},
        {"sub": ["a"]},
        {"aud": ["a", "b"]},
        {"amr": "unauthenticated"},
        {"amr": []},
        {"amr": [1]},
        {"exp": "1800000600"},
        {"exp": True},
        {"iat": 1.5},
        {openid.TAGS_CLAIM: ["team"]},
        {openid.TAGS_CLAIM: {"principal_tags": {"team": "x"}}},
        {openid.TAGS_CLAIM: {"principal_tags": {"team": ["x", "y"]}}},
        {openid.TAGS_CLAIM: {"principal_tags": ["team"]}},
        {openid.TAGS_CLAIM: {"transitive_tag_keys": ["team"]}},
        {openid.POOL_ARN_CLAIM: 1},
    ],
    ids=str,
)
def test_what_a_good_key_signed_must_still_be_a_token(changed: dict[str, Any]) -> None:
    assert issubclass(refused(signed({**claims(), **changed})), TokenRefused)


# --- the keys


def test_keys_are_rotated_in_three_steps_and_never_change() -> None:
    one = SigningKeys("r-1", {"r-1": rsa_key("one")})
    two = one.prepare("r-2", rsa_key("two"))
    three = two.activate("r-2")
    four = three.retire("r-1")
    assert [(keys.active, list(keys.keys)) for keys in (one, two, three, four)] == [
        ("r-1", ["r-1"]),
        ("r-1", ["r-1", "r-2"]),
        ("r-2", ["r-1", "r-2"]),
        ("r-2", ["r-2"]),
    ]
    with pytest.raises(AttributeError):
        one.active = "r-2"


def test_steps_that_cannot_be_taken() -> None:
    keys = SigningKeys("r-1", {"r-1": rsa_key("one")})
    with pytest.raises(ValueError, match="already"):
        keys.prepare("r-1", rsa_key("two"))
    with pytest.raises(ValueError, match="not among"):
        keys.activate("r-2")
    with pytest.raises(ValueError, match="active"):
        keys.retire("r-1")
    with pytest.raises(ValueError, match="no signing key"):
        keys.retire("r-2")
    with pytest.raises(ValueError, match="2048"):
        SigningKeys("r-1", {"r-1": rsa.generate_private_key(65537, 1024)})


def test_nothing_secret_is_shown() -> None:
    assert repr(KEYS) == "SigningKeys(active='us-east-1-7', keys=['us-east-1-7', 'us-east-1-8'])"
    assert GUEST.identity_id not in repr(GUEST)
    assert "login.example" not in repr(KNOWN)


def test_key_ids_look_like_aws() -> None:
    assert key_id("us-east-1", 7) == "us-east-1-7"
