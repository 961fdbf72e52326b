"""Identity pools are kept as they were given, answered as AWS answers, and changed by one caller at a time."""

from __future__ import annotations

import asyncio
import os
import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace
from tests.unit.cognito.conftest import ROOT

from gatepass.cognito import OPERATIONS
from gatepass.cognito.pools import update_identity_pool
from gatepass.cognito.shapes import DescribeIdentityPoolInput, IdentityPool, ListIdentityPoolsInput
from gatepass.errors import ConcurrentModification
from gatepass.principal import Principal
from gatepass.store import Store

POOL_ID = re.compile(r"eu-central-1:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UNKNOWN = "eu-central-1:00000000-0000-4000-8000-000000000000"
USER_POOL = {"ProviderName": "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1", "ClientId": "client"}
EVERYTHING: dict[str, Any] = {
    "IdentityPoolName": "everything + more",
    "AllowUnauthenticatedIdentities": False,
    "AllowClassicFlow": True,
    "SupportedLoginProviders": {"accounts.google.com": "app.apps.googleusercontent.com"},
    "DeveloperProviderName": "login.example",
    "OpenIdConnectProviderARNs": ["arn:aws:iam::123456789012:oidc-provider/issuer.test"],
    "CognitoIdentityProviders": [{**USER_POOL, "ServerSideTokenCheck": True}],
    "SamlProviderARNs": ["arn:aws:iam::123456789012:saml-provider/test"],
    "IdentityPoolTags": {"stage": "test", "empty": ""},
}


def test_a_new_pool_is_answered_with_its_id_and_its_empty_tags(broker: Any) -> None:
    response = broker.send("CreateIdentityPool", b'{"IdentityPoolName":"p","AllowUnauthenticatedIdentities":true}')
    created = broker.ask("ListIdentityPools", MaxResults=1)["IdentityPools"][0]["IdentityPoolId"]
    assert POOL_ID.fullmatch(created)
    assert response.body.decode() == (
        f'{{"AllowUnauthenticatedIdentities":true,"IdentityPoolId":"{created}","IdentityPoolName":"p",'
        '"IdentityPoolTags":{}}'
    )


def test_everything_given_is_described_again(broker: Any) -> None:
    created = broker.ask("CreateIdentityPool", **EVERYTHING)
    assert created == {**EVERYTHING, "IdentityPoolId": created["IdentityPoolId"]}
    assert broker.ask("DescribeIdentityPool", IdentityPoolId=created["IdentityPoolId"]) == created


@pytest.mark.parametrize("allow", [True, False, None])
def test_the_classic_flow_stays_absent_where_it_was_never_said(broker: Any, allow: bool | None) -> None:
    given = {} if allow is None else {"AllowClassicFlow": allow}
    created = broker.ask("CreateIdentityPool", IdentityPoolName="p", AllowUnauthenticatedIdentities=True, **given)
    assert created.get("AllowClassicFlow") is allow


def test_two_pools_may_have_one_name(broker: Any) -> None:
    first, second = (
        broker.ask("CreateIdentityPool", IdentityPoolName="p", AllowUnauthenticatedIdentities=True)["IdentityPoolId"]
        for _ in range(2)
    )
    assert first != second


def test_a_token_check_that_was_not_said_is_off(broker: Any) -> None:
    given = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True, "CognitoIdentityProviders": [USER_POOL]}
    created = broker.ask("CreateIdentityPool", **given)
    assert created["CognitoIdentityProviders"] == [{**USER_POOL, "ServerSideTokenCheck": False}]


@pytest.mark.parametrize(
    "provider",
    [
        {"ClientId": "c"},
        {"ProviderName": USER_POOL["ProviderName"]},
        {"ProviderName": "x", "ClientId": "c"},
        {"ProviderName": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1", "ClientId": "c"},
        {"ProviderName": "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1:c", "ClientId": "c"},
    ],
)
def test_a_provider_that_is_no_user_pool_is_refused(broker: Any, provider: dict[str, str]) -> None:
    given = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True, "CognitoIdentityProviders": [provider]}
    expected = ("InvalidParameterException", "Invalid Cognito Identity Provider")
    assert broker.refusal("CreateIdentityPool", **given) == expected
    assert broker.ask("ListIdentityPools", MaxResults=60)["IdentityPools"] == []


