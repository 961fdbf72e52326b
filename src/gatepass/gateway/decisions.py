"""The latest decisions, by request id: what `gatepass explain` shows.

Bounded in number and in bytes. A record says why in full, for the administrator's eyes; no record holds a secret, a
session token or a signature.

`GET /_gatepass/decisions/REQUEST_ID` (or `…/last`, the latest one) answers `Record.to_json()`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

from gatepass.errors import ServiceError, SignatureMismatch
from gatepass.gateway.authorizer import PolicyDenied
from gatepass.policy import ContextValue, Verdict, explain
from gatepass.principal import Principal

MOST = 10_000
MOST_BYTES = 16 * 1024 * 1024
_RECORD_BYTES = 600
_CONTEXT_BYTES = 2000
_VALUE_BYTES = 100
_MOST_TEXT = 64 * 1024

# Values of signed headers and of the query that let someone in.
_SECRET_HEADERS = re.compile(
    rb"^(authorization|cookie|proxy-authorization|x-amz-security-token|x-api-key):.*$", re.MULTILINE
)
_SECRET_PARAMETERS = re.compile(rb"(X-Amz-(?:Security-Token|Signature)=)[^&\n]*", re.IGNORECASE)


ALLOWED = "allowed"


def outcome_of(failure: ServiceError) -> str:
    return "refused" if failure.status < 500 else "failed"


class Record(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What was decided about one request.

    Attributes:
        time: seconds since the epoch, UTC.
        entrance: `api`, `operation` or `own`.
        stage: the last one reached: `route`, `authenticate`, `authorize`, `integrate` or `respond`.
        path: as received, without the query.
        error: why it was refused or failed; None if it was allowed.
        notes: what the operation said about it.
    """

    request_id: str
    time: float
    entrance: str
    stage: str
    status: int
    method: str
    path: bytes
    source_ip: str
    principal: Principal | None = None
    action: str = ""
    resource: str = ""
    verdict: Verdict | None = None
    error: ServiceError | None = None
    notes: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """`allowed`; `refused` by the gate or an operation; or `failed`, behind it."""
        return ALLOWED if self.error is None else outcome_of(self.error)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        error, mismatch = self.error, self.error if isinstance(self.error, SignatureMismatch) else None
        return {
            "request_id": self.request_id,
            "time": self.time,
            "entrance": self.entrance,
            "stage": self.stage,
            "outcome": self.outcome,
            "status": self.status,
            "method": self.method,
            "path": self.path.decode("latin-1"),
            "source_ip": self.source_ip,
            "principal": self._principal(),
            "action": self.action or None,
            "resource": self.resource or None,
            "verdict": self._verdict(),
            "error": {"code": f"{error.code}Exception", "message": error.message} if error else None,
            "detail": "; ".join(part for part in (error.detail if error else "", *self.notes) if part) or None,
            "hint": (error.hint or None) if error else None,
            "explanation": self._explanation(),
            "canonical_request": without_secrets(mismatch.canonical_request) if mismatch else None,
            "string_to_sign": without_secrets(mismatch.string_to_sign) if mismatch else None,
        }

    def _principal(self) -> dict[str, Any] | None:
        principal = self.principal
        if principal is None:
            return None
        return {
            "kind": principal.kind,
            "arn": principal.arn,
            "account": principal.account,
            "access_key_id": principal.access_key_id,
            "role": principal.role_name,
            "identity_pool_id": principal.identity_pool_id,
            "amr": list(principal.amr),
        }

    def _explanation(self) -> dict[str, Any] | None:
        """Of a denial: every policy and statement that was asked, and what would allow it."""
        denied = self.error if isinstance(self.error, PolicyDenied) else None
        if denied is None or denied.query is None:
            return None
        return explain(denied.standing.policies, denied.query).to_json()

    def _verdict(self) -> dict[str, Any] | None:
        verdict = self.verdict
        if verdict is None:
            return None
        return {
            "outcome": verdict.outcome,
            "policy_type": verdict.policy_type.value if verdict.policy_type else None,
            "policy": verdict.policy.name if verdict.policy else None,
            "policy_arn": verdict.policy.arn if verdict.policy else None,
            "statement": verdict.statement,
            "sid": verdict.sid,
        }


def without_secrets(signed: bytes) -> str:
    """A canonical request or string to sign, with the values of credentials masked."""
    masked = _SECRET_PARAMETERS.sub(rb"\1***", _SECRET_HEADERS.sub(rb"\1:***", signed))
    return masked[:_MOST_TEXT].decode("utf-8", "replace")


class Decisions:
    """A ring of records: the newest takes the place of the oldest."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._records: deque[Record] = deque()
        self._sizes: deque[int] = deque()

    def add(self, record: Record) -> None:
        """Keep a record, and forget the oldest ones that leave no room for it."""
        error = record.error
        if error is not None:
            # A traceback holds every frame it went through, and with them the request's body and the keys looked up.
            error.__traceback__ = error.__context__ = error.__cause__ = None
        records, size = self._records, _size(record)
        records.append(record)
        self._sizes.append(size)
        self._bytes += size
        while len(records) > self._most or (self._bytes > self._most_bytes and len(records) > 1):
            records.popleft()
            self._bytes -= self._sizes.popleft()

    def get(self, request_id: str) -> Record | None:
        """The record of a request. It is looked for: that is done seldom, and keeping an order is done often."""
        return next((record for record in reversed(self._records) if record.request_id == request_id), None)

    def last(self) -> Record | None:
        """The latest one."""
        return self._records[-1] if self._records else None

    def __len__(self) -> int:
        return len(self._records)


def _size(record: Record) -> int:
    """About how many bytes a record keeps alive."""
    size, error = _RECORD_BYTES + len(record.path) + len(record.resource), record.error
    if error is not None:
        size += len(error.message) + len(error.detail) + sum(map(len, record.notes))
        if isinstance(error, PolicyDenied) and error.query is not None:
            size += _CONTEXT_BYTES + _size_of_context(error.query.context)
        if isinstance(error, SignatureMismatch):
            size += len(error.canonical_request) + len(error.string_to_sign)
    return size


def _size_of_context(context: Mapping[str, ContextValue | None]) -> int:
    """Names count, and every member of a set: a caller who asks to take off tags writes as many as a body holds."""
    size = 0
    for name, value in context.items():
        values = value if isinstance(value, tuple) else (value or "",)
        size += len(name) + _VALUE_BYTES + sum(_VALUE_BYTES + len(each) for each in values)
    return size
