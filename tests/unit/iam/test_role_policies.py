"""Inline policies of roles: put, shown, listed, deleted, and how large they may become."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}}'


INVALID_NAME = (
    "The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the following:"
    " +=,.@_-"
)
TOO_LONG = (
    "1 validation error detected: Value at 'policyName' failed to satisfy constraint: Member must have length less than"
    " or equal to 128"
)


@pytest.fixture(autouse=True)
def _role(iam: "Iam") -> None:
    iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)


def put(iam: "Iam", name: str, document: str = ALLOW) -> None:
    iam.boto("PutRolePolicy", RoleName="r", PolicyName=name, PolicyDocument=document)


def sized(size: int) -> str:
    """A policy of so many characters that count, and some that do not."""
    return ALLOW.replace('"Effect"', '"Sid":"' + "s" * (size - len(ALLOW) - 9) + '",   \n"Effect"')


@pytest.mark.parametrize("name", ["PutRolePolicy", "DeleteRolePolicy"])
def test_answers_without_a_result(iam: "Iam", name: str) -> None:
    """Only the request id."""
    put(iam, "p")
    document = {"PolicyDocument": ALLOW} if name == "PutRolePolicy" else {}
    assert (
        iam.answer(name, RoleName="r", PolicyName="p", **document).body.decode()
        == f"""\
<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</{name}Response>
"""
    )


def test_get_role_policy(iam: "Iam") -> None:
    """The document as it was put, percent-encoded."""
    document = (
        ' { "Version":"2012-10-17",\r\n"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::é/*"}}\n'
    )
    put(iam, "p+=,.@-_", document)
    assert (
        iam.answer("GetRolePolicy", RoleName="r", PolicyName="p+=,.@-_").body.decode()
        == f"""\
<GetRolePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetRolePolicyResult>
    <PolicyDocument>{quote(document, safe="")}</PolicyDocument>
    <PolicyName>p+=,.@-_</PolicyName>
    <RoleName>r</RoleName>
  </GetRolePolicyResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</GetRolePolicyResponse>
"""
    )


def test_list_role_policies(iam: "Iam") -> None:
    """By name."""
    assert b"<IsTruncated>false</IsTruncated>\n    <PolicyNames/>" in iam.answer("ListRolePolicies", RoleName="r").body
    put(iam, "b")
    put(iam, "a")
    assert (
        iam.answer("ListRolePolicies", RoleName="r").body.decode()
        == """\
<ListRolePoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListRolePoliciesResult>
    <IsTruncated>false</IsTruncated>
    <PolicyNames>
      <member>a</member>
      <member>b</member>
    </PolicyNames>
  </ListRolePoliciesResult>
  <ResponseMetadata>
    <RequestId>request</RequestId>
  </ResponseMetadata>
