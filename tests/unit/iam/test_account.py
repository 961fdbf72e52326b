"""The account as a whole: everything that decides, page by page, and how much there is of what."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}}'
OWN = "arn:aws:iam::123456789012:policy/p"
LAMBDA = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@pytest.fixture
def full(iam: "Iam") -> "Iam":
    """One of everything."""
    iam.boto("CreatePolicy", PolicyName="p", PolicyDocument=ALLOW, Description="d")
    tags = [{"Key": "a", "Value": "1"}]
    iam.boto("CreateGroup", GroupName="g")
    iam.boto("CreateUser", UserName="u", PermissionsBoundary=OWN, Tags=tags)
    iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=OWN, Tags=tags)
    iam.boto("AddUserToGroup", GroupName="g", UserName="u")
    for kind in ("User", "Group", "Role"):
        named = {f"{kind}Name": kind[0].lower()}
        iam.boto(f"Put{kind}Policy", **named, PolicyName="q", PolicyDocument=ALLOW)
        iam.boto(f"Attach{kind}Policy", **named, PolicyArn=LAMBDA)
    return iam


def ids(iam: "Iam") -> dict[str, str]:
    user, group = iam.store.directory.users["u"], iam.store.directory.groups["g"]
    policy = iam.boto("GetPolicy", PolicyArn=OWN)["Policy"]["PolicyId"]
    return {"u": user.id, "g": group.id, "r": iam.store.directory.roles["r"].id, "p": policy}


def test_get_account_authorization_details(full: "Iam") -> None:
    """Users, groups, roles, the account's policies, and those of AWS's that are used."""
    found = ids(full)
    document = quote(ALLOW, safe="")
    attached = f"""\
        <AttachedManagedPolicies>
          <member>
            <PolicyArn>{LAMBDA}</PolicyArn>
            <PolicyName>AWSLambdaBasicExecutionRole</PolicyName>
          </member>
        </AttachedManagedPolicies>"""
    boundary = f"""\
        <PermissionsBoundary>
          <PermissionsBoundaryArn>{OWN}</PermissionsBoundaryArn>
          <PermissionsBoundaryType>Policy</PermissionsBoundaryType>
        </PermissionsBoundary>"""
    inline = f"""\
          <member>
            <PolicyDocument>{document}</PolicyDocument>
            <PolicyName>q</PolicyName>
          </member>"""
    tags = """\
        <Tags>
          <member>
            <Value>1</Value>
            <Key>a</Key>
          </member>
        </Tags>"""
    filters = ("User", "Group", "Role", "LocalManagedPolicy")
    given = {f"Filter.member.{number}": name for number, name in enumerate(filters, 1)}
    assert (
        full.answer("GetAccountAuthorizationDetails", **given).body.decode()
        == f"""\
<GetAccountAuthorizationDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetAccountAuthorizationDetailsResult>
    <IsTruncated>false</IsTruncated>
    <Policies>
      <member>
        <PermissionsBoundaryUsageCount>2</PermissionsBoundaryUsageCount>
        <PolicyVersionList>
          <member>
            <VersionId>v1</VersionId>
            <IsDefaultVersion>true</IsDefaultVersion>
            <Document>{document}</Document>
            <CreateDate>2026-11-23T06:00:00Z</CreateDate>
          </member>
        </PolicyVersionList>
        <Path>/</Path>
        <UpdateDate>2026-11-23T06:00:00Z</UpdateDate>
        <PolicyId>{found["p"]}</PolicyId>
        <DefaultVersionId>v1</DefaultVersionId>
        <PolicyName>p</PolicyName>
        <IsAttachable>true</IsAttachable>
        <Description>d</Description>
        <AttachmentCount>0</AttachmentCount>
        <Arn>{OWN}</Arn>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      </member>
    </Policies>
    <UserDetailList>
      <member>
        <Path>/</Path>
{boundary}
{attached}
        <GroupList>
          <member>g</member>
        </GroupList>
        <UserPolicyList>
{inline}
        </UserPolicyList>
        <UserName>u</UserName>
        <Arn>arn:aws:iam::123456789012:user/u</Arn>
        <UserId>{found["u"]}</UserId>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
{tags}
      </member>
    </UserDetailList>
    <RoleDetailList>
      <member>
        <Path>/</Path>
{boundary}
        <AssumeRolePolicyDocument>{quote(TRUST, safe="")}</AssumeRolePolicyDocument>
        <InstanceProfileList/>
        <RoleId>{found["r"]}</RoleId>
{attached}
        <RoleLastUsed/>
        <RoleName>r</RoleName>
        <Arn>arn:aws:iam::123456789012:role/r</Arn>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
        <RolePolicyList>
{inline}
        </RolePolicyList>
{tags}
      </member>
    </RoleDetailList>
    <GroupDetailList>
      <member>
        <Path>/</Path>
        <GroupName>g</GroupName>
{attached}
        <GroupId>{found["g"]}</GroupId>
        <Arn>arn:aws:iam::123456789012:group/g</Arn>
        <GroupPolicyList>
{inline}
        </GroupPolicyList>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      </member>
    </GroupDetailList>
  </GetAccountAuthorizationDetailsResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</GetAccountAuthorizationDetailsResponse>
