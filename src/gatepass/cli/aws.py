"""AWS's APIs for the commands that set things up: boto3, so that profiles and endpoints are as everywhere else.

With AWS_ENDPOINT_URL, as `gatepass env` prints it, they talk to a gate; without it to AWS.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gatepass.errors import ConfigurationError, CredentialsError

_KEYS = 'set AWS credentials, or `eval "$(gatepass env)"` for a running gate'
_UNKNOWN_KEYS = ("UnrecognizedClientException", "InvalidClientTokenId")


@dataclass(frozen=True)
class Account:
    """The account and region that the caller's credentials and settings lead to, and clients for it."""

    session: Any

    @cached_property
    def region(self) -> str:
        return str(self.session.region_name)

    @cached_property
    def id(self) -> str:
        return str(self.sts.get_caller_identity()["Account"])

    @cached_property
    def cognito(self) -> Any:
        return self.session.client("cognito-identity")

    @cached_property
    def iam(self) -> Any:
        return self.session.client("iam")

    @cached_property
    def sts(self) -> Any:
        return self.session.client("sts")


@contextmanager
def account() -> Iterator[Account]:
    """An account to work on; what AWS or boto3 refuses within is a CredentialsError in AWS's words.

    Raises: ConfigurationError, if boto3 or a region is missing; CredentialsError.
    """
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
        from botocore.exceptions import ConnectionError as NotConnected
    except ModuleNotFoundError:
        raise ConfigurationError("this command needs `boto3`", hint="pip install 'gatepass[boto3]'") from None
    try:
        # boto3 by itself reads AWS_DEFAULT_REGION alone; every other SDK, and what we say, AWS_REGION.
        session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
        if session.region_name is None:
            raise ConfigurationError("no region is set", hint='set AWS_REGION, or `eval "$(gatepass env)"` for a gate')
        yield Account(session)
    except ClientError as error:
        answer = error.response["Error"]
        said = f"{error.operation_name}: {answer.get('Code')}: {answer.get('Message')}"
        raise CredentialsError(said, hint=_KEYS if answer.get("Code") in _UNKNOWN_KEYS else "") from error
    except (NotConnected, HTTPClientError) as error:
        hint = "see that it runs; AWS_ENDPOINT_URL says where the calls go, and without it they go to AWS"
        raise CredentialsError(f"{error}".rstrip("."), hint=hint) from error
    except BotoCoreError as error:
        raise CredentialsError(f"{error}".rstrip("."), hint=_KEYS) from error