</ListRolePoliciesResponse>
"""
    )


def test_pages_of_policies(iam: "Iam") -> None:
    """Every name once."""
    for name in "edcba":
        put(iam, name)
    first = iam.boto("ListRolePolicies", RoleName="r", MaxItems=2)
    second = iam.boto("ListRolePolicies", RoleName="r", MaxItems=2, Marker=first["Marker"])
    third = iam.boto("ListRolePolicies", RoleName="r", MaxItems=2, Marker=second["Marker"])
    assert [first["PolicyNames"], second["PolicyNames"], third["PolicyNames"]] == [["a", "b"], ["c", "d"], ["e"]]
    assert [first["IsTruncated"], second["IsTruncated"], third["IsTruncated"]] == [True, True, False]
    assert iam.refused("ListRolePolicies", RoleName="r", Marker="!") == (400, "ValidationError", "Invalid Marker.")


def test_put_replaces_and_delete_removes(iam: "Iam") -> None:
    """The next request of this process sees it."""
    put(iam, "p")
    put(iam, "p", ALLOW.replace("Allow", "Deny"))
    assert iam.store.directory.roles["r"].inline_policies == {"p": ALLOW.replace("Allow", "Deny")}
    iam.boto("DeleteRolePolicy", RoleName="r", PolicyName="p")
    assert iam.store.directory.roles["r"].inline_policies == {}


@pytest.mark.parametrize("name", ["GetRolePolicy", "DeleteRolePolicy"])
def test_an_unknown_policy(iam: "Iam", name: str) -> None:
    """Of a role that has others; names are told apart by case."""
    put(iam, "p")
    for policy_name in ("q", "P"):
        assert iam.refused(name, RoleName="r", PolicyName=policy_name) == (
            404,
            "NoSuchEntity",
            f"The role policy with name {policy_name} cannot be found.",
        )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"PolicyName": "a b"},
            INVALID_NAME,
        ),
        (
            {"PolicyName": "p" * 129},
            TOO_LONG,
        ),
        (
            {"PolicyDocument": "\x00"},
            "The specified value for policyDocument is invalid. It must contain only printable ASCII characters.",
        ),
    ],
)
def test_validation(iam: "Iam", changed: dict[str, str], message: str) -> None:
    """In IAM's words."""
    given = {"RoleName": "r", "PolicyName": "p", "PolicyDocument": ALLOW} | changed
    assert iam.refused("PutRolePolicy", **given) == (400, "ValidationError", message)


def test_a_policy_is_validated_when_saved(iam: "Iam") -> None:
    """With AWS's message; a policy of the same name stays as it was."""
    put(iam, "p")
    assert iam.refused("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument="{") == (
        400,
        "MalformedPolicyDocument",
        "Syntax errors in policy.",
    )
    assert iam.store.directory.roles["r"].inline_policies == {"p": ALLOW}


def test_the_size_of_all_inline_policies_is_limited(iam: "Iam") -> None:
    """Together, without white space; replacing one counts only the new one."""
    put(iam, "a", sized(10000))
    put(iam, "b", sized(240))
    put(iam, "b", sized(240))
    for name, size in (("c", 110), ("b", 241)):
        assert iam.refused("PutRolePolicy", RoleName="r", PolicyName=name, PolicyDocument=sized(size)) == (
            409,
            "LimitExceeded",
            "Maximum policy size of 10240 bytes exceeded for role r",
        )
    assert set(iam.store.directory.roles["r"].inline_policies) == {"a", "b"}


def test_no_change_is_lost_among_many(iam: "Iam") -> None:
    """Each of many who put a policy of their own at once finds it there."""

    def form(number: int) -> bytes:
        given = {"RoleName": "r", "PolicyName": f"p{number:02}", "PolicyDocument": ALLOW}
        return urlencode({"Action": "PutRolePolicy", "Version": "2010-05-08", **given}).encode()

    async def race() -> set[int]:
        return {response.status for response in await asyncio.gather(*(iam.answered(form(n)) for n in range(20)))}

    assert iam.run(race()) == {200}
    assert len(iam.store.directory.roles["r"].inline_policies) == 20


def test_a_policy_is_put_or_the_role_is_deleted(iam: "Iam") -> None:
    """At once, only one of the two succeeds: no policy that was acknowledged goes with the role."""
    given = {"RoleName": "r", "PolicyName": "p", "PolicyDocument": ALLOW}
    put_form = urlencode({"Action": "PutRolePolicy", "Version": "2010-05-08", **given}).encode()
    delete_form = b"Action=DeleteRole&Version=2010-05-08&RoleName=r"

    async def race() -> set[int]:
        return {response.status for response in await asyncio.gather(iam.answered(put_form), iam.answered(delete_form))}

    for _ in range(10):
        assert iam.run(race()) in ({200, 404}, {200, 409})
        if "r" in iam.store.directory.roles:
            iam.boto("DeleteRolePolicy", RoleName="r", PolicyName="p")
        else:
            iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST)
