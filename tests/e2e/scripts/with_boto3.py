"""Identity pool, roles, credentials and calls, as anyone would write it for AWS.

Takes from the environment, beside what boto3 reads by itself: API_URL, NAME, ISSUER, CLIENT_ID, LOGIN_TOKEN.
"""

import json
import os
from typing import Any

import boto3
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NAME, ISSUER, CLIENT_ID = os.environ["NAME"], os.environ["ISSUER"], os.environ["CLIENT_ID"]
cognito, iam = boto3.client("cognito-identity"), boto3.client("iam")


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def role(name: str, pool: str, amr: str, resource: str) -> str:
    trust = policy(
        Principal={"Federated": "cognito-identity.amazonaws.com"},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={
            "StringEquals": {"cognito-identity.amazonaws.com:aud": pool},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr},
        },
    )
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    invoke = policy(Action="execute-api:Invoke", Resource=resource)
    iam.put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=invoke)
    return str(made["Arn"])


def credentials(pool: str, **logins: Any) -> Credentials:
    identity = cognito.get_id(IdentityPoolId=pool, **logins)["IdentityId"]
    keys = cognito.get_credentials_for_identity(IdentityId=identity, **logins)["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretKey"], keys["SessionToken"])


def call(who: str, keys: Credentials) -> None:
    for method in ("GET", "POST"):
        request = AWSRequest(method, os.environ["API_URL"])
        SigV4Auth(keys, "execute-api", cognito.meta.region_name).add_auth(request)
        response = requests.request(method, request.url, headers=dict(request.headers), timeout=60)
        print(who, method, response.status_code)


provider = iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=[CLIENT_ID], ThumbprintList=["0" * 40])
pool = cognito.create_identity_pool(
    IdentityPoolName=NAME,
    AllowUnauthenticatedIdentities=True,
    OpenIdConnectProviderARNs=[provider["OpenIDConnectProviderArn"]],
)["IdentityPoolId"]
cognito.set_identity_pool_roles(
    IdentityPoolId=pool,
    Roles={
        "unauthenticated": role(f"{NAME}-guest", pool, "unauthenticated", "arn:aws:execute-api:*:*:*/*/GET/*"),
        "authenticated": role(f"{NAME}-user", pool, "authenticated", "arn:aws:execute-api:*:*:*"),
    },
)
call("guest", credentials(pool))
call("user", credentials(pool, Logins={ISSUER.removeprefix("https://"): os.environ["LOGIN_TOKEN"]}))
