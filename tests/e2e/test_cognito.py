"""Someone logs in, gets credentials of the identity pool and calls the API: boto3, and nothing of gatepass but the
endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.oracles.issuing import ACCOUNT, COGNITO, GOOGLE, USER_POOL, Issuing, document, options

if TYPE_CHECKING:
    from tests.e2e.conftest import Gate


@pytest.fixture
def issuing(serve: Callable[..., Gate], tmp_path: Any) -> Issuing:
    key, arguments = options(tmp_path)
    return Issuing(serve(*arguments, "--getid-rate", "0.001", "--getid-burst", "20").ready, key)


def credentials(issuing: Issuing, pool_id: str, logins: dict[str, str]) -> tuple[str, dict[str, str]]:
    identity_id = issuing.anyone.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    answer = issuing.anyone.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)
    return answer["IdentityId"], answer["Credentials"]


def test_from_login_to_api(issuing: Issuing) -> None:
    pool_id = issuing.pool("p")
    logins = issuing.user_pool()
    identity_id, keys = credentials(issuing, pool_id, logins)
    status, identity = issuing.call(keys)
    assert status == 200
    assert identity["cognitoAuthenticationType"] == "authenticated"
    assert identity["cognitoAuthenticationProvider"] == f"{USER_POOL},{USER_POOL}:CognitoSignIn:alice"
    assert identity["cognitoIdentityId"] == identity_id
    assert identity["cognitoIdentityPoolId"] == pool_id
    assert identity["userArn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/p-users/CognitoIdentityCredentials"
    assert credentials(issuing, pool_id, logins)[0] == identity_id
    described = issuing.cognito.describe_identity(IdentityId=identity_id)
    assert described["Logins"] == [USER_POOL]
    assert described["CreationDate"].year >= 2020
    linked, _ = credentials(issuing, pool_id, {**logins, **issuing.google()})
    assert linked == identity_id
    assert set(issuing.cognito.describe_identity(IdentityId=identity_id)["Logins"]) == {USER_POOL, GOOGLE}


def test_a_role_by_claim_and_a_session_with_tags(issuing: Issuing) -> None:
    pool_id = issuing.pool("p")
    roles = issuing.cognito.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]
    staff = issuing.role("staff", pool_id, "authenticated")
    rule = {"Claim": "cognito:groups", "MatchType": "Contains", "Value": "staff", "RoleARN": staff}
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [rule]}}
    issuing.cognito.set_identity_pool_roles(
        IdentityPoolId=pool_id, Roles=roles, RoleMappings={f"{USER_POOL}:web": mapping}
    )
    issuing.cognito.set_principal_tag_attribute_map(
        IdentityPoolId=pool_id, IdentityProviderName=USER_POOL, UseDefaults=True
    )
    _, keys = credentials(issuing, pool_id, issuing.user_pool("alice", "--claim", 'cognito:groups:=["staff"]'))
    assert issuing.call(keys)[1]["userArn"].split("/")[1] == "staff"
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    only_bob = {**allow, "Condition": {"StringEquals": {"aws:PrincipalTag/username": "bob"}}}
    issuing.iam.put_role_policy(RoleName="staff", PolicyName="call", PolicyDocument=document(only_bob))
    assert issuing.call(keys)[0] == 403
    _, bobs = credentials(issuing, pool_id, issuing.user_pool("bob", "--claim", 'cognito:groups:=["staff"]'))
    assert issuing.call(bobs)[0] == 200
    with pytest.raises(ClientError, match="The ambiguous role mapping rules denied this request"):
        credentials(issuing, pool_id, issuing.user_pool("carol", "--claim", 'cognito:groups:=["stafford"]'))


def test_a_backends_user_by_both_flows(issuing: Issuing) -> None:
    pool_id = issuing.pool("p")
    made = issuing.cognito.get_open_id_token_for_developer_identity(
        IdentityPoolId=pool_id, Logins={"backend": "u1"}, TokenDuration=60
    )
    enhanced = issuing.anyone.get_credentials_for_identity(
        IdentityId=made["IdentityId"], Logins={COGNITO: made["Token"]}
    )
    status, identity = issuing.call(enhanced["Credentials"])
    assert (status, identity["cognitoAuthenticationProvider"]) == (200, f"backend,backend:{pool_id}:u1")
    role = issuing.cognito.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]["authenticated"]
    classic = issuing.sts.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="classic", WebIdentityToken=made["Token"]
    )
    status, identity = issuing.call(classic["Credentials"])
    assert (status, identity["cognitoIdentityId"]) == (200, made["IdentityId"])
    assert classic["SubjectFromWebIdentityToken"] == made["IdentityId"]


def test_identities_are_not_made_without_end(issuing: Issuing) -> None:
    pool_id = issuing.pool("p")
    for _ in range(20):
        issuing.anyone.get_id(IdentityPoolId=pool_id)
    with pytest.raises(ClientError) as error:
        issuing.anyone.get_id(IdentityPoolId=pool_id)
    assert error.value.response["Error"] == {"Code": "TooManyRequestsException", "Message": "Rate exceeded"}
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    pages = issuing.cognito.get_paginator("list_identity_pools").paginate(PaginationConfig={"PageSize": 1})
    assert pool_id in [pool["IdentityPoolId"] for page in pages for pool in page["IdentityPools"]]
    first = issuing.cognito.list_identities(IdentityPoolId=pool_id, MaxResults=15)
    rest = issuing.cognito.list_identities(IdentityPoolId=pool_id, MaxResults=15, NextToken=first["NextToken"])
    ids = [identity["IdentityId"] for identity in first["Identities"] + rest["Identities"]]
    assert len(set(ids)) == 20
    assert issuing.cognito.delete_identities(IdentityIdsToDelete=ids)["UnprocessedIdentityIds"] == []
    assert issuing.cognito.list_identities(IdentityPoolId=pool_id, MaxResults=1)["Identities"] == []


def test_tags_of_a_pool(issuing: Issuing) -> None:
    pool_id = issuing.pool("p", IdentityPoolTags={"team": "blue"})
    arn = f"arn:aws:cognito-identity:{issuing.region}:{ACCOUNT}:identitypool/{pool_id}"
    issuing.cognito.tag_resource(ResourceArn=arn, Tags={"stage": "test"})
    issuing.cognito.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert issuing.cognito.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"stage": "test"}
    assert issuing.cognito.describe_identity_pool(IdentityPoolId=pool_id)["IdentityPoolTags"] == {"stage": "test"}
