"""Tags of a pool, by its ARN."""

from __future__ import annotations

from typing import Any

import pytest

ARN = "arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/"


def test_tags_are_added_replaced_and_taken_away(broker: Any) -> None:
    arn = ARN + broker.guest_pool(IdentityPoolTags={"a": "1", "b": "2"})
    assert broker.ask("TagResource", ResourceArn=arn, Tags={"b": "3", "c": ""}) == {}
    assert broker.ask("ListTagsForResource", ResourceArn=arn) == {"Tags": {"a": "1", "b": "3", "c": ""}}
    assert broker.ask("UntagResource", ResourceArn=arn, TagKeys=["a", "nothing"]) == {}
    assert broker.ask("ListTagsForResource", ResourceArn=arn) == {"Tags": {"b": "3", "c": ""}}


def test_no_more_than_fifty_and_none_of_awss_own(broker: Any) -> None:
    fifty = {f"k{number}": "" for number in range(50)}
    arn = ARN + broker.guest_pool(IdentityPoolTags=fifty)
    broker.ask("TagResource", ResourceArn=arn, Tags={"k1": "x"})
    for tags in ({"more": ""}, {"aws:x": ""}, {"AWS:x": ""}, {f"k{number}": "" for number in range(51)}):
        assert broker.refusal("TagResource", ResourceArn=arn, Tags=tags)[0] == "InvalidParameterException"
    given = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": False, "IdentityPoolTags": {"aws:x": ""}}
    assert broker.refusal("CreateIdentityPool", **given)[0] == "InvalidParameterException"


@pytest.mark.parametrize(
    "arn", [ARN, ARN.replace("eu-central-1", "us-east-1") + "x", "arn:aws:iam::123456789012:role/x"]
)
def test_what_is_no_pool_of_this_deployment(broker: Any, arn: str) -> None:
    assert broker.refusal("ListTagsForResource", ResourceArn=arn)[0] == "InvalidParameterException"
