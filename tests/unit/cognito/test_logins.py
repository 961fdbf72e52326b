"""A login is verified against its provider's record in the pool, whichever way the pool lists it, or refused as AWS
refuses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
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
    key_set,
    of_user_pool,
    token,
    zoo,
)

from gatepass.cognito import logins
from gatepass.cognito.logins import VerifiedLogin
from gatepass.errors import ExternalService, InvalidParameter, NotAuthorized, ServiceError
from gatepass.issuers import Issuers, KeyFile
from gatepass.issuers.addresses import Reach, Url
from gatepass.issuers.fetching import Fetched, Unfetchable
from gatepass.store import IdentityPool, OpenIDConnectProvider
from gatepass.store.entities import CognitoIdentityProvider
from gatepass.wire import json11

ACCOUNT = "123456789012"
GOOGLE, FACEBOOK, APPLE, AMAZON = "accounts.google.com", "graph.facebook.com", "appleid.apple.com", "www.amazon.com"
USER_POOL = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1"
OIDC = ISSUER.removeprefix("https://")
OIDC_ARN = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{OIDC}"
GONE = "gone.example.test"
COGNITO = "cognito-identity.amazonaws.com"
SAML_ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/corporate"

POOL = IdentityPool(
    id="eu-central-1:00000000-0000-4000-8000-000000000001",
    name="p",
    supported_login_providers={GOOGLE: "google-app", FACEBOOK: "7346241598935552", APPLE: "apple-app", AMAZON: "a1"},
    developer_provider_name="login.example",
    cognito_identity_providers=(
        CognitoIdentityProvider(USER_POOL, "web"),
        CognitoIdentityProvider(USER_POOL, "mobile"),
        CognitoIdentityProvider(USER_POOL, "strict", server_side_token_check=True),
    ),
    open_id_connect_provider_arns=(OIDC_ARN, f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GONE}"),
    saml_provider_arns=(SAML_ARN,),
)


class Keys:
    """Every issuer has the same keys, unless it is down."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.down = False

    async def __call__(self, url: Url, reach: Reach) -> Fetched:
        self.urls.append(str(url))
        if self.down:
            raise Unfetchable(f"{url} is down")
        if str(url) == f"{ISSUER}/.well-known/openid-configuration":
            return Fetched(f'{{"issuer":"{ISSUER}","jwks_uri":"{ISSUER}/keys"}}'.encode(), None)
        return Fetched(key_set(), None)


class Desk:
    """Verifies logins for a pool; `notes` is what the decision log of the last call would show."""

    def __init__(self, broker: Any) -> None:
        self.broker = broker
        self.keys = Keys()
        self.pool = POOL
        self.issuers: Issuers | None = Issuers(fetch=self.keys)
        broker.now = float(NOW)
        provider = OpenIDConnectProvider(OIDC_ARN, OIDC, client_ids=(CLIENT, OTHER_CLIENT))
        assert broker.run(broker.store.oidc_providers.add(provider))

    def verify(self, given: dict[str, str]) -> tuple[VerifiedLogin, ...]:
        call = msgspec.structs.replace(self.broker.call(None), issuers=self.issuers)
        verified: tuple[VerifiedLogin, ...] = self.broker.run(logins.verify(call, self.pool, given))
        return verified

    def login(self, provider: str, text: str) -> VerifiedLogin:
        (verified,) = self.verify({provider: text})
        return verified

    def refusal(self, provider: str, text: str) -> tuple[str, str]:
        """Type and message on the wire."""
        with pytest.raises((NotAuthorized, InvalidParameter, ExternalService)) as caught:
            self.login(provider, text)
        response = json11.error(caught.value, "id")
        assert response.status == 400
        assert "eyJ" not in "".join(self.notes)
        return f"{caught.value.code}Exception", caught.value.message

    @property
    def notes(self) -> list[str]:
        found: list[str] = self.broker.notes
        return found


@pytest.fixture
def desk(broker: Any) -> Iterator[Desk]:
    made = Desk(broker)
    yield made
    if made.issuers is not None:
        broker.run(made.issuers.close())


