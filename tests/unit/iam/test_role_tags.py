"""Tags of roles: keys are not told apart by case."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.iam.conftest import Iam

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'


@pytest.fixture(autouse=True)
def _role(iam: "Iam") -> None:
    tags = [{"Key": "Env", "Value": "1"}, {"Key": "a", "Value": ""}]
    iam.boto("CreateRole", RoleName="r", AssumeRolePolicyDocument=TRUST, Tags=tags)


def tags(iam: "Iam") -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in iam.boto("ListRoleTags", RoleName="r")["Tags"]}


def test_tags_are_added_and_replaced(iam: "Iam") -> None:
    """The new spelling of a key stays; the directory knows at once."""
    iam.boto("TagRole", RoleName="r", Tags=[{"Key": "env", "Value": "2"}, {"Key": "b", "Value": "3"}])
    assert tags(iam) == {"a": "", "b": "3", "env": "2"} == iam.store.directory.roles["r"].tags


def test_tags_are_taken_off(iam: "Iam") -> None:
    """Keys that are not there do not matter."""
    iam.boto("UntagRole", RoleName="r", TagKeys=["ENV", "none"])
    assert tags(iam) == {"a": ""}


def test_pages_of_tags(iam: "Iam") -> None:
    """By key."""
    first = iam.boto("ListRoleTags", RoleName="r", MaxItems=1)
    second = iam.boto("ListRoleTags", RoleName="r", MaxItems=1, Marker=first["Marker"])
    assert [first["Tags"], second["Tags"]] == [[{"Key": "Env", "Value": "1"}], [{"Key": "a", "Value": ""}]]
    assert [first["IsTruncated"], second["IsTruncated"]] == [True, False]


@pytest.mark.parametrize(
    ("keys", "status", "code", "message"),
    [
        (["K", "k"], 400, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
        (["AWS:k"], 400, "InvalidInput", "Tag keys beginning with aws: are reserved for system use."),
        ([f"k{n}" for n in range(49)], 409, "LimitExceeded", "The number of tags has reached the maximum limit."),
    ],
)
def test_refusals(iam: "Iam", keys: list[str], status: int, code: str, message: str) -> None:
    """The tags stay as they were."""
    parameters = {f"Tags.member.{n}.{part}": key for n, key in enumerate(keys, 1) for part in ("Key", "Value")}
    assert iam.refused("TagRole", RoleName="r", **parameters) == (status, code, message)
    assert tags(iam) == {"Env": "1", "a": ""}


def test_keys_to_take_off_are_validated(iam: "Iam") -> None:
    """All constraints of an element are named when one does not hold."""
    status, code, message = iam.refused("UntagRole", RoleName="r", **{"TagKeys.member.1": "#"})
    assert (status, code) == (400, "ValidationError")
    assert message.startswith("1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: ")
