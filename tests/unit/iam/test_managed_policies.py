"""Managed policies as IAM shows them: the account's own and AWS's, who uses them, and their tags."""

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from gatepass.iam.aws_policies import AWS_POLICIES
from gatepass.policy import MANAGED_POLICIES, parse
from gatepass.tokens.ids import account_of

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}}'
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
OWN = "arn:aws:iam::123456789012:policy/"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
LAMBDA = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def create(iam: "Iam", name: str = "p", **more: Any) -> str:
    arn: str = iam.boto("CreatePolicy", PolicyName=name, PolicyDocument=ALLOW, **more)["Policy"]["Arn"]
    return arn


def policy_id(iam: "Iam", arn: str) -> str:
    found: str = iam.boto("GetPolicy", PolicyArn=arn)["Policy"]["PolicyId"]
    return found


# --- answers


def test_create_policy(iam: "Iam") -> None:
    """What was made, without its description; tags only if there are any."""
    tags = {"Tags.member.1.Key": "a", "Tags.member.1.Value": "1"}
    body = iam.answer("CreatePolicy", PolicyName="p", PolicyDocument=ALLOW, Path="/team/", Description="d", **tags).body
    assert (
        body.decode()
        == f"""\
<CreatePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <CreatePolicyResult>
    <Policy>
      <PermissionsBoundaryUsageCount>0</PermissionsBoundaryUsageCount>
      <Path>/team/</Path>
      <UpdateDate>2026-11-23T06:00:00Z</UpdateDate>
      <PolicyId>{policy_id(iam, OWN + "team/p")}</PolicyId>
      <DefaultVersionId>v1</DefaultVersionId>
      <PolicyName>p</PolicyName>
      <IsAttachable>true</IsAttachable>
      <AttachmentCount>0</AttachmentCount>
      <Arn>arn:aws:iam::123456789012:policy/team/p</Arn>
      <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      <Tags>
        <member>
          <Value>1</Value>
          <Key>a</Key>
        </member>
      </Tags>
    </Policy>
  </CreatePolicyResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</CreatePolicyResponse>
"""
    )
    assert b"<Tags" not in iam.answer("CreatePolicy", PolicyName="q", PolicyDocument=ALLOW).body


def test_get_policy(iam: "Iam") -> None:
    """With its description, and tags even if there are none; how often it is used."""
    arn = create(iam, Description="d")
    iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    iam.boto("AttachRolePolicy", RoleName="r", PolicyArn=arn)
    iam.boto("CreateGroup", GroupName="g")
    iam.boto("AttachGroupPolicy", GroupName="g", PolicyArn=arn)
    assert (
        iam.answer("GetPolicy", PolicyArn=arn).body.decode()
        == f"""\
<GetPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetPolicyResult>
    <Policy>
      <PermissionsBoundaryUsageCount>1</PermissionsBoundaryUsageCount>
      <Path>/</Path>
      <UpdateDate>2026-11-23T06:00:00Z</UpdateDate>
      <PolicyId>{policy_id(iam, arn)}</PolicyId>
      <DefaultVersionId>v1</DefaultVersionId>
      <PolicyName>p</PolicyName>
      <IsAttachable>true</IsAttachable>
      <Description>d</Description>
      <AttachmentCount>2</AttachmentCount>
      <Arn>{arn}</Arn>
      <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      <Tags/>
    </Policy>
  </GetPolicyResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</GetPolicyResponse>
"""
    )


def test_list_policies(iam: "Iam") -> None:
    """Without description and tags."""
    listed = iam.answer("ListPolicies", Scope="Local").body
    assert b"<IsTruncated>false</IsTruncated>\n    <Policies/>" in listed
    arn = create(iam, Description="d", Tags=[{"Key": "a", "Value": "1"}])
    assert (
        iam.answer("ListPolicies", Scope="Local").body.decode()
        == f"""\
<ListPoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListPoliciesResult>
    <IsTruncated>false</IsTruncated>
    <Policies>
      <member>
        <PermissionsBoundaryUsageCount>0</PermissionsBoundaryUsageCount>
        <Path>/</Path>
        <UpdateDate>2026-11-23T06:00:00Z</UpdateDate>
        <PolicyId>{policy_id(iam, arn)}</PolicyId>
        <DefaultVersionId>v1</DefaultVersionId>
        <PolicyName>p</PolicyName>
        <IsAttachable>true</IsAttachable>
        <AttachmentCount>0</AttachmentCount>
        <Arn>{arn}</Arn>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      </member>
    </Policies>
  </ListPoliciesResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</ListPoliciesResponse>
"""
    )


