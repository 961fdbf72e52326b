"""Roles as IAM shows them and refuses them."""

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from gatepass.http import Response
from gatepass.tokens.ids import account_of

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
OTHER = TRUST.replace('"*"', '"123456789012"')
ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}}'


def create(iam: "Iam", name: str = "r", **parameters: str) -> Response:
    return iam.answer("CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST, **parameters)


def role_id(iam: "Iam", name: str = "r") -> str:
    found = re.search(b"<RoleId>(.*)</RoleId>", iam.answer("GetRole", RoleName=name).body)
    assert found is not None
    return found[1].decode()


# --- answers


def test_create_role(iam: "Iam") -> None:
    """Six members and the tags, in AWS's order; the rest only GetRole shows."""
    response = create(
        iam,
        Path="/team/",
        Description="d",
        MaxSessionDuration="7200",
        **{"Tags.member.1.Key": "a", "Tags.member.1.Value": "1"},
    )
    assert response == Response(
        200,
        [(b"x-amzn-requestid", b"request"), (b"content-type", b"text/xml")],
        f"""\
<CreateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <CreateRoleResult>
    <Role>
      <Path>/team/</Path>
      <AssumeRolePolicyDocument>{quote(TRUST, safe="")}</AssumeRolePolicyDocument>
      <RoleId>{role_id(iam)}</RoleId>
      <RoleName>r</RoleName>
      <Arn>arn:aws:iam::123456789012:role/team/r</Arn>
      <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      <Tags>
        <member>
          <Value>1</Value>
          <Key>a</Key>
        </member>
      </Tags>
    </Role>
  </CreateRoleResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</CreateRoleResponse>
""".encode(),
    )


def test_get_role(iam: "Iam") -> None:
    """All of it; an empty description is there, unlike none."""
    create(iam, Description="", MaxSessionDuration="7200", **{"Tags.member.1.Key": "a", "Tags.member.1.Value": ""})
    assert (
        iam.answer("GetRole", RoleName="r").body.decode()
        == f"""\
<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetRoleResult>
    <Role>
      <Path>/</Path>
      <AssumeRolePolicyDocument>{quote(TRUST, safe="")}</AssumeRolePolicyDocument>
      <MaxSessionDuration>7200</MaxSessionDuration>
      <RoleId>{role_id(iam)}</RoleId>
      <RoleLastUsed/>
      <RoleName>r</RoleName>
      <Description/>
      <Arn>arn:aws:iam::123456789012:role/r</Arn>
      <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      <Tags>
        <member>
          <Value/>
          <Key>a</Key>
        </member>
      </Tags>
    </Role>
  </GetRoleResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</GetRoleResponse>
"""
    )


def test_list_roles(iam: "Iam") -> None:
    """No tags, no last use; no description where none was given."""
    assert b"<IsTruncated>false</IsTruncated>\n    <Roles/>" in iam.answer("ListRoles").body
    create(iam, **{"Tags.member.1.Key": "a", "Tags.member.1.Value": "1"})
    assert (
        iam.answer("ListRoles").body.decode()
        == f"""\
<ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListRolesResult>
    <IsTruncated>false</IsTruncated>
    <Roles>
      <member>
        <Path>/</Path>
        <AssumeRolePolicyDocument>{quote(TRUST, safe="")}</AssumeRolePolicyDocument>
        <MaxSessionDuration>3600</MaxSessionDuration>
        <RoleId>{role_id(iam)}</RoleId>
        <RoleName>r</RoleName>
        <Arn>arn:aws:iam::123456789012:role/r</Arn>
        <CreateDate>2026-11-23T06:00:00Z</CreateDate>
      </member>
    </Roles>
  </ListRolesResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</ListRolesResponse>
"""
    )


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("UpdateAssumeRolePolicy", {"RoleName": "r", "PolicyDocument": OTHER}),
        ("DeleteRole", {"RoleName": "r"}),
        ("TagRole", {"RoleName": "r", "Tags": ""}),
        ("UntagRole", {"RoleName": "r", "TagKeys.member.1": "k"}),
    ],
)
def test_answers_without_a_result(iam: "Iam", name: str, parameters: dict[str, str]) -> None:
    """Only the request id."""
    create(iam)
    assert (
        iam.answer(name, **parameters).body.decode()
        == f"""\
<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{name}Response>
"""
    )


