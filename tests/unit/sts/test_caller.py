"""Who is calling, and whose an access key is, as STS says it."""

from __future__ import annotations

import pytest
from tests.unit.sts.service import ACCOUNT, NOW, REQUEST_ID, ROOT, Credentials, Sts, allow, trusting

from gatepass.http import Response
from gatepass.store import AccessKey
from gatepass.tokens import unique_id


@pytest.fixture
def callers(sts: Sts) -> dict[str, Credentials]:
    """One of each kind."""
    user, key = sts.user("mcdaniel", allow("sts:AssumeRole"))
    role = sts.role("r", trusting({"AWS": user.arn}))
    return {"root": ROOT, "user": key, "role session": sts.assume(key, role, "CognitoIdentityCredentials")}


@pytest.mark.parametrize(
    ("kind", "arn", "user_id"),
    [
        ("root", f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT),
        ("user", f"arn:aws:iam::{ACCOUNT}:user/mcdaniel", "AIDAMCDANIELAAAAAAAAA"),
        (
            "role session",
            f"arn:aws:sts::{ACCOUNT}:assumed-role/r/CognitoIdentityCredentials",
            "AROARAAAAAAAAAAAAAAAA:CognitoIdentityCredentials",
        ),
    ],
)
def test_get_caller_identity(sts: Sts, callers: dict[str, Credentials], kind: str, arn: str, user_id: str) -> None:
    """Byte for byte; botocore reads it."""
    response = sts.send("GetCallerIdentity", callers[kind], {"Unknown": "value"})
    assert response == Response(
        200,
        [
            (b"x-amzn-requestid", REQUEST_ID.encode()),
            (b"x-amz-sts-extended-request-id", b"extended"),
            (b"content-type", b"text/xml"),
        ],
        f"""\
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>{arn}</Arn>
    <UserId>{user_id}</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>{REQUEST_ID}</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
""".encode(),
    )
    assert sts.ask("GetCallerIdentity", callers[kind]) == {"Arn": arn, "UserId": user_id, "Account": ACCOUNT}


def test_the_length_is_that_of_a_recorded_answer(sts: Sts, callers: dict[str, Credentials]) -> None:
    """405 bytes for a user whose name has eight letters."""
    assert len(sts.send("GetCallerIdentity", callers["user"], {}).body) == 405


def test_whose_an_access_key_is(sts: Sts) -> None:
    """Its id says so, of whatever account and whether there is such a key or not."""
    for account in (ACCOUNT, "000000000001", "999999999999"):
        for prefix in ("AKIA", "ASIA"):
            id_ = unique_id(prefix, account, b"random")
            assert sts.ask("GetAccessKeyInfo", ROOT, AccessKeyId=id_) == {"Account": account}


def test_an_id_that_encodes_no_account(sts: Sts) -> None:
    """As those had that were made before ids encoded it; one of them is a key here."""
    assert sts.run(sts.store.access_keys.add(AccessKey("AKIAIOSFODNN7EXAMPLE", "s" * 40, None, True, NOW)))
    assert sts.ask("GetAccessKeyInfo", ROOT, AccessKeyId="AKIAIOSFODNN7EXAMPLE") == {"Account": ACCOUNT}
    assert sts.refusal("GetAccessKeyInfo", ROOT, AccessKeyId="AKIA0000000000000000")[:2] == (403, "AccessDenied")


def test_an_id_that_is_none(sts: Sts) -> None:
    text = "1 validation error detected: Value 'short' at 'accessKeyId' failed to satisfy constraint:"
    assert sts.refusal("GetAccessKeyInfo", ROOT, AccessKeyId="short") == (
        400,
        "ValidationError",
        f"{text} Member must have length greater than or equal to 16",
    )