def test_a_bad_name_is_refused_in_awss_words(broker: Any) -> None:
    refusal = broker.refusal("CreateIdentityPool", IdentityPoolName="bad!", AllowUnauthenticatedIdentities=True)
    assert refusal == (
        "ValidationException",
        (
            "1 validation error detected: Value 'bad!' at 'identityPoolName' failed to satisfy constraint:"
            r" Member must satisfy regular expression pattern: [\w\s+=,.@-]+"
        ),
    )


def test_an_update_replaces_what_is_given_and_resets_the_rest(broker: Any) -> None:
    pool_id = broker.ask("CreateIdentityPool", **EVERYTHING)["IdentityPoolId"]
    given = {"IdentityPoolId": pool_id, "IdentityPoolName": "renamed", "AllowUnauthenticatedIdentities": True}
    updated = broker.ask("UpdateIdentityPool", **given)
    assert updated == {
        **given,
        "DeveloperProviderName": "login.example",
        "IdentityPoolTags": {"stage": "test", "empty": ""},
    }
    assert broker.ask("DescribeIdentityPool", IdentityPoolId=pool_id) == updated
    assert broker.store.directory.pools[pool_id].allow_unauthenticated is True


def test_an_update_keeps_the_roles_and_may_replace_the_tags(broker: Any) -> None:
    pool_id = broker.guest_pool()
    roles = broker.ask("GetIdentityPoolRoles", IdentityPoolId=pool_id)
    given = {"IdentityPoolId": pool_id, "IdentityPoolName": "p", "AllowUnauthenticatedIdentities": False}
    assert broker.ask("UpdateIdentityPool", **given, IdentityPoolTags={"a": "b"})["IdentityPoolTags"] == {"a": "b"}
    assert broker.ask("GetIdentityPoolRoles", IdentityPoolId=pool_id) == roles


