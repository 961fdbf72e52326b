"""What the process says on stderr: one line an event, in plain text.

Denials are warnings, what broke is an error, what was allowed is said at debug level only. No line holds a secret, a
session token, a signature, a query or an identity id.
"""

from __future__ import annotations

import logging
import sys

from gatepass.errors import ServiceError
from gatepass.gateway.decisions import Record

_decisions = logging.getLogger("gatepass.decisions")


def configure(level: int = logging.INFO) -> None:
    """Let everything that is logged here go to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    logger = logging.getLogger("gatepass")
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(level)


def log_refusal(record: Record, failure: ServiceError) -> None:
    """One line about a request that was refused or failed."""
    level = logging.ERROR if failure.status >= 500 else logging.WARNING
    if not _decisions.isEnabledFor(level):
        return
    details = "; ".join(part for part in (failure.detail, *record.notes) if part)
    _decisions.log(
        level,
        "%s request=%s stage=%s code=%s status=%d %s %s%s%s%s",
        record.outcome,
        record.request_id,
        record.stage,
        failure.code,
        record.status,
        record.method,
        _quoted(record.path.decode("latin-1")),
        _field("principal", record.principal.arn if record.principal else ""),
        _field("action", record.action if record.verdict is not None else ""),
        _field("detail", details),
    )


def log_allowed(record: Record) -> None:
    """One line about a request that was allowed, for those who ask for it."""
    if _decisions.isEnabledFor(logging.DEBUG):
        path = _quoted(record.path.decode("latin-1"))
        _decisions.debug("allowed request=%s status=%d %s %s", record.request_id, record.status, record.method, path)


def _field(name: str, value: str) -> str:
    return f" {name}={_quoted(value)}" if value else ""


def _quoted(text: str) -> str:
    """Text as one word of a line, whatever is in it."""
    if text.isascii() and text.isprintable() and not any(character in text for character in ' "\\='):
        return text
    return '"' + text.encode("unicode_escape").decode().replace('"', '\\"') + '"'
