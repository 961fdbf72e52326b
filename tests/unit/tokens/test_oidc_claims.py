"""Every combination of issuer, audience, authorized party, times and use: believed if and only if each is right."""

from __future__ import annotations

from itertools import product
from types import MappingProxyType
from typing import Any

import pytest

from gatepass.tokens.jwt_refused import MissingClaim, TokenRefused
from gatepass.tokens.jwt_text import UnverifiedToken
from gatepass.tokens.oidc import Expected, check

NOW = 1_800_000_000.5
ISSUER, CLIENT, OTHER = "https://issuer.test", "client", "other-client"
ABSENT: Any = object()

# Each value of a claim, and whether it is right; the audience and the authorized party are judged together.
ISSUERS = {ISSUER: True, "https://issuer.test/": False, "https://evil.test": False, ABSENT: False}
AUDIENCES: tuple[Any, ...] = (
    CLIENT,
    "foreign",
    (CLIENT,),
    (CLIENT, "foreign"),
    (CLIENT, OTHER),
    ("foreign",),
    (),
    ABSENT,
)
PARTIES: tuple[Any, ...] = (ABSENT, CLIENT, OTHER, "foreign", "", None)
EXPIRATIONS = {NOW + 1: True, int(NOW) + 1: True, NOW: False, NOW - 1: False, str(NOW + 60): False, ABSENT: False}
NOT_BEFORES = {ABSENT: True, NOW - 60: True, NOW + 300: True, NOW + 301: False, "now": False}
ISSUED_ATS = {NOW - 60: True, NOW + 300: True, NOW + 301: False, True: False, ABSENT: False}
USES = {ABSENT: (True, False), "id": (True, True), "access": (False, False), 1: (False, False)}


def audience_is_right(audience: Any, party: Any) -> bool:
    """In plain words: made for one of ours, and by whoever it names; if for several, it names one."""
    several = list(audience) if isinstance(audience, tuple) else [audience]
    for_us = any(each in (CLIENT, OTHER) for each in several)
    if party is ABSENT:
        return for_us and len(several) == 1
    return for_us and party in (CLIENT, OTHER)


def accepted(claims: dict[str, Any], *, token_use: bool) -> bool:
    present = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in claims.items()
        if value is not ABSENT
    }
    token = UnverifiedToken("RS256", "k", MappingProxyType({"sub": "user", **present}), b"", b"")
    try:
        check(token, Expected((ISSUER,), frozenset({CLIENT, OTHER}), token_use), NOW)
    except TokenRefused:
        return False
    return True


@pytest.mark.parametrize("token_use", [False, True], ids=["any provider", "a user pool"])
def test_the_whole_truth_table(token_use: bool) -> None:
    believed = total = 0
    for issuer, audience, party, exp, nbf, iat, use in product(
        ISSUERS, AUDIENCES, PARTIES, EXPIRATIONS, NOT_BEFORES, ISSUED_ATS, USES
    ):
        right = (
            ISSUERS[issuer]
            and audience_is_right(audience, party)
            and EXPIRATIONS[exp]
            and NOT_BEFORES[nbf]
            and ISSUED_ATS[iat]
            and USES[use][token_use]
        )
        claims = {"iss": issuer, "aud": audience, "azp": party, "exp": exp, "nbf": nbf, "iat": iat, "token_use": use}
        assert accepted(claims, token_use=token_use) == right, claims
        total, believed = total + 1, believed + right
    assert total == 4 * 8 * 6 * 6 * 5 * 5 * 4
    assert 0 < believed < total / 100


def test_the_audience_is_the_authorized_party_where_there_is_one() -> None:
    claims: dict[str, Any] = {"iss": ISSUER, "sub": "u", "exp": NOW + 1, "iat": NOW}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"aud": CLIENT}, CLIENT),
        ({"aud": [OTHER]}, OTHER),
        ({"aud": CLIENT, "azp": OTHER}, OTHER),
        ({"aud": ["foreign", CLIENT], "azp": CLIENT}, CLIENT),
    ]
    for given, expected in cases:
        token = UnverifiedToken("RS256", "k", {**claims, **given}, b"", b"")
        assert check(token, Expected((ISSUER,), frozenset({CLIENT, OTHER})), NOW).audience == expected


def test_a_provider_without_clients_takes_no_token() -> None:
    token = UnverifiedToken(
        "RS256", "k", {"iss": ISSUER, "aud": CLIENT, "sub": "u", "exp": NOW + 1, "iat": NOW}, b"", b""
    )
    with pytest.raises(TokenRefused):
        check(token, Expected((ISSUER,), frozenset()), NOW)


def test_an_issuer_may_have_two_spellings() -> None:
    """Google's tokens have had both."""
    expected = Expected(("https://accounts.google.com", "accounts.google.com"), frozenset({CLIENT}))
    for issuer in expected.issuers:
        claims = {"iss": issuer, "aud": CLIENT, "sub": "u", "exp": NOW + 1, "iat": NOW}
        assert check(UnverifiedToken("RS256", "k", claims, b"", b""), expected, NOW).subject == "u"


def test_the_first_claim_that_is_missing_is_named() -> None:
    """An access token of a user pool has no audience; that is what AWS says of it."""
    access = {"iss": ISSUER, "sub": "u", "exp": NOW + 1, "iat": NOW, "token_use": "access", "client_id": CLIENT}
    with pytest.raises(MissingClaim) as caught:
        check(UnverifiedToken("RS256", "k", access, b"", b""), Expected((ISSUER,), frozenset({CLIENT}), True), NOW)
    assert caught.value.claim == "aud"
