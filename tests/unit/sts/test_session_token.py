"""`GetSessionToken`, and messages that only who may can read."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sts.service import ACCOUNT, NOW, REQUEST_ID, ROOT, Credentials, Sts, allow, of, trusting

from gatepass.tokens import KeyRing, seal_page
from gatepass.tokens.message import open_message, seal_message

RING = KeyRing.of("deployment-a", os.urandom(32))
NOT_VALID = (400, "InvalidAuthorizationMessageException", "Message is not valid")


# --- GetSessionToken


@pytest.mark.parametrize(("given", "seconds"), [(None, 43_200), (900, 900), (129_600, 129_600)])
def test_a_users_session(sts: Sts, given: int | None, seconds: int) -> None:
    """The user, for a time; needs no permission."""
    user, key = sts.user("u")
    more = {} if given is None else {"DurationSeconds": given}
    session = sts.principal(of(sts.ask("GetSessionToken", key, **more)))
    assert (session.kind, session.arn, session.user_id, session.user_name) == ("user", user.arn, user.id, "u")
    assert (session.issued_at, session.expiration) == (int(NOW), int(NOW) + seconds)


def test_the_answer_byte_for_byte(sts: Sts) -> None:
    body = sts.send("GetSessionToken", ROOT, {}).body.decode()
    values = [
        body.partition(f"<{tag}>")[2].partition("<")[0] for tag in ("AccessKeyId", "SecretAccessKey", "SessionToken")
    ]
    assert (
        body
        == f"""\
<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetSessionTokenResult>
    <Credentials>
      <AccessKeyId>{values[0]}</AccessKeyId>
      <SecretAccessKey>{values[1]}</SecretAccessKey>
      <SessionToken>{values[2]}</SessionToken>
      <Expiration>2027-01-15T09:00:00Z</Expiration>
    </Credentials>
  </GetSessionTokenResult>
  <ResponseMetadata>
    <RequestId>{REQUEST_ID}</RequestId>
  </ResponseMetadata>
</GetSessionTokenResponse>
"""
    )


def test_roots_session_lasts_an_hour_at_most(sts: Sts) -> None:
    for asked, seconds in ((None, 3600), (129_600, 3600), (900, 900)):
        more = {} if asked is None else {"DurationSeconds": asked}
        session = sts.principal(of(sts.ask("GetSessionToken", ROOT, **more)))
        assert (session.kind, session.arn) == ("root", f"arn:aws:iam::{ACCOUNT}:root")
        assert session.expiration == int(NOW) + seconds


def test_a_session_cannot_prolong_itself(sts: Sts) -> None:
    user, key = sts.user("u", allow("sts:*"))
    role = sts.role("r", trusting({"AWS": user.arn}), allow("*"))
    for session in (of(sts.ask("GetSessionToken", key)), of(sts.ask("GetSessionToken", ROOT)), sts.assume(key, role)):
        text = "Cannot call GetSessionToken with session credentials"
        assert sts.refusal("GetSessionToken", session) == (403, "AccessDenied", text)


def test_a_users_session_takes_roles_and_counts_as_a_chain(sts: Sts) -> None:
    user, key = sts.user("u", allow("sts:AssumeRole"))
    role = sts.role("r", trusting({"AWS": user.arn}), max_session_duration=43200)
    session = of(sts.ask("GetSessionToken", key, DurationSeconds=900))
    assert sts.principal(sts.assume(session, role)).expiration == int(NOW) + 900
    refused = sts.refusal("AssumeRole", session, RoleArn=role.arn, RoleSessionName="session", DurationSeconds=3601)
    assert refused[:2] == (400, "ValidationError")


def test_a_users_session_can_be_revoked_as_iam_does_it(sts: Sts) -> None:
    """By a deny of what was issued before a time, and of what came without a code; long-lived keys have neither."""
    issued_before = {"DateLessThan": {"aws:TokenIssueTime": "2027-01-15T08:00:01Z"}}
    without_code = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    for name, condition in (("revoked", issued_before), ("coded", without_code)):
        policy = allow("s3:*")
        policy["Statement"].append({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition})
        _, key = sts.user(name, policy)
        session = of(sts.ask("GetSessionToken", key))
        assert sts.call(key).judge("s3:GetObject", "*", {}).allowed
        assert not sts.call(session).judge("s3:GetObject", "*", {}).allowed


def test_durations_and_codes(sts: Sts) -> None:
    _, key = sts.user("u")
    for wrong in (899, 129_601):
        assert sts.refusal("GetSessionToken", key, DurationSeconds=wrong)[:2] == (400, "ValidationError")
    assert sts.refusal("GetSessionToken", key, TokenCode="123456")[:2] == (403, "AccessDenied")


# --- DecodeAuthorizationMessage


@given(st.text(max_size=500))
def test_what_was_sealed_is_read_again(text: str) -> None:
    assert open_message(RING, seal_message(RING, text, salt=os.urandom(16))) == text


@given(st.data())
def test_no_bit_of_a_message_can_be_flipped(data: st.DataObject) -> None:
    message = bytearray(seal_message(RING, "why it was denied", salt=bytes(16)).encode())
    message[data.draw(st.integers(0, len(message) - 1))] ^= 1 << data.draw(st.integers(0, 6))
    assert open_message(RING, message.decode("latin-1")) is None


@given(st.text())
def test_what_is_no_message(text: str) -> None:
    assert open_message(RING, text) is None


def test_other_seals_are_no_messages() -> None:
    """Of another purpose, and of another deployment with the same key."""
    assert open_message(RING, seal_page(RING, "authorization message", "x", salt=bytes(16))) is None
    theirs = KeyRing("deployment-b", RING.active, RING.keys)
    assert open_message(theirs, seal_message(RING, "x", salt=bytes(16))) is None


def test_a_message_that_nobody_could_decode() -> None:
    with pytest.raises(ValueError, match="10240"):
        seal_message(RING, os.urandom(8000).hex(), salt=bytes(16))


def test_decode_authorization_message(sts: Sts) -> None:
    text = '{"allowed":false,"explicitDeny":false}'
    message = seal_message(sts.store.key_ring, text, salt=os.urandom(16))
    assert sts.ask("DecodeAuthorizationMessage", ROOT, EncodedMessage=message) == {"DecodedMessage": text}
    for wrong in ("x", message[:-1], message + "=", message + "\n", seal_message(RING, text, salt=bytes(16))):
        assert sts.refusal("DecodeAuthorizationMessage", ROOT, EncodedMessage=wrong) == NOT_VALID


def test_credentials_of_these_tests_are_looked_up(sts: Sts) -> None:
    """A session token with another access key is nobody's."""
    _, key = sts.user("u")
    session = of(sts.ask("GetSessionToken", key))
    with pytest.raises(Exception, match="security token included in the request is invalid"):
        sts.principal(Credentials("ASIAQGDEMBQBA7E7Y7RT", session.session_token))
