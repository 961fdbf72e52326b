"""Users as IAM shows them, and what becomes of them."""

import re
from typing import TYPE_CHECKING, Any

import pytest

from gatepass.principal import Principal
from gatepass.tokens.ids import account_of

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}}'
ACCOUNT = "123456789012"


def user_id(iam: "Iam", name: str = "ann") -> str:
    found: str = iam.boto("GetUser", UserName=name)["User"]["UserId"]
    return found


def as_user(iam: "Iam", name: str) -> None:
    """From now on a user calls."""
    user = iam.store.directory.users[name]
    iam.caller = Principal("user", ACCOUNT, user.arn, user.id, "AKIAIOSFODNN7EXAMPLE", user_name=name)


def as_role(iam: "Iam") -> None:
    """From now on a role's session calls."""
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"
    iam.caller = Principal("role-session", ACCOUNT, arn, "AROA:s", "ASIAIOSFODNN7EXAMPLE", role_name="r")


@pytest.mark.parametrize("operation", ["CreateUser", "GetUser"])
def test_create_and_get_user(iam: "Iam", operation: str) -> None:
    """All of it, in AWS's order."""
    iam.boto("CreatePolicy", PolicyName="p", PolicyDocument=ALLOW)
    given = {
        "UserName": "ann",
        "Path": "/team/",
        "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/p",
        "Tags.member.1.Key": "a",
        "Tags.member.1.Value": "",
    }
    body = iam.answer("CreateUser", **given).body
    if operation == "GetUser":
        body = iam.answer("GetUser", UserName="ann").body
    assert (
        body.decode()
        == f"""\
<{operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <{operation}Result>
    <User>
      <Path>/team/</Path>
      <PermissionsBoundary>
        <PermissionsBoundaryArn>arn:aws:iam::123456789012:policy/p</PermissionsBoundaryArn>
        <PermissionsBoundaryType>Policy</PermissionsBoundaryType>
      </PermissionsBoundary>
      <UserName>ann</UserName>
      <Arn>arn:aws:iam::123456789012:user/team/ann</Arn>
      <UserId>{user_id(iam)}</UserId>
      <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      <Tags>
        <member>
          <Value/>
          <Key>a</Key>
        </member>
      </Tags>
    </User>
  </{operation}Result>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{operation}Response>
"""
    )


def test_list_users(iam: "Iam") -> None:
    """Without boundary and tags."""
    assert b"<IsTruncated>false</IsTruncated>\n    <Users/>" in iam.answer("ListUsers").body
    iam.boto("CreateUser", UserName="ann", Tags=[{"Key": "a", "Value": ""}])
    assert (
        iam.answer("ListUsers").body.decode()
        == f"""\
<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListUsersResult>
    <IsTruncated>false</IsTruncated>
    <Users>
      <member>
        <Path>/</Path>
        <UserName>ann</UserName>
        <Arn>arn:aws:iam::123456789012:user/ann</Arn>
        <UserId>{user_id(iam)}</UserId>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      </member>
    </Users>
  </ListUsersResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</ListUsersResponse>
"""
    )


@pytest.mark.parametrize(
    ("operation", "given"), [("UpdateUser", {}), ("UpdateUser", {"NewUserName": "bob"}), ("DeleteUser", {})]
)
def test_answers_without_a_result(iam: "Iam", operation: str, given: dict[str, str]) -> None:
    """Only the request id."""
    iam.boto("CreateUser", UserName="ann")
    assert (
        iam.answer(operation, UserName="ann", **given).body.decode()
        == f"""\
<{operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{operation}Response>
"""
    )


def test_ids_look_like_awss(iam: "Iam") -> None:
    """They say whose they are, and no two are the same."""
    ids = []
    for _ in range(2):
        iam.boto("CreateUser", UserName="ann")
        ids.append(user_id(iam))
        iam.boto("DeleteUser", UserName="ann")
    assert all(re.fullmatch("AIDA[A-Z2-7]{17}", each) and account_of(each) == ACCOUNT for each in ids)
    assert len(set(ids)) == 2


def test_pages_of_users_under_a_path(iam: "Iam") -> None:
    """Every user once; a prefix need not be a whole path."""
    for name, path in (("c", "/x/"), ("a", "/xy/"), ("b", "/"), ("d", "/x/")):
        iam.boto("CreateUser", UserName=name, Path=path)
    found: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = iam.boto("ListUsers", PathPrefix="/x", MaxItems=2, **marker)
        found += [user["UserName"] for user in page["Users"]]
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert found == ["a", "c", "d"]


