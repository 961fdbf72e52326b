"""AWS JSON 1.1, as Cognito Identity speaks it: one POST to `/`, the operation in `X-Amz-Target`.

What is not of its type is refused in the words of Coral, the framework behind AWS's services. They are recorded from
DynamoDB (older wire, same front end) and Cognito user pools.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

import msgspec

from gatepass.errors import (
    AccessDenied,
    InternalFailure,
    RequestTooLarge,
    SerializationFailure,
    ServiceError,
)
from gatepass.http import Request, Response
from gatepass.wire.accepting import accept
from gatepass.wire.constraints import Kind, ListOf, MapOf, Scalar, Structure, build, shape_of

CONTENT_TYPE = b"application/x-amz-json-1.1"
TARGET_PREFIX = "AWSCognitoIdentityService."
MOST_BODY = 1024 * 1024
MOST_DEPTH = 32
MOST_HEADER = 2048

Input = TypeVar("Input", bound=msgspec.Struct)


# --- requests


def target(request: Request) -> str | None:
    """The operation asked for; None if the request is not of this protocol.

    A target of another service, or several targets, gives a name that no operation has.
    """
    found = [value for name, value in request.headers if name == b"x-amz-target"]
    return _operation_of(b",".join(found)) if found else None


@lru_cache(maxsize=64)
def _operation_of(target: bytes) -> str:
    text = target.decode("latin-1")
    return text.removeprefix(TARGET_PREFIX) if text.startswith(TARGET_PREFIX) else f"?{text}"


def decode(body: bytes, shape: type[Input]) -> Input:
    """The operation's input.

    Raises:
        RequestTooLarge: the body is over the limit.
        SerializationFailure: not JSON, not an object, nested too deep, or a member is not of its type.
        ValidationFailure: a constraint does not hold.
    """
    values = _parsed(body)
    if not isinstance(values, dict):
        raise SerializationFailure(detail="the body is not a JSON object")
    return accept(shape, values) or build(shape, _structure(shape_of(shape), values))


def _parsed(body: bytes) -> object:
    if len(body) > MOST_BODY:
        raise RequestTooLarge(detail=f"the body has {len(body)} bytes, the limit is {MOST_BODY}")
    try:
        values = msgspec.json.decode(body)
    except RecursionError as error:
        raise SerializationFailure(detail="the JSON is nested too deep") from error
    except ValueError as error:
        raise SerializationFailure(detail=f"the body is not JSON: {error}") from error
    if body.count(b"{") + body.count(b"[") > MOST_DEPTH:
        _check_depth(values)
    return values


def _check_depth(values: object) -> None:
    """Level by level, so that depth costs no stack."""
    level = [values]
    for _ in range(MOST_DEPTH):
        level = [inner for value in level for inner in _inside(value) if isinstance(inner, dict | list)]
        if not level:
            return
    raise SerializationFailure(detail=f"the JSON is nested deeper than {MOST_DEPTH}")


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


# --- types


def _structure(kind: Structure, values: dict[str, object]) -> dict[str, object]:
    return {
        member.name: _typed(member.kind, values[member.name], "Unexpected field type")
        for member in kind.members
        if values.get(member.name) is not None
    }


def _typed(kind: Kind, value: object, not_a_structure: str = "Unexpected value type in payload") -> object:
    """The value, if it is of its type; null passes, for the constraints to judge.

    Coral's text for a list in place of a map or structure names a Java class; those of Cognito are not public, so an
    older text of Coral's stands there.
    """
    if value is None:
        return None
    if isinstance(kind, Scalar):
        return _scalar(kind.type, value)
    if isinstance(kind, ListOf):
        if isinstance(value, list):
            return [_typed(kind.element, element) for element in value]
        text = "Start of structure or map found where not expected"
        raise SerializationFailure(text if isinstance(value, dict) else "Unexpected field type")
    if not isinstance(value, dict):
        text = "Start of list found where not expected"
        raise SerializationFailure(text if isinstance(value, list) else not_a_structure)
    if isinstance(kind, MapOf):
        return {key: _typed(kind.value, item) for key, item in value.items()}
    return _structure(kind, value)


def _scalar(type_: str, value: object) -> object:
    if type_ == "String" and isinstance(value, str):
        return value
    if type_ == "Boolean" and isinstance(value, bool):
        return value
    if type_ == "Integer" and isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, dict):
        raise SerializationFailure("Start of structure or map found where not expected")
    if isinstance(value, list):
        raise SerializationFailure(f"Unrecognized collection type class java.lang.{type_}")
    if isinstance(value, str) and type_ == "Boolean":
        raise SerializationFailure("Unexpected token received from parser")
    raise SerializationFailure(f"{_token(value)} cannot be converted to {type_}")


def _token(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    if isinstance(value, int):
        return "NUMBER_VALUE"
    return "DECIMAL_VALUE" if isinstance(value, float) else "STRING_VALUE"


# --- responses


class Timestamp(float):
    """Seconds since the epoch, UTC, in an output shape; written as Java writes a double, to the millisecond."""


def java_double(number: float) -> str:
    """A number as Java's `Double.toString` gives it: `1.515115602E9`, `1.5`, `0.0`."""
    sign, digits, exponent = Decimal(repr(float(number))).normalize().as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - neither an infinity nor a NaN is ever a time
    text = "".join(map(str, digits))
    scale = len(text) + exponent - 1
    minus = "-" if sign else ""
    if number == 0:
        return minus + "0.0"
    if -3 <= scale < 7:
        whole, fraction = f"{abs(Decimal(repr(float(number)))):f}".partition(".")[::2]
        return f"{minus}{whole}.{fraction.rstrip('0') or '0'}"
    return f"{minus}{text[0]}.{text[1:] or '0'}E{scale}"


