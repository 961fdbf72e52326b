"""What conditions of policies see of IAM's operations."""

from typing import TYPE_CHECKING, Any

import pytest

from gatepass.iam import OPERATIONS
from gatepass.wire import query

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

ACCOUNT = "123456789012"
ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
TRUST = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}'
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/p"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer.example"
TABLE = {operation.name: operation for operation in OPERATIONS}

TAGGED = {"aws:ResourceTag/team": "blue", "iam:ResourceTag/team": "blue"}
REQUESTED = {"aws:TagKeys": ("a", "b"), "aws:RequestTag/a": "1", "aws:RequestTag/b": "2"}
TAGS = {"Tags.member.1.Key": "a", "Tags.member.1.Value": "1", "Tags.member.2.Key": "b", "Tags.member.2.Value": "2"}
TAG_KEYS = {"TagKeys.member.1": "a", "TagKeys.member.2": "b"}
BOUNDARY, OTHER = {"iam:PermissionsBoundary": POLICY}, "arn:aws:iam::aws:policy/AdministratorAccess"
NO_BOUNDARY = {"iam:PermissionsBoundary": None}
INLINE = {"PolicyName": "p", "PolicyDocument": ALLOW}


@pytest.fixture(scope="module")
def tagged(shared_iam: "Iam") -> "Iam":
    """One of each, with a tag; what is bound is called `bound`."""
    team = [{"Key": "team", "Value": "blue"}]
    shared_iam.boto("CreatePolicy", PolicyName="p", PolicyDocument=ALLOW, Tags=team)
    for kind, more in (("Role", {"AssumeRolePolicyDocument": TRUST}), ("User", {})):
        shared_iam.boto(f"Create{kind}", **{f"{kind}Name": "it"}, Path="/p/", Tags=team, **more)
        shared_iam.boto(f"Create{kind}", **{f"{kind}Name": "bound"}, PermissionsBoundary=POLICY, **more)
    shared_iam.boto("CreateGroup", GroupName="it")
    shared_iam.boto("CreateOpenIDConnectProvider", Url="https://issuer.example", ThumbprintList=["0" * 40], Tags=team)
    return shared_iam


def keys(iam: "Iam", operation: str, given: dict[str, str]) -> Any:
    asked = query.decode(given, TABLE[operation].takes, service="iam")
    return TABLE[operation].keys(iam.call(), asked)


def of_owner(kind: str) -> Any:
    name, create = f"{kind}Name", {"AssumeRolePolicyDocument": TRUST} if kind == "Role" else {}
    it, bound = {name: "it"}, {name: "bound"}
    yield f"Create{kind}", {name: "new", **create}, {"iam:PermissionsBoundary": None, "aws:TagKeys": None}
    yield f"Create{kind}", {name: "new", **create, **TAGS, "PermissionsBoundary": POLICY}, BOUNDARY | REQUESTED
    yield f"Put{kind}PermissionsBoundary", bound | {"PermissionsBoundary": OTHER}, {"iam:PermissionsBoundary": OTHER}
    yield f"Put{kind}PermissionsBoundary", it | {"PermissionsBoundary": POLICY}, TAGGED | BOUNDARY
    for operation, more, found in (
        (f"Delete{kind}PermissionsBoundary", {}, {}),
        (f"Put{kind}Policy", INLINE, {}),
        (f"Delete{kind}Policy", {"PolicyName": "p"}, {}),
        (f"Attach{kind}Policy", {"PolicyArn": OTHER}, {"iam:PolicyARN": OTHER}),
        (f"Detach{kind}Policy", {"PolicyArn": OTHER}, {"iam:PolicyARN": OTHER}),
    ):
        yield operation, bound | more, BOUNDARY | found
        yield operation, it | more, TAGGED | NO_BOUNDARY | found
        yield operation, {name: "nobody"} | more, NO_BOUNDARY | found
    yield f"Tag{kind}", it | TAGS, TAGGED | REQUESTED
    yield f"Untag{kind}", it | TAG_KEYS, TAGGED | {"aws:TagKeys": ("a", "b")}
    for operation in (f"Get{kind}", f"Delete{kind}", f"List{kind}Policies", f"List{kind}Tags", f"Update{kind}"):
        yield operation, it, TAGGED


