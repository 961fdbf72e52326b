"""Every call that boto3 makes: which ones, that each was validated against its service's model, and one that fails."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.validate import ParamValidationDecorator


class Calls:
    """What was called since it was last cleared.

    Attributes:
        made: names of operations, in their order.
        validated: those whose parameters were found to be as the model says.
        failing: the number of the one that fails; None for none.
        broken: operations that always fail.
    """

    def __init__(self) -> None:
        self.made: list[str] = []
        self.validated: list[str] = []
        self.failing: int | None = None
        self.broken: frozenset[str] = frozenset()

    def clear(self, *, failing: int | None = None) -> None:
        self.made.clear()
        self.validated.clear()
        self.failing = failing


def watch(monkeypatch: pytest.MonkeyPatch) -> Calls:
    calls = Calls()
    call, serialize = BaseClient._make_api_call, ParamValidationDecorator.serialize_to_request

    def called(self: Any, name: str, parameters: Any) -> Any:
        calls.made.append(name)
        if len(calls.made) - 1 == calls.failing or name in calls.broken:
            raise ClientError({"Error": {"Code": "InternalErrorException", "Message": "as asked for"}}, name)
        return call(self, name, parameters)

    def serialized(self: Any, parameters: Any, model: Any) -> Any:
        request = serialize(self, parameters, model)
        calls.validated.append(model.name)
        return request

    monkeypatch.setattr(BaseClient, "_make_api_call", called)
    monkeypatch.setattr(ParamValidationDecorator, "serialize_to_request", serialized)
    return calls
