"""What roles, users and groups share: inline policies, attachments, boundaries and tags behave alike for each."""

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from gatepass.store import Group, Role, User

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}}'
OWN = "arn:aws:iam::123456789012:policy/p"
AWS = "arn:aws:iam::aws:policy/AdministratorAccess"


class Owner:
    """One role, user or group."""

    def __init__(self, iam: "Iam", kind: str) -> None:
        self.iam, self.kind = iam, kind
        self.named = {f"{kind}Name": "n"}
        more = {"AssumeRolePolicyDocument": TRUST} if kind == "Role" else {}
        iam.boto(f"Create{kind}", **self.named, **more)
        iam.boto("CreatePolicy", PolicyName="p", PolicyDocument=ALLOW)

    def do(self, operation: str, **given: Any) -> Any:
        """Of `Put*Policy` the star is what this is."""
        return self.iam.boto(operation.replace("*", self.kind), **self.named, **given)

    @property
    def stored(self) -> Role | User | Group:
        """As it decides."""
        directory = self.iam.store.directory
        match self.kind:
            case "Role":
                return directory.roles["n"]
            case "User":
                return directory.users["n"]
            case _:
                return directory.groups["n"]


@pytest.fixture(params=["Role", "User", "Group"])
def owner(request: pytest.FixtureRequest, iam: "Iam") -> Owner:
    return Owner(iam, request.param)


@pytest.fixture(params=["Role", "User"])
def bounded(request: pytest.FixtureRequest, iam: "Iam") -> Owner:
    return Owner(iam, request.param)


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("Put*Policy", {"PolicyName": "x", "PolicyDocument": ALLOW}),
        ("Attach*Policy", {"PolicyArn": AWS}),
        ("Delete*Policy", {"PolicyName": "q"}),
        ("Detach*Policy", {"PolicyArn": OWN}),
    ],
)
def test_answers_without_a_result(owner: Owner, operation: str, given: dict[str, str]) -> None:
    """Only the request id."""
    owner.do("Put*Policy", PolicyName="q", PolicyDocument=ALLOW)
    owner.do("Attach*Policy", PolicyArn=OWN)
    name = operation.replace("*", owner.kind)
    assert (
        owner.iam.answer(name, **owner.named, **given).body.decode()
        == f"""\
<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{name}Response>
"""
    )


# --- inline policies

ORDER = {
    "Role": ("PolicyDocument", "PolicyName", "RoleName"),
    "User": ("PolicyDocument", "PolicyName", "UserName"),
    "Group": ("PolicyDocument", "GroupName", "PolicyName"),
}


def test_an_inline_policy_is_shown_as_it_was_put(owner: Owner) -> None:
    """The document percent-encoded, members in AWS's order."""
    owner.do("Put*Policy", PolicyName="q", PolicyDocument=ALLOW)
    values = {"PolicyDocument": quote(ALLOW, safe=""), "PolicyName": "q", f"{owner.kind}Name": "n"}
    members = "\n".join(f"    <{name}>{values[name]}</{name}>" for name in ORDER[owner.kind])
    name = f"Get{owner.kind}Policy"
    assert (
        owner.iam.answer(name, **owner.named, PolicyName="q").body.decode()
        == f"""\
<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <{name}Result>
{members}
  </{name}Result>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{name}Response>
"""
    )


def test_inline_policies_come_and_go(owner: Owner) -> None:
    """Listed by name, page by page; the directory knows at once."""
    for name in "cab":
        owner.do("Put*Policy", PolicyName=name, PolicyDocument=ALLOW)
    first = owner.do("List*Policies", MaxItems=2)
    second = owner.do("List*Policies", MaxItems=2, Marker=first["Marker"])
    assert [first["PolicyNames"], second["PolicyNames"]] == [["a", "b"], ["c"]]
    assert [first["IsTruncated"], second["IsTruncated"]] == [True, False]
    owner.do("Delete*Policy", PolicyName="b")
    assert owner.stored.inline_policies == {"a": ALLOW, "c": ALLOW}


# --- attachments


def test_attached_policies_come_and_go(owner: Owner) -> None:
    """It does not matter if it was attached before; the directory knows at once."""
    for arn in (OWN, AWS, OWN):
        owner.do("Attach*Policy", PolicyArn=arn)
    assert sorted(owner.stored.attached_policies) == sorted((OWN, AWS))
    name = f"ListAttached{owner.kind}Policies"
    assert (
        owner.iam.answer(name, **owner.named).body.decode()
        == f"""\
<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <{name}Result>
    <IsTruncated>false</IsTruncated>
    <AttachedPolicies>
      <member>
        <PolicyArn>{OWN}</PolicyArn>
        <PolicyName>p</PolicyName>
      </member>
      <member>
        <PolicyArn>{AWS}</PolicyArn>
        <PolicyName>AdministratorAccess</PolicyName>
      </member>
    </AttachedPolicies>
  </{name}Result>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{name}Response>
"""
    )
    owner.do("Detach*Policy", PolicyArn=AWS)
    assert owner.stored.attached_policies == (OWN,)


