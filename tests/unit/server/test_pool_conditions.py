"""Policies that decide about identity pools by their tags, and about identities by their pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.server.conftest import DEPLOYMENT, House

from gatepass.server.operations import OPERATIONS
from gatepass.sigv4 import Keys

ARN = f"arn:aws:cognito-identity:{DEPLOYMENT.region}:{DEPLOYMENT.account}:identitypool/"
BLUE, RED = {"team": "blue"}, {"team": "red"}
OF_BLUE = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
AS_BLUE = {"StringEquals": {"aws:RequestTag/team": "blue"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}

# What AWS's reference gives no key of the pool: they are on no pool, on an identity, or ask for no permission.
ON_NO_POOL = {"CreateIdentityPool", "ListIdentityPools", "DescribeIdentity", "DeleteIdentities"}
ON_POOLS = sorted(
    name
    for (service, name), operation in OPERATIONS.items()
    if service == "cognito-identity" and operation.signed and name not in ON_NO_POOL
)


def allow(*names: str, **more: Any) -> dict[str, Any]:
    action = [f"cognito-identity:{name}" for name in names]
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def deny(*names: str, **more: Any) -> dict[str, Any]:
    return {**allow(*names, **more), "Effect": "Deny"}


def pool(house: House, tags: dict[str, str], **more: Any) -> str:
    """A new pool's id."""
    given = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True, "IdentityPoolTags": tags, **more}
    pool_id: str = house.cognito("CreateIdentityPool", house.administrator, **given)["IdentityPoolId"]
    return pool_id


def on(name: str, pool_id: str) -> dict[str, Any]:
    """The least that names the pool; whether it is answered does not matter."""
    more: dict[str, Any] = {
        "ListIdentities": {"MaxResults": 1},
        "SetIdentityPoolRoles": {"Roles": {}},
        "GetOpenIdTokenForDeveloperIdentity": {"Logins": {"d": "u"}},
        "MergeDeveloperIdentities": {
            "SourceUserIdentifier": "a",
            "DestinationUserIdentifier": "b",
            "DeveloperProviderName": "d",
        },
        "UnlinkDeveloperIdentity": {
            "IdentityId": f"{DEPLOYMENT.region}:0",
            "DeveloperProviderName": "d",
            "DeveloperUserIdentifier": "u",
        },
        "GetPrincipalTagAttributeMap": {"IdentityProviderName": "x"},
        "SetPrincipalTagAttributeMap": {"IdentityProviderName": "x"},
        "UpdateIdentityPool": {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True},
        "TagResource": {"Tags": {}},
        "UntagResource": {"TagKeys": []},
    }
    named = {"ResourceArn": ARN + pool_id} if name.endswith("Resource") else {"IdentityPoolId": pool_id}
    return {**named, **more.get(name, {})}


def denied(house: House, name: str, keys: Keys, **given: Any) -> bool:
    return bool(house.cognito(name, keys, **given).get("__type") == "AccessDeniedException")


@pytest.fixture
def pools(house: House) -> tuple[str, str]:
    """A blue one and a red one."""
    return pool(house, BLUE), pool(house, RED)


def test_an_allow_by_the_pools_tags(house: House, pools: tuple[str, str]) -> None:
    """Of every operation on a pool: the blue one may be used, the red one may not."""
    keys = house.user("u", statements=[allow("*", Condition=OF_BLUE)])
    blue, red = pools
    for name in ON_POOLS:
        assert denied(house, name, keys, **on(name, red)), name
        if name != "DeleteIdentityPool":
            assert not denied(house, name, keys, **on(name, blue)), name
    assert not denied(house, "DeleteIdentityPool", keys, IdentityPoolId=blue)


def test_a_deny_by_the_pools_tags(house: House, pools: tuple[str, str]) -> None:
    keys = house.user("u", "cognito-identity:*", statements=[deny("*", Condition=OF_BLUE)])
    blue, red = pools
    for name in ON_POOLS:
        assert denied(house, name, keys, **on(name, blue)), name
        if name != "DeleteIdentityPool":
            assert not denied(house, name, keys, **on(name, red)), name


def test_the_tags_that_are_asked_for(house: House, pools: tuple[str, str]) -> None:
    """A new pool, and more tags of one, with `team` blue only and no other key."""
    keys = house.user("u", statements=[allow("CreateIdentityPool", "TagResource", "UntagResource", Condition=AS_BLUE)])
    new = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": False}
    arn = ARN + pools[1]
    assert not denied(house, "CreateIdentityPool", keys, **new, IdentityPoolTags=BLUE)
    assert not denied(house, "TagResource", keys, ResourceArn=arn, Tags=BLUE)
    for tags in (RED, {**BLUE, "other": "x"}, {}):
        assert denied(house, "CreateIdentityPool", keys, **new, IdentityPoolTags=tags)
        assert denied(house, "TagResource", keys, ResourceArn=arn, Tags=tags)
    assert denied(house, "UntagResource", keys, ResourceArn=arn, TagKeys=["team"]), "no value is asked for"
    untags = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    other = house.user("v", statements=[allow("UntagResource", Condition=untags)])
    assert not denied(house, "UntagResource", other, ResourceArn=arn, TagKeys=["team"])
    assert denied(house, "UntagResource", other, ResourceArn=arn, TagKeys=["team", "other"])


