"""What an AWS operation is: one row of a service's table, and the call it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import msgspec

from gatepass.errors import ServiceError
from gatepass.policy import PolicyType, Verdict
from gatepass.principal import Principal

if TYPE_CHECKING:
    from gatepass.issuers import Issuers
    from gatepass.policy import Caller, ContextValue, Policy
    from gatepass.store import Store
    from gatepass.tokens.keys import KeyRing

Service = Literal["cognito-identity", "sts", "iam"]


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where this gate stands: what AWS would call the account and the region."""

    account: str
    region: str


class Judge(Protocol):
    """Asks all policies that take part about something that an operation does for its caller."""

    def __call__(
        self,
        action: str,
        resource: str,
        context: Mapping[str, ContextValue | None],
        *,
        trust: Policy | None = None,
        caller: Caller | None = None,
    ) -> Verdict:
        """What they say.

        Args:
            context: condition keys beside those of the request and of its caller, which it cannot change.
            trust: of the role that is to be taken.
            caller: on whose behalf, if not the verified caller's: someone a token speaks for, whom `trust` alone
                can let in.
        """


def deny_all(
    action: str,
    resource: str,
    context: Mapping[str, ContextValue | None],
    *,
    trust: Policy | None = None,
    caller: Caller | None = None,
) -> Verdict:
    """The judge of a call that nobody gave one."""
    return Verdict("implicitDeny", PolicyType.IDENTITY)


def admit_all(pool_id: str, source_ip: str, now: float) -> bool:
    """The throttle of a call that nobody gave one."""
    return True


class Call(msgspec.Struct, frozen=True, eq=False):
    """Everything an answer may use beside what was given.

    Attributes:
        principal: the verified caller; None for an unsigned call of an unsigned operation.
        now: seconds since the epoch, UTC.
        entropy: n -> n random bytes, from the operating system.
        source_ip: the peer's address.
        note: says why, for the decision log; never reaches the caller.
        issuers: verifies login tokens; without it none is believed.
        judge: asks the policies about what the operation's own permission does not cover.
        admits: (identity pool id, source address, now) -> whether one more identity may be asked for.
    """

    store: Store
    key_ring: KeyRing
    deployment: Deployment
    principal: Principal | None
    now: float
    entropy: Callable[[int], bytes]
    request_id: str
    source_ip: str
    note: Callable[[str], None]
    issuers: Issuers | None = None
    judge: Judge = deny_all
    admits: Callable[[str, str, float], bool] = admit_all


class Permission(NamedTuple):
    """What a caller must be allowed to do.

    Attributes:
        keys: condition keys beside those of every request, which they cannot change.
    """

    action: str
    resource: str
    keys: Mapping[str, ContextValue | None]


def no_keys(call: Call, given: Any) -> Mapping[str, ContextValue | None]:
    """The condition keys of an operation that has none of its own."""
    return _NO_KEYS


_NO_KEYS: Mapping[str, ContextValue | None] = {}


@dataclass(frozen=True, slots=True)
class Operation:
    """One AWS operation.

    Attributes:
        takes: the input shape.
        gives: the output shape; None where AWS answers without a body or with metadata only.
        fails: every error it may answer beside authentication and validation.
        signed: needs a valid signature and the IAM permission `service:name`.
        resource: the ARN that permission is asked for; `*` where the operation has no resource.
        keys: condition keys that the permission may depend on, beside those of every request, which they cannot change.
        asks: all permissions it takes, its own first, where they are more than one, or only the store knows their keys;
            then `resource` and `keys` are not asked.
        needs_permission: false for what anyone with a valid signature may call (`sts:GetCallerIdentity`), and for what
            asks for its permission by itself.
        of_user_sessions: what `GetSessionToken` gave may be used: not where AWS asks for MFA, or never takes it.
        asks_itself: its permission depends on more than the caller's policies, so the answer asks `Call.judge`.
    """

    service: Service
    name: str
    takes: type[msgspec.Struct]
    gives: type[msgspec.Struct] | None
    answer: Callable[[Call, Any], Awaitable[msgspec.Struct | None]]
    fails: tuple[type[ServiceError], ...]
    signed: bool = True
    needs_permission: bool = True
    of_user_sessions: bool = True
    asks_itself: bool = False
    resource: Callable[[Call, Any], str] = lambda call, given: "*"
    keys: Callable[[Call, Any], Mapping[str, ContextValue | None]] = no_keys
    asks: Callable[[Call, Any], Awaitable[Sequence[Permission]]] | None = None

    @property
    def action(self) -> str:
        """Of its permission."""
        return f"{self.service}:{self.name}"

    async def permissions(self, call: Call, given: Any) -> Sequence[Permission]:
        """Those that are asked for, of an operation that needs any."""
        if self.asks is not None:
            return await self.asks(call, given)
        return (Permission(self.action, self.resource(call, given), self.keys(call, given)),)