def test_botocore_reads_every_answer(iam: "Iam") -> None:
    """And sends what is decoded as it was meant."""
    tags = [{"Key": "team", "Value": "ガ"}, {"Key": "b", "Value": ""}]
    created = iam.boto(
        "CreateRole",
        RoleName="a.b@c",
        Path="/x/",
        AssumeRolePolicyDocument=TRUST,
        Description="é\r\n<&>",
        MaxSessionDuration=43200,
        Tags=tags,
    )["Role"]
    role = iam.boto("GetRole", RoleName="a.b@c")["Role"]
    assert created == {name: role[name] for name in created}
    assert created.keys() == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument", "Tags"}
    assert (role["Description"], role["MaxSessionDuration"], role["Tags"]) == ("é\r\n<&>", 43200, tags)
    assert role["CreateDate"].isoformat() == "2026-11-23T06:00:00+00:00"
    assert [listed["RoleName"] for listed in iam.boto("ListRoles", PathPrefix="/x/")["Roles"]] == ["a.b@c"]
    iam.boto("UpdateAssumeRolePolicy", RoleName="a.b@c", PolicyDocument=OTHER)
    assert iam.boto("GetRole", RoleName="a.b@c")["Role"]["AssumeRolePolicyDocument"] == quote(OTHER, safe="")
    iam.boto("DeleteRole", RoleName="a.b@c")
    assert iam.boto("ListRoles")["Roles"] == []


def test_update_role(iam: "Iam") -> None:
    """What is not given stays; the result is there, and empty."""
    create(iam, Description="old")
    assert b"\n  <UpdateRoleResult/>\n" in iam.answer("UpdateRole", RoleName="r", MaxSessionDuration="7200").body
    iam.boto("UpdateRole", RoleName="r", Description="")
    role = iam.boto("GetRole", RoleName="r")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("", 7200)
    shown = iam.boto("UpdateRoleDescription", RoleName="r", Description="new")["Role"]
    assert shown.keys() == {
        "Path",
        "RoleName",
        "RoleId",
        "Arn",
        "CreateDate",
        "AssumeRolePolicyDocument",
        "Description",
    }
    assert shown["Description"] == iam.boto("GetRole", RoleName="r")["Role"]["Description"] == "new"


# --- identity


def test_a_role_made_again_is_another_role(iam: "Iam") -> None:
    """Sessions of the first must not act as the second; both ids tell the account."""
    create(iam)
    first = role_id(iam)
    iam.answer("DeleteRole", RoleName="r")
    create(iam)
    assert role_id(iam) != first
    assert re.fullmatch(r"AROA[A-Z2-7]{17}", first)
    assert account_of(first) == "123456789012"


def test_a_role_is_in_the_directory_at_once(iam: "Iam") -> None:
    """What decides about the next request knows it, and its new trust policy, and that it is gone."""
    create(iam)
    assert iam.store.directory.roles["r"].trust_policy == TRUST
    iam.answer("UpdateAssumeRolePolicy", RoleName="r", PolicyDocument=OTHER)
    assert iam.store.directory.roles["r"].trust_policy == OTHER
    iam.answer("DeleteRole", RoleName="r")
    assert "r" not in iam.store.directory.roles


@pytest.mark.parametrize("again", ["r", "R"])
def test_a_name_is_taken_once(iam: "Iam", again: str) -> None:
    """Names are not told apart by case."""
    create(iam)
    assert iam.refused("CreateRole", RoleName=again, AssumeRolePolicyDocument=TRUST) == (
        409,
        "EntityAlreadyExists",
        f"Role with name {again} already exists.",
    )


def test_of_many_who_create_a_name_one_succeeds(iam: "Iam") -> None:
    """At once."""
    body = b"Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=" + quote(TRUST).encode()

    async def race() -> list[int]:
        return [response.status for response in await asyncio.gather(*(iam.answered(body) for _ in range(8)))]

    assert sorted(iam.run(race())) == [200] + [409] * 7


# --- refusals


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("GetRole", {}),
        ("DeleteRole", {}),
        ("UpdateAssumeRolePolicy", {"PolicyDocument": TRUST}),
        ("UpdateAssumeRolePolicy", {"PolicyDocument": "{"}),
        ("PutRolePolicy", {"PolicyName": "p", "PolicyDocument": ALLOW}),
        ("GetRolePolicy", {"PolicyName": "p"}),
        ("ListRolePolicies", {}),
        ("DeleteRolePolicy", {"PolicyName": "p"}),
        ("UpdateRole", {}),
        ("UpdateRoleDescription", {"Description": "d"}),
        ("TagRole", {"Tags": ""}),
        ("UntagRole", {"TagKeys": ""}),
        ("ListRoleTags", {}),
    ],
)
def test_an_unknown_role(iam: "Iam", name: str, more: dict[str, str]) -> None:
    """Whatever else is wrong."""
    assert iam.refused(name, RoleName="nobody", **more) == (
        404,
        "NoSuchEntity",
        "The role with name nobody cannot be found.",
    )


