"""Of the zoo no token is believed, each for its own reason; every good one is; and a checker with one check missing
believes at least one of the zoo, so the zoo is good for something."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt as joserfc
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from tests.oracles.login_tokens import (
    CLIENT,
    ISSUER,
    NOW,
    OTHER_CLIENT,
    SUBJECT,
    Specimen,
    b64,
    good_tokens,
    key_set,
    zoo,
)

from gatepass.tokens import jwt_json, jwt_keys, jwt_refused, jwt_text, oidc
from gatepass.tokens.jwt_refused import TokenRefused, UnknownKey
from gatepass.tokens.oidc import Expected, IdToken

EXPECTED = Expected((ISSUER,), frozenset({CLIENT, OTHER_CLIENT}))
KEYS = jwt_keys.read_keys(key_set())


def believe(token: str, expected: Expected = EXPECTED) -> IdToken:
    """What `gatepass.issuers` does, with keys that are there. Raises: TokenRefused."""
    unverified = jwt_text.read(token)
    checked = oidc.check(unverified, expected, NOW)
    key = KEYS.get(unverified.key_id)
    if key is None:
        raise UnknownKey("no such key")
    return oidc.verify(checked, key)


def believed(specimen: Specimen) -> bool:
    expected = dataclasses.replace(EXPECTED, token_use=specimen.user_pool)
    try:
        believe(specimen.token, expected)
    except TokenRefused:
        return False
    return True


def test_the_zoo_is_large() -> None:
    assert len(zoo()) >= 60


@pytest.mark.parametrize("specimen", zoo(), ids=lambda specimen: specimen.name)
def test_no_specimen_is_believed(specimen: Specimen) -> None:
    """And each is refused for the reason it is there for; the reason never shows the token."""
    expected = dataclasses.replace(EXPECTED, token_use=specimen.user_pool)
    with pytest.raises(TokenRefused) as caught:
        believe(specimen.token, expected)
    assert type(caught.value) is getattr(jwt_refused, specimen.cause)
    reason = str(caught.value)
    assert "eyJ" not in reason
    assert len(reason) < 400
    assert reason.isascii()
    assert reason.isprintable()


@pytest.mark.parametrize("token", good_tokens().values(), ids=good_tokens())
def test_a_good_token_is_believed(token: str) -> None:
    found = believe(token)
    assert (found.issuer, found.subject) == (ISSUER, found.claims["sub"])
    assert found.subject in (SUBJECT, "repo:org/app:environment:dev")
    assert found.audience in (CLIENT, OTHER_CLIENT)


def test_what_is_printed_of_a_token_is_not_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    for token in good_tokens().values():
        unverified = jwt_text.read(token)
        print(unverified, oidc.check(unverified, EXPECTED, NOW), believe(token))
    printed = capsys.readouterr().out
    assert "eyJ" not in printed
    assert SUBJECT not in printed


# --- a second opinion


def second_opinion(token: str) -> dict[str, Any]:
    """What joserfc reads. Raises: ValueError, JoseError."""
    keys = KeySet.import_key_set(json.loads(key_set()))
    found = joserfc.decode(token, keys, algorithms=["RS256", "ES256"])
    rules = joserfc.JWTClaimsRegistry(
        now=NOW, leeway=0, iss={"essential": True, "value": ISSUER}, exp={"essential": True}, sub={"essential": True}
    )
    rules.validate({name: value for name, value in found.claims.items() if name not in ("iat", "nbf")})
    return dict(found.claims)


@pytest.mark.parametrize("token", good_tokens().values(), ids=good_tokens())
def test_another_library_believes_the_good_ones_and_reads_the_same(token: str) -> None:
    assert second_opinion(token) == dict(believe(token).claims)


@pytest.mark.parametrize("specimen", [each for each in zoo() if each.crypto], ids=lambda specimen: specimen.name)
def test_another_library_refuses_what_is_wrongly_signed_or_no_token(specimen: Specimen) -> None:
    with pytest.raises((JoseError, ValueError)):
        second_opinion(specimen.token)


# --- the zoo finds what is missing

Patch = Callable[[pytest.MonkeyPatch], None]


def without(module: Any, name: str, value: Any) -> Patch:
    return lambda monkeypatch: monkeypatch.setattr(module, name, value)


def any_signature(checked: oidc.CheckedToken, key: object) -> IdToken:
    return IdToken(ISSUER, checked.subject, checked.audience, checked.token.claims)


def lenient(part: bytes, name: str) -> bytes:
    return base64.urlsafe_b64decode(part + b"==")


def plain_json(text: bytes) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError
    return value


def last_member(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(pairs)


def without_members_check() -> Any:
    return json.JSONDecoder(object_pairs_hook=last_member)


def prefix(token: jwt_text.UnverifiedToken, expected: Expected, now: float) -> oidc.CheckedToken:
    if not str(token.claims.get("iss")).startswith(ISSUER):
        raise jwt_refused.WrongIssuer
    return _check(token, dataclasses.replace(expected, issuers=(token.claims["iss"],)), now)


_check, _check_header = oidc.check, jwt_text._check_header


def any_header(header: dict[str, Any], algorithms: object) -> str:
    return _check_header({**header, "typ": "JWT"}, jwt_text.ALGORITHMS)


def key_decides(checked: oidc.CheckedToken, key: jwt_keys.PublicKey) -> IdToken:
    if not oidc._algorithm(key.algorithm).verify(checked.token.signed, key.key, checked.token.signature):
        raise jwt_refused.Unverifiable
    return any_signature(checked, key)


def any_of_several(claims: Any, audiences: frozenset[str]) -> str:
    given = claims["aud"]
    if not audiences.intersection(given if isinstance(given, list) else [given]):
        raise jwt_refused.WrongAudience
    return CLIENT


WEAKENED: dict[str, Patch] = {
    "any signature": without(oidc, "verify", any_signature),
    "the key alone decides the algorithm": without(oidc, "verify", key_decides),
    "headers that ask for something": without(jwt_text, "_REFUSED_HEADERS", ()),
    **{
        f"the header {name}": without(
            jwt_text, "_REFUSED_HEADERS", tuple(each for each in jwt_text._REFUSED_HEADERS if each != name)
        )
        for name in ("crit", "b64", "jku", "x5u", "x5c", "zip", "enc", "cty")
    },
    "any type": without(jwt_text, "_check_header", any_header),
    "any length": without(jwt_text, "LONGEST", 1_000_000),
    "a header of any length": without(jwt_text, "LONGEST_HEADER", 1_000_000),
    "any spelling of base64": without(jwt_text, "_decoded", lenient),
    "any JSON": without(jwt_text, "read_object", plain_json),
    "the last of two members": without(jwt_json, "_DECODER", without_members_check()),
    "any depth": without(jwt_json, "DEEPEST", 500),
    "any issuer that begins alike": without(oidc, "check", prefix),
    "any of several audiences": without(oidc, "_audience", any_of_several),
    "any use": without(oidc, "_check_use", lambda claims, expected: None),
    "any time": without(oidc, "_check_times", lambda claims, now: None),
    "any clock": without(oidc, "CLOCKS_DIFFER", 10**12),
    "any number": without(oidc, "_time", float),
    "any subject": without(oidc, "_is_name", lambda text: True),
}


@pytest.mark.parametrize("weaken", WEAKENED.values(), ids=WEAKENED)
def test_a_checker_that_lacks_a_check_believes_one_of_the_zoo(weaken: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(believed(specimen) for specimen in zoo())
    weaken(monkeypatch)

    def escaped(specimen: Specimen) -> bool:
        try:
            return believed(specimen)
        except Exception:  # noqa: BLE001  (what is weakened may break on other specimens)
            return False

    assert any(escaped(specimen) for specimen in zoo())


# --- anything at all


@given(
    st.text() | st.text("eyJhbGciOiJSUzI1NiJ9._-=", max_size=200) | st.binary().map(lambda data: data.decode("latin-1"))
)
def test_any_text_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(TokenRefused):
        believe(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from([ISSUER, CLIENT]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("alg", "kid", "typ", "crit", "jwk", "b64"), values)),
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("iss", "aud", "azp", "sub", "exp", "nbf", "iat", "token_use", "typ"), values)
    ),
)
def test_any_members_under_the_wrong_signature_are_refused(header: dict[str, Any], claims: dict[str, Any]) -> None:
    good_header, good_claims = (
        {"alg": "RS256", "kid": "rsa"},
        {"iss": ISSUER, "aud": CLIENT, "sub": "a", "exp": NOW + 1},
    )
    parts = (json.dumps({**good_header, **header}), json.dumps({**good_claims, "iat": NOW, **claims}))
    with pytest.raises(TokenRefused):
        believe(".".join([*(b64(part.encode()) for part in parts), b64(bytes(256))]))


@given(st.data())
def test_a_changed_character_of_a_good_token_is_refused(data: st.DataObject) -> None:
    good = good_tokens()["RS256"]
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.characters(codec="ascii"))
    if other != good[place]:
        with pytest.raises(TokenRefused):
            believe(good[:place] + other + good[place + 1 :])
