"""STS over HTTP, with boto3 and nothing of gatepass but the endpoint: roles taken with real signatures, the API called
with what came of it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import botocore
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from joserfc.jwk import KeySet

if TYPE_CHECKING:
    from tests.e2e.conftest import Gate

ACCOUNT = "123456789012"
QUICK = Config(retries={"max_attempts": 0})
UNSIGNED = QUICK.merge(Config(signature_version=botocore.UNSIGNED))


def client(gate: Gate, service: str, credentials: Any = None, **more: Any) -> Any:
    """boto3's; the administrator's unless other credentials are given."""
    keys = (gate.administrator.access_key_id, gate.administrator.secret_access_key, None)
    if credentials is not None:
        keys = (credentials["AccessKeyId"], secret(credentials), credentials["SessionToken"])
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    return boto3.client(
        service,
        endpoint_url=gate.endpoint,
        region_name=gate.region,
        config=QUICK,
        **dict(zip(names, keys, strict=True)),
        **more,
    )


def secret(credentials: Any) -> str:
    """Cognito and STS spell it differently."""
    found: str = credentials.get("SecretKey") or credentials["SecretAccessKey"]
    return found


def called(gate: Gate, credentials: Any) -> tuple[int, bytes]:
    """The API's answer to a request signed by botocore."""
    request = AWSRequest("GET", gate.url)
    keys = Credentials(credentials["AccessKeyId"], secret(credentials), credentials["SessionToken"])
    SigV4Auth(keys, "execute-api", gate.region).add_auth(request)
    try:
        headers = dict(request.prepare().headers)
        with urllib.request.urlopen(urllib.request.Request(gate.url, headers=headers), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.fixture
def guest(hello_world: Gate) -> Any:
    cognito = client(hello_world, "cognito-identity")
    identity_id = cognito.get_id(IdentityPoolId=hello_world.pool_id)["IdentityId"]
    return cognito.get_credentials_for_identity(IdentityId=identity_id)["Credentials"]


def role(gate: Gate, name: str, principal: Any, **statement: Any) -> str:
    """A role that trusts the principal and may do what the statement says; its ARN."""
    iam = client(gate, "iam")
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    allow = {"Effect": "Allow", "Resource": "*", **statement}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
    return arn


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def test_a_role_is_taken_and_the_api_called(hello_world: Gate, guest: Any) -> None:
    """The guest's session is named by the role's trust policy; what the guest itself may do does not matter."""
    arn = client(hello_world, "sts", guest).get_caller_identity()["Arn"]
    target = role(hello_world, "caller", {"AWS": arn}, Action="execute-api:Invoke")
    sts = client(hello_world, "sts", guest)
    taken = sts.assume_role(RoleArn=target, RoleSessionName="e2e")
    assert taken["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/caller/e2e"
    assert called(hello_world, taken["Credentials"]) == (200, b'{"hello":"world"}')
    limited = sts.assume_role(
        RoleArn=target,
        RoleSessionName="e2e",
        Policy='{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}',
    )
    status, body = called(hello_world, limited["Credentials"])
    assert status == 403
    assert b"because no session policy allows the execute-api:Invoke action" in body


def test_a_guest_cannot_get_out_of_the_scope_down(hello_world: Gate, guest: Any) -> None:
    """A role that trusts the guests' role, and a role that trusts the account: the scope-down allows neither."""
    arn = client(hello_world, "sts", guest).get_caller_identity()["Arn"]
    guests = f"arn:aws:iam::{ACCOUNT}:role/{arn.split('/')[1]}"
    sts = client(hello_world, "sts", guest)
    for name, principal in (("role-of-guests", guests), ("role-of-account", ACCOUNT)):
        target = role(hello_world, name, {"AWS": principal}, Action="*")
        with pytest.raises(ClientError) as error:
            sts.assume_role(RoleArn=target, RoleSessionName="e2e")
        assert code(error) == (403, "AccessDenied")


def test_root_gets_a_session_and_no_role(hello_world: Gate) -> None:
    sts = client(hello_world, "sts")
    session = sts.get_session_token()["Credentials"]
    assert client(hello_world, "sts", session).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    with pytest.raises(ClientError) as error:
        sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/any", RoleSessionName="e2e")
    assert error.value.response["Error"]["Message"] == "Roles may not be assumed by root accounts."


def test_a_made_up_token(hello_world: Gate) -> None:
    """Nobody signs; nothing is believed."""
    sts = client(hello_world, "sts")
    with pytest.raises(ClientError) as error:
        sts.assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/any", RoleSessionName="e2e", WebIdentityToken="made.up.token"
        )
    assert code(error) == (400, "InvalidIdentityToken")


def test_the_classic_flow(hello_world: Gate) -> None:
    """A pool that allows it, its token, a role of the client's choice, the API; and a token that was changed."""
    cognito, iam = client(hello_world, "cognito-identity"), client(hello_world, "iam")
    pool_id = cognito.create_identity_pool(
        IdentityPoolName="classic", AllowUnauthenticatedIdentities=True, AllowClassicFlow=True
    )["IdentityPoolId"]
    condition = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
    }
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName="classic", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_role_policy(RoleName="classic", PolicyName="p", PolicyDocument=policy)

    identity_id = cognito.get_id(IdentityPoolId=pool_id)["IdentityId"]
    token = cognito.get_open_id_token(IdentityId=identity_id)["Token"]
    sts = boto3.client("sts", endpoint_url=hello_world.endpoint, region_name=hello_world.region, config=UNSIGNED)
    given = {"RoleArn": arn, "RoleSessionName": "e2e"}
    taken = sts.assume_role_with_web_identity(**given, WebIdentityToken=token)
    assert (taken["SubjectFromWebIdentityToken"], taken["Audience"]) == (identity_id, pool_id)
    assert called(hello_world, taken["Credentials"]) == (200, b'{"hello":"world"}')
    head, body, signature = token.split(".")
    for forged in (f"{head}.{body}.{signature[::-1]}", f"{head}.{body[:-2]}{body[-2:][::-1]}.{signature}"):
        with pytest.raises(ClientError) as error:
            sts.assume_role_with_web_identity(**given, WebIdentityToken=forged)
        assert code(error) == (400, "InvalidIdentityToken")


def test_the_public_keys_are_published(hello_world: Gate) -> None:
    with urllib.request.urlopen(f"{hello_world.endpoint}/.well-known/jwks_uri", timeout=60) as answer:
        assert answer.headers["content-type"] == "application/json"
        keys = KeySet.import_key_set(json.loads(answer.read()))
    assert [key.kid for key in keys] == [f"{hello_world.region}-1"]
    request = urllib.request.Request(f"{hello_world.endpoint}/.well-known/jwks_uri", method="POST", data=b"x")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=60)
