"""Every error, one class a cause. Which code, status and text a protocol gives it is known to `gatepass.wire` alone.

GatepassError
├── ConfigurationError             a setting, file or app that cannot be used; names it
├── CredentialsError               the client could not get or use credentials
│   └── CredentialsRefused         the service answered, and refused
├── SigningError                   a request that cannot be signed as it would be sent
├── Unreachable                    a server that could not be reached, or stopped answering
└── ServiceError                   an error AWS would answer
    ├── RequestError               the request itself, before anyone looks at who sent it
    │   ├── BadRequest             · RequestTooLarge · Forbidden · InternalFailure · MalformedIntegrationResponse
    │   ├── StoreUnavailable
    │   ├── UnknownOperation       · SerializationFailure · MalformedInput
    │   └── ValidationFailure
    ├── AuthenticationError        who sent it is not proven
    │   ├── MissingAuthenticationToken · IncompleteSignature · UnrecognizedClient · ExpiredToken
    │   └── InvalidSignature       SignatureMismatch · SignatureExpired · SignatureNotYetCurrent · WrongScope
    │                              UnsignedHeader · MissingSignedHeader · ReservedHeader · AmbiguousCredentials
    ├── AccessDenied               proven, but not allowed
    ├── cognito-identity           NotAuthorized · ResourceNotFound · ResourceConflict · InvalidParameter · …
    └── iam, sts                   NoSuchEntity · EntityAlreadyExists · MalformedPolicyDocument · …
"""

from typing import ClassVar


class GatepassError(Exception):
    """Anything gatepass raises on purpose. `hint` is the next step for a person, or empty."""

    hint: str = ""


class ConfigurationError(GatepassError):
    """A setting, file or app cannot be used."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint


class CredentialsError(GatepassError):
    """Credentials could not be had, or cannot be used."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint


class CredentialsRefused(CredentialsError):
    """The service answered, and refused.

    Attributes:
        code: the service's error code, for example `NotAuthorizedException`.
    """

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class SigningError(GatepassError):
    """The request cannot be signed as it would be sent."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint


class Unreachable(GatepassError):
    """A server could not be reached, or stopped answering.

    Attributes:
        sent: the request may have been received.
    """

    def __init__(self, message: str, *, sent: bool, hint: str = "") -> None:
        super().__init__(message)
        self.sent = sent
        if hint:
            self.hint = hint


class ServiceError(GatepassError):
    """An error that AWS would answer.

    Args:
        message: AWS's text, letter for letter; goes on the wire.
        detail: why, in our words; goes to the decision log and `gatepass explain`, never on the wire.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 400

    def __init__(self, message: str = "", *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


# --- the request itself


class RequestError(ServiceError):
    """The request cannot be read."""


class BadRequest(RequestError):
    """A path or head that two readers could read differently, or that breaks a limit."""

    code = "BadRequest"

    def __init__(self, message: str = "Bad Request", *, detail: str = "") -> None:
        super().__init__(message, detail=detail)


class RequestTooLarge(RequestError):
    """The body is over the limit."""

    code = "RequestTooLarge"
    status = 413

    def __init__(self, message: str = "Request Entity Too Large", *, detail: str = "") -> None:
        super().__init__(message, detail=detail)


class Forbidden(RequestError):
    """No such API or stage."""

    code = "Forbidden"
    status = 403

    def __init__(self, message: str = "Forbidden", *, detail: str = "") -> None:
        super().__init__(message, detail=detail)


class InternalFailure(RequestError):
    """The integration, or the gate itself, broke."""

    code = "InternalServerError"
    status = 500

    def __init__(self, message: str = "Internal server error", *, detail: str = "") -> None:
        super().__init__(message, detail=detail)


class MalformedIntegrationResponse(InternalFailure):
    """What the integration gave back is no response."""

    status = 502


class StoreUnavailable(InternalFailure):
    """The store cannot be read or written just now."""

    hint = "see that the store can be reached and written, and that its disk is not full"


class UnknownOperation(RequestError):
    """The operation is not one that is served."""

    code = "UnknownOperation"


class SerializationFailure(RequestError):
    """The body is not what the protocol says it is."""

    code = "Serialization"


class MalformedInput(RequestError):
    """A parameter of the query protocol is not of its type."""

    code = "MalformedInput"


class ValidationFailure(RequestError):
    """One or more members break a constraint; the message lists them as AWS does."""

    code = "Validation"


# --- authentication


class AuthenticationError(ServiceError):
    """Who sent the request is not proven."""

    status = 403


class MissingAuthenticationToken(AuthenticationError):
    """The request carries no signature."""

    code = "MissingAuthenticationToken"
    hint = "sign the request, for example with `gatepass call URL`"

    def __init__(self, message: str = "Missing Authentication Token", *, detail: str = "") -> None:
        super().__init__(message, detail=detail)


class IncompleteSignature(AuthenticationError):
    """The signature's parts cannot be read or are missing."""

    code = "IncompleteSignature"
    hint = "check the Authorization header: algorithm, Credential, SignedHeaders, Signature, and a date header"


class InvalidSignature(AuthenticationError):
    """The signature is complete but does not hold."""

    code = "InvalidSignature"


MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret"
    " Access Key and signing method. Consult the service documentation for details."
)
"""What AWS says of a signature that does not hold; also the nearest it has for what only we refuse."""