def test_no_tag_hides_behind_another_spelling(house: House, pools: tuple[str, str]) -> None:
    """Names of condition keys ignore case: of `team` and `Team` a policy would see one, and the other be anything."""
    as_blue = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    names = ("CreateIdentityPool", "UpdateIdentityPool", "TagResource")
    keys = house.user("u", statements=[allow(*names, Condition=as_blue), allow("UpdateIdentityPool")])
    new = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": False}
    arn = ARN + pools[1]
    for both in ({"team": "evil", "Team": "blue"}, {"Team": "evil", "team": "blue"}):
        for name, given in (
            ("CreateIdentityPool", {**new, "IdentityPoolTags": both}),
            ("UpdateIdentityPool", {**new, "IdentityPoolId": pools[1], "IdentityPoolTags": {**both}}),
            ("TagResource", {"ResourceArn": arn, "Tags": both}),
        ):
            answer = house.cognito(name, keys, **given)
            assert answer["__type"] in ("InvalidParameterException", "AccessDeniedException"), name
    second = house.cognito("TagResource", keys, ResourceArn=arn, Tags={"TEAM": "blue"})
    assert second["__type"] == "InvalidParameterException", "beside the one that is there"
    tags = house.cognito("ListTagsForResource", house.administrator, ResourceArn=arn)["Tags"]
    assert tags == RED


def test_no_tag_comes_or_goes_by_another_door(house: House, pools: tuple[str, str]) -> None:
    """Who may change a pool, and not its tags, leaves them as they are."""
    keys = house.user("u", statements=[allow("CreateIdentityPool", "UpdateIdentityPool", Condition={})])
    new = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": False}
    assert not denied(house, "CreateIdentityPool", keys, **new)
    assert denied(house, "CreateIdentityPool", keys, **new, IdentityPoolTags=BLUE)
    of_pool = {**new, "IdentityPoolId": pools[0]}
    for tags in ({}, RED, {**BLUE, "other": "x"}):
        assert denied(house, "UpdateIdentityPool", keys, **of_pool, IdentityPoolTags=tags)
    assert not denied(house, "UpdateIdentityPool", keys, **of_pool)
    assert not denied(house, "UpdateIdentityPool", keys, **of_pool, IdentityPoolTags=BLUE)
    more = house.user("v", "cognito-identity:UpdateIdentityPool", "cognito-identity:UntagResource")
    assert denied(house, "UpdateIdentityPool", more, **of_pool, IdentityPoolTags=RED)
    assert not denied(house, "UpdateIdentityPool", more, **of_pool, IdentityPoolTags={})


def test_the_decision_names_the_permission_that_was_missing(house: House, pools: tuple[str, str]) -> None:
    keys = house.user("u", "cognito-identity:UpdateIdentityPool")
    given = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": False, "IdentityPoolTags": RED}
    said = house.cognito("UpdateIdentityPool", keys, IdentityPoolId=pools[0], **given)["Message"]
    assert "cognito-identity:TagResource on resource: " + ARN + pools[0] in said


Of = Callable[[House, Keys, str], bool]


@pytest.mark.parametrize(
    "is_denied",
    [
        lambda house, keys, id_: denied(house, "DescribeIdentity", keys, IdentityId=id_),
        lambda house, keys, id_: denied(house, "DeleteIdentities", keys, IdentityIdsToDelete=[id_]),
    ],
    ids=["DescribeIdentity", "DeleteIdentities"],
)
def test_the_pool_of_an_identity(house: House, pools: tuple[str, str], is_denied: Of) -> None:
    """These have no resource; a policy names the pool under `cognito-identity:IdentityPoolArn`."""
    condition = {"ArnEquals": {"cognito-identity:IdentityPoolArn": ARN + pools[0]}}
    allowed = house.user("u", statements=[allow("*", Condition=condition)])
    refused = house.user("v", "cognito-identity:*", statements=[deny("*", Condition=condition)])
    nobody = f"{DEPLOYMENT.region}:00000000-0000-0000-0000-000000000000"
    for keys, answers in ((allowed, (True, True, False)), (refused, (False, False, True))):
        blue, red = (house.cognito("GetId", IdentityPoolId=pool_id)["IdentityId"] for pool_id in pools)
        assert tuple(is_denied(house, keys, id_) for id_ in (red, nobody, blue)) == answers


def test_identities_of_two_pools_take_the_permission_for_both(house: House, pools: tuple[str, str]) -> None:
    """And none is deleted without it; one that is not there is answered as not processed."""
    ids = [house.cognito("GetId", IdentityPoolId=pool_id)["IdentityId"] for pool_id in pools]
    condition = {"ArnEquals": {"cognito-identity:IdentityPoolArn": ARN + pools[0]}}
    keys = house.user("u", statements=[allow("DeleteIdentities", Condition=condition)])
    assert denied(house, "DeleteIdentities", keys, IdentityIdsToDelete=ids)
    assert "IdentityId" in house.cognito("DescribeIdentity", house.administrator, IdentityId=ids[0])
    gone = f"{DEPLOYMENT.region}:00000000-0000-0000-0000-000000000000"
    answer = house.cognito("DeleteIdentities", keys, IdentityIdsToDelete=[ids[0], gone])
    assert [each["IdentityId"] for each in answer["UnprocessedIdentityIds"]] == [gone]
