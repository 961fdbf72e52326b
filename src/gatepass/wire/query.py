"""The query protocol of STS and IAM: a form in, XML out.

`action` says what is asked for, `decode` makes the operation's input, `answer` and `error` print what comes of it. The
texts and codes here are those of STS and IAM; the same cause is spelled otherwise by the gate and by Cognito.

Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, TypeVar

import msgspec

from gatepass import errors
from gatepass.http import Headers, Request, Response
from gatepass.wire import form, xml
from gatepass.wire.constraints import Kind, Pattern, Scalar, build, shape_of

Service: TypeAlias = Literal["sts", "iam"]
Input = TypeVar("Input", bound=msgspec.Struct)

SERVICES: Mapping[str, Service] = {"2011-06-15": "sts", "2010-05-08": "iam"}
NAMESPACES: Mapping[Service | None, str] = {
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    None: "http://webservices.amazon.com/AWSFault/2005-15-09",
}
MOST_BODY = 10_000_000
MOST_OF_STS = 1000
"""Parameters: no input of STS has 200, and whoever comes with a token has signed nothing when they are read."""
HOME = b"https://aws.amazon.com/iam"


# --- asking


class Action(NamedTuple):
    """What a request asks for.

    Attributes:
        version: of the interface; it tells STS from IAM. None if the request names none.
        parameters: all of the form, `Action` and `Version` too.
    """

    name: str
    version: str | None
    parameters: Mapping[str, str]

    @property
    def service(self) -> Service | None:
        """None for a version nobody has."""
        return SERVICES.get(self.version or "")


def action(request: Request) -> Action | None:
    """What is asked for; None if no action is named, which `redirect` answers.

    Raises:
        RequestTooLarge: the body is over AWS's limit.
        MalformedInput: the form cannot be read.
    """
    if len(request.body) > MOST_BODY:
        raise errors.RequestTooLarge(detail=f"the body has more than {MOST_BODY} bytes")
    parameters = form.pairs(_form(request))
    name = parameters.get("Action")
    return None if name is None else Action(name, parameters.get("Version"), parameters)


def names_action(request: Request) -> bool:
    """Whether the query asks for an action, as SDKs do that presign `GetCallerIdentity`."""
    return any(pair.startswith(b"Action=") for pair in request.query.split(b"&"))


def _form(request: Request) -> bytes:
    """GET carries the form in the query, POST in the body if it says so."""
    if request.method == "GET":
        return request.query
    kind = (request.header(b"content-type") or b"").partition(b";")[0].strip().lower()
    return request.body if kind == b"application/x-www-form-urlencoded" else b""


def decode(parameters: Mapping[str, str], shape: type[Input], *, service: Service) -> Input:
    """The input of an operation.

    Raises:
        MalformedInput: a parameter is not of its type.
        ValidationFailure: one or more constraints do not hold.
    """
    if service == "sts" and len(parameters) > MOST_OF_STS:
        raise errors.MalformedInput(detail=f"the form has more than {MOST_OF_STS} parameters")
    structure = shape_of(shape)
    given = form.values(parameters, structure)
    for member in structure.members:
        if member.name in given:
            _check_spelling(member.kind, given[member.name], member.path)
    return build(shape, given, show_values=service != "iam")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A pattern that IAM explains in a sentence of its own, before it looks at any other constraint."""

    pattern: Pattern
    sentence: str


def _check_spelling(kind: Kind, value: object, path: str) -> None:
    marks: tuple[object, ...] = kind.constraints if isinstance(kind, Scalar) else ()
    for mark in marks:
        if isinstance(mark, Spelling) and not mark.pattern.holds(str(value)):
            raise errors.ValidationFailure(f"The specified value for {path} is invalid. {mark.sentence}")


# --- answering


def answer(
    operation: str, output: msgspec.Struct | None, service: Service, request_id: str, extended_request_id: str = ""
) -> Response:
    """What an operation gives; without an output, only the request id.

    Args:
        extended_request_id: goes into a header of STS.
    """

    def content() -> Iterator[str]:
        if output is not None:
            yield from xml.element(f"{operation}Result", output)
        yield "  <ResponseMetadata>"
        yield from xml.element("RequestId", request_id, 2)
        yield "  </ResponseMetadata>"

    body = xml.document(f"{operation}Response", NAMESPACES[service], content())
    return Response(200, _headers(service, request_id, extended_request_id), body)


