"""Access keys: made, switched, deleted, and whose they are; the gate learns of it with the next request."""

import re
from typing import TYPE_CHECKING

import pytest

from gatepass.tokens.ids import account_of

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

from gatepass.principal import Principal

ACCOUNT = "123456789012"
WHOSE = (400, "ValidationError", "Must specify userName when calling with non-User credentials")


@pytest.fixture(autouse=True)
def _user(iam: "Iam") -> None:
    iam.boto("CreateUser", UserName="ann")


def create(iam: "Iam") -> str:
    key_id: str = iam.boto("CreateAccessKey", UserName="ann")["AccessKey"]["AccessKeyId"]
    return key_id


def test_create_access_key(iam: "Iam") -> None:
    """With its secret, this once; both look like AWS's."""
    body = iam.answer("CreateAccessKey", UserName="ann").body.decode()
    (key,) = iam.store.directory.access_keys.values()
    assert re.fullmatch("AKIA[A-Z2-7]{16}", key.id)
    assert account_of(key.id) == ACCOUNT
    assert re.fullmatch("[A-Za-z0-9+/]{40}", key.secret_access_key)
    assert (
        body
        == f"""\
<CreateAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <CreateAccessKeyResult>
    <AccessKey>
      <AccessKeyId>{key.id}</AccessKeyId>
      <SecretAccessKey>{key.secret_access_key}</SecretAccessKey>
      <UserName>ann</UserName>
      <Status>Active</Status>
      <CreateDate>2026-11-23T06:00:00Z</CreateDate>
    </AccessKey>
  </CreateAccessKeyResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</CreateAccessKeyResponse>
"""
    )


def test_list_access_keys(iam: "Iam") -> None:
    """By id, without secrets."""
    assert b"<AccessKeyMetadata/>" in iam.answer("ListAccessKeys", UserName="ann").body
    key_id = create(iam)
    iam.boto("UpdateAccessKey", UserName="ann", AccessKeyId=key_id, Status="Inactive")
    assert (
        iam.answer("ListAccessKeys", UserName="ann").body.decode()
        == f"""\
<ListAccessKeysResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListAccessKeysResult>
    <IsTruncated>false</IsTruncated>
    <AccessKeyMetadata>
      <member>
        <AccessKeyId>{key_id}</AccessKeyId>
        <UserName>ann</UserName>
        <Status>Inactive</Status>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      </member>
    </AccessKeyMetadata>
  </ListAccessKeysResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</ListAccessKeysResponse>
"""
    )
    create(iam)
    first = iam.boto("ListAccessKeys", UserName="ann", MaxItems=1)
    second = iam.boto("ListAccessKeys", UserName="ann", MaxItems=1, Marker=first["Marker"])
    ids = [key["AccessKeyId"] for page in (first, second) for key in page["AccessKeyMetadata"]]
    assert ids == sorted(iam.store.directory.access_keys)


def test_get_access_key_last_used(iam: "Iam") -> None:
    """Whose it is; when it was used is not recorded."""
    key_id = create(iam)
    assert (
        iam.answer("GetAccessKeyLastUsed", AccessKeyId=key_id).body.decode()
        == """\
<GetAccessKeyLastUsedResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetAccessKeyLastUsedResult>
    <AccessKeyLastUsed>
      <ServiceName>N/A</ServiceName>
      <Region>N/A</Region>
    </AccessKeyLastUsed>
    <UserName>ann</UserName>
  </GetAccessKeyLastUsedResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</GetAccessKeyLastUsedResponse>
"""
    )


def test_keys_are_switched_and_deleted(iam: "Iam") -> None:
    """The directory, from which the gate verifies, knows at once."""
    key_id = create(iam)
    for status, active in (("Inactive", False), ("Active", True)):
        iam.boto("UpdateAccessKey", UserName="ann", AccessKeyId=key_id, Status=status)
        assert iam.store.directory.access_keys[key_id].active is active
    iam.boto("DeleteAccessKey", UserName="ann", AccessKeyId=key_id)
    assert key_id not in iam.store.directory.access_keys