def test_a_role_with_policies_is_not_deleted(iam: "Iam") -> None:
    """Nor is any of it gone then."""
    create(iam)
    iam.answer("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=ALLOW)
    assert iam.refused("DeleteRole", RoleName="r") == (
        409,
        "DeleteConflict",
        "Cannot delete entity, must delete policies first.",
    )
    assert iam.boto("ListRolePolicies", RoleName="r")["PolicyNames"] == ["p"]


INVALID_NAME = (
    "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following:"
    " +=,.@_-"
)
INVALID_PATH = (
    "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters"
    " and/or / characters."
)
INVALID_DOCUMENT = (
    "The specified value for assumeRolePolicyDocument is invalid. It must contain only printable ASCII characters."
)
INVALID_PATH_PREFIX = (
    "The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric"
    " characters and/or / characters."
)


def broken(path: str, constraint: str) -> str:
    return f"1 validation error detected: Value at '{path}' failed to satisfy constraint: Member must {constraint}"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"RoleName": "bad/name"}, INVALID_NAME),
        ({"RoleName": ""}, INVALID_NAME),
        ({"RoleName": "é"}, INVALID_NAME),
        (
            {"RoleName": "n" * 65},
            broken("roleName", "have length less than or equal to 64"),
        ),
        ({"RoleName": None}, broken("roleName", "not be null")),
        ({"Path": "bad"}, INVALID_PATH),
        ({"Path": "//"}, INVALID_PATH),
        ({"Path": "/a b/"}, INVALID_PATH),
        (
            {"Path": "/" + "a" * 511 + "/"},
            broken("path", "have length less than or equal to 512"),
        ),
        ({"AssumeRolePolicyDocument": "ガ"}, INVALID_DOCUMENT),
        ({"AssumeRolePolicyDocument": ""}, INVALID_DOCUMENT),
        (
            {"AssumeRolePolicyDocument": "x" * 131073},
            broken("assumeRolePolicyDocument", "have length less than or equal to 131072"),
        ),
        (
            {"Description": "ガ"},
            broken(
                "description", r"satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*"
            ),
        ),
        (
            {"MaxSessionDuration": "3599"},
            broken("maxSessionDuration", "have value greater than or equal to 3600"),
        ),
        (
            {"MaxSessionDuration": "43201"},
            broken("maxSessionDuration", "have value less than or equal to 43200"),
        ),
        (
            {"Tags.member.1.Key": "bad#key", "Tags.member.1.Value": "v"},
            broken("tags.1.member.key", r"satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+"),
        ),
        (
            {"Tags.member.1.Key": "k"},
            broken("tags.1.member.value", "not be null"),
        ),
        (
            {f"Tags.member.{n}.{part}": f"k{n}" for n in range(1, 52) for part in ("Key", "Value")},
            broken("tags", "have length less than or equal to 50"),
        ),
        (
            {"PermissionsBoundary": "short"},
            broken("permissionsBoundary", "have length greater than or equal to 20"),
        ),
    ],
)
def test_validation(iam: "Iam", changed: dict[str, str | None], message: str) -> None:
    """In IAM's words, without the values; nothing is made."""
    given = {"RoleName": "r", "AssumeRolePolicyDocument": TRUST} | changed
    parameters = {name: value for name, value in given.items() if value is not None}
    assert iam.refused("CreateRole", **parameters) == (400, "ValidationError", message)
    assert len(iam.store.directory.roles) == 0