def redirect(request_id: str) -> Response:
    """For a request that names no action: to the page about IAM."""
    return Response(302, [(b"x-amzn-requestid", request_id.encode()), (b"location", HOME)])


def unknown_operation(asked: Action) -> errors.UnknownOperation:
    version = "NO_VERSION_SPECIFIED" if asked.version is None else asked.version
    return errors.UnknownOperation(f"Could not find operation {asked.name} for version {version}")


def extended_request_id(request_id: str, region: str, now: float) -> str:
    """Looks like STS's own: where, when in milliseconds, and eight characters."""
    digest = base64.b64encode(hashlib.sha256(request_id.encode()).digest()).decode()
    tail = "".join(filter(str.isalnum, digest))[:8]
    return base64.b64encode(f"1:{region}:S:{int(now * 1000)}:R:{tail}".encode()).decode()


# --- refusing


class _Wording(NamedTuple):
    """How this protocol spells a cause. Without a text of its own, the error's message stands."""

    code: str
    status: int
    text: str | None = None


_BROKE = "The request processing has failed because of an unknown error, exception or failure."
_WORDINGS: dict[type[errors.ServiceError], _Wording] = {
    errors.UnknownOperation: _Wording("InvalidAction", 400),
    errors.SerializationFailure: _Wording("MalformedInput", 400),
    errors.MalformedInput: _Wording("MalformedInput", 400),
    errors.ValidationFailure: _Wording("ValidationError", 400),
    errors.InternalFailure: _Wording("InternalFailure", 500, _BROKE),
    errors.MissingAuthenticationToken: _Wording(
        "MissingAuthenticationToken", 403, "Request is missing Authentication Token"
    ),
    errors.IncompleteSignature: _Wording("IncompleteSignature", 400),
    errors.UnrecognizedClient: _Wording(
        "InvalidClientTokenId", 403, "The security token included in the request is invalid."
    ),
    errors.ExpiredToken: _Wording("ExpiredToken", 403),
    errors.InvalidSignature: _Wording("SignatureDoesNotMatch", 403),
    errors.AccessDenied: _Wording("AccessDenied", 403),
    errors.TooManyRequests: _Wording("Throttling", 400, "Rate exceeded"),
    errors.LimitExceeded: _Wording("LimitExceeded", 409),
    errors.ConcurrentModification: _Wording("ConcurrentModification", 409),
}
_IAM_WORDINGS: dict[type[errors.ServiceError], _Wording] = {
    errors.InternalFailure: _Wording("ServiceFailure", 500, _BROKE),
    errors.UnrecognizedClient: _Wording(  # without the final period that STS prints
        "InvalidClientTokenId", 403, "The security token included in the request is invalid"
    ),
}


def _wording(error: errors.ServiceError, service: Service | None) -> _Wording:
    """By the error's class or the nearest above it; others keep their own code and status."""
    for cause in type(error).__mro__:
        if service == "iam" and cause in _IAM_WORDINGS:
            return _IAM_WORDINGS[cause]
        if cause in _WORDINGS:
            return _WORDINGS[cause]
    return _Wording(error.code, error.status)


def error(
    refusal: errors.ServiceError, service: Service | None, request_id: str, extended_request_id: str = ""
) -> Response:
    """A refusal.

    Args:
        service: None while it is not known.
    """
    if isinstance(refusal, errors.RequestTooLarge):
        return Response(413, _request_ids(service, request_id, extended_request_id))
    code, status, text = _wording(refusal, service)
    message = refusal.message if text is None else text

    def content() -> Iterator[str]:
        yield "  <Error>"
        yield from xml.element("Type", "Sender" if status < 500 else "Receiver", 2)
        yield from xml.element("Code", code, 2)
        if message:
            yield from xml.element("Message", message, 2)
        yield "  </Error>"
        yield from xml.element("RequestId", request_id)

    namespace = NAMESPACES[None if isinstance(refusal, errors.UnknownOperation) else service]
    body = xml.document("ErrorResponse", namespace, content())
    return Response(status, _headers(service, request_id, extended_request_id), body)


def _request_ids(service: Service | None, request_id: str, extended_request_id: str) -> list[tuple[bytes, bytes]]:
    headers = [(b"x-amzn-requestid", request_id.encode())]
    if extended_request_id and service != "iam":
        headers.append((b"x-amz-sts-extended-request-id", extended_request_id.encode()))
    return headers


def _headers(service: Service | None, request_id: str, extended_request_id: str) -> Headers:
    return [*_request_ids(service, request_id, extended_request_id), (b"content-type", b"text/xml")]
