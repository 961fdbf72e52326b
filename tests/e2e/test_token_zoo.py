"""The zoo of login tokens, shown to a gate over HTTP: none of it gets an identity, credentials or a session."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.oracles import login_tokens
from tests.oracles.issuing import Issuing, document, options
from tests.oracles.login_tokens import (
    CLIENT,
    ISSUER,
    OTHER_CLIENT,
    Specimen,
    claims,
    forge,
    good_tokens,
    header,
    key_set,
    of_user_pool,
    zoo_at,
)

OIDC = ISSUER.removeprefix("https://")
USER_POOL = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Zoo"
LATER = 100
"""Seconds by which a clock is ahead that makes tokens of the future; meanwhile they must not become good."""


SHORT_LIVED = ("the last second", "times with fractions")
NO_REQUEST = ("no text", "too long", "a lone surrogate")
"""What no request can carry."""

EXPIRED = "Invalid login token. Token expired: "


class Desk(NamedTuple):
    """Where logins are shown, by clients that send whatever they are given."""

    anyone: Any
    sts: Any
    pool_id: str
    guest: str
    role: str


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    from tests.e2e.conftest import serving

    folder = tmp_path_factory.mktemp("zoo")
    key, arguments = options(folder)
    keys = folder / "zoo.json"
    keys.write_bytes(key_set())
    more = [text for issuer in (ISSUER, f"https://{USER_POOL}") for text in ("--login-keys", f"{issuer}={keys}")]
    with serving(folder / "data", *arguments, *more, "--getid-burst", "100000") as gate:
        issuing = Issuing(gate.ready, key)
        given = {"Url": ISSUER, "ClientIDList": [CLIENT, OTHER_CLIENT]}
        provider = issuing.iam.create_open_id_connect_provider(**given)["OpenIDConnectProviderArn"]
        pool_id = issuing.pool(
            "zoo",
            OpenIdConnectProviderARNs=[provider],
            CognitoIdentityProviders=[{"ProviderName": USER_POOL, "ClientId": "web"}],
        )
        trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity"}
        role = issuing.iam.create_role(RoleName="keeper", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        guest = issuing.anyone.get_id(IdentityPoolId=pool_id)["IdentityId"]
        config = Config(signature_version=UNSIGNED, parameter_validation=False)
        anyone, sts = (issuing.client(service, config) for service in ("cognito-identity", "sts"))
        yield Desk(anyone, sts, pool_id, guest, role)


def asked(desk: Desk, provider: str, token: str) -> list[tuple[str, Callable[[], Any]]]:
    """Every way to show a token: for an identity, as a guest who logs in, and to STS."""
    logins = {provider: token}
    ways: list[tuple[str, Callable[[], Any]]] = [
        ("GetId", lambda: desk.anyone.get_id(IdentityPoolId=desk.pool_id, Logins=logins)["IdentityId"]),
        (
            "GetCredentialsForIdentity",
            lambda: desk.anyone.get_credentials_for_identity(IdentityId=desk.guest, Logins=logins)["Credentials"],
        ),
        ("GetOpenIdToken", lambda: desk.anyone.get_open_id_token(IdentityId=desk.guest, Logins=logins)["Token"]),
    ]
    given = {"RoleArn": desk.role, "RoleSessionName": "zoo", "WebIdentityToken": token}
    if provider == OIDC and "\ud800" not in token:  # botocore cannot write it into a form
        ways.append(("AssumeRole", lambda: desk.sts.assume_role_with_web_identity(**given)["Credentials"]))
    return ways


def animals(monkeypatch: pytest.MonkeyPatch) -> Iterator[Specimen]:
    """Of now; those of the future, of a little later."""
    now = int(time.time())
    later = {specimen.name: specimen for specimen in zoo_at(now + LATER, monkeypatch)}
    for specimen in zoo_at(now, monkeypatch):
        yield later[specimen.name] if specimen.cause == "NotYetValid" else specimen


def test_a_good_token_gets_all_of_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the refusals below would prove nothing."""
    now = int(time.time())
    monkeypatch.setattr(login_tokens, "NOW", now)
    user_pool = forge(header(), claims(iss=f"https://{USER_POOL}", aud="web", token_use="id"))
    shown = [(OIDC, text) for name, text in good_tokens().items() if name not in SHORT_LIVED]
    for provider, text in [*shown, (USER_POOL, user_pool)]:
        login = {provider: text}
        identity_id = desk.anyone.get_id(IdentityPoolId=desk.pool_id, Logins=login)["IdentityId"]
        assert desk.anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=login)["Credentials"]
    given = {"RoleArn": desk.role, "RoleSessionName": "zoo", "WebIdentityToken": shown[0][1]}
    assert desk.sts.assume_role_with_web_identity(**given)["Credentials"]


def test_none_of_the_zoo_gets_anything(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is refused with AWS's type and message; what no request can carry, with the request."""
    got: list[tuple[str, str]] = []
    refusals: Counter[tuple[int, str]] = Counter()
    wrong: dict[str, tuple[str, str]] = {}
    shown = set()
    for specimen in animals(monkeypatch):
        shown.add(specimen.name)
        provider = USER_POOL if specimen.user_pool else OIDC
        token = of_user_pool(specimen, USER_POOL) if specimen.user_pool else specimen.token
        for name, ask in asked(desk, provider, token):
            answer = refusal(ask)
            if answer is None:
                got.append((specimen.name, name))
                continue
            code, message = answer["Error"]["Code"], answer["Error"]["Message"]
            refusals[answer["ResponseMetadata"]["HTTPStatusCode"], code] += 1
            if name != "AssumeRole" and not said(specimen, code, message):
                wrong[specimen.name] = code, message
    assert got == []
    assert wrong == {}
    assert len(shown) >= 60
    assert set(refusals) == {
        *((400, f"{kind}Exception") for kind in ("NotAuthorized", "Validation", "Serialization", "ExpiredToken")),
        *((400, code) for code in ("InvalidIdentityToken", "ValidationError")),
    }


def refusal(ask: Callable[[], Any]) -> Any:
    """The answer of a request that was refused; None for one that got something."""
    try:
        ask()
    except ClientError as refused:
        return refused.response
    return None


def said(specimen: Specimen, code: str, message: str) -> bool:
    """What AWS says of it."""
    if specimen.name in NO_REQUEST:
        return code in ("ValidationException", "SerializationException")
    if specimen.cause == "Expired":  # the clock has gone on
        return code == "NotAuthorizedException" and message.startswith(EXPIRED)
    return (code, message) == ("NotAuthorizedException", specimen.answer)