@pytest.mark.parametrize(
    ("more", "status", "code", "message"),
    [
        ({"MaxSessionDuration": "hour"}, 400, "MalformedInput", ""),
        (
            {
                "Tags.member.1.Key": "dup",
                "Tags.member.1.Value": "1",
                "Tags.member.2.Key": "DUP",
                "Tags.member.2.Value": "2",
            },
            400,
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            {"Tags.member.1.Key": "aws:x", "Tags.member.1.Value": "1"},
            400,
            "InvalidInput",
            "Tag keys beginning with aws: are reserved for system use.",
        ),
        (
            {"PermissionsBoundary": "arn:aws:iam::123456789012:policy/b"},
            404,
            "NoSuchEntity",
            "Scope ARN: arn:aws:iam::123456789012:policy/b does not exist or is not attachable.",
        ),
        (
            {"PermissionsBoundary": "arn:aws:iam::123456789012:role/no-policy"},
            400,
            "InvalidInput",
            "ARN arn:aws:iam::123456789012:role/no-policy is not valid.",
        ),
        ({"PermissionsBoundary": "a" * 20}, 400, "InvalidInput", f"ARN {'a' * 20} is not valid."),
    ],
)
def test_refusals(iam: "Iam", more: dict[str, str], status: int, code: str, message: str) -> None:
    """Nothing is made; a boundary that would not be enforced least of all."""
    parameters = {"RoleName": "r", "AssumeRolePolicyDocument": TRUST, **more}
    assert iam.refused("CreateRole", **parameters) == (status, code, message)
    assert len(iam.store.directory.roles) == 0


def test_a_trust_policy_is_validated_when_saved(iam: "Iam") -> None:
    """By both operations that take one."""
    expected = (400, "MalformedPolicyDocument", "This policy contains invalid Json")
    assert iam.refused("CreateRole", RoleName="r", AssumeRolePolicyDocument="{") == expected
    create(iam)
    assert iam.refused("UpdateAssumeRolePolicy", RoleName="r", PolicyDocument="{") == expected
    assert iam.store.directory.roles["r"].trust_policy == TRUST


def test_a_cognito_trust_policy_needs_an_audience(iam: "Iam") -> None:
    """Or any identity pool of the world could take the role."""
    trust = TRUST.replace('{"AWS":"*"}', '{"Federated":"cognito-identity.amazonaws.com"}').replace(
        "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"
    )
    assert iam.refused("CreateRole", RoleName="r", AssumeRolePolicyDocument=trust) == (
        400,
        "MalformedPolicyDocument",
        "A condition block must be present for the Cognito provider",
    )
    condition = ',"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu-central-1:0"}}}]}'
    assert iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=trust.replace("}]}", condition))


def sized_trust(size: int) -> str:
    """A trust policy of so many characters that count, and some that do not."""
    return TRUST.replace('"Effect"', '"Sid":"' + "s" * (size - len(TRUST) - 9) + '",   \n"Effect"')


def test_the_size_of_a_trust_policy_is_limited(iam: "Iam") -> None:
    """White space does not count."""
    assert iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=sized_trust(2048))
    expected = (409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
    assert iam.refused("CreateRole", RoleName="s", AssumeRolePolicyDocument=sized_trust(2049)) == expected
    assert iam.refused("UpdateAssumeRolePolicy", RoleName="r", PolicyDocument=sized_trust(2049)) == expected


# --- pages


def test_pages_of_roles(iam: "Iam") -> None:
    """Every role of the path once, by name; entries that come and go do not shift a page."""
    for name, path in [("b", "/x/"), ("a", "/x/y/"), ("c", "/z/"), ("e", "/x/"), ("d", "/x/")]:
        create(iam, name, Path=path)
    names: list[list[str]] = []
    marker: dict[str, str] = {}
    while True:
        page = iam.boto("ListRoles", PathPrefix="/x", MaxItems=2, **marker)
        names.append([role["RoleName"] for role in page["Roles"]])
        assert page["IsTruncated"] == ("Marker" in page)
        if "Marker" not in page:
            break
        marker = {"Marker": page["Marker"]}
        iam.answer("DeleteRole", RoleName=names[-1][-1])
    assert names == [["a", "b"], ["d", "e"]]
    assert [role["RoleName"] for role in iam.boto("ListRoles")["Roles"]] == ["a", "c", "d", "e"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"Marker": "!"}, "Invalid Marker."),
        ({"Marker": "_"}, "Invalid Marker."),
        ({"Marker": "é"}, "Invalid Marker."),
        (
            {"MaxItems": "0"},
            broken("maxItems", "have value greater than or equal to 1"),
        ),
        (
            {"MaxItems": "1001"},
            broken("maxItems", "have value less than or equal to 1000"),
        ),
        (
            {"PathPrefix": "x"},
            INVALID_PATH_PREFIX,
        ),
        (
            {"PathPrefix": "/" + "a" * 512},
            broken("pathPrefix", "have length less than or equal to 512"),
        ),
    ],
)
def test_no_page(iam: "Iam", parameters: dict[str, str], message: str) -> None:
    """A marker of another service is no marker."""
    assert iam.refused("ListRoles", **parameters) == (400, "ValidationError", message)