@lru_cache(maxsize=256)
def _time(seconds: float) -> bytes:
    return java_double(round(seconds, 3)).encode()  # a Java `Date` knows no more


def _encoded(value: object) -> object:
    if isinstance(value, Timestamp):
        return msgspec.Raw(_time(value))
    raise TypeError(f"{type(value).__name__} is not part of an output shape")


_ENCODER = msgspec.json.Encoder(enc_hook=_encoded, order="sorted")


def answer(output: msgspec.Struct | None, request_id: str, origin: bytes | None = None) -> Response:
    """The operation's answer; an operation without an output shape has an empty body.

    Args:
        origin: the request's `Origin` header, which asks for the headers browsers need.
    """
    body = b"" if output is None else _ENCODER.encode(output)
    headers = [(b"x-amzn-requestid", request_id.encode()), (b"content-type", CONTENT_TYPE)]
    return Response(200, headers + _cors(origin), body)


def error(failure: ServiceError, request_id: str, origin: bytes | None = None) -> Response:
    """An error, as AWS words it; its `detail` stays here."""
    request_id_header = (b"x-amzn-requestid", request_id.encode())
    if isinstance(failure, RequestTooLarge):
        return Response(413, [request_id_header, *_cors(origin)])
    name = _name(failure)
    members = {"__type": name}
    headers = [request_id_header, (b"x-amzn-errortype", name.encode() + b":")]
    if failure.message:
        members["Message" if _is_capital(failure) else "message"] = failure.message
        headers.append((b"x-amzn-errormessage", _header_text(failure.message)))
    headers.append((b"content-type", CONTENT_TYPE))
    return Response(_status(failure), headers + _cors(origin), msgspec.json.encode(members))


def _name(failure: ServiceError) -> str:
    return "InternalErrorException" if isinstance(failure, InternalFailure) else failure.code + "Exception"


def _is_capital(failure: ServiceError) -> bool:
    """Coral's own errors say `Message`, those of the service's model `message`."""
    return isinstance(failure, SerializationFailure | AccessDenied)


def _status(failure: ServiceError) -> int:
    """Every fault of the caller is 400 in this protocol, authentication and policy included."""
    return 500 if isinstance(failure, InternalFailure) else 400


def _header_text(message: str) -> bytes:
    """The message as a header can carry it. A caller's text may be part of it: no line end gets through."""
    printable = "".join(character if " " <= character <= "~" else "?" for character in message[:MOST_HEADER])
    return printable.encode()


def _cors(origin: bytes | None) -> list[tuple[bytes, bytes]]:
    if origin is None:
        return []
    return [
        (b"access-control-allow-origin", b"*"),
        (b"access-control-expose-headers", b"x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
    ]


_HEADER_LIST = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_, ")


def preflight(request: Request, request_id: str) -> Response:
    """What a browser is told when it asks whether it may call: anyone may, with the headers it named."""
    headers = [
        (b"x-amzn-requestid", request_id.encode()),
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-methods", b"POST"),
    ]
    asked = request.header(b"access-control-request-headers")
    if asked and _HEADER_LIST.issuperset(asked):
        headers.append((b"access-control-allow-headers", asked))
    headers.append((b"access-control-max-age", b"172800"))
    return Response(200, headers)