def not_authorized(message: str) -> tuple[str, str]:
    return "NotAuthorizedException", message


# --- each kind of provider


def test_google(desk: Desk) -> None:
    for issuer in ("https://accounts.google.com", "accounts.google.com"):
        found = desk.login(GOOGLE, token(iss=issuer, aud="google-app", sub="1104", email="a@b.test"))
        assert (found.provider, found.subject, found.audience) == (GOOGLE, "1104", "google-app")
        assert found.amr == (GOOGLE, f"{GOOGLE}:google-app:1104")
        assert found.role_mapping == GOOGLE
        assert found.claims["email"] == "a@b.test"
    assert desk.keys.urls == ["https://www.googleapis.com/oauth2/v3/certs"]


def test_facebook_as_recorded_from_aws(desk: Desk) -> None:
    found = desk.login(FACEBOOK, token(iss="https://www.facebook.com", aud="7346241598935552", sub="1810"))
    assert found.amr == (FACEBOOK, f"{FACEBOOK}:7346241598935552:1810")
    assert desk.keys.urls == ["https://limited.facebook.com/.well-known/oauth/openid/jwks/"]


def test_apple(desk: Desk) -> None:
    found = desk.login(APPLE, token(iss="https://appleid.apple.com", aud="apple-app", sub="000.aa.1"))
    assert found.amr == (APPLE, f"{APPLE}:apple-app:000.aa.1")
    assert desk.keys.urls == ["https://appleid.apple.com/auth/keys"]


def test_a_user_pool(desk: Desk) -> None:
    for client in ("web", "mobile"):
        text = token(iss=f"https://{USER_POOL}", aud=client, token_use="id", **{"cognito:groups": ["a", "b"]})
        found = desk.login(USER_POOL, text)
        assert found.amr == (USER_POOL, f"{USER_POOL}:CognitoSignIn:{SUBJECT}")
        assert (found.audience, found.role_mapping) == (client, f"{USER_POOL}:{client}")
        assert found.claims["cognito:groups"] == ["a", "b"]
    assert desk.keys.urls == [f"https://{USER_POOL}/.well-known/jwks.json"]


def test_an_openid_connect_provider_as_recorded_from_aws(desk: Desk) -> None:
    found = desk.login(OIDC, token(sub="repo:org/app:environment:dev"))
    assert found.amr == (OIDC, f"{OIDC_ARN}:OIDC:repo:org/app:environment:dev")
    assert (found.provider, found.audience, found.role_mapping) == (OIDC, CLIENT, OIDC_ARN)
    assert desk.keys.urls == [f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/keys"]


def test_several_app_ids_of_one_public_provider(desk: Desk) -> None:
    desk.pool = replace(POOL, supported_login_providers={GOOGLE: "ios;android;;web"})
    for app in ("ios", "android", "web"):
        assert desk.login(GOOGLE, token(iss="https://accounts.google.com", aud=app)).audience == app
    for app in ("", "ios;android", ";"):
        expected = not_authorized("Token is not from a supported provider of this identity pool.")
        assert desk.refusal(GOOGLE, token(iss="https://accounts.google.com", aud=app)) == expected


def test_a_provider_that_is_listed_twice_takes_the_clients_of_both(desk: Desk) -> None:
    """Google as a public provider and in IAM, as AWS advises for more than one app."""
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GOOGLE}"
    desk.broker.run(desk.broker.store.oidc_providers.add(OpenIDConnectProvider(arn, GOOGLE, client_ids=("other-app",))))
    desk.pool = replace(POOL, open_id_connect_provider_arns=(arn,))
    google = "https://accounts.google.com"
    assert desk.login(GOOGLE, token(iss=google, aud="google-app", sub="1")).amr[1] == f"{GOOGLE}:google-app:1"
    assert desk.login(GOOGLE, token(iss=google, aud="other-app", sub="1")).amr[1] == f"{arn}:OIDC:1"


