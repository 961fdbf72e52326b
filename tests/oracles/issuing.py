"""A gate that issues credentials to people who log in, set up over HTTP with boto3, and login tokens made at home."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

GATEPASS = str(Path(sys.executable).with_name("gatepass"))
ACCOUNT = "123456789012"
GOOGLE = "accounts.google.com"
USER_POOL = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Home"
COGNITO = "cognito-identity.amazonaws.com"
APP = """
from chalice import Chalice, IAMAuthorizer

app = Chalice(app_name="who")


@app.route("/", authorizer=IAMAuthorizer())
def index():
    return app.current_request.context["identity"]
"""


def token(key: Path, issuer: str, sub: str, aud: str, *more: str) -> str:
    """A login token, as `gatepass token` prints it."""
    command = [GATEPASS, "token", "--key", str(key), "--issuer", issuer, "--sub", sub, "--aud", aud, *more]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


class Issuing:
    """One gate, its administrator's clients and one without keys.

    Attributes:
        key: of Google and of the user pool, as this gate was told.
    """

    def __init__(self, ready: Mapping[str, Any], key: Path) -> None:
        self.endpoint, self.region = str(ready["endpoint"]), str(ready["region"])
        self.url = str(ready["apis"][0]["url"])
        self.key = key
        admin = ready["admin"]
        keys = {
            "aws_access_key_id": admin["access_key_id"],
            "aws_secret_access_key": admin["secret_access_key"],
        }
        self.cognito = self.client("cognito-identity", **keys)
        self.iam = self.client("iam", **keys)
        self.anyone = self.client("cognito-identity", config=Config(signature_version=UNSIGNED))
        self.sts = self.client("sts", config=Config(signature_version=UNSIGNED))

    def client(self, service: str, config: Config | None = None, **keys: str) -> Any:
        once = Config(retries={"max_attempts": 0})
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            config=once if config is None else once.merge(config),
            **keys,
        )

    def pool(self, name: str, **more: Any) -> str:
        """A pool whose guests and users get the roles `NAME-guests` and `NAME-users`, which may call the API."""
        given: dict[str, Any] = {
            "IdentityPoolName": name,
            "AllowUnauthenticatedIdentities": True,
            "AllowClassicFlow": True,
            "SupportedLoginProviders": {GOOGLE: "app"},
            "CognitoIdentityProviders": [{"ProviderName": USER_POOL, "ClientId": "web"}],
            "DeveloperProviderName": "backend",
            **more,
        }
        pool_id: str = self.cognito.create_identity_pool(**given)["IdentityPoolId"]
        roles = {
            "unauthenticated": self.role(f"{name}-guests", pool_id, "unauthenticated"),
            "authenticated": self.role(f"{name}-users", pool_id, "authenticated"),
        }
        self.cognito.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
        return pool_id

    def role(self, name: str, pool_id: str, amr: str) -> str:
        trust = {
            "Effect": "Allow",
            "Principal": {"Federated": COGNITO},
            "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
            "Condition": {
                "StringEquals": {f"{COGNITO}:aud": pool_id},
                "ForAnyValue:StringLike": {f"{COGNITO}:amr": amr},
            },
        }
        allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        self.iam.put_role_policy(RoleName=name, PolicyName="call", PolicyDocument=document(allow))
        return str(made["Role"]["Arn"])

    def google(self, sub: str = "alice", *more: str) -> dict[str, str]:
        return {GOOGLE: token(self.key, f"https://{GOOGLE}", sub, "app", *more)}

    def user_pool(self, sub: str = "alice", *more: str) -> dict[str, str]:
        return {USER_POOL: token(self.key, USER_POOL, sub, "web", *more)}

    def call(self, credentials: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """What the API answers to a request that botocore signed."""
        request = AWSRequest("GET", self.url)
        secret = credentials.get("SecretKey") or credentials["SecretAccessKey"]
        keys = Credentials(credentials["AccessKeyId"], secret, credentials["SessionToken"])
        SigV4Auth(keys, "execute-api", self.region).add_auth(request)
        headers = dict(request.prepare().headers)
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url, headers=headers), timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


def document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def options(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The key of the issuers, and what `gatepass serve` is told of it; the app is written beside."""
    key, keys = folder / "login-key.pem", folder / "keys.json"
    command = [GATEPASS, "token", "--key", str(key), "--jwks"]
    keys.write_text(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)
    (folder / "who").mkdir()
    (folder / "who" / "app.py").write_text(APP)
    issuers = (f"https://{GOOGLE}", f"https://{USER_POOL}")
    return key, (str(folder / "who"), *(text for issuer in issuers for text in ("--login-keys", f"{issuer}={keys}")))
