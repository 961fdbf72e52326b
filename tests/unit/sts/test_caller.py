"""Who is calling, as STS says it."""

import asyncio
import os
from pathlib import Path

import botocore.parsers
import botocore.session
import pytest

from gatepass.http import Response
from gatepass.operation import Call, Deployment
from gatepass.principal import Principal
from gatepass.store import Store
from gatepass.sts import OPERATIONS
from gatepass.wire import query

ACCOUNT = "123456789012"
ROOT = Principal("root", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, "AKIAIOSFODNN7EXAMPLE")
USER = Principal(
    "user", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/mcdaniel", "AIDAQGDEMBQBA7E7Y7RTL", "AKIAIOSFODNN7EXAMPLE"
)
SESSION = Principal(
    "role-session",
    ACCOUNT,
    f"arn:aws:sts::{ACCOUNT}:assumed-role/r/CognitoIdentityCredentials",
    "AROAQGDEMBQBA7E7Y7RTL:CognitoIdentityCredentials",
    "ASIAIOSFODNN7EXAMPLE",
)


def answer(folder: Path, principal: Principal) -> Response:
    (operation,) = OPERATIONS

    notes: list[str] = []

    async def answered() -> Response:
        store = await Store.open(folder, account=ACCOUNT, region="eu-central-1")
        deployment = Deployment(ACCOUNT, "eu-central-1")
        call = Call(store, store.key_ring, deployment, principal, 0.0, os.urandom, "i" * 36, "", notes.append)
        parameters = {"Action": operation.name, "Version": "2011-06-15", "Unknown": "value"}
        given = query.decode(parameters, operation.takes, service="sts")
        output = await operation.answer(call, given)
        await store.close()
        return query.answer(operation.name, output, "sts", call.request_id, "extended")

    return asyncio.run(answered())


@pytest.mark.parametrize("principal", [ROOT, USER, SESSION], ids=lambda principal: principal.kind)
def test_get_caller_identity(tmp_path: Path, principal: Principal) -> None:
    """Byte for byte; botocore reads it."""
    response = answer(tmp_path, principal)
    assert response == Response(
        200,
        [
            (b"x-amzn-requestid", b"i" * 36),
            (b"x-amz-sts-extended-request-id", b"extended"),
            (b"content-type", b"text/xml"),
        ],
        f"""\
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>{principal.arn}</Arn>
    <UserId>{principal.user_id}</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>{"i" * 36}</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
""".encode(),
    )
    shape = botocore.session.get_session().get_service_model("sts").operation_model("GetCallerIdentity").output_shape
    parsed = botocore.parsers.create_parser("query").parse(
        {"body": response.body, "headers": {}, "status_code": 200}, shape
    )
    assert (parsed["Arn"], parsed["UserId"], parsed["Account"]) == (principal.arn, principal.user_id, ACCOUNT)


def test_the_length_is_that_of_a_recorded_answer(tmp_path: Path) -> None:
    """405 bytes for a user whose name has eight letters."""
    assert len(answer(tmp_path, USER).body) == 405
