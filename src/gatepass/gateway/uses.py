"""Who used their keys, as the gate sees it: kept in memory, and handed on now and then to be written down.

INVARIANT: noting a use awaits nothing and reads no database; and what is noted is bounded, whoever calls.
"""

from __future__ import annotations

from gatepass.principal import Principal
from gatepass.store.last_uses import LastUse, Use, UsedKind

COARSE = 60.0
"""Seconds: a use is noted once in so many, and by their beginning."""

MOST = 10_000
"""Keys and roles that are remembered, and that wait to be written."""

_GLOBAL = {"iam": "us-east-1"}
"""Where AWS says that a service is which is everywhere."""


class Uses:
    """Last uses of long-lived access keys, and of roles by their sessions."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._noted_until: dict[str, float] = {}
        self._waiting: dict[tuple[UsedKind, str], LastUse] = {}

    def note(self, principal: Principal, service: str, now: float) -> None:
        """That a signature of this principal has verified; what a user's session does is not its key's use."""
        if now < self._noted_until.get(principal.role_id or principal.access_key_id, 0.0):
            return
        if principal.is_user_session:
            return
        begin = now // COARSE * COARSE
        if len(self._noted_until) >= MOST:
            self._noted_until.clear()
        self._noted_until[principal.role_id or principal.access_key_id] = begin + COARSE
        last = LastUse(begin, service, _GLOBAL.get(service, self._region))
        if principal.role_id is not None:
            self._wait("role", principal.role_id, last)
        else:
            self._wait("access_key", principal.access_key_id, last)

    def take(self) -> list[Use]:
        """What was noted since it was last asked for."""
        waiting, self._waiting = self._waiting, {}
        return [Use(kind, id_, last) for (kind, id_), last in waiting.items()]

    def give_back(self, uses: list[Use]) -> None:
        """What was taken and could not be written; what was noted meanwhile is later."""
        for kind, id_, last in uses:
            if (kind, id_) not in self._waiting:
                self._wait(kind, id_, last)

    def _wait(self, kind: UsedKind, id_: str, last: LastUse) -> None:
        if len(self._waiting) < MOST or (kind, id_) in self._waiting:
            self._waiting[kind, id_] = last