def test_a_developer_provider_name_can_be_set_once(broker: Any) -> None:
    pool_id = broker.ask("CreateIdentityPool", IdentityPoolName="p", AllowUnauthenticatedIdentities=True)[
        "IdentityPoolId"
    ]
    given = {"IdentityPoolId": pool_id, "IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True}
    assert broker.ask("UpdateIdentityPool", **given, DeveloperProviderName="a")["DeveloperProviderName"] == "a"
    assert broker.ask("UpdateIdentityPool", **given, DeveloperProviderName="a")["DeveloperProviderName"] == "a"
    assert broker.refusal("UpdateIdentityPool", **given, DeveloperProviderName="b")[0] == "InvalidParameterException"


def test_updates_at_once_are_saved_one_after_the_other_or_refused(broker: Any) -> None:
    pool_id = broker.guest_pool()
    before = broker.store.directory.pools[pool_id].revision
    body = f'{{"IdentityPoolId":"{pool_id}","IdentityPoolName":"%s","AllowUnauthenticatedIdentities":true}}'

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(
            *(broker.respond("UpdateIdentityPool", (body % name).encode()) for name in "abcdefgh")
        )

    responses = broker.run(all_of_them())
    saved = [name for name, response in zip("abcdefgh", responses, strict=True) if response.status == 200]
    refused = [response.body for response in responses if response.status != 200]
    assert saved
    assert all(b'"ConcurrentModificationException"' in body for body in refused)
    pool = broker.run(broker.store.identity_pools.get(pool_id))
    assert (pool.name in saved, pool.revision) == (True, before + len(saved))


def test_a_deleted_pool_is_gone_and_the_answer_is_empty(broker: Any) -> None:
    pool_id = broker.guest_pool()
    identity_id = broker.ask("GetId", None, IdentityPoolId=pool_id)["IdentityId"]
    response = broker.send("DeleteIdentityPool", f'{{"IdentityPoolId":"{pool_id}"}}'.encode())
    assert (response.status, response.body) == (200, b"")
    gone = ("ResourceNotFoundException", f"IdentityPool '{pool_id}' not found.")
    assert broker.refusal("DescribeIdentityPool", IdentityPoolId=pool_id) == gone
    assert broker.refusal("DeleteIdentityPool", IdentityPoolId=pool_id) == gone
    assert broker.refusal("GetId", None, IdentityPoolId=pool_id) == gone
    assert broker.refusal("GetCredentialsForIdentity", None, IdentityId=identity_id)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("name", ["DescribeIdentityPool", "DeleteIdentityPool", "GetIdentityPoolRoles", "GetId"])
def test_an_unknown_pool_is_not_found(broker: Any, name: str) -> None:
    expected = ("ResourceNotFoundException", f"IdentityPool '{UNKNOWN}' not found.")
    assert broker.refusal(name, IdentityPoolId=UNKNOWN) == expected


# --- listing


def test_pages_show_every_pool_once(broker: Any) -> None:
    for number in range(7):
        broker.ask("CreateIdentityPool", IdentityPoolName=f"p{number}", AllowUnauthenticatedIdentities=True)
    seen: list[str] = []
    token: dict[str, str] = {}
    sizes = []
    while True:
        page = broker.ask("ListIdentityPools", MaxResults=3, **token)
        sizes.append(len(page["IdentityPools"]))
        seen += [pool["IdentityPoolName"] for pool in page["IdentityPools"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert sizes == [3, 3, 1]
    assert sorted(seen) == [f"p{number}" for number in range(7)]


def test_a_full_last_page_has_no_next_token(broker: Any) -> None:
    for _ in range(3):
        broker.ask("CreateIdentityPool", IdentityPoolName="p", AllowUnauthenticatedIdentities=True)
    assert "NextToken" not in broker.ask("ListIdentityPools", MaxResults=3)


def test_no_pools_are_an_empty_list(broker: Any) -> None:
    assert broker.send("ListIdentityPools", b'{"MaxResults":60}').body == b'{"IdentityPools":[]}'


@pytest.mark.parametrize("token", ["x", UNKNOWN, "A" * 65535])
def test_a_token_that_was_not_handed_out_is_refused(broker: Any, token: str) -> None:
    refusal = broker.refusal("ListIdentityPools", MaxResults=1, NextToken=token)
    assert refusal == ("InvalidParameterException", "Invalid NextToken.")


def test_the_number_asked_for_has_bounds(broker: Any) -> None:
    assert broker.refusal("ListIdentityPools", MaxResults=61) == (
        "ValidationException",
        (
            "1 validation error detected: Value '61' at 'maxResults' failed to satisfy constraint:"
            " Member must have value less than or equal to 60"
        ),
    )


def test_an_id_that_is_taken_is_an_internal_error_and_changes_nothing(broker: Any) -> None:
    same = os.urandom(16)
    broker.entropy = lambda count: same[:count]
    broker.ask("CreateIdentityPool", IdentityPoolName="first", AllowUnauthenticatedIdentities=False)
    refusal = broker.refusal("CreateIdentityPool", IdentityPoolName="second", AllowUnauthenticatedIdentities=True)
    assert refusal == ("InternalErrorException", "Internal server error")
    assert [pool["IdentityPoolName"] for pool in broker.ask("ListIdentityPools", MaxResults=2)["IdentityPools"]] == [
        "first"
    ]


def test_what_is_asked_of_callers_is_a_permission_on_the_pool(broker: Any) -> None:
    by_name = {operation.name: operation for operation in OPERATIONS}
    call = broker.call(Principal("root", "1", "", "", ""))
    assert (
        by_name["DescribeIdentityPool"].resource(call, DescribeIdentityPoolInput(UNKNOWN))
        == f"arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/{UNKNOWN}"
    )
    assert (
        by_name["ListIdentityPools"].resource(call, ListIdentityPoolsInput(1))
        == "arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/"
    )


def test_tags_are_not_set_back_by_who_does_not_know_of_the_change(broker: Any) -> None:
    """The permission to change tags was not asked for, as by what this gate knows nothing changes."""
    pool_id = broker.guest_pool(IdentityPoolTags={"team": "blue"})
    behind = broker.store.directory
    arn = f"arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/{pool_id}"
    broker.ask("TagResource", ResourceArn=arn, Tags={"team": "red"})
    call = broker.call(ROOT)
    other_gate = SimpleNamespace(directory=behind, identity_pools=broker.store.identity_pools)
    given = IdentityPool(pool_id, "p", True, identity_pool_tags={"team": "blue"})
    with pytest.raises(ConcurrentModification):
        broker.run(update_identity_pool(replace(call, store=cast("Store", other_gate)), given))
    assert broker.ask("ListTagsForResource", ResourceArn=arn) == {"Tags": {"team": "red"}}
    broker.run(update_identity_pool(call, given))
    assert broker.ask("ListTagsForResource", ResourceArn=arn) == {"Tags": {"team": "blue"}}
