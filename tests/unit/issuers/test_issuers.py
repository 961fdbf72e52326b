"""From a token's text to a token that is believed, over keys that are fetched; and in STS's words where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.oracles.login_tokens import (
    CLIENT,
    ISSUER,
    NOW,
    OTHER_CLIENT,
    SUBJECT,
    Specimen,
    by_rsa,
    claims,
    forge,
    good_tokens,
    header,
    token,
    zoo,
)

from gatepass.errors import ExpiredIdentityToken, InvalidIdentityToken, ServiceError
from gatepass.issuers import Issuers, KeysUnavailable, verify_web_identity
from gatepass.issuers.web_identity import NO_KEYS, NOT_A_TOKEN, NOT_VALIDATED
from gatepass.tokens import jwt_refused
from gatepass.tokens.jwt_refused import TokenRefused
from gatepass.tokens.jwt_text import read
from gatepass.tokens.oidc import Expected, IdToken

EXPECTED = Expected((ISSUER,), frozenset({CLIENT, OTHER_CLIENT}))
KEYS = f"{ISSUER}/keys"

CountingIssuer = Any
Verify = Callable[..., IdToken]


@pytest.fixture
def issuers(issuer: CountingIssuer) -> Issuers:
    return Issuers(fetch=issuer)


def test_good_tokens_are_believed_after_one_question(
    runner: asyncio.Runner, issuers: Issuers, issuer: CountingIssuer
) -> None:
    for text in good_tokens().values():
        assert runner.run(issuers.verify(text, EXPECTED, NOW)).issuer == ISSUER
        assert runner.run(issuers.verify(read(text), EXPECTED, NOW)).audience in (CLIENT, OTHER_CLIENT)
    assert len(issuer.asked) == 2


def test_the_zoo_is_refused_and_asks_no_more_than_a_good_token(
    runner: asyncio.Runner, issuers: Issuers, issuer: CountingIssuer
) -> None:
    for specimen in zoo():
        expected = Expected(EXPECTED.issuers, EXPECTED.audiences, specimen.user_pool)
        with pytest.raises(getattr(jwt_refused, specimen.cause)):
            runner.run(issuers.verify(specimen.token, expected, NOW))
    assert len(issuer.asked) == 2


def test_an_issuer_is_not_asked_for_the_keys_of_a_token_that_is_refused_anyway(
    runner: asyncio.Runner, issuers: Issuers, issuer: CountingIssuer
) -> None:
    for text in ("x", token(exp=NOW), token(aud="elsewhere"), token(iss="https://evil.test"), token(sub="")):
        with pytest.raises(TokenRefused):
            runner.run(issuers.verify(text, EXPECTED, NOW))
    assert issuer.asked == []


def test_one_issuers_key_does_not_serve_another(runner: asyncio.Runner, issuers: Issuers) -> None:
    """Same key id, same key set URL path, another issuer's key."""
    runner.run(issuers.verify(token(), EXPECTED, NOW))
    other = "https://other.example.test"
    with pytest.raises(KeysUnavailable):
        runner.run(issuers.verify(token(iss=other), Expected((other,), EXPECTED.audiences), NOW))


def test_known_keys_verify_while_the_issuer_is_down(
    runner: asyncio.Runner, issuers: Issuers, issuer: CountingIssuer
) -> None:
    runner.run(issuers.verify(token(), EXPECTED, NOW))
    issuer.documents.clear()
    for minute in range(31):
        assert runner.run(issuers.verify(token(), EXPECTED, NOW + 60 * minute - 1)).subject == SUBJECT
    with pytest.raises(TokenRefused):
        runner.run(issuers.verify(forge(header(), claims(), by_rsa("attacker")), EXPECTED, NOW))


def test_without_keys_nothing_is_believed(runner: asyncio.Runner, issuers: Issuers, issuer: CountingIssuer) -> None:
    issuer.documents.clear()
    for text in good_tokens().values():
        with pytest.raises(KeysUnavailable):
            runner.run(issuers.verify(text, EXPECTED, NOW))
    assert len(issuer.asked) == 1


