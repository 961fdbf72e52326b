"""An API that only callers with credentials may call, and a route that calls it as a guest of an identity pool."""

import os

import boto3
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from chalice import Chalice, IAMAuthorizer

app = Chalice(app_name="hello-world")


@app.route("/", authorizer=IAMAuthorizer())
def index():
    return {"hello": "world"}


@app.route("/hoge")
def hoge():
    """Call `/` with what AWS's SDK offers."""
    cognito = boto3.client("cognito-identity")
    identity = cognito.get_id(IdentityPoolId=os.environ["IDENTITY_POOL_ID"])
    credentials = cognito.get_credentials_for_identity(IdentityId=identity["IdentityId"])["Credentials"]

    request = AWSRequest(method="GET", url=os.environ["API_URL"])
    SigV4Auth(
        Credentials(credentials["AccessKeyId"], credentials["SecretKey"], credentials["SessionToken"]),
        "execute-api",
        cognito.meta.region_name,
    ).add_auth(request)
    return requests.get(request.url, headers=dict(request.headers), timeout=10).json()


@app.route("/fuga")
def fuga():
    """The same with gatepass's client; imported here, so that deploying the other routes needs nothing of it."""
    from gatepass import IdentityPool
    from gatepass.requests import SigV4

    guest = IdentityPool(os.environ["IDENTITY_POOL_ID"])
    return requests.get(os.environ["API_URL"], auth=SigV4(guest), timeout=10).json()