def test_all_good_tokens(desk: Desk) -> None:
    for text in good_tokens().values():
        assert desk.login(OIDC, text).claims["iss"] == ISSUER
    assert desk.notes == []


def test_several_logins_are_verified_in_order_and_one_bad_one_refuses_all(desk: Desk) -> None:
    google = token(iss="https://accounts.google.com", aud="google-app", sub="g")
    assert [each.provider for each in desk.verify({OIDC: token(), GOOGLE: google})] == [OIDC, GOOGLE]
    with pytest.raises(NotAuthorized, match="Couldn't verify"):
        desk.verify({OIDC: token(), GOOGLE: google[:-4] + "AAAA"})
    with pytest.raises(NotAuthorized, match="Logins don't match"):
        desk.verify({OIDC: token(), "unknown.test": token()})
    assert desk.verify({}) == ()


def test_no_token_is_looked_at_before_every_provider_is_known(desk: Desk) -> None:
    with pytest.raises(NotAuthorized, match="Logins don't match"):
        desk.verify({OIDC: "garbage", "unknown.test": token()})
    assert desk.keys.urls == []


# --- AWS's answers


@pytest.mark.parametrize("specimen", zoo(), ids=lambda specimen: specimen.name)
def test_the_zoo_in_cognitos_words(desk: Desk, specimen: Specimen) -> None:
    provider, text = (USER_POOL, of_user_pool(specimen, USER_POOL)) if specimen.user_pool else (OIDC, specimen.token)
    assert desk.refusal(provider, text) == not_authorized(specimen.answer)
    assert len(desk.notes) == 1


def test_expired_in_the_words_of_each_provider(desk: Desk) -> None:
    facebook = token(iss="https://www.facebook.com", aud="7346241598935552", exp=NOW - 1)
    assert desk.refusal(FACEBOOK, facebook) == not_authorized("Invalid login token. Token is expired.")
    user_pool = token(iss=f"https://{USER_POOL}", aud="web", token_use="id", exp=NOW - 8130)
    expected = f"Invalid login token. Token expired: {NOW} >= {NOW - 8130}"
    assert desk.refusal(USER_POOL, user_pool) == not_authorized(expected)


def test_a_token_of_one_provider_under_the_name_of_another(desk: Desk) -> None:
    """Every pair: a good token, and all other names the pool knows."""
    good = {
        GOOGLE: token(iss="https://accounts.google.com", aud="google-app"),
        FACEBOOK: token(iss="https://www.facebook.com", aud="7346241598935552"),
        APPLE: token(iss="https://appleid.apple.com", aud="apple-app"),
        USER_POOL: token(iss=f"https://{USER_POOL}", aud="web", token_use="id"),
        OIDC: token(),
    }
    for name in good:
        for owner, text in good.items():
            if owner == name:
                assert desk.login(name, text)
            else:
                expected = not_authorized("Invalid login token. Issuer doesn't match providerName")
                assert desk.refusal(name, text) == expected


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("unknown.test", not_authorized(logins.NO_MATCH)),
        (f"{OIDC}/", not_authorized(logins.NO_MATCH)),
        (ISSUER, not_authorized(logins.NO_MATCH)),
        (OIDC_ARN, not_authorized(logins.NO_MATCH)),
        (GOOGLE.upper(), not_authorized(logins.NO_MATCH)),
        ("", not_authorized(logins.NO_MATCH)),
        (COGNITO, not_authorized("Invalid login token. Can't pass in a Cognito token.")),
        ("login.example", ("InvalidParameterException", "Please provide a valid public provider.")),
        (AMAZON, not_authorized(logins.NOT_SUPPORTED)),
        (GONE, not_authorized(logins.NOT_SUPPORTED)),
        (SAML_ARN, not_authorized(logins.NO_SAML)),
    ],
)
def test_providers_whose_tokens_are_not_taken(desk: Desk, provider: str, expected: tuple[str, str]) -> None:
    assert desk.refusal(provider, token()) == expected
    assert desk.keys.urls == []


