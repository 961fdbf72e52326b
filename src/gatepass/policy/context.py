"""The request context of an execute-api request: which condition keys it has, and their values.

Absent means absent: a key without a value is not there, it is never an empty text. What a credential decides
(`session_constants`) is made once per session; the rest is made when a policy asks for it.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from gatepass.policy.query import Constants, Context, ContextValue
from gatepass.principal import Principal

Header = str | Callable[[], str | None] | None
_PRINCIPAL_TYPES = {"root": "Account", "user": "User", "role-session": "AssumedRole"}
_KEYS = (
    "aws:userid",
    "aws:username",
    "aws:TokenIssueTime",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:SourceIdentity",
    "aws:FederatedProvider",
)
_PREFIXES = ("aws:Principal", "cognito-identity.amazonaws.com:")


def iso_time(seconds: float) -> str:
    """Seconds since the epoch as AWS writes a time: `2026-11-23T00:00:00Z`."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def session_constants(principal: Principal) -> Constants:
    """The keys that are the same for every request of this caller's credentials.

    A role session's `aws:PrincipalArn` is the role's ARN, and it has no `aws:username`.
    """
    given: dict[str, ContextValue | None] = {
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalArn": principal.arn,
        "aws:PrincipalType": _PRINCIPAL_TYPES[principal.kind],
        "aws:userid": principal.user_id,
        "aws:username": principal.user_name if principal.kind == "user" else None,
        "aws:SourceIdentity": principal.source_identity,
        "aws:PrincipalIsAWSService": "false",
        "aws:ViaAWSService": "false",
    }
    if principal.kind == "role-session":
        given["aws:PrincipalArn"] = principal.role_arn or f"arn:aws:iam::{principal.account}:role/{principal.role_name}"
        given["aws:FederatedProvider"] = principal.federated_provider
        given["cognito-identity.amazonaws.com:aud"] = principal.identity_pool_id
        given["cognito-identity.amazonaws.com:sub"] = principal.identity_id
        given["cognito-identity.amazonaws.com:amr"] = tuple(principal.amr)
        given |= principal.federation_keys
    if principal.kind == "role-session" or principal.issued_at is not None:
        given["aws:MultiFactorAuthPresent"] = "false"
        given["aws:TokenIssueTime"] = None if principal.issued_at is None else iso_time(principal.issued_at)
    for name, value in principal.tags.items():
        given[f"aws:PrincipalTag/{name}"] = value
    return Constants(given, keys=_KEYS, prefixes=_PREFIXES)


class RequestContext(Context):
    """The constants and what one request adds, made when first asked for."""

    __slots__ = ("_constants", "_extra", "_now", "_referer", "_region", "_secure", "_source_ip", "_user_agent")

    def __init__(
        self,
        constants: Constants,
        now: float,
        source_ip: str,
        secure: bool,
        user_agent: Header,
        referer: Header,
        region: str | None,
        extra: Mapping[str, ContextValue] | None,
    ) -> None:
        self._constants, self._now = constants, now
        self._source_ip, self._secure = source_ip, secure
        self._user_agent, self._referer, self._region = user_agent, referer, region
        self._extra = None if extra is None else Context.of(extra)

    def __missing__(self, key: str) -> ContextValue | None:
        value = self._constants[key]
        if value is None and not self._constants.knows(key):
            value = self._of_request(key)
        self[key] = value
        return value

    def _of_request(self, key: str) -> ContextValue | None:
        match key:
            case "aws:sourceip":
                return self._source_ip or None
            case "aws:securetransport":
                return "true" if self._secure else "false"
            case "aws:currenttime":
                return iso_time(self._now)
            case "aws:epochtime":
                return str(int(self._now))
            case "aws:useragent":
                return self._user_agent() if callable(self._user_agent) else self._user_agent
            case "aws:referer":
                return self._referer() if callable(self._referer) else self._referer
            case "aws:requestedregion":
                return self._region
            case _:
                return None if self._extra is None else self._extra[key]

    def known(self) -> dict[str, ContextValue]:
        """Every key that has a value, for explanations and logs."""
        names = ("sourceip", "securetransport", "currenttime", "epochtime", "useragent", "referer", "requestedregion")
        keys = {*self._constants, *(f"aws:{name}" for name in names), *(self._extra or ())}
        return {key: value for key in sorted(keys) if (value := self[key]) is not None}


def request_context(
    principal: Principal | Constants,
    *,
    now: float,
    source_ip: str,
    secure: bool,
    user_agent: Header = None,
    referer: Header = None,
    region: str | None = None,
    extra: Mapping[str, ContextValue] | None = None,
) -> RequestContext:
    """The context of one execute-api request.

    Args:
        principal: the caller, or its `session_constants` where they are kept with the session.
        now: seconds since the epoch, UTC.
        source_ip: the peer's address, or what a trusted proxy says it is; empty if there is none.
        user_agent, referer: the headers; None if they were not sent. A function is called when a policy asks for the
            header, and may refuse one that was not signed.
        extra: further keys, names in any case. None of the keys above can be set with it.
    """
    constants = principal if isinstance(principal, Constants) else session_constants(principal)
    return RequestContext(constants, now, source_ip, secure, user_agent, referer, region, extra)