class SignatureMismatch(InvalidSignature):
    """The signature computed here differs from the one in the request."""

    hint = "compare the canonical requests with `gatepass explain`"

    def __init__(self, canonical_request: bytes, string_to_sign: bytes, *, detail: str = "") -> None:
        super().__init__(MISMATCH, detail=detail)
        self.canonical_request = canonical_request
        self.string_to_sign = string_to_sign


class SignatureExpired(InvalidSignature):
    """The request's date is too old."""

    hint = "set this machine's clock, or sign again just before sending"


class SignatureNotYetCurrent(InvalidSignature):
    """The request's date is too far ahead."""

    hint = "set this machine's clock"


class UnsignedHeader(InvalidSignature):
    """A header that takes part in the decision arrived unsigned."""

    hint = "sign every x-amz-* header the request carries"


class MissingSignedHeader(InvalidSignature):
    """A header that was signed did not arrive."""

    hint = "sign only headers that every hop passes on unchanged"


class WrongScope(InvalidSignature):
    """The signature is for another day, region or service."""

    hint = "sign with the region and the service of the API that is called"


class ReservedHeader(InvalidSignature):
    """A header arrived that only the gate may set, or that would change what was asked for."""

    hint = "leave out X-HTTP-Method-Override and every x-gatepass-* header"

    def __init__(self, message: str = MISMATCH, *, detail: str = "") -> None:
        super().__init__(message, detail=detail)


class AmbiguousCredentials(InvalidSignature):
    """Two readers could take different credentials or another host from this request."""

    hint = "send each credential parameter once, either in the Authorization header or in the query"

    def __init__(self, message: str = MISMATCH, *, detail: str = "") -> None:
        super().__init__(message, detail=detail)


class UnrecognizedClient(AuthenticationError):
    """The access key, or the session token with it, is not known here."""

    code = "UnrecognizedClient"
    hint = "get new credentials; check that access key and session token belong together and to this deployment"

    def __init__(
        self, message: str = "The security token included in the request is invalid.", *, detail: str = ""
    ) -> None:
        super().__init__(message, detail=detail)


class ExpiredToken(AuthenticationError):
    """The session has ended."""

    code = "ExpiredToken"
    hint = "get new credentials"

    def __init__(
        self, message: str = "The security token included in the request is expired", *, detail: str = ""
    ) -> None:
        super().__init__(message, detail=detail)


class AccessDenied(ServiceError):
    """The caller is known, but no policy allows this, or one denies it."""

    code = "AccessDenied"
    status = 403
    hint = "see which policy and statement decided with `gatepass explain`"


# --- cognito-identity


class NotAuthorized(ServiceError):
    code = "NotAuthorized"


class ResourceNotFound(ServiceError):
    code = "ResourceNotFound"


class ResourceConflict(ServiceError):
    code = "ResourceConflict"


class InvalidParameter(ServiceError):
    code = "InvalidParameter"


class TooManyRequests(ServiceError):
    code = "TooManyRequests"

    def __init__(self, message: str = "Rate exceeded", *, detail: str = "") -> None:
        super().__init__(message, detail=detail)


class LimitExceeded(ServiceError):
    code = "LimitExceeded"


class InvalidIdentityPoolConfiguration(ServiceError):
    code = "InvalidIdentityPoolConfiguration"
    hint = (
        "the role's trust policy must allow this pool and this kind of identity; `gatepass explain` names what failed"
    )

    def __init__(
        self,
        message: str = "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
        *,
        detail: str = "",
    ) -> None:
        super().__init__(message, detail=detail)


class ExternalService(ServiceError):
    code = "ExternalService"


class DeveloperUserAlreadyRegistered(ServiceError):
    code = "DeveloperUserAlreadyRegistered"


class ConcurrentModification(ServiceError):
    """Someone else changed it since it was read."""

    code = "ConcurrentModification"


# --- iam, sts


class NoSuchEntity(ServiceError):
    code = "NoSuchEntity"
    status = 404


class EntityAlreadyExists(ServiceError):
    code = "EntityAlreadyExists"
    status = 409


class DeleteConflict(ServiceError):
    code = "DeleteConflict"
    status = 409


class MalformedPolicyDocument(ServiceError):
    code = "MalformedPolicyDocument"


class InvalidInput(ServiceError):
    code = "InvalidInput"


class InvalidIdentityToken(ServiceError):
    code = "InvalidIdentityToken"


class ExpiredIdentityToken(ServiceError):
    """A web identity token that was good once; a session that has ended is an `ExpiredToken`."""

    code = "ExpiredTokenException"


class InvalidAuthorizationMessage(ServiceError):
    """What is to be decoded was not encoded here."""

    code = "InvalidAuthorizationMessageException"

    def __init__(self, message: str = "Message is not valid", *, detail: str = "") -> None:
        super().__init__(message, detail=detail)


class PackedPolicyTooLarge(ServiceError):
    code = "PackedPolicyTooLarge"


class InvalidParameterValue(ServiceError):
    code = "InvalidParameterValue"