def test_a_key_of_another_user_is_not_found(iam: "Iam") -> None:
    """Whoever asks, and however."""
    key_id = create(iam)
    iam.boto("CreateUser", UserName="bob")
    gone = (404, "NoSuchEntity", f"The Access Key with id {key_id} cannot be found.")
    for given in ({"UserName": "bob"}, {}):
        assert iam.refused("DeleteAccessKey", AccessKeyId=key_id, **given) == gone
        assert iam.refused("UpdateAccessKey", AccessKeyId=key_id, Status="Inactive", **given) == gone
    assert iam.store.directory.access_keys[key_id].active


def test_a_user_sees_to_its_own_keys(iam: "Iam") -> None:
    """Without a name it is the caller who is meant."""
    user = iam.store.directory.users["ann"]
    iam.caller = Principal("user", ACCOUNT, user.arn, user.id, "AKIAIOSFODNN7EXAMPLE", user_name="ann")
    key = iam.boto("CreateAccessKey")["AccessKey"]
    assert key["UserName"] == "ann"
    assert [each["AccessKeyId"] for each in iam.boto("ListAccessKeys")["AccessKeyMetadata"]] == [key["AccessKeyId"]]
    iam.boto("UpdateAccessKey", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    iam.boto("DeleteAccessKey", AccessKeyId=key["AccessKeyId"])
    assert iam.boto("ListAccessKeys")["AccessKeyMetadata"] == []


def test_the_root_may_have_keys(iam: "Iam") -> None:
    """Two, beside the administrator's; they have no user name."""
    key = iam.boto("CreateAccessKey")["AccessKey"]
    assert "UserName" not in key
    iam.boto("CreateAccessKey")
    exceeded = (409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
    assert iam.refused("CreateAccessKey") == exceeded
    assert len(iam.boto("ListAccessKeys")["AccessKeyMetadata"]) == 2
    assert "UserName" not in iam.boto("GetAccessKeyLastUsed", AccessKeyId=key["AccessKeyId"])
    iam.boto("DeleteAccessKey", AccessKeyId=key["AccessKeyId"])
    assert len(iam.store.directory.access_keys) == 1


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("CreateAccessKey", {}),
        ("ListAccessKeys", {}),
        ("UpdateAccessKey", {"AccessKeyId": "A" * 20, "Status": "Active"}),
        ("DeleteAccessKey", {"AccessKeyId": "A" * 20}),
    ],
)
def test_a_role_must_say_whom_it_means(iam: "Iam", operation: str, given: dict[str, str]) -> None:
    """It has no keys of its own."""
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"
    iam.caller = Principal("role-session", ACCOUNT, arn, "AROA:s", "ASIAIOSFODNN7EXAMPLE", role_name="r")
    assert iam.refused(operation, **given) == WHOSE


def test_statuses(iam: "Iam") -> None:
    """`Expired` is in the model, but nobody can set it."""
    key_id = create(iam)
    given = {"UserName": "ann", "AccessKeyId": key_id}
    invalid = (400, "InvalidInput", "Expired is not a valid status to set.")
    assert iam.refused("UpdateAccessKey", **given, Status="Expired") == invalid
    message = "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum"
    assert iam.refused("UpdateAccessKey", **given, Status="active") == (400, "ValidationError", f"{message} value set")


def test_secrets_are_not_in_reprs(iam: "Iam") -> None:
    """Neither of what is stored nor of what is answered."""
    from gatepass.iam.shapes.users import AccessKey

    create(iam)
    (key,) = iam.store.directory.access_keys.values()
    shown = AccessKey(access_key_id=key.id, secret_access_key="s3cret", status="Active", create_date=0.0)
    assert "s3cret" not in repr(shown)
    assert key.secret_access_key not in repr(key)
