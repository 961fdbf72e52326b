"""A name is taken only by who may change its bearer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from gatepass.errors import ConcurrentModification
from gatepass.iam.renaming import as_checked
from gatepass.policy import PolicyType, Verdict
from gatepass.store import Group, User

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

ACCOUNT = "123456789012"
ANN = User("ann", "/", "AIDA", f"arn:aws:iam::{ACCOUNT}:user/ann")
READERS = Group("readers", "/", "AGPA", f"arn:aws:iam::{ACCOUNT}:group/readers")


class Forbidding:
    """A judge that allows nothing and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, object]]] = []

    def __call__(self, action: str, resource: str, context: Mapping[str, object], **more: object) -> Verdict:
        self.asked.append((action, resource, dict(context)))
        return Verdict("implicitDeny", PolicyType.IDENTITY)


@pytest.mark.parametrize(
    ("kind", "given", "target", "context"),
    [
        ("User", {"NewUserName": "bea"}, "user/bea", {"aws:ResourceTag/team": "blue", "iam:ResourceTag/team": "blue"}),
        ("User", {"NewPath": "/a/"}, "user/a/it", {"aws:ResourceTag/team": "blue", "iam:ResourceTag/team": "blue"}),
        ("Group", {"NewGroupName": "h", "NewPath": "/a/"}, "group/a/h", {}),
    ],
)
def test_the_new_arn_is_asked_for(
    iam: "Iam", kind: str, given: dict[str, str], target: str, context: dict[str, object]
) -> None:
    """And nothing is changed without its permission."""
    iam.boto("CreateUser", UserName="it", Tags=[{"Key": "team", "Value": "blue"}])
    iam.boto("CreateGroup", GroupName="it")
    iam.judge = judge = Forbidding()
    arn, action = f"arn:aws:iam::{ACCOUNT}:{target}", f"iam:Update{kind}"
    message = (
        f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: {action} on resource: {arn} because no"
        f" identity-based policy allows the {action} action"
    )
    assert iam.refused(f"Update{kind}", **{f"{kind}Name": "it"}, **given) == (403, "AccessDenied", message)
    assert judge.asked == [(action, arn, context)]
    assert (set(iam.store.directory.users), set(iam.store.directory.groups)) == ({"it"}, {"it"})


def test_what_keeps_its_name_needs_no_more(iam: "Iam") -> None:
    iam.boto("CreateUser", UserName="ann")
    iam.boto("CreateGroup", GroupName="g")
    iam.judge = judge = Forbidding()
    iam.boto("UpdateUser", UserName="ann", NewUserName="ann", NewPath="/")
    iam.boto("UpdateGroup", GroupName="g")
    assert judge.asked == []


def test_an_arn_that_nobody_asked_for() -> None:
    """Another change moved it meanwhile."""
    assert as_checked(ANN, ANN) is ANN
    with pytest.raises(ConcurrentModification):
        as_checked(READERS, Group("readers", "/a/", "AGPA", f"arn:aws:iam::{ACCOUNT}:group/a/readers"))