def test_list_entities_for_policy(iam: "Iam") -> None:
    """Each with its name and id."""
    arn = create(iam)
    ids = {}
    for kind, more in (("Role", {"AssumeRolePolicyDocument": TRUST}), ("User", {}), ("Group", {})):
        ids[kind] = iam.boto(f"Create{kind}", **{f"{kind}Name": "n"}, **more)[kind][f"{kind}Id"]
        iam.boto(f"Attach{kind}Policy", **{f"{kind}Name": "n"}, PolicyArn=arn)
    assert (
        iam.answer("ListEntitiesForPolicy", PolicyArn=arn).body.decode()
        == f"""\
<ListEntitiesForPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListEntitiesForPolicyResult>
    <PolicyRoles>
      <member>
        <RoleId>{ids["Role"]}</RoleId>
        <RoleName>n</RoleName>
      </member>
    </PolicyRoles>
    <IsTruncated>false</IsTruncated>
    <PolicyUsers>
      <member>
        <UserName>n</UserName>
        <UserId>{ids["User"]}</UserId>
      </member>
    </PolicyUsers>
    <PolicyGroups>
      <member>
        <GroupName>n</GroupName>
        <GroupId>{ids["Group"]}</GroupId>
      </member>
    </PolicyGroups>
  </ListEntitiesForPolicyResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</ListEntitiesForPolicyResponse>
"""
    )


@pytest.mark.parametrize("operation", ["DeletePolicy", "TagPolicy", "UntagPolicy"])
def test_answers_without_a_result(iam: "Iam", operation: str) -> None:
    """Only the request id."""
    given = {"TagPolicy": {"Tags": ""}, "UntagPolicy": {"TagKeys": ""}}.get(operation, {})
    assert (
        iam.answer(operation, PolicyArn=create(iam), **given).body.decode()
        == f"""\
<{operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{operation}Response>
"""
    )


def test_ids_look_like_awss(iam: "Iam") -> None:
    """And say whose they are."""
    found = policy_id(iam, create(iam))
    assert re.fullmatch("ANPA[A-Z2-7]{17}", found)
    assert account_of(found) == "123456789012"


# --- listings


def names(iam: "Iam", **given: Any) -> list[str]:
    return [policy["PolicyName"] for policy in iam.boto("ListPolicies", **given)["Policies"]]


def test_scopes(iam: "Iam") -> None:
    """The account's own come first, then AWS's; `All` is what is not said."""
    for name in ("b", "Z", "a"):
        create(iam, name)
    of_aws = sorted(policy.name for policy in AWS_POLICIES.values())
    assert names(iam, Scope="Local") == ["Z", "a", "b"]
    assert names(iam, Scope="AWS") == of_aws
    assert names(iam, Scope="All") == names(iam) == ["Z", "a", "b", *of_aws]


def test_path_prefixes(iam: "Iam") -> None:
    create(iam, "a", Path="/x/y/")
    create(iam, "b", Path="/x/")
    assert names(iam, Scope="Local", PathPrefix="/x/y/") == ["a"]
    assert names(iam, PathPrefix="/service-role/") == [
        "AWSLambdaBasicExecutionRole",
        "AmazonAPIGatewayPushToCloudWatchLogs",
    ]


def test_only_those_that_are_used(iam: "Iam") -> None:
    """As boundary, attached, or either."""
    attached, boundary, _ = create(iam, "a"), create(iam, "b"), create(iam, "c")
    iam.boto("CreateUser", UserName="u", PermissionsBoundary=boundary)
    iam.boto("AttachUserPolicy", UserName="u", PolicyArn=attached)
    iam.boto("AttachUserPolicy", UserName="u", PolicyArn=LAMBDA)
    assert names(iam, OnlyAttached=True) == ["a", "b", "AWSLambdaBasicExecutionRole"]
    assert names(iam, PolicyUsageFilter="PermissionsBoundary") == ["b"]
    assert names(iam, PolicyUsageFilter="PermissionsPolicy", Scope="Local", OnlyAttached=True) == ["a"]


def test_pages_of_policies(iam: "Iam") -> None:
    """Every policy once, over the border between the account's and AWS's."""
    for number in range(5):
        create(iam, f"p{number}")
    found: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = iam.boto("ListPolicies", MaxItems=4, **marker)
        assert len(page["Policies"]) <= 4
        found += [policy["PolicyName"] for policy in page["Policies"]]
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert found == names(iam)


