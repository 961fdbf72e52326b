"""What a request says about its signature. Nothing of it is believed here; it is only read, strictly.

The messages are AWS's, and so is the order in which they come.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Container
from hashlib import sha256
from typing import NamedTuple

from gatepass.errors import AmbiguousCredentials, IncompleteSignature, MissingAuthenticationToken
from gatepass.http import Request
from gatepass.sigv4.canonical import decoded

_SINGLE_HEADERS = (b"authorization", b"host", b"x-amz-content-sha256", b"x-amz-date", b"x-amz-security-token")
_HEADER_PARAMETERS = (b"Credential", b"Signature", b"SignedHeaders")
_QUERY_PARAMETERS = (
    b"X-Amz-Algorithm",
    b"X-Amz-Credential",
    b"X-Amz-Signature",
    b"X-Amz-SignedHeaders",
    b"X-Amz-Date",
    b"X-Amz-Expires",
)
_CREDENTIAL_PARAMETERS = (*_QUERY_PARAMETERS, b"X-Amz-Security-Token")
_BY_LOWER_CASE = {name.lower(): name for name in _CREDENTIAL_PARAMETERS}


class Claim(NamedTuple):
    """The parts of a signature, as they came.

    Attributes:
        date: the value of `X-Amz-Date`, or of `Date` where there is no `X-Amz-Date`.
        http_date: the date may be in the form of HTTP's `Date` header.
        expires: the value of `X-Amz-Expires`; None if the signature is in the Authorization header.
    """

    algorithm: bytes
    credential: bytes
    signed_headers: bytes
    signature: bytes
    date: bytes
    http_date: bool
    session_token: bytes | None
    expires: bytes | None


class Parameter(NamedTuple):
    """One credential parameter of a query."""

    name: bytes
    sent_as: bytes
    value: bytes


def read_claim(request: Request) -> Claim:
    """Raises: MissingAuthenticationToken, IncompleteSignature, AmbiguousCredentials."""
    authorization = request.header(b"authorization")
    in_query = credential_parameters(request.query)
    if not authorization and all(parameter.name != b"X-Amz-Algorithm" for parameter in in_query):
        raise MissingAuthenticationToken
    if authorization and in_query:
        raise AmbiguousCredentials(
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
            detail=f"an Authorization header, and `{in_query[0].name.decode()}` in the query",
        )
    _refuse_repeated_headers(request)
    return _claim_of_header(request, authorization) if authorization else _claim_of_query(request, in_query)


def credential_parameters(query: bytes) -> list[Parameter]:
    """The query's credential parameters, decoded.

    A name in another case counts too: some reader behind the gate may not care about case.
    """
    found: list[Parameter] = []
    if b"%" not in query and b"x-amz-" not in query.lower():
        return found
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        sent_as = decoded(name)
        proper = _BY_LOWER_CASE.get(sent_as.lower())
        if proper is not None:
            found.append(Parameter(proper, sent_as, decoded(value)))
    return found


def _refuse_repeated_headers(request: Request) -> None:
    counted = Counter([name for name, _ in request.headers])
    names = _SINGLE_HEADERS if b"x-amz-date" in counted else (*_SINGLE_HEADERS, b"date")
    for name in names:
        if counted[name] > 1:
            raise AmbiguousCredentials(detail=f"the header `{name.decode()}` arrived {counted[name]} times")


def _claim_of_header(request: Request, authorization: bytes) -> Claim:
    algorithm, parameters = _header_parameters(authorization)
    by_name = dict(parameters)
    amazon_date = _header(request, b"x-amz-date")
    date = _header(request, b"date") if amazon_date is None else amazon_date
    missing = [name.decode() for name in _HEADER_PARAMETERS if not by_name.get(name)]
    if missing or not date:
        message = "".join([f"Authorization header requires '{name}' parameter. " for name in missing])
        if not date:
            message += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        message += f"(Hashed with SHA-256 and encoded with Base64) Authorization={_hashed(authorization)}"
        raise IncompleteSignature(message)
    if len(parameters) != len(_HEADER_PARAMETERS):
        raise AmbiguousCredentials(detail="a parameter of the Authorization header is repeated, or is none of SigV4's")
    return Claim(
        algorithm=algorithm,
        credential=by_name[b"Credential"],
        signed_headers=by_name[b"SignedHeaders"],
        signature=by_name[b"Signature"],
        date=date,
        http_date=amazon_date is None,
        session_token=_header(request, b"x-amz-security-token"),
        expires=None,
    )


def _header(request: Request, name: bytes) -> bytes | None:
    value = request.header(name)
    return None if value is None else value.strip(b" \t")


def _header_parameters(authorization: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The algorithm, and the names and values that follow it."""
    algorithm, *rest = authorization.split(None, 1) or [b""]
    if b"=" in algorithm:
        raise IncompleteSignature(
            "Authorization header must begin with the algorithm name, which cannot include an equal-sign"
            f" (hashed with SHA-256 and encoded with Base64): '{_hashed(authorization)}'."
        )
    parameters = []
    for piece in rest[0].replace(b",", b" ").split() if rest else []:
        name, equal, value = piece.partition(b"=")
        if not equal:
            raise IncompleteSignature(
                "Invalid key=value pair (missing equal-sign) in Authorization header"
                f" (hashed with SHA-256 and encoded with Base64): '{_hashed(authorization)}'."
            )
        parameters.append((name, value))
    return algorithm, parameters


def _hashed(authorization: bytes) -> str:
    return b64encode(sha256(authorization).digest()).decode()


def _claim_of_query(request: Request, parameters: list[Parameter]) -> Claim:
    by_name = {parameter.name: parameter.value for parameter in parameters}
    message = "".join(
        f"AWS query-string parameters must include '{name.decode()}'. "
        for name in _QUERY_PARAMETERS
        if not by_name.get(name)
    )
    if message:
        raise IncompleteSignature(message + "Re-examine the query-string parameters.")
    if len(parameters) != len(by_name):
        raise AmbiguousCredentials(detail="a credential parameter is in the query more than once")
    for parameter in parameters:
        if parameter.sent_as != parameter.name:
            raise AmbiguousCredentials(detail=f"`{parameter.name.decode()}` is in the query in another case")
    for name in (b"x-amz-date", b"x-amz-security-token"):
        if request.header(name) is not None:
            raise AmbiguousCredentials(detail=f"a signature in the query, and the header `{name.decode()}`")
    return Claim(
        algorithm=by_name[b"X-Amz-Algorithm"],
        credential=by_name[b"X-Amz-Credential"],
        signed_headers=by_name[b"X-Amz-SignedHeaders"],
        signature=by_name[b"X-Amz-Signature"],
        date=by_name[b"X-Amz-Date"],
        http_date=False,
        session_token=by_name.get(b"X-Amz-Security-Token"),
        expires=by_name[b"X-Amz-Expires"],
    )


def without_parameters(query: bytes, names: Container[bytes]) -> bytes:
    """The query without the parameters of these (decoded) names."""
    return b"&".join([part for part in query.split(b"&") if decoded(part.partition(b"=")[0]) not in names])
