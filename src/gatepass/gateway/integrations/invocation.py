"""What a function is called with: the event of the decision, and Lambda's context object."""

from __future__ import annotations

import time

from gatepass.gateway.authorizer import Decision
from gatepass.gateway.exchange import Exchange
from gatepass.gateway.routing import ToApi
from gatepass.wire.event import Event, Place, proxy_event


def method_of(decision: Decision) -> ToApi:
    """The API's method that was decided on. Raises: TypeError, for any other decision."""
    routed = decision.routed
    if not isinstance(routed, ToApi) or routed.match is None:
        raise TypeError("the decision is not about a method of an API")
    return routed


def event_of(decision: Decision, exchange: Exchange) -> Event:
    """The Lambda proxy event of a request that was decided on."""
    routed = method_of(decision)
    assert routed.match is not None  # noqa: S101 (method_of made sure)
    api, match = routed.api, routed.match
    path = "/" + routed.path.lstrip(b"/").decode("latin-1")
    place = Place(
        account=api.deployment.account,
        api_id=api.api_id,
        stage=api.stage,
        resource_id=match.route.resource_id,
        deployment_id=api.deployment_id,
        resource=match.route.resource,
        path=path,
        stage_path=f"/{api.stage}{routed.path.decode('latin-1')}" if routed.path else f"/{api.stage}",
        parameters={name: value.decode("latin-1") for name, value in match.parameters},
    )
    principal = decision.standing.principal if decision.standing is not None else None
    return proxy_event(
        decision.request, place, principal, request_id=exchange.request_id, now=exchange.now, binary=api.binary
    )


class LambdaContext:
    """The second argument of a handler.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_version = "$LATEST"
    log_stream_name = ""
    identity = None
    client_context = None

    def __init__(self, aws_request_id: str, function: Function) -> None:
        self.aws_request_id = aws_request_id
        self.function_name = function.name
        self.invoked_function_arn = function.arn
        self.memory_limit_in_mb = function.memory
        self.log_group_name = f"/aws/lambda/{function.name}"
        self._deadline = time.monotonic() + function.timeout

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


class Function:
    """What a Lambda function's configuration says of it.

    Args:
        memory: MiB.
        timeout: seconds.
    """

    __slots__ = ("arn", "memory", "name", "timeout")

    def __init__(self, name: str, arn: str, *, memory: int = 128, timeout: float = 60) -> None:
        self.name = name
        self.arn = arn
        self.memory = memory
        self.timeout = timeout
