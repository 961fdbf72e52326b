"""The request context: what conditions and policy variables may ask about a request and its caller.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from gatepass.errors import UnsignedHeader
from gatepass.http import Request
from gatepass.policy import Context, ContextValue
from gatepass.principal import Principal

_TAG = "aws:principaltag/"
_TYPES = {"root": "Account", "user": "User", "role-session": "AssumedRole"}


class RequestContext(Context):
    """Condition keys of one request, found when a policy asks for them: few ask for any.

    Args:
        signed_headers: what of the headers the caller vouched for.
    """

    __slots__ = ("_now", "_principal", "_region", "_request", "_signed_headers")

    def __init__(
        self, request: Request, principal: Principal, signed_headers: frozenset[bytes], region: str, now: float
    ) -> None:
        self._request = request
        self._principal = principal
        self._signed_headers = signed_headers
        self._region = region
        self._now = now

    def __missing__(self, key: str) -> ContextValue | None:
        find = _KEYS.get(key)
        if find is not None:
            value = find(self)
        elif key.startswith(_TAG):
            value = next((tag for name, tag in self._principal.tags.items() if name.lower() == key[len(_TAG) :]), None)
        else:
            value = None
        self[key] = value
        return value

    def get(self, key: str, default: ContextValue | None = None) -> ContextValue | None:  # type: ignore[override]
        value = self[key]
        return default if value is None else value

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self[key] is not None

    def _header(self, name: bytes) -> str | None:
        """A header's value, which must be proven if a policy is to decide by it."""
        value = self._request.header(name)
        if value is None:
            return None
        if name not in self._signed_headers:
            raise UnsignedHeader(
                f"'{name.decode()}' must be a 'SignedHeader' in the AWS Authorization.",
                detail=f"a policy condition reads the header `{name.decode()}`, which was not signed",
            )
        return value.decode("utf-8", "replace")

    def _cognito(self, value: str | None) -> str | None:
        """A key of the federation, which lives on in the session."""
        return value if self._principal.identity_pool_id is not None else None


def _date(seconds: float) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"


def _principal_arn(context: RequestContext) -> str:
    """Of a role session the role's ARN."""
    principal = context._principal
    if principal.role_arn is not None:
        return principal.role_arn
    return principal.arn


_KEYS: dict[str, Callable[[RequestContext], ContextValue | None]] = {
    "aws:currenttime": lambda c: _date(c._now),
    "aws:epochtime": lambda c: str(int(c._now)),
    "aws:securetransport": lambda c: "true" if c._request.secure else "false",
    "aws:sourceip": lambda c: c._request.source_ip or None,
    "aws:useragent": lambda c: c._header(b"user-agent"),
    "aws:referer": lambda c: c._header(b"referer"),
    "aws:requestedregion": lambda c: c._region,
    "aws:viaawsservice": lambda c: "false",
    "aws:principalisawsservice": lambda c: "false",
    "aws:principalarn": _principal_arn,
    "aws:principalaccount": lambda c: c._principal.account,
    "aws:principaltype": lambda c: _TYPES[c._principal.kind],
    "aws:userid": lambda c: c._principal.user_id,
    "aws:username": lambda c: c._principal.user_name,
    "aws:sourceidentity": lambda c: c._principal.source_identity,
    "aws:federatedprovider": lambda c: c._principal.federated_provider,
    "aws:tokenissuetime": lambda c: None if c._principal.issued_at is None else _date(c._principal.issued_at),
    "aws:multifactorauthpresent": lambda c: None if c._principal.issued_at is None else "false",
    "cognito-identity.amazonaws.com:aud": lambda c: c._cognito(c._principal.identity_pool_id),
    "cognito-identity.amazonaws.com:sub": lambda c: c._cognito(c._principal.identity_id),
    "cognito-identity.amazonaws.com:amr": lambda c: c._principal.amr or None,
}
