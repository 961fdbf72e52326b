"""Whom a trust policy may name: users and roles of this account that are there."""

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

OWN = "arn:aws:iam::123456789012"


def trusting(*names: str, effect: str = "Allow") -> str:
    statement = {"Effect": effect, "Principal": {"AWS": list(names)}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(autouse=True)
def somebody(iam: "Iam") -> None:
    iam.boto("CreateUser", UserName="ann", Path="/team/")
    iam.boto("CreateRole", RoleName="first", AssumeRolePolicyDocument=trusting("*"))


@pytest.mark.parametrize(
    "names",
    [
        ("*",),
        ("123456789012", f"{OWN}:root"),
        (f"{OWN}:user/team/ann", f"{OWN}:role/first"),
        ("arn:aws:iam::999999999999:user/nobody", "arn:aws:iam::999999999999:role/nobody"),
        ("arn:aws:sts::123456789012:assumed-role/nobody/session",),
        ("AIDAZZZZZZZZZZZZZZZZZ",),
    ],
)
def test_names_that_are_taken(iam: "Iam", names: tuple[str, ...]) -> None:
    """As is everything of other accounts, which nobody here can look into, and what is no ARN."""
    iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=trusting(*names))
    iam.boto("UpdateAssumeRolePolicy", RoleName="first", PolicyDocument=trusting(*names))


@pytest.mark.parametrize(
    "name", ["user/nobody", "user/ann", "user/team/nobody", "user/", "user/team/ANN", "role/nobody", "role/ann"]
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_names_that_are_not(iam: "Iam", name: str, effect: str) -> None:
    """Beside one that is; where it is made, and where it is changed."""
    document = trusting(f"{OWN}:role/first", f"{OWN}:{name}", effect=effect)
    refusal = (400, "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{OWN}:{name}"')
    assert iam.refused("CreateRole", RoleName="r", AssumeRolePolicyDocument=document) == refusal
    assert iam.refused("UpdateAssumeRolePolicy", RoleName="first", PolicyDocument=document) == refusal


def test_a_role_may_trust_itself_once_it_is_there(iam: "Iam") -> None:
    itself = trusting(f"{OWN}:role/r")
    refusal = (400, "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{OWN}:role/r"')
    assert iam.refused("CreateRole", RoleName="r", AssumeRolePolicyDocument=itself) == refusal
    iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=trusting("*"))
    iam.boto("UpdateAssumeRolePolicy", RoleName="r", PolicyDocument=itself)