CASES = [
    *of_owner("Role"),
    *of_owner("User"),
    ("UpdateAssumeRolePolicy", {"RoleName": "it", "PolicyDocument": TRUST}, TAGGED),
    ("CreateAccessKey", {"UserName": "it"}, TAGGED),
    ("CreateAccessKey", {}, {}),
    ("AttachGroupPolicy", {"GroupName": "it", "PolicyArn": POLICY}, {"iam:PolicyARN": POLICY}),
    ("DetachGroupPolicy", {"GroupName": "it", "PolicyArn": POLICY}, {"iam:PolicyARN": POLICY}),
    ("PutGroupPolicy", {"GroupName": "it", **INLINE}, {}),
    ("CreatePolicy", {**INLINE, "PolicyName": "new", **TAGS}, REQUESTED),
    ("TagPolicy", {"PolicyArn": POLICY, **TAGS}, TAGGED | REQUESTED),
    ("UntagPolicy", {"PolicyArn": POLICY, **TAG_KEYS}, TAGGED | {"aws:TagKeys": ("a", "b")}),
    ("CreatePolicyVersion", {"PolicyArn": POLICY, "PolicyDocument": ALLOW}, TAGGED),
    ("DeletePolicy", {"PolicyArn": POLICY}, TAGGED),
    ("GetPolicy", {"PolicyArn": OTHER}, {}),
    ("GetPolicy", {"PolicyArn": "l" * 20}, {}),
    ("CreateOpenIDConnectProvider", {"Url": "https://other.example", **TAGS}, REQUESTED),
    ("TagOpenIDConnectProvider", {"OpenIDConnectProviderArn": PROVIDER, **TAGS}, TAGGED | REQUESTED),
    (
        "UntagOpenIDConnectProvider",
        {"OpenIDConnectProviderArn": PROVIDER, **TAG_KEYS},
        TAGGED | {"aws:TagKeys": ("a", "b")},
    ),
    ("DeleteOpenIDConnectProvider", {"OpenIDConnectProviderArn": PROVIDER}, TAGGED),
    ("ListRoles", {}, {}),
    ("ListPolicies", {}, {}),
]


@pytest.mark.parametrize(("operation", "given", "found"), CASES)
def test_condition_keys(tagged: "Iam", operation: str, given: dict[str, str], found: dict[str, object]) -> None:
    """As the service authorization reference lists them."""
    assert keys(tagged, operation, given) == found


def test_tags_of_a_namesake_do_not_count(tagged: "Iam") -> None:
    """What is created at another path is not what is there."""
    for path, found in (("/p/", TAGGED), ("/other/", {})):
        given = {"RoleName": "it", "AssumeRolePolicyDocument": TRUST, "Path": path}
        assert keys(tagged, "CreateRole", given) == found | {"iam:PermissionsBoundary": None, "aws:TagKeys": None}


def test_tags_of_policies_follow(iam: "Iam") -> None:
    """At once: given, taken, and gone with the policy."""
    iam.boto("CreatePolicy", PolicyName="p", PolicyDocument=ALLOW)
    assert keys(iam, "GetPolicy", {"PolicyArn": POLICY}) == {}
    iam.boto("TagPolicy", PolicyArn=POLICY, Tags=[{"Key": "team", "Value": "blue"}])
    assert keys(iam, "GetPolicy", {"PolicyArn": POLICY}) == TAGGED
    iam.boto("UntagPolicy", PolicyArn=POLICY, TagKeys=["team"])
    assert keys(iam, "GetPolicy", {"PolicyArn": POLICY}) == {}
    iam.boto("TagPolicy", PolicyArn=POLICY, Tags=[{"Key": "team", "Value": "blue"}])
    iam.boto("DeletePolicy", PolicyArn=POLICY)
    assert keys(iam, "GetPolicy", {"PolicyArn": POLICY}) == {}
