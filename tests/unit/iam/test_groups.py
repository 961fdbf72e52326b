"""User groups: who is in them, and what becomes of them."""

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from gatepass.tokens.ids import account_of

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam


def group_id(iam: "Iam", name: str = "g") -> str:
    found: str = iam.boto("GetGroup", GroupName=name)["Group"]["GroupId"]
    return found


def test_create_group(iam: "Iam") -> None:
    """All there is of it."""
    body = iam.answer("CreateGroup", GroupName="g", Path="/team/").body
    found = group_id(iam)
    assert re.fullmatch("AGPA[A-Z2-7]{17}", found)
    assert account_of(found) == "123456789012"
    assert (
        body.decode()
        == f"""\
<CreateGroupResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <CreateGroupResult>
    <Group>
      <Path>/team/</Path>
      <GroupName>g</GroupName>
      <GroupId>{found}</GroupId>
      <Arn>arn:aws:iam::123456789012:group/team/g</Arn>
      <CreateDate>2026-11-23T06:00:00Z</CreateDate>
    </Group>
  </CreateGroupResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</CreateGroupResponse>
"""
    )


def test_get_group(iam: "Iam") -> None:
    """With its users."""
    iam.boto("CreateGroup", GroupName="g")
    assert b"<IsTruncated>false</IsTruncated>\n    <Users/>\n" in iam.answer("GetGroup", GroupName="g").body
    user = iam.boto("CreateUser", UserName="ann")["User"]
    iam.boto("AddUserToGroup", GroupName="g", UserName="ann")
    assert (
        iam.answer("GetGroup", GroupName="g").body.decode()
        == f"""\
<GetGroupResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetGroupResult>
    <IsTruncated>false</IsTruncated>
    <Users>
      <member>
        <Path>/</Path>
        <UserName>ann</UserName>
        <Arn>arn:aws:iam::123456789012:user/ann</Arn>
        <UserId>{user["UserId"]}</UserId>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      </member>
    </Users>
    <Group>
      <Path>/</Path>
      <GroupName>g</GroupName>
      <GroupId>{group_id(iam)}</GroupId>
      <Arn>arn:aws:iam::123456789012:group/g</Arn>
      <CreateDate>2026-11-23T06:00:00Z</CreateDate>
    </Group>
  </GetGroupResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</GetGroupResponse>
"""
    )


@pytest.mark.parametrize("operation", ["ListGroups", "ListGroupsForUser"])
def test_listings_of_groups(iam: "Iam", operation: str) -> None:
    """All of them, or a user's."""
    iam.boto("CreateUser", UserName="ann")
    given = {"UserName": "ann"} if operation == "ListGroupsForUser" else {}
    assert b"<IsTruncated>false</IsTruncated>\n    <Groups/>\n" in iam.answer(operation, **given).body
    iam.boto("CreateGroup", GroupName="g")
    iam.boto("AddUserToGroup", GroupName="g", UserName="ann")
    assert (
        iam.answer(operation, **given).body.decode()
        == f"""\
<{operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <{operation}Result>
    <IsTruncated>false</IsTruncated>
    <Groups>
      <member>
        <Path>/</Path>
        <GroupName>g</GroupName>
        <GroupId>{group_id(iam)}</GroupId>
        <Arn>arn:aws:iam::123456789012:group/g</Arn>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      </member>
    </Groups>
  </{operation}Result>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{operation}Response>
"""
    )


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("AddUserToGroup", {"UserName": "ann"}),
        ("RemoveUserFromGroup", {"UserName": "ann"}),
        ("UpdateGroup", {"NewGroupName": "h"}),
        ("DeleteGroup", {}),
    ],
)
def test_answers_without_a_result(iam: "Iam", operation: str, given: dict[str, str]) -> None:
    """Only the request id; who is in a group may be added, who is not may be removed."""
    iam.boto("CreateGroup", GroupName="g")
    iam.boto("CreateUser", UserName="ann")
    if operation == "AddUserToGroup":
        iam.boto("AddUserToGroup", GroupName="g", UserName="ann")
    assert (
        iam.answer(operation, GroupName="g", **given).body.decode()
        == f"""\
<{operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{operation}Response>
"""
    )


def test_who_is_in_a_group(iam: "Iam") -> None:
    """Page by page; the directory knows at once."""
    iam.boto("CreateGroup", GroupName="g")
    for name in ("carol", "ann", "bob"):
        iam.boto("CreateUser", UserName=name)
        iam.boto("AddUserToGroup", GroupName="g", UserName=name)
    first = iam.boto("GetGroup", GroupName="g", MaxItems=2)
    second = iam.boto("GetGroup", GroupName="g", MaxItems=2, Marker=first["Marker"])
    assert [user["UserName"] for page in (first, second) for user in page["Users"]] == ["ann", "bob", "carol"]
    assert list(iam.store.directory.users["ann"].groups) == ["g"]
    iam.boto("RemoveUserFromGroup", GroupName="g", UserName="ann")
    assert list(iam.store.directory.users["ann"].groups) == []


def test_pages_of_groups(iam: "Iam") -> None:
    """Of all under a path, and of a user."""
    iam.boto("CreateUser", UserName="ann")
    for name in "cab":
        iam.boto("CreateGroup", GroupName=name, Path="/x/")
        iam.boto("AddUserToGroup", GroupName=name, UserName="ann")
    iam.boto("CreateGroup", GroupName="aa")
    for operation, given in (("ListGroups", {"PathPrefix": "/x/"}), ("ListGroupsForUser", {"UserName": "ann"})):
        first = iam.boto(operation, MaxItems=2, **given)
        second = iam.boto(operation, MaxItems=2, Marker=first["Marker"], **given)
        assert [group["GroupName"] for page in (first, second) for group in page["Groups"]] == ["a", "b", "c"]


def test_a_renamed_group_keeps_its_users(iam: "Iam") -> None:
    """And its id."""
    iam.boto("CreateGroup", GroupName="g")
    iam.boto("CreateUser", UserName="ann")
    iam.boto("AddUserToGroup", GroupName="g", UserName="ann")
    old = group_id(iam)
    iam.boto("UpdateGroup", GroupName="g", NewGroupName="h", NewPath="/team/")
    group = iam.boto("GetGroup", GroupName="h")
    assert group["Group"]["Arn"] == "arn:aws:iam::123456789012:group/team/h"
    assert group["Group"]["GroupId"] == old
    assert [user["UserName"] for user in group["Users"]] == ["ann"]
    assert list(iam.store.directory.users["ann"].groups) == ["h"]


def test_a_user_joins_or_the_group_is_deleted(iam: "Iam") -> None:
    """At once, only one of the two."""
    iam.boto("CreateUser", UserName="ann")
    common = {"Version": "2010-05-08", "GroupName": "g"}
    forms = [
        urlencode({"Action": "AddUserToGroup", "UserName": "ann", **common}).encode(),
        urlencode({"Action": "DeleteGroup", **common}).encode(),
    ]

    async def race() -> list[int]:
        return [response.status for response in await asyncio.gather(*map(iam.answered, forms))]

    for _ in range(6):
        iam.boto("CreateGroup", GroupName="g")
        forms.reverse()
        assert sorted(iam.run(race())) in ([200, 404], [200, 409])
        assert (iam.store.directory.users["ann"].groups == ("g",)) == ("g" in iam.store.directory.groups)
        iam.answer("RemoveUserFromGroup", GroupName="g", UserName="ann")
        iam.answer("DeleteGroup", GroupName="g")