def test_why_a_listed_provider_is_not_taken_is_noted(desk: Desk) -> None:
    desk.refusal(AMAZON, "Atza|x")
    assert desk.notes == ["www.amazon.com gives no OpenID Connect tokens; only it could say whether this one is good"]
    desk.refusal(GONE, token())
    assert desk.notes == [f"identity pool `p` lists arn:aws:iam::{ACCOUNT}:oidc-provider/{GONE}, which does not exist"]


def test_a_provider_that_iam_forgot_is_taken_no_more(desk: Desk) -> None:
    assert desk.login(OIDC, token())
    desk.broker.run(desk.broker.store.oidc_providers.delete(OIDC_ARN))
    assert desk.refusal(OIDC, token()) == not_authorized(logins.NOT_SUPPORTED)


def test_a_client_that_was_taken_away_is_taken_no_more(desk: Desk) -> None:
    assert desk.login(OIDC, token())
    change = desk.broker.store.oidc_providers.change
    desk.broker.run(change(OIDC_ARN, lambda provider: replace(provider, client_ids=(OTHER_CLIENT,))))
    assert desk.refusal(OIDC, token()) == not_authorized(logins.NOT_SUPPORTED)


# --- keys


def test_an_issuer_that_is_down(desk: Desk) -> None:
    desk.keys.down = True
    expected = "ExternalServiceException", "The identity provider is not responding."
    assert desk.refusal(OIDC, token()) == expected
    assert desk.notes == [
        f"login token of {OIDC}: the issuer's keys cannot be had: {ISSUER}/.well-known/openid-configuration is down"
    ]


def test_an_issuer_that_is_down_later(desk: Desk) -> None:
    assert desk.login(OIDC, token())
    desk.keys.down = True
    desk.broker.now += 1800
    assert desk.login(OIDC, token())
    assert desk.refusal(OIDC, forge(header(kid="new"), claims()))[0] == "NotAuthorizedException"


def test_where_nobody_can_be_asked_nothing_is_believed(desk: Desk) -> None:
    desk.issuers = None
    assert desk.refusal(OIDC, token())[0] == "ExternalServiceException"


def test_keys_that_the_operator_named_are_the_only_ones(desk: Desk, tmp_path: Any) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(key_set())
    desk.issuers = Issuers({"https://accounts.google.com": KeyFile(path)}, fetch=desk.keys)
    assert desk.login(GOOGLE, token(iss="accounts.google.com", aud="google-app"))
    wrong = forge(header(), claims(iss="https://accounts.google.com", aud="google-app"), by_rsa("google"))
    assert desk.refusal(GOOGLE, wrong) == not_authorized("Invalid login token. Couldn't verify signed token.")
    assert desk.keys.urls == []


def test_a_check_that_only_aws_can_make_is_not_taken_as_made(desk: Desk, tmp_path: Any) -> None:
    """But where the operator named the keys, there is no user pool behind them that could know better."""
    text = token(iss=f"https://{USER_POOL}", aud="strict", token_use="id")
    assert desk.refusal(USER_POOL, text) == not_authorized("Token is inactive")
    assert "server side token check" in desk.notes[0]
    path = tmp_path / "keys.json"
    path.write_bytes(key_set())
    desk.issuers = Issuers({f"https://{USER_POOL}": KeyFile(path)}, fetch=desk.keys)
    assert desk.login(USER_POOL, text).role_mapping == f"{USER_POOL}:strict"


# --- anything at all


def test_what_is_printed_of_a_login_is_not_the_user(desk: Desk) -> None:
    printed = repr(desk.login(OIDC, token(sub="someone", email="someone@example.test")))
    assert "someone" not in printed


@given(
    text=st.text() | st.text("eyJhbGciOiJSUzI1NiJ9._-=", max_size=200),
    provider=st.text() | st.sampled_from([OIDC, GOOGLE]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_under_any_name_is_an_answer_of_awss(desk: Desk, text: str, provider: str) -> None:
    with pytest.raises(ServiceError):
        desk.login(provider, text)
