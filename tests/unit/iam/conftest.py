"""IAM as a client sees it: forms in, XML out, over a real store, without the network and its signatures."""

import asyncio
import os
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import botocore.parsers
import botocore.serialize
import botocore.session
import pytest

from gatepass.errors import ServiceError
from gatepass.http import Request, Response
from gatepass.iam import OPERATIONS
from gatepass.operation import Call, Deployment, Judge
from gatepass.policy import PolicyType, Verdict
from gatepass.principal import Principal
from gatepass.store import Store
from gatepass.wire import query

T = TypeVar("T")

ACCOUNT = "123456789012"
NOW = 1795413600.75  # 2026-11-23T06:00:00.75Z
ROOT = Principal("root", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, "AKIAIOSFODNN7EXAMPLE")
MODEL = botocore.session.get_session().get_service_model("iam")
TABLE = {operation.name: operation for operation in OPERATIONS}


def permit(action: str, resource: str, context: Mapping[str, object], **more: object) -> Verdict:
    """The administrator's judge."""
    return Verdict("allowed", PolicyType.IDENTITY)


class Iam:
    """Calls of the administrator, or of `caller`, whom `judge` judges."""

    def __init__(self, runner: asyncio.Runner, store: Store) -> None:
        self._runner = runner
        self.store = store
        self.caller = ROOT
        self.judge: Judge = permit
        self.notes: list[str] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def call(self) -> Call:
        return Call(
            store=self.store,
            key_ring=self.store.key_ring,
            deployment=Deployment(ACCOUNT, "eu-central-1"),
            principal=self.caller,
            now=NOW,
            entropy=os.urandom,
            request_id="request",
            source_ip="",
            note=self.notes.append,
            judge=self.judge,
        )

    async def answered(self, body: bytes) -> Response:
        """What is answered to a form."""
        headers = [(b"content-type", b"application/x-www-form-urlencoded")]
        asked = query.action(Request("POST", b"/", headers=headers, body=body))
        assert asked is not None
        assert asked.service == "iam"
        operation = TABLE[asked.name]
        try:
            given = query.decode(asked.parameters, operation.takes, service="iam")
            output = await operation.answer(self.call(), given)
        except ServiceError as refusal:
            return query.error(refusal, "iam", "request")
        return query.answer(operation.name, output, "iam", "request")

    def answer(self, name: str, **parameters: str) -> Response:
        """What is answered to parameters as they stand in the form."""
        form = {"Action": name, "Version": "2010-05-08", **parameters}
        return self.run(self.answered(urlencode(form).encode()))

    def refused(self, name: str, **parameters: str) -> tuple[int, str, str]:
        """Status, code and message, which botocore must be able to read."""
        response = self.answer(name, **parameters)
        error = parsed(name, response)["Error"]
        assert error["Type"] == "Sender"
        return response.status, error["Code"], error.get("Message", "")

    def boto(self, name: str, **parameters: Any) -> Mapping[str, Any]:
        """What botocore makes of the answer to what it would send."""
        operation = MODEL.operation_model(name)
        serialized = botocore.serialize.create_serializer("query").serialize_to_request(parameters, operation)
        response = self.run(self.answered(urlencode(serialized["body"]).encode()))
        assert response.status == 200, response.body
        return parsed(name, response)


def parsed(name: str, response: Response) -> Mapping[str, Any]:
    headers = {key.decode(): value.decode() for key, value in response.headers}
    found: Mapping[str, Any] = botocore.parsers.create_parser("query").parse(
        {"body": response.body, "headers": headers, "status_code": response.status},
        MODEL.operation_model(name).output_shape,
    )
    return found


@pytest.fixture
def iam(tmp_path: Path) -> Iterator[Iam]:
    yield from opened(tmp_path)


@pytest.fixture(scope="module")
def shared_iam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iam]:
    """For tests that change nothing."""
    yield from opened(tmp_path_factory.mktemp("shared"))


def opened(folder: Path) -> Iterator[Iam]:
    with asyncio.Runner() as runner:
        store = runner.run(Store.open(folder, account=ACCOUNT, region="eu-central-1"))
        yield Iam(runner, store)
        runner.run(store.close())