"""
    )


def counts(answer: Any) -> list[int]:
    return [len(answer[name]) for name in LISTS]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], [1, 1, 1, 2]),
        (["User"], [1, 0, 0, 0]),
        (["Role", "Group"], [0, 1, 1, 0]),
        (["LocalManagedPolicy"], [0, 0, 0, 1]),
        (["AWSManagedPolicy"], [0, 0, 0, 1]),
    ],
)
def test_filters(full: "Iam", filters: list[str], found: list[int]) -> None:
    """All four lists are there, whatever is asked for; of AWS's policies only those that are used."""
    answer = full.boto("GetAccountAuthorizationDetails", Filter=filters)
    assert counts(answer) == found
    if filters == ["AWSManagedPolicy"]:
        assert [policy["Arn"] for policy in answer["Policies"]] == [LAMBDA]
        assert answer["Policies"][0]["AttachmentCount"] == 3


def test_what_there_is_none_of(iam: "Iam") -> None:
    """A user without inline policies has no list of them; everything else is an empty list."""
    iam.boto("CreateUser", UserName="u")
    (user,) = iam.boto("GetAccountAuthorizationDetails")["UserDetailList"]
    assert "UserPolicyList" not in user
    assert (user["GroupList"], user["AttachedManagedPolicies"], user["Tags"]) == ([], [], [])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_pages_of_details(full: "Iam", size: int) -> None:
    """Every entity once, over the borders between kinds."""
    found = [0, 0, 0, 0]
    marker: dict[str, str] = {}
    while True:
        page = full.boto("GetAccountAuthorizationDetails", MaxItems=size, **marker)
        assert sum(counts(page)) <= size
        found = [sum(pair) for pair in zip(found, counts(page), strict=True)]
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert found == [1, 1, 1, 2]


def test_get_account_summary(full: "Iam") -> None:
    """A map; counts follow what is there."""
    body = full.answer("GetAccountSummary").body.decode()
    assert body.startswith(
        """\
<GetAccountSummaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetAccountSummaryResult>
    <SummaryMap>
      <entry>
        <key>Users</key>
        <value>1</value>
      </entry>
"""
    )
    full.boto("CreatePolicyVersion", PolicyArn=OWN, PolicyDocument=ALLOW)
    full.boto("CreateOpenIDConnectProvider", Url="https://login.example")
    summary = full.boto("GetAccountSummary")["SummaryMap"]
    there = {
        name: summary[name] for name in ("Users", "Groups", "Roles", "Policies", "PolicyVersionsInUse", "Providers")
    }
    assert there == {"Users": 1, "Groups": 1, "Roles": 1, "Policies": 1, "PolicyVersionsInUse": 2, "Providers": 1}
    assert summary["AttachedPoliciesPerRoleQuota"] == 10


@pytest.mark.parametrize(
    ("operation", "given", "name"),
    [
        ("ListInstanceProfiles", {}, "InstanceProfiles"),
        ("ListInstanceProfilesForRole", {"RoleName": "r"}, "InstanceProfiles"),
        ("ListAccountAliases", {}, "AccountAliases"),
        ("ListSAMLProviders", {}, "SAMLProviderList"),
    ],
)
def test_what_an_account_does_not_have_here(full: "Iam", operation: str, given: dict[str, str], name: str) -> None:
    """An empty list, which is what programs ask for before they delete something."""
    answer = full.boto(operation, **given)
    assert answer[name] == []
    assert not answer.get("IsTruncated", False)