# --- who is calling


def test_a_user_may_ask_for_itself(iam: "Iam") -> None:
    """Without a name it is the caller that is shown."""
    iam.boto("CreateUser", UserName="ann", Path="/team/")
    as_user(iam, "ann")
    assert iam.boto("GetUser")["User"]["Arn"] == "arn:aws:iam::123456789012:user/team/ann"


def test_the_root_has_no_name(iam: "Iam") -> None:
    """Nor a path."""
    assert (
        iam.answer("GetUser").body.decode()
        == """\
<GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetUserResult>
    <User>
      <Arn>arn:aws:iam::123456789012:root</Arn>
      <UserId>123456789012</UserId>
    </User>
  </GetUserResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</GetUserResponse>
"""
    )


def test_a_role_must_say_whom_it_means(iam: "Iam") -> None:
    """It is no user."""
    as_role(iam)
    message = "Must specify userName when calling with non-User credentials"
    assert iam.refused("GetUser") == (400, "ValidationError", message)


# --- renamed, deleted


def test_a_renamed_user_keeps_what_it_has(iam: "Iam") -> None:
    """Id, policies, groups and keys; whoever asks for the old name is told that it is gone."""
    iam.boto("CreateUser", UserName="ann")
    iam.boto("PutUserPolicy", UserName="ann", PolicyName="p", PolicyDocument=ALLOW)
    iam.boto("CreateGroup", GroupName="g")
    iam.boto("AddUserToGroup", GroupName="g", UserName="ann")
    key = iam.boto("CreateAccessKey", UserName="ann")["AccessKey"]["AccessKeyId"]
    old_id = user_id(iam)
    iam.boto("UpdateUser", UserName="ann", NewUserName="anna", NewPath="/team/")
    user = iam.boto("GetUser", UserName="anna")["User"]
    assert (user["Arn"], user["UserId"]) == ("arn:aws:iam::123456789012:user/team/anna", old_id)
    assert iam.boto("ListUserPolicies", UserName="anna")["PolicyNames"] == ["p"]
    assert [group["GroupName"] for group in iam.boto("ListGroupsForUser", UserName="anna")["Groups"]] == ["g"]
    (listed,) = iam.boto("ListAccessKeys", UserName="anna")["AccessKeyMetadata"]
    assert (listed["AccessKeyId"], listed["UserName"]) == (key, "anna")
    assert iam.refused("GetUser", UserName="ann")[1] == "NoSuchEntity"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"UserName": "a b"},
            (
                "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the"
                " following: +=,.@_-"
            ),
        ),
        (
            {"UserName": "u" * 65},
            (
                "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length"
                " less than or equal to 64"
            ),
        ),
        (
            {"UserName": "u", "Path": "team"},
            (
                "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric"
                " characters and/or / characters."
            ),
        ),
    ],
)
def test_validation(iam: "Iam", given: dict[str, str], message: str) -> None:
    """In IAM's words."""
    assert iam.refused("CreateUser", **given) == (400, "ValidationError", message)


def test_an_existing_name_may_be_longer_than_a_new_one(iam: "Iam") -> None:
    """AWS's shapes differ so; there is no such user all the same."""
    gone: tuple[Any, ...] = (404, "NoSuchEntity", f"The user with name {'u' * 100} cannot be found.")
    assert iam.refused("GetUser", UserName="u" * 100) == gone


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("ListMFADevices", "MFADevices"),
        ("ListServiceSpecificCredentials", "ServiceSpecificCredentials"),
        ("ListSigningCertificates", "Certificates"),
        ("ListSSHPublicKeys", "SSHPublicKeys"),
    ],
)
def test_users_have_no_other_credentials(iam: "Iam", operation: str, member: str) -> None:
    """Programs that delete a user ask first; nor has the root, who need not be named."""
    iam.boto("CreateUser", UserName="ann")
    for given in ({"UserName": "ann"}, {}):
        answer = iam.boto(operation, **given)
        assert (answer[member], answer["IsTruncated"]) == ([], False)


def test_there_are_no_virtual_mfa_devices(iam: "Iam") -> None:
    answer = iam.boto("ListVirtualMFADevices", AssignmentStatus="Assigned")
    assert (answer["VirtualMFADevices"], answer["IsTruncated"]) == ([], False)
