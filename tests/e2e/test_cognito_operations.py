"""Every operation of Cognito Identity and every error it declares, over HTTP with boto3.

The calls are those of the unit tests; here a gate answers them.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.oracles.cognito_calls import ANSWERED, PROVOKED, RACES
from tests.oracles.login_tokens import claims, forge, header, key_set
from tests.unit.cognito.conftest import Broker

from gatepass import errors
from gatepass.cognito import OPERATIONS
from gatepass.principal import Principal

if TYPE_CHECKING:
    from tests.e2e.conftest import Gate

CALLERS = 8
TRIES = 100
GOOGLE, APPLE, USER_POOL = (
    "https://accounts.google.com",
    "https://appleid.apple.com",
    "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1",
)
UNREACHABLE = "http://127.0.0.1:9/keys"
"""Nothing listens on the port for discarding."""


class Remote(Broker):
    """A gate; it is asked through boto3."""

    issuers: Any
    admits: Any
    names = count()

    def __init__(self, gate: Gate) -> None:
        def client(service: str) -> Any:
            return boto3.client(
                service,
                endpoint_url=gate.endpoint,
                region_name=gate.region,
                aws_access_key_id=gate.administrator.access_key_id,
                aws_secret_access_key=gate.administrator.secret_access_key,
                config=Config(
                    parameter_validation=False, retries={"total_max_attempts": 1}, max_pool_connections=CALLERS
                ),
            )

        self.cognito, self.iam = client("cognito-identity"), client("iam")

    def ask(self, name: str, principal: Principal | None = None, /, **parameters: Any) -> dict[str, Any]:
        if "Logins" in parameters:
            parameters["Logins"] = {provider: of_today(login) for provider, login in parameters["Logins"].items()}
        answer: dict[str, Any] = getattr(self.cognito, xform_name(name))(**parameters)
        return answer

    def limit_guests(self, limit: int) -> None:
        """The gate that is asked was started so."""

    def add_role(self, name: str, trust_policy: dict[str, Any] | str, **_: Any) -> str:
        document = json.dumps(trust_policy)
        made = self.iam.create_role(RoleName=f"{name}-{next(self.names)}", AssumeRolePolicyDocument=document)
        return str(made["Role"]["Arn"])


def of_today(login: str) -> str:
    """The same login, where it is a token: the tests' own are of another day."""
    parts = login.split(".")
    if len(parts) != 3 or not login.startswith("ey"):
        return login
    said = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    now = int(time.time())
    return forge(header(), claims(**{**said, "iat": now, "exp": now + 600}))


@pytest.fixture(scope="module")
def gates(a_gate: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Gate]]:
    """One that knows the issuers' keys, and one for each error that depends on how a gate was started.

    It cannot fetch the keys; it is asked too often by the second call; its pools have room for one guest.
    """
    folder = tmp_path_factory.mktemp("operations")
    keys = folder / "keys.json"
    keys.write_bytes(key_set())

    def options(source: object) -> list[str]:
        issuers = (GOOGLE, APPLE, USER_POOL)
        every = [part for issuer in issuers for part in ("--login-keys", f"{issuer}={source}")]
        return [*every, "--region", "eu-central-1"]

    few = ("--getid-rate", "0.000001", "--getid-burst", "1")
    with (
        a_gate(folder / "usual", *options(keys), "--getid-burst", "100000", cwd=folder) as usual,
        a_gate(folder / "unreachable", *options(UNREACHABLE), cwd=folder) as unreachable,
        a_gate(folder / "busy", *options(keys), *few, cwd=folder) as busy,
        a_gate(folder / "full", *options(keys), "--guests-limit", "1", cwd=folder) as full,
    ):
        yield {"usual": usual, "unreachable": unreachable, "busy": busy, "full": full}


@pytest.mark.parametrize("name", ANSWERED)
def test_an_operation_answers(gates: dict[str, Gate], name: str) -> None:
    broker = Remote(gates["usual"])
    answer = broker.ask(name, **ANSWERED[name](broker))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_every_declared_error_has_a_call() -> None:
    """And every operation."""
    assert set(ANSWERED) == {operation.name for operation in OPERATIONS}
    assert set(PROVOKED) == {(operation.name, failure) for operation in OPERATIONS for failure in operation.fails}


@pytest.mark.parametrize(("name", "failure"), PROVOKED, ids=lambda value: getattr(value, "__name__", value))
def test_a_declared_error_is_answered(gates: dict[str, Gate], name: str, failure: type[errors.ServiceError]) -> None:
    kinds: dict[type[errors.ServiceError], str] = {
        errors.ExternalService: "unreachable",
        errors.TooManyRequests: "busy",
        errors.LimitExceeded: "full",
    }
    broker = Remote(gates[kinds.get(failure, "usual")])
    if (name, failure) in RACES:
        assert failure.code + "Exception" in raced(broker, name, failure)
        return
    parameters = PROVOKED[name, failure](broker)
    if failure is errors.TooManyRequests:
        broker.ask(name, **parameters)
    with pytest.raises(ClientError) as caught:
        broker.ask(name, **parameters)
    answer: Any = caught.value.response
    assert answer["Error"]["Code"] == failure.code + "Exception"
    assert answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == failure.status


def raced(broker: Remote, name: str, failure: type[errors.ServiceError]) -> set[str]:
    """The errors' codes when several do the same at the same time, again and again until two of them meet."""
    codes: set[str] = set()
    for _ in range(TRIES):
        parameters = PROVOKED[name, failure](broker)

        def attempt(_: int, parameters: dict[str, Any] = parameters) -> str:
            try:
                broker.ask(name, **parameters)
            except ClientError as refused:
                return str(refused.response["Error"]["Code"])
            return ""

        with ThreadPoolExecutor(CALLERS) as callers:
            codes |= set(callers.map(attempt, range(CALLERS)))
        if failure.code + "Exception" in codes:
            break
    return codes