@given(text=st.text() | st.text("eyJhbGciOiJSUzI1NiJ9._-=", max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_as_a_web_identity_is_an_answer_of_stss(runner: asyncio.Runner, issuers: Issuers, text: str) -> None:
    with pytest.raises(ServiceError):
        runner.run(verify_web_identity(issuers, text, client_ids=lambda name: [CLIENT], now=NOW))


# --- AssumeRoleWithWebIdentity

PROVIDERS = {ISSUER.removeprefix("https://"): (CLIENT, OTHER_CLIENT)}


@pytest.fixture
def verify(runner: asyncio.Runner, issuers: Issuers) -> Verify:
    def run(text: Any, now: float = NOW) -> IdToken:
        return runner.run(verify_web_identity(issuers, text, client_ids=PROVIDERS.get, now=now))

    return run


def answer(verify: Verify, text: str, now: float = NOW) -> tuple[type, int, str]:
    with pytest.raises((InvalidIdentityToken, ExpiredIdentityToken)) as caught:
        verify(text, now)
    return type(caught.value), caught.value.status, caught.value.message


def test_web_identities(verify: Verify) -> None:
    for text in good_tokens().values():
        assert verify(text).claims["iss"] == verify(read(text)).issuer == ISSUER


STS_SAYS = {
    "Unreadable": NOT_A_TOKEN,
    "NotAnIdToken": NOT_A_TOKEN,
    "MissingClaim": NOT_A_TOKEN,
    "WrongAudience": "Incorrect token audience",
    "UnknownKey": NO_KEYS,
    "Unverifiable": NOT_VALIDATED,
    "NotYetValid": NOT_VALIDATED,
}


@pytest.mark.parametrize(
    "specimen",
    [each for each in zoo() if each.cause in STS_SAYS and not each.user_pool],
    ids=lambda specimen: specimen.name,
)
def test_the_zoo_in_stss_words(verify: Verify, specimen: Specimen) -> None:
    assert answer(verify, specimen.token) == (InvalidIdentityToken, 400, STS_SAYS[specimen.cause])


@pytest.mark.parametrize(
    "name", ["https://evil.test", f"{ISSUER}/", ISSUER.upper(), "accounts.google.com", "http://a.test"]
)
def test_an_issuer_that_the_account_does_not_have(verify: Verify, issuer: CountingIssuer, name: str) -> None:
    expected = f"No OpenIDConnect provider found in your account for {name}"
    assert answer(verify, token(iss=name)) == (InvalidIdentityToken, 400, expected)
    assert issuer.asked == []


@pytest.mark.parametrize("name", [1, None, [ISSUER], "https://evil.test/\r\nx: y", "https://" + "a" * 300, "https://é"])
def test_an_issuer_that_is_none_is_not_repeated(verify: Verify, name: Any) -> None:
    assert answer(verify, token(iss=name)) == (InvalidIdentityToken, 400, NOT_A_TOKEN)


def test_expired(verify: Verify) -> None:
    text = token(exp=NOW - 86, iat=NOW - 3600)
    expected = f"Token expired: current date/time {NOW} must be before the expiration date/time{NOW - 86}"
    assert answer(verify, text) == (ExpiredIdentityToken, 400, expected)
    assert ExpiredIdentityToken.code == "ExpiredTokenException"


def test_older_than_a_day(verify: Verify) -> None:
    """However long it would still be valid."""
    text = token(exp=NOW + 10**6, iat=NOW - 86_400)
    assert verify(text).subject == SUBJECT
    assert answer(verify, text, NOW + 1) == (ExpiredIdentityToken, 400, "Token too old: 86401")


def test_only_a_token_that_is_believed_is_called_too_old(verify: Verify) -> None:
    text = forge(header(), claims(exp=NOW + 10**6, iat=NOW - 10**6), by_rsa("attacker"))
    assert answer(verify, text) == (InvalidIdentityToken, 400, NOT_VALIDATED)


def test_keys_that_cannot_be_had(verify: Verify, issuer: CountingIssuer) -> None:
    issuer.documents.clear()
    assert answer(verify, token()) == (InvalidIdentityToken, 400, NO_KEYS)
    assert "provider,  please" in NO_KEYS