def test_attached_policies_under_a_path(owner: Owner) -> None:
    """The policy's path, not the owner's; page by page."""
    lambda_ = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    for arn in (OWN, AWS, lambda_):
        owner.do("Attach*Policy", PolicyArn=arn)
    assert [
        each["PolicyArn"] for each in owner.do("ListAttached*Policies", PathPrefix="/service-role/")["AttachedPolicies"]
    ] == [lambda_]
    first = owner.do("ListAttached*Policies", MaxItems=2)
    second = owner.do("ListAttached*Policies", MaxItems=2, Marker=first["Marker"])
    arns = [each["PolicyArn"] for page in (first, second) for each in page["AttachedPolicies"]]
    assert arns == [OWN, AWS, lambda_]


def test_a_policy_in_use_is_not_deleted(owner: Owner) -> None:
    """At once, only one of the two: whoever loses is told so."""
    attach = {**owner.named, "Action": f"Attach{owner.kind}Policy", "Version": "2010-05-08", "PolicyArn": OWN}
    delete = {"Action": "DeletePolicy", "Version": "2010-05-08", "PolicyArn": OWN}
    forms = [urlencode(attach).encode(), urlencode(delete).encode()]

    async def race() -> list[int]:
        return [response.status for response in await asyncio.gather(*map(owner.iam.answered, forms))]

    for turn in range(8):
        forms.reverse()
        statuses = owner.iam.run(race())
        assert sorted(statuses) in ([200, 404], [200, 409])
        assert (OWN in owner.stored.attached_policies) == (OWN in owner.iam.store.directory.managed_policies)
        if OWN in owner.stored.attached_policies:
            owner.do("Detach*Policy", PolicyArn=OWN)
        else:
            owner.iam.boto("CreatePolicy", PolicyName="p", PolicyDocument=ALLOW, Description=str(turn))


# --- boundaries


@pytest.mark.parametrize("arn", [OWN, AWS])
def test_boundaries_come_and_go(bounded: Owner, arn: str) -> None:
    """Shown by Get, not by List; there may be none to delete."""
    kind = bounded.kind
    bounded.do("Delete*PermissionsBoundary")
    bounded.do("Put*PermissionsBoundary", PermissionsBoundary=arn)
    shown = bounded.do("Get*")[kind]["PermissionsBoundary"]
    assert shown == {"PermissionsBoundaryArn": arn, "PermissionsBoundaryType": "Policy"}
    assert bounded.stored.permissions_boundary == arn  # type: ignore[union-attr] # roles and users have one
    (listed,) = bounded.iam.boto(f"List{kind}s")[f"{kind}s"]
    assert "PermissionsBoundary" not in listed
    bounded.do("Delete*PermissionsBoundary")
    assert "PermissionsBoundary" not in bounded.do("Get*")[kind]


def test_boundaries_from_the_beginning(bounded: Owner) -> None:
    """Creating shows it."""
    kind = bounded.kind
    more = {"AssumeRolePolicyDocument": TRUST} if kind == "Role" else {}
    made = bounded.iam.boto(f"Create{kind}", **{f"{kind}Name": "m"}, PermissionsBoundary=OWN, **more)[kind]
    assert made["PermissionsBoundary"] == {"PermissionsBoundaryArn": OWN, "PermissionsBoundaryType": "Policy"}
    assert bounded.iam.boto("GetPolicy", PolicyArn=OWN)["Policy"]["PermissionsBoundaryUsageCount"] == 1


@pytest.mark.parametrize("operation", ["Put*PermissionsBoundary", "Delete*PermissionsBoundary"])
def test_boundaries_answer_without_a_result(bounded: Owner, operation: str) -> None:
    """Only the request id."""
    name = operation.replace("*", bounded.kind)
    given = {"PermissionsBoundary": OWN} if operation.startswith("Put") else {}
    body = bounded.iam.answer(name, **bounded.named, **given).body
    assert body.startswith(f"<{name}Response ".encode())
    assert b"Result" not in body


# --- tags


def test_tags_come_and_go(bounded: Owner) -> None:
    """Keys are not told apart by case; the new spelling stays; the directory knows at once."""
    bounded.do("Tag*", Tags=[{"Key": "Env", "Value": "1"}, {"Key": "a", "Value": ""}])
    bounded.do("Tag*", Tags=[{"Key": "env", "Value": "2"}])
    listed = bounded.do("List*Tags")["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in listed} == {"a": "", "env": "2"}
    assert bounded.stored.tags == {"a": "", "env": "2"}  # type: ignore[union-attr] # roles and users have tags
    bounded.do("Untag*", TagKeys=["ENV", "none"])
    assert bounded.do("Get*")[bounded.kind]["Tags"] == [{"Key": "a", "Value": ""}]
    bounded.do("Untag*", TagKeys=["a"])
    assert "Tags" not in bounded.do("Get*")[bounded.kind]


def test_pages_of_tags(bounded: Owner) -> None:
    """By key."""
    bounded.do("Tag*", Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}])
    first = bounded.do("List*Tags", MaxItems=1)
    second = bounded.do("List*Tags", MaxItems=1, Marker=first["Marker"])
    assert [tag["Key"] for page in (first, second) for tag in page["Tags"]] == ["a", "b"]
    assert [page["IsTruncated"] for page in (first, second)] == [True, False]
