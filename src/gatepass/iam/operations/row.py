"""A row of the tables: what all operations of IAM share is said once."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from gatepass import errors
from gatepass.errors import ServiceError
from gatepass.iam.condition_keys import condition_keys
from gatepass.operation import Call, Operation

MISSING = (errors.NoSuchEntity,)
"""What every operation may answer that is about something that is there."""

CHANGE = (errors.NoSuchEntity, errors.ConcurrentModification)
"""What every operation may answer that changes something that is there."""

PAGED = (errors.NoSuchEntity, errors.ValidationFailure)
"""What every operation may answer that lists something of something that is there."""

BY_ARN = (errors.NoSuchEntity, errors.InvalidInput, errors.ValidationFailure)
"""What every operation may answer that is about what an ARN names."""

DOCUMENT = (errors.MalformedPolicyDocument, errors.LimitExceeded)
"""What every operation may answer that is given a policy."""


def row(
    name: str,
    takes: type[msgspec.Struct],
    gives: type[msgspec.Struct] | None,
    answer: Callable[[Call, Any], Awaitable[Any]],
    *fails: type[ServiceError],
    on: Callable[[Call, Any], str] = lambda call, given: "*",
) -> Operation:
    """An operation of IAM: signed, and with a permission that is asked for `on` a resource."""
    return Operation(
        "iam",
        name,
        takes=takes,
        gives=gives,
        answer=answer,
        fails=tuple(dict.fromkeys(fails)),
        of_user_sessions=False,
        resource=on,
        keys=condition_keys(name, on),
    )
