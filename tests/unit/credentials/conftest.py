"""Amazon Cognito Identity as its callers see it, in memory: answers requests, and can be told to fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest

from gatepass.credentials.conversation import Send
from gatepass.errors import Unreachable
from gatepass.http import Request, Response

POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"
START = 1_800_000_000.0
LIFE = 3600


class Broker:
    """An identity pool.

    Attributes:
        now: its clock, and that of the tests.
        calls: the operations asked for, in order.
        slept: seconds, of every pause of the client.
        failures: answers, or exceptions, for the next calls before it answers itself.
    """

    def __init__(self) -> None:
        self.now = START
        self.calls: list[str] = []
        self.given: list[dict[str, Any]] = []
        self.slept: list[float] = []
        self.failures: list[Response | Exception | None] = []
        self.identities: list[str] = []
        self.guests = True
        self.life: float = LIFE
        self.before_answer: Callable[[], None] = lambda: None

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def send(self, step: Send) -> Response:
        return self.answer(step.request)

    def answer(self, request: Request) -> Response:
        target = (request.header(b"x-amz-target") or b"").decode()
        operation = target.removeprefix("AWSCognitoIdentityService.")
        given = json.loads(request.body)
        self.calls.append(operation)
        self.given.append(given)
        self.before_answer()
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, Exception):
            raise failure
        if failure is not None:
            return failure
        return self.get_id(given) if operation == "GetId" else self.get_credentials(given)

    def get_id(self, given: dict[str, Any]) -> Response:
        if given["IdentityPoolId"] != POOL:
            return refusal("ResourceNotFoundException", f"IdentityPool '{given['IdentityPoolId']}' not found.")
        if not self.guests and "Logins" not in given:
            message = "Unauthenticated access is not supported for this identity pool."
            return refusal("NotAuthorizedException", message)
        self.identities.append(f"eu-central-1:{len(self.identities):08x}-0000-0000-0000-000000000000")
        return self.said({"IdentityId": self.identities[-1]})

    def get_credentials(self, given: dict[str, Any]) -> Response:
        identity = given["IdentityId"]
        if identity not in self.identities:
            return refusal("ResourceNotFoundException", f"Identity '{identity}' not found.")
        number = self.calls.count("GetCredentialsForIdentity")
        keys = {
            "AccessKeyId": f"ASIA{number:016d}",
            "SecretKey": f"secret {number}",
            "SessionToken": f"token {number}",
            "Expiration": self.now + self.life,
        }
        return self.said({"Credentials": keys, "IdentityId": identity})

    def said(self, output: dict[str, Any]) -> Response:
        date = formatdate(self.now, usegmt=True).encode()
        return Response(200, ((b"date", date),), json.dumps(output).encode())


def refusal(code: str, message: str, status: int = 400) -> Response:
    return Response(status, (), json.dumps({"__type": code, "message": message}).encode())


def unreachable(*, sent: bool) -> Unreachable:
    return Unreachable("no answer from https://x: refused", sent=sent)


@pytest.fixture
def broker() -> Broker:
    return Broker()
