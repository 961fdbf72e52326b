"""The nine probes of the issuing side, over HTTP with boto3: each asks for credentials nobody may get, and is refused
with AWS's type and message."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.oracles.issuing import ACCOUNT, GOOGLE, USER_POOL, Issuing, options, token

GUESTS_OFF = ("NotAuthorizedException", "Unauthenticated access is not supported for this identity pool.")
UNVERIFIED = ("NotAuthorizedException", "Invalid login token. Couldn't verify signed token.")
NOT_VALIDATED = (
    "InvalidIdentityToken",
    (
        "The web identity token that was passed could not be validated by AWS."
        " Get a new identity token from the identity provider and then retry the request."
    ),
)
MISCONFIGURED = (
    "InvalidIdentityPoolConfigurationException",
    "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
)


@pytest.fixture(scope="module")
def issuing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuing]:
    from tests.e2e.conftest import serving

    folder = tmp_path_factory.mktemp("probes")
    key, arguments = options(folder)
    with serving(folder / "data", *arguments) as gate:
        yield Issuing(gate.ready, key)


def refused(ask: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    """Type and message of a 400."""
    with pytest.raises(ClientError) as error:
        ask(**parameters)
    response = error.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return response["Error"]["Code"], response["Error"]["Message"]


def credentials(issuing: Issuing, pool_id: str, logins: dict[str, str]) -> Any:
    identity_id = issuing.anyone.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    return issuing.anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)["Credentials"]


def switch_guests_off(issuing: Issuing, pool_id: str) -> None:
    pool = issuing.cognito.describe_identity_pool(IdentityPoolId=pool_id)
    del pool["ResponseMetadata"]
    issuing.cognito.update_identity_pool(**{**pool, "AllowUnauthenticatedIdentities": False})


def test_what_is_allowed_works(issuing: Issuing) -> None:
    """Else the refusals below would prove nothing."""
    pool_id = issuing.pool("good")
    for logins in ({}, issuing.google(), issuing.user_pool()):
        assert issuing.call(credentials(issuing, pool_id, logins))[0] == 200


def test_1_an_identity_where_guests_are_off(issuing: Issuing) -> None:
    pool_id = issuing.pool("one", AllowUnauthenticatedIdentities=False)
    assert refused(issuing.anyone.get_id, IdentityPoolId=pool_id) == GUESTS_OFF


def test_2_credentials_without_a_login_where_guests_are_off(issuing: Issuing) -> None:
    pool_id = issuing.pool("two", AllowUnauthenticatedIdentities=False)
    identity_id = issuing.anyone.get_id(IdentityPoolId=pool_id, Logins=issuing.google())["IdentityId"]
    refusal = refused(issuing.anyone.get_credentials_for_identity, IdentityId=identity_id)
    assert refusal == ("NotAuthorizedException", f"Access to Identity '{identity_id}' is forbidden.")


def test_3_guests_switched_off_after_the_identity_was_made(issuing: Issuing) -> None:
    pool_id = issuing.pool("three")
    identity_id = issuing.anyone.get_id(IdentityPoolId=pool_id)["IdentityId"]
    assert issuing.anyone.get_credentials_for_identity(IdentityId=identity_id)
    switch_guests_off(issuing, pool_id)
    assert refused(issuing.anyone.get_credentials_for_identity, IdentityId=identity_id) == GUESTS_OFF
    assert refused(issuing.anyone.get_open_id_token, IdentityId=identity_id) == GUESTS_OFF


@pytest.mark.parametrize(
    ("number", "provider", "audience"), [(4, GOOGLE, "app"), (5, USER_POOL, "web")], ids=["google", "user pool"]
)
def test_4_and_5_a_forged_login_token(
    issuing: Issuing, tmp_path: Path, number: int, provider: str, audience: str
) -> None:
    """Signed with a key that is not the issuer's; and with the issuer's, then altered."""
    pool_id = issuing.pool(f"probe-{number}")
    issuer = provider if provider == USER_POOL else f"https://{provider}"
    forged = token(tmp_path / "forger.pem", issuer, "alice", audience)
    head, payload, signature = token(issuing.key, issuer, "alice", audience).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    other = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "bob"}).encode()).decode().rstrip("=")
    guest = issuing.anyone.get_id(IdentityPoolId=pool_id)["IdentityId"]
    for text in (forged, f"{head}.{other}.{signature}"):
        logins = {provider: text}
        assert refused(issuing.anyone.get_id, IdentityPoolId=pool_id, Logins=logins) == UNVERIFIED
        assert refused(issuing.anyone.get_credentials_for_identity, IdentityId=guest, Logins=logins) == UNVERIFIED


def test_6_an_expired_login_token(issuing: Issuing) -> None:
    pool_id = issuing.pool("six")
    code, message = refused(
        issuing.anyone.get_id, IdentityPoolId=pool_id, Logins=issuing.user_pool("alice", "--expires-in", "-60")
    )
    assert code == "NotAuthorizedException"
    assert message.startswith("Invalid login token. Token expired: ")
    now, expiration = message.rpartition(": ")[2].split(" >= ")
    assert int(now) >= int(expiration)


def test_7_a_role_that_trusts_another_pool(issuing: Issuing) -> None:
    mine, other = issuing.pool("seven"), issuing.pool("other")
    roles = issuing.cognito.get_identity_pool_roles(IdentityPoolId=other)["Roles"]
    issuing.cognito.set_identity_pool_roles(IdentityPoolId=mine, Roles=roles)
    for logins in ({}, issuing.google()):
        identity_id = issuing.anyone.get_id(IdentityPoolId=mine, Logins=logins)["IdentityId"]
        given = {"IdentityId": identity_id, "Logins": logins}
        assert refused(issuing.anyone.get_credentials_for_identity, **given) == MISCONFIGURED


def test_8_an_identity_that_never_existed(issuing: Issuing) -> None:
    identity_id = f"{issuing.region}:00000000-0000-4000-8000-000000000000"
    not_found = ("ResourceNotFoundException", f"Identity '{identity_id}' not found.")
    assert refused(issuing.anyone.get_credentials_for_identity, IdentityId=identity_id) == not_found
    assert refused(issuing.anyone.get_open_id_token, IdentityId=identity_id) == not_found


def test_9_a_tampered_and_a_forged_token_of_the_classic_flow(issuing: Issuing, tmp_path: Path) -> None:
    pool_id = issuing.pool("nine")
    identity_id = issuing.anyone.get_id(IdentityPoolId=pool_id)["IdentityId"]
    good = issuing.anyone.get_open_id_token(IdentityId=identity_id)["Token"]
    take = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/nine-guests", "RoleSessionName": "probe"}
    assert issuing.sts.assume_role_with_web_identity(**take, WebIdentityToken=good)["Credentials"]
    head, payload, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    changed = json.dumps({**claims, "amr": ["authenticated"]}).encode()
    tampered = f"{head}.{base64.urlsafe_b64encode(changed).decode().rstrip('=')}.{signature}"
    forged = token(tmp_path / "forger.pem", "https://cognito-identity.amazonaws.com", identity_id, pool_id)
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    turned = base64.urlsafe_b64encode(raw[128:] + raw[:128]).decode().rstrip("=")
    for text in (tampered, forged, f"{head}.{payload}.", f"{head}.{payload}.{turned}"):
        assert refused(issuing.sts.assume_role_with_web_identity, **take, WebIdentityToken=text) == NOT_VALIDATED
    with pytest.raises(ClientError) as error:
        issuing.sts.assume_role_with_web_identity(**take | {"RoleArn": f"{take['RoleArn']}x"}, WebIdentityToken=good)
    answer = error.value.response
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (403, "AccessDenied")
    assert answer["Error"]["Message"] == "Not authorized to perform sts:AssumeRoleWithWebIdentity"
