"""Deleting guests who were not changed for long, by what AWS's API tells of them: 60 a call, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gatepass.cli.aws import Account

PAGE = 60
"""Identities that one call lists, and one call deletes, at most."""


@dataclass(slots=True)
class Pruned:
    """What was done so far.

    Attributes:
        looked_at: identities.
        due: guests among them that are old enough.
        deleted: of those.
        failed: why others were not deleted, by their ids.
    """

    looked_at: int = 0
    due: int = 0
    deleted: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def prune(account: Account, pool_id: str, before: datetime, *, really: bool, tell: Callable[[Pruned], None]) -> Pruned:
    """Delete the pool's identities that have no login and were last modified before this time.

    Args:
        really: else they are only counted.
        tell: is told after every page how far it is.
    """
    done = Pruned()
    due: list[str] = []
    for page in _pages(account, pool_id):
        done.looked_at += len(page)
        found = [str(identity["IdentityId"]) for identity in page if _is_due(account, identity, before)]
        done.due += len(found)
        due += found if really else ()
        while len(due) >= PAGE:
            _delete(account, due[:PAGE], done)
            del due[:PAGE]
        tell(done)
    if due:
        _delete(account, due, done)
        tell(done)
    return done


def _pages(account: Account, pool_id: str) -> Iterator[list[dict[str, Any]]]:
    """boto3 has no paginator for this operation."""
    given: dict[str, Any] = {"IdentityPoolId": pool_id, "MaxResults": PAGE}
    while True:
        answer = account.cognito.list_identities(**given)
        yield answer.get("Identities", [])
        if not answer.get("NextToken"):
            return
        given["NextToken"] = answer["NextToken"]


def _is_due(account: Account, identity: dict[str, Any], before: datetime) -> bool:
    """A list need not tell everything of an identity: what it leaves out is asked for."""
    if identity.get("Logins"):
        return False
    if "LastModifiedDate" not in identity:
        identity = account.cognito.describe_identity(IdentityId=identity["IdentityId"])
    modified: datetime | None = identity.get("LastModifiedDate")
    return not identity.get("Logins") and modified is not None and modified < before


def _delete(account: Account, ids: list[str], done: Pruned) -> None:
    answer = account.cognito.delete_identities(IdentityIdsToDelete=ids)
    failed = {str(each["IdentityId"]): str(each["ErrorCode"]) for each in answer.get("UnprocessedIdentityIds", ())}
    done.failed |= failed
    done.deleted += len(ids) - len(failed)