def test_entities_are_filtered_and_paged(iam: "Iam") -> None:
    """By kind, path and use; groups, roles and users in this order."""
    arn = create(iam)
    for name in ("r1", "r2"):
        iam.boto("CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST, Path="/a/")
        iam.boto("AttachRolePolicy", RoleName=name, PolicyArn=arn)
    iam.boto("CreateUser", UserName="u", PermissionsBoundary=arn)

    def found(**given: Any) -> tuple[list[str], list[str], bool]:
        page = iam.boto("ListEntitiesForPolicy", PolicyArn=arn, **given)
        roles, users = page["PolicyRoles"], page["PolicyUsers"]
        return [each["RoleName"] for each in roles], [each["UserName"] for each in users], page["IsTruncated"]

    assert found() == (["r1", "r2"], ["u"], False)
    assert found(EntityFilter="User") == ([], ["u"], False)
    assert found(EntityFilter="LocalManagedPolicy") == ([], [], False)
    assert found(PathPrefix="/a/") == (["r1", "r2"], [], False)
    assert found(PolicyUsageFilter="PermissionsBoundary") == ([], ["u"], False)
    assert found(PolicyUsageFilter="PermissionsPolicy") == (["r1", "r2"], [], False)
    first = iam.boto("ListEntitiesForPolicy", PolicyArn=arn, MaxItems=2)
    assert first["IsTruncated"]
    assert found(MaxItems=2, Marker=first["Marker"]) == ([], ["u"], False)


# --- AWS's own


def test_awss_policies_are_shown_like_any_other(iam: "Iam") -> None:
    """With AWS's version and dates."""
    shown = iam.boto("GetPolicy", PolicyArn=LAMBDA)["Policy"]
    assert shown["Path"] == "/service-role/"
    assert shown["PolicyId"] == "ANPAJNCQGXC42545SKXIK"
    assert shown["Tags"] == []
    power = iam.boto("GetPolicy", PolicyArn="arn:aws:iam::aws:policy/PowerUserAccess")["Policy"]
    assert power["DefaultVersionId"] == "v12"
    assert f"{power['CreateDate']:%Y-%m-%d} {power['UpdateDate']:%Y-%m-%d}" == "2015-02-06 2026-02-12"
    version = iam.boto("GetPolicyVersion", PolicyArn=ADMINISTRATOR, VersionId="v1")["PolicyVersion"]
    statements = json.loads(unquote(version["Document"]))["Statement"]
    assert statements == [{"Effect": "Allow", "Action": ["*"], "Resource": "*"}]
    assert [each["VersionId"] for each in iam.boto("ListPolicyVersions", PolicyArn=LAMBDA)["Versions"]] == ["v1"]
    assert iam.boto("ListPolicyTags", PolicyArn=ADMINISTRATOR)["Tags"] == []


@pytest.mark.parametrize("arn", MANAGED_POLICIES)
def test_awss_policies_could_be_saved(arn: str) -> None:
    """And are known by heart with their dates and ids."""
    parse(MANAGED_POLICIES[arn], "managed")
    known = AWS_POLICIES[arn]
    assert known.created <= known.updated
    assert known.document == MANAGED_POLICIES[arn]
    assert re.fullmatch("ANPA[A-Z2-7]{17}", known.id)


# --- tags


def test_tag_keys_are_told_apart_by_case(iam: "Iam") -> None:
    """Unlike those of roles and users."""
    arn = create(iam, Tags=[{"Key": "a", "Value": "lower"}, {"Key": "A", "Value": "upper"}])
    iam.boto("TagPolicy", PolicyArn=arn, Tags=[{"Key": "a", "Value": ""}])
    expected = [{"Key": "A", "Value": "upper"}, {"Key": "a", "Value": ""}]
    assert iam.boto("ListPolicyTags", PolicyArn=arn)["Tags"] == expected
    iam.boto("UntagPolicy", PolicyArn=arn, TagKeys=["a", "none"])
    assert iam.boto("ListPolicyTags", PolicyArn=arn)["Tags"] == expected[:1]


def test_pages_of_tags(iam: "Iam") -> None:
    """By key."""
    arn = create(iam, Tags=[{"Key": "b", "Value": ""}, {"Key": "a", "Value": ""}])
    first = iam.boto("ListPolicyTags", PolicyArn=arn, MaxItems=1)
    second = iam.boto("ListPolicyTags", PolicyArn=arn, MaxItems=1, Marker=first["Marker"])
    assert [tag["Key"] for page in (first, second) for tag in page["Tags"]] == ["a", "b"]
    assert [page["IsTruncated"] for page in (first, second)] == [True, False]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Scope": "Mine"}, "Value at 'scope' failed to satisfy constraint: Member must satisfy enum value set"),
        (
            {"PolicyUsageFilter": "x"},
            "Value at 'policyUsageFilter' failed to satisfy constraint: Member must satisfy enum value set",
        ),
    ],
)
def test_validation(iam: "Iam", given: dict[str, str], message: str) -> None:
    """No values are printed."""
    expected = (400, "ValidationError", f"1 validation error detected: {message}")
    assert iam.refused("ListPolicies", **given) == expected


def test_a_tag_key_that_breaks_a_constraint(iam: "Iam") -> None:
    """All constraints are named, and that it must not be null."""
    pattern = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+"
    message = (
        "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint:"
        " [Member must have length less than or equal to 128, Member must have length greater than or equal to 1,"
        f" Member must satisfy regular expression pattern: {pattern}, Member must not be null]"
    )
    given = {"PolicyArn": OWN + "p", "TagKeys.member.1": "#"}
    assert iam.refused("UntagPolicy", **given) == (400, "ValidationError", message)
