"""Tags of policies and providers, by callers whom policies bind."""

from __future__ import annotations

import json

from tests.unit.server.conftest import DEPLOYMENT, House

ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:b", "Resource": "*"}]})
AS_BLUE = {
    "Effect": "Allow",
    "Action": ["iam:CreatePolicy", "iam:TagPolicy", "iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"],
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:RequestTag/team": "blue"}},
}


def tags(*pairs: tuple[str, str]) -> dict[str, str]:
    return {
        name: text
        for number, (key, value) in enumerate(pairs, 1)
        for name, text in ((f"Tags.member.{number}.Key", key), (f"Tags.member.{number}.Value", value))
    }


def test_no_tag_hides_behind_another_spelling(house: House) -> None:
    """Of `team` and `Team`, two tags here as on AWS, a condition sees one, and the other could be anything."""
    keys = house.user("u", statements=[AS_BLUE])
    policy = {"PolicyArn": f"arn:aws:iam::{DEPLOYMENT.account}:policy/p"}
    provider = {"OpenIDConnectProviderArn": f"arn:aws:iam::{DEPLOYMENT.account}:oidc-provider/login.example.com"}
    new_policy = {"PolicyName": "p", "PolicyDocument": ALLOW}
    new_provider = {"Url": "https://login.example.com"}
    both = (tags(("team", "evil"), ("Team", "blue")), tags(("Team", "evil"), ("team", "blue")))
    for given in both:
        assert house.query("iam", "CreatePolicy", keys, **new_policy, **given).status in (400, 403)
        assert house.query("iam", "CreateOpenIDConnectProvider", keys, **new_provider, **given).status in (400, 403)
    one = tags(("Team", "blue"))
    assert house.query("iam", "CreatePolicy", keys, **new_policy, **one).status == 200
    assert house.query("iam", "CreateOpenIDConnectProvider", keys, **new_provider, **one).status == 200
    for given in (*both, tags(("TEAM", "blue"))):
        assert house.query("iam", "TagPolicy", keys, **policy, **given).status in (400, 403)
        assert house.query("iam", "TagOpenIDConnectProvider", keys, **provider, **given).status in (400, 403)
    assert house.query("iam", "TagPolicy", house.administrator, **policy, **tags(("TEAM", "blue"))).status == 200


def test_a_tag_of_the_same_spelling_is_replaced(house: House) -> None:
    keys = house.user("u", statements=[AS_BLUE])
    assert house.query(
        "iam", "CreatePolicy", keys, PolicyName="p", PolicyDocument=ALLOW, **tags(("team", "blue"))
    ).status
    given = {"PolicyArn": f"arn:aws:iam::{DEPLOYMENT.account}:policy/p", **tags(("team", "blue"))}
    assert house.query("iam", "TagPolicy", keys, **given).status == 200
